import { defineConfig } from 'tsup';

// One build for every package: the entries are the sources its `exports` and `bin` name.
export default defineConfig({
  format: 'esm',
  target: 'node20',
  platform: 'node',
  sourcemap: true,
  clean: true,
  // tsup passes a `baseUrl` that TypeScript 6 deprecates; the declarations are the same without the warning.
  dts: { compilerOptions: { ignoreDeprecations: '6.0' } },
});
