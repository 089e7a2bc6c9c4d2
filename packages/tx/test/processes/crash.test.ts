// The crash loop in its short form: the whole of it is `npm run torture`.
import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';

it('processes that are killed at any moment lose no acknowledged write and leave none half done', async () => {
  const torture = fileURLToPath(new URL('../../../../scripts/torture.mjs', import.meta.url));
  const only = ['--only', 'kills', '--kills', '24', '--no-build'];
  const child = spawn(process.execPath, [torture, ...only], { stdio: ['ignore', 'pipe', 'pipe'] });
  let output = '';
  let errors = '';
  child.stdout.on('data', (chunk) => (output += String(chunk)));
  child.stderr.on('data', (chunk) => (errors += String(chunk)));
  const code = await new Promise((resolve) => child.once('close', resolve));
  expect({ code, errors: code === 0 ? '' : errors }).toEqual({ code: 0, errors: '' });
  const { kills, awaited, acknowledged, present } = JSON.parse(output) as Record<string, number>;
  expect(kills).toBeGreaterThanOrEqual(24);
  expect(acknowledged).toBeGreaterThanOrEqual(awaited ?? Number.NaN);
  expect(present).toBeGreaterThanOrEqual(acknowledged ?? Number.NaN);
});
