// The proof of an index on a machine on which something else takes the time now and then.
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { temporaryFolder } from '@cc/testkit/temporary-folder';
import { expect, onTestFinished, test, vi } from 'vitest';
import { analyzeQuery } from '../../src/advice/analyze-query.js';
import { openDatabase } from '../database.js';

/** Makes the clocks of the program that proves jump by a second in some of its measurements. */
async function jumpIn(isSlow: string): Promise<void> {
  const path = join(await temporaryFolder(), 'jump.mjs');
  await writeFile(
    path,
    `let jumped = 0, measured = 0;
    const { cpuUsage } = process, now = performance.now.bind(performance);
    performance.now = () => now() + jumped;
    process.cpuUsage = (began) => {
      const used = cpuUsage(began);
      if (began === undefined) return used;
      measured += 1;
      if (!(${isSlow})) return used;
      jumped += 1000;
      return { ...used, user: used.user + 1_000_000 };
    };`,
  );
  vi.stubEnv('NODE_OPTIONS', `--import ${pathToFileURL(path).href}`);
  onTestFinished(() => void vi.unstubAllEnvs());
}

async function adviceOf(): Promise<{ readonly advised: number; readonly refused: readonly string[] }> {
  const { manager } = await openDatabase();
  await manager.db.run('create table parts (id integer primary key, size int)');
  await manager.db.run('insert into parts select value, value from generate_series(1, 4000)');
  const sql = 'select id from parts where size = ?';
  const { advice, refused } = await analyzeQuery(manager, { sql, parameterSets: [[1], [2], [3]] });
  return { advised: advice.length, refused: refused.map(({ reason }) => reason) };
}

test('one run that something else made slow does not refuse an index', async () => {
  // Three lists of values are run twice without the index; then come those with it.
  await jumpIn('measured > 6 && measured % 3 === 0');
  expect(await adviceOf()).toEqual({ advised: 1, refused: [] });
});

test('an index with which every run is slow is refused', async () => {
  await jumpIn('measured > 6');
  expect(await adviceOf()).toEqual({
    advised: 0,
    refused: [expect.stringMatching(/^With some values it takes .* the time$/)],
  });
});
