// One build for every published package: JavaScript only, in well under a second. Declarations are a task of their own
// (`tsup.types.config.ts`), because only publishing needs them and they cost several seconds each.
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { defineConfig, type Options } from 'tsup';

interface Manifest {
  readonly exports?: Record<string, string | { '@cc/source'?: string }>;
  readonly bin?: Record<string, string>;
}

const manifest = JSON.parse(readFileSync('package.json', 'utf8')) as Manifest;

/** The sources that `exports` of the package in the current folder names. */
export const exported = Object.values(manifest.exports ?? {})
  .map((entry) => (typeof entry === 'string' ? undefined : entry['@cc/source']))
  .filter((file) => file !== undefined);

const commands = Object.values(manifest.bin ?? {}).map((file) => file.replace('/dist/', '/src/').replace(/js$/, 'ts'));

/** An import with `?raw` becomes the text of the file, as under vitest: programs that start from text, not from a file. */
const rawText: NonNullable<Options['esbuildPlugins']>[number] = {
  name: 'raw-text',
  setup(build) {
    build.onResolve({ filter: /\?raw$/ }, ({ path, resolveDir }) => ({
      path: resolve(resolveDir, path.replace(/\?raw$/, '')),
      namespace: 'raw-text',
    }));
    build.onLoad({ filter: /./, namespace: 'raw-text' }, ({ path }) => ({
      contents: readFileSync(path),
      loader: 'text',
    }));
  },
};

/** What every build has. */
export const common = {
  format: 'esm',
  target: 'node20',
  platform: 'node',
  sourcemap: true,
  esbuildPlugins: [rawText],
  clean: ['!**/*.d.ts'],
} satisfies Options;

export default defineConfig({ ...common, entry: [...exported, ...commands] });
