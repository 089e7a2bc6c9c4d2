// NODE_DEBUG=cc:tx shows the events on standard error; nothing is printed without it.
import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, it } from 'vitest';

const run = promisify(execFile);
const program = fileURLToPath(new URL('debug.mjs', import.meta.url));

it('NODE_DEBUG=cc:tx tells the statements and transactions, without values', async () => {
  const { stdout, stderr } = await run(process.execPath, [program], { env: { ...process.env, NODE_DEBUG: 'cc:tx' } });
  expect(stdout).toBe('');
  expect(stderr).toContain('"phase":"commit"');
  expect(stderr).toContain('select ?');
  expect(stderr).not.toContain('a secret value');
  // Of a hook that threw what no JSON can show, which breaks nothing either.
  expect(stderr).toContain('"type":"hook_error"');
});

it('nothing is printed without it', async () => {
  expect(await run(process.execPath, [program])).toEqual({ stdout: '', stderr: '' });
});
