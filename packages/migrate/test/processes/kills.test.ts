// The kill loop in its short form; `npm run torture` sets CC_MIGRATION_KILLS, CC_SEED and CC_FROM.
import { sqldMissing } from '@cc/testkit/sqld';
import { describe, expect, test } from 'vitest';
import { killLoop, type Victim } from './kill-loop.js';

const asked = process.env.CC_MIGRATION_KILLS;
const seed = Number(process.env.CC_SEED ?? Date.now() % 2 ** 31);
const from = Number(process.env.CC_FROM ?? 0);

// A round with a server takes several times as long.
const victims: readonly (readonly [victim: Victim, share: number, few: number])[] = [
  ['file', 1, 12],
  ['client', 0.2, 3],
  ['server', 0.2, 3],
];
const known = sqldMissing === null ? victims : victims.slice(0, 1);
if (sqldMissing !== null) process.stderr.write(`SKIPPED: kills of a server and its clients: ${sqldMissing}\n`);

describe(`migrations under SIGKILL, seed ${seed}`, () => {
  test.each(known)('are whole or absent: %s', { timeout: 3_600_000 }, async (victim, share, few) => {
    const kills = asked === undefined ? few : Math.ceil(Number(asked) * share);
    const summary = await killLoop({ victim, kills, seed, from });
    process.stderr.write(
      `${JSON.stringify({ ...summary, resume: `--seed ${seed} --migration-from ${from + kills}` })}\n`,
    );
    expect(summary.kills).toBe(kills);
    // Six of ten fall inside a migration where nothing else runs; on a busy machine all of a dozen may miss.
    if (kills >= 100) expect(summary.during).toBeGreaterThan(0);
  });
});
