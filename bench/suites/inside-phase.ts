// What one open write transaction adds to the statements in it: finding the transaction of the calling context, savepoints,
// and blocks that join.
import type { InsideTransaction } from '../contenders/contender.js';
import { contenderNames, openContender } from '../contenders/open.js';
import { type Measurement, measure } from '../harness/measure.js';
import type { Job, Phase, TrialReport } from '../harness/suite.js';
import { idsOf } from './ids-of.js';
import { digestOfLibrary } from './inspect-file.js';

/** Statements, savepoints and joined blocks of one transaction. */
export const insidePhase: Phase = {
  name: 'inside',
  contenders: contenderNames.filter((name) => name !== 'ours with cache'),
  run: runInside,
  inspect: async ({ databasePath }) => ({ digest: digestOfLibrary(databasePath), facts: {} }),
};

async function runInside(job: Job): Promise<TrialReport> {
  const ids = await idsOf(job);
  const contender = await openContender(job.contender, job.databasePath);
  let rows: Record<string, Measurement> = {};
  await contender.inTransaction(async (inside) => {
    rows = await measureInside(inside, (i) => ids[i % ids.length] ?? '');
  });
  const durability = await contender.durability();
  await contender.close();
  return { rows, durability };
}

async function measureInside(
  inside: InsideTransaction,
  idAt: (i: number) => string,
): Promise<Record<string, Measurement>> {
  const reads = { unit: 'µs', warmup: 2_000, samples: 4_000 } as const;
  const writes = { unit: 'µs', warmup: 1_000, samples: 1_000 } as const;
  return {
    insideRead: await measure({ ...reads, operation: (i) => inside.readByKey(idAt(i)) }),
    insideReadBound: await measure({ ...reads, operation: (i) => inside.readBound(idAt(i)) }),
    insideTouch: await measure({ ...writes, operation: (i) => inside.touch(idAt(i)) }),
    insideSavepoint: await measure({ ...writes, operation: (i) => inside.touchInSavepoint(idAt(i)) }),
    insideJoined: await measure({ ...writes, operation: (i) => inside.touchInJoined(idAt(i)) }),
  };
}
