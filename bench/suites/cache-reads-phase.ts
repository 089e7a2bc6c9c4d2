// What a model costs that the repositories answer from a cache: bound to the database, unbound, and none.
import { openCacheManager } from '@cc/cache';
import { createRepositories } from '@cc/repositories';
import { schema } from '@cc/schema';
import { openTransactionManager } from '@cc/tx';
import { oursBound, oursUnbound } from '../caches/cache.js';
import { idOf } from '../catalogue/row.js';
import { durabilityOf } from '../contenders/ours.js';
import { digest } from '../harness/digest.js';
import { type Measurement, measure, summarise } from '../harness/measure.js';
import type { Job, Phase, Row, TrialReport } from '../harness/suite.js';
import { at } from './library-phase.js';

const withoutCache = 'no cache';

/** Reads of models. */
export const cacheReadsPhase: Phase = {
  name: 'reads',
  contenders: [oursBound, oursUnbound, withoutCache],
  run: runReads,
  inspect: async () => ({ digest: null, facts: {} }),
};

const section = {
  section: 'A model that the repositories have in memory, what looking for changes costs included',
  reference: oursBound,
  unit: 'µs',
} as const;

/** The rows of the phase. */
export const cacheReadsRows: readonly Row[] = [
  {
    ...section,
    id: 'modelHit',
    title: '`models.read`',
    bars: [oursBound, oursUnbound].map((ours) => ({ text: `${ours} ≤ 0.8 µs`, contender: ours, atMost: 0.8 })),
  },
  { ...section, id: 'firstModelHit', title: 'the first `models.read` of a callback' },
];

/** All of them are kept. */
const ids = Array.from({ length: 1_000 }, (_, i) => idOf(i * 7));

async function runReads({ contender, databasePath }: Job): Promise<TrialReport> {
  await using transactions = await openTransactionManager({ url: `file:${databasePath}`, schema });
  await using cache =
    contender === withoutCache
      ? null
      : await openCacheManager({ transactions: contender === oursBound ? transactions : undefined });
  const { models } = createRepositories(transactions, { cache: cache ?? undefined });
  const rows: Record<string, Measurement> = {
    modelHit: await measure({
      unit: 'µs',
      warmup: 20 * ids.length,
      samples: contender === withoutCache ? 20 : 200,
      batch: 1_000,
      operation: (i) => models.read(at(ids, i)),
    }),
  };
  const timesMs: number[] = [];
  const found: unknown[] = [];
  for (let i = 0; i < 3_000; i += 1) {
    await new Promise((resolve) => setImmediate(resolve));
    const started = performance.now();
    const model = await models.read(at(ids, i));
    if (i >= 1_000) timesMs.push(performance.now() - started);
    else found.push(model);
  }
  rows['firstModelHit'] = summarise(timesMs, 'µs', digest(found));
  if (cache !== null && cache.getCacheStats().fills !== ids.length) throw new Error('the models were not kept');
  return { rows, durability: await durabilityOf(transactions) };
}
