// The example on health tells an alert, names the caller of the costliest statement, checks the file and reports.
import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, it, onTestFinished } from 'vitest';

const run = promisify(execFile);

it('health-report tells, names, checks and reports, and writes a page', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'cc-examples-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  const page = join(folder, 'report.html');
  const program = fileURLToPath(new URL('../dist/health-report.js', import.meta.url));
  const { stdout, stderr } = await run(process.execPath, [program, page]);
  expect(stderr).toBe('');
  expect(stdout).toContain('WARNING firing: Nothing was sold yet');
  expect(stdout).toContain('insert into models (name, size) values (?, …) 500 import');
  expect(stdout).toContain('integrity: ok\nforeignKeys: ok\n');
  expect(stdout).toMatch(/^Health of :memory: at .*: WARNING$/m);
  expect(await readFile(page, 'utf8')).toContain('<h2>Slowest statements</h2>');
});
