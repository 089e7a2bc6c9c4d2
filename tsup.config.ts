// One build for every package: JavaScript only, in well under a second. Declarations are a task of their own
// (`tsup.types.config.ts`), because only publishing needs them and they cost several seconds each.
import { readFileSync } from 'node:fs';
import { defineConfig } from 'tsup';

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

export default defineConfig({
  entry: [...exported, ...commands],
  format: 'esm',
  target: 'node20',
  platform: 'node',
  sourcemap: true,
  clean: ['!**/*.d.ts'],
});
