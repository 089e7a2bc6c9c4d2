// The crash loop in its short form; `npm run torture` sets CC_LIBRARY_KILLS, CC_SEED and CC_FROM.
import { expect, test } from 'vitest';
import { crashLoop } from './crash-loop.js';

const kills = Number(process.env['CC_LIBRARY_KILLS'] ?? 12);
const seed = Number(process.env['CC_SEED'] ?? Date.now() % 2 ** 31);
const from = Number(process.env['CC_FROM'] ?? 0);

test(`a killed process leaves what it acknowledged, the rest whole or absent, and a sound index, seed ${seed}`, {
  timeout: 3_600_000,
}, async () => {
  const summary = await crashLoop(kills, seed, from);
  process.stderr.write(`${JSON.stringify({ ...summary, resume: `--seed ${seed} --library-from ${from + kills}` })}\n`);
  expect(summary.kills).toBe(kills);
  expect(summary.acknowledged).toBeGreaterThanOrEqual(summary.awaited);
});
