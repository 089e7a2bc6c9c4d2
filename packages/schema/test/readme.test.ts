// The example of the README runs with plain drizzle and prints what the README says.
import { mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished, vi } from 'vitest';

const here = (path: string): string => join(import.meta.dirname, path);

it('the example of the README prints what it says', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'cc-schema-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  const before = process.cwd();
  process.chdir(folder);
  onTestFinished(() => process.chdir(before));
  const printed: unknown[] = [];
  const log = vi.spyOn(console, 'log').mockImplementation((value) => void printed.push(value));
  onTestFinished(() => log.mockRestore());
  const code = /```ts\n([^]*?)```/.exec(await readFile(here('../README.md'), 'utf8'))?.[1] ?? '';
  await symlink(here('../node_modules'), 'node_modules');
  await writeFile(
    'example.ts',
    code
      .replace(`'@cc/schema'`, JSON.stringify(here('../src/index.js')))
      .replace(`'@cc/schema/validation'`, JSON.stringify(here('../src/validation.js'))),
  );
  await import(join(folder, 'example.ts'));
  expect(printed).toEqual([{ name: 'Gear', format: 'stl' }]);
});
