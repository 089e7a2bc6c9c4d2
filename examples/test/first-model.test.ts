// The program on the first screen of the README is a file of this folder, and it does what it says.
import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, it, onTestFinished } from 'vitest';

const run = promisify(execFile);
const here = (path: string): string => fileURLToPath(new URL(path, import.meta.url));

it('the README shows the example word for word', async () => {
  const example = await readFile(here('../first-model.ts'), 'utf8');
  expect(await readFile(here('../../README.md'), 'utf8')).toContain(`\`\`\`ts\n${example}\`\`\``);
});

it('the example opens, migrates, writes in a transaction, searches and reports', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'cc-examples-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  const { stdout, stderr } = await run(process.execPath, [here('../dist/first-model.js')], { cwd: folder });
  expect(stderr).toBe('');
  expect(stdout.split('\n')[0]).toBe('true Hex bolt M3x12');
  expect(stdout).toContain('Health of file:library.db');
  expect(stdout).toMatch(/Transactions\s+1 committed, 0 rolled back/);
});
