// The last line of a test run, which .ci/run and people read; from real vitest runs over files made on the spot.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';

const vitest = resolve('node_modules/vitest/vitest.mjs');
const reporter = resolve('scripts/closing-line.mjs');
let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'closing-line-'));
});

afterEach(() => {
  rmSync(folder, { recursive: true, force: true });
});

function run(files: Record<string, string>): { line: string | undefined; code: number | null } {
  for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text);
  const args = [vitest, 'run', '--globals', '--root', folder, '--reporter', 'default', '--reporter', reporter];
  const { stdout, status } = spawnSync(process.execPath, args, { encoding: 'utf8' });
  return { line: stdout.trimEnd().split('\n').at(-1), code: status };
}

test('counts tests that pass', () => {
  expect(run({ 'a.test.js': `test('one', () => {}); test('two', () => {});` })).toEqual({
    line: '2 passed, 0 failed',
    code: 0,
  });
});

test('counts failing tests, files that cannot be imported, broken hooks and skipped tests', () => {
  const files = {
    'failing.test.js': `test('one', () => {}); test('two', () => { throw new Error('no'); });`,
    'import.test.js': `import './absent.js'; test('never', () => {});`,
    'hook.test.js': `describe('d', () => { beforeAll(() => { throw new Error('no'); }); test('never', () => {}); });`,
    'later.test.js': `test.todo('later');`,
  };
  const { line, code } = run(files);
  expect(line).toBe('1 passed, 3 failed, 2 skipped');
  expect(code).toBe(1);
});

test('counts an error outside every test', () => {
  const { line, code } = run({ 'a.test.js': `test('one', () => { Promise.reject(new Error('late')); });` });
  expect(line).toBe('1 passed, 1 failed');
  expect(code).toBe(1);
});

test('reports a run without any test as a failure', () => {
  expect(run({})).toEqual({ line: '0 passed, 1 failed', code: 1 });
});
