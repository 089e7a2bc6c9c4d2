// An application's own drizzle statements through @cc/tx, beside hand-written ones and drizzle's own driver.
import { contenderNames, openContender } from '../contenders/open.js';
import { type Measurement, measure } from '../harness/measure.js';
import type { Job, Phase, TrialReport } from '../harness/suite.js';
import { idsOf } from './ids-of.js';
import { digestOfLibrary } from './inspect-file.js';

/** A prepared read, and a write transaction. */
export const statementsPhase: Phase = {
  name: 'statements',
  contenders: contenderNames.filter((name) => name !== 'ours with cache'),
  run: runStatements,
  inspect: async ({ databasePath }) => ({ digest: digestOfLibrary(databasePath), facts: {} }),
};

async function runStatements(job: Job): Promise<TrialReport> {
  const ids = await idsOf(job);
  const contender = await openContender(job.contender, job.databasePath);
  const { statements } = contender;
  const idAt = (i: number): string => ids[i % ids.length] ?? '';
  const collectUnprepared = statements.collectUnprepared ?? statements.collect;
  const rows: Record<string, Measurement> = {
    readByKey: await measure({
      unit: 'µs',
      warmup: 2_000,
      samples: 6_000,
      operation: (i) => statements.readByKey(idAt(i)),
    }),
  };
  await contender.settle();
  const transactions = { unit: 'µs', warmup: 1_000, samples: 1_000 } as const;
  rows['collect'] = await measure({
    ...transactions,
    operation: (i) => statements.collect(`collection ${i}`, idAt(i)),
  });
  await contender.settle();
  rows['collectUnprepared'] = await measure({
    ...transactions,
    operation: (i) => collectUnprepared(`another collection ${i}`, idAt(i)),
  });
  const durability = await contender.durability();
  await contender.close();
  return { rows, durability };
}
