// The declarations of every published package, rolled up to one file an entry; its code comes from `tsup.config.ts`.
import { defineConfig } from 'tsup';
import { exported } from './tsup.config.js';

export default defineConfig({
  entry: exported,
  format: 'esm',
  clean: ['!**/*.js', '!**/*.js.map'],
  // tsup passes a `baseUrl` that TypeScript 6 deprecates; the declarations are the same without the warning.
  dts: { only: true, compilerOptions: { ignoreDeprecations: '6.0' } },
});
