import { mkdir, readFile, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { library, makeScratch, type Scratch } from './scratch.js';

const here = process.cwd();
const root = join(import.meta.dirname, '..');
let scratch: Scratch;

beforeEach(async () => {
  scratch = await makeScratch();
  process.chdir(scratch.path);
});
afterEach(async () => {
  process.chdir(here);
  await scratch[Symbol.asyncDispose]();
});

test('the example of the README runs and does what its comments say', async () => {
  const code = /```ts\n([^]*?)```/.exec(await readFile(join(root, 'README.md'), 'utf8'))?.[1] ?? '';
  await scratch.write(library);
  await mkdir('node_modules/@cc', { recursive: true });
  await symlink(root, 'node_modules/@cc/migrate', 'junction');
  await symlink(join(root, 'node_modules/@cc/tx'), 'node_modules/@cc/tx', 'junction');
  await writeFile('example.ts', code);

  await import(join(scratch.path, 'example.ts'));

  const { migrations } = await scratch.open();
  const { current, pending } = await migrations.status();
  expect([current, pending.map(({ version }) => version)]).toEqual(['0001_search', ['0002_weight']]);
});
