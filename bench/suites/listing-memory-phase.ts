// How much memory a process needs to pass over every model of a library once, and how large the library's file is.
import { stat } from 'node:fs/promises';
import { createRepositories } from '@cc/repositories';
import { schema } from '@cc/schema';
import { openTransactionManager } from '@cc/tx';
import { durabilityOf } from '../contenders/ours.js';
import { summarise } from '../harness/measure.js';
import type { Job, Phase, Row, TrialReport } from '../harness/suite.js';
import {
  copyLibrary,
  type LibraryName,
  type LibraryPlace,
  libraryNames,
  librarySizes,
  phasesOf,
} from './library-places.js';

/** One phase for each library. */
export const listingMemoryPhases: readonly Phase[] = libraryNames.map((name) => ({
  name: phasesOf(name).reads[2],
  contenders: ['ours'],
  run: (job: Job) => runListAll(job, name),
  inspect: async () => ({ digest: null, facts: {} }),
}));

/** The rows of all libraries. */
export const listingMemoryRows: readonly Row[] = libraryNames.flatMap((name): Row[] => {
  const models = `${librarySizes[name].toLocaleString('en')} models`;
  const row = { unit: 'MB', section: 'Memory and files' } as const;
  return [
    {
      ...row,
      id: `${name} listAll`,
      title: `listAll of ${models}: highest growth of memory (RSS) on the way`,
      ...(name === '1M' && { bars: [{ text: 'ours ≤ 60 MB', contender: 'ours', atMost: 60 }] }),
    },
    { ...row, id: `${name} file`, title: `the file of ${models}, each with five values and its tags` },
  ];
});

async function runListAll(job: Job, name: LibraryName): Promise<TrialReport> {
  const { skipped } = await copyLibrary<LibraryPlace>(job);
  await using transactions = await openTransactionManager({ url: `file:${job.databasePath}`, schema });
  if (skipped !== null) return { rows: {}, durability: await durabilityOf(transactions) };
  const { size } = await stat(job.databasePath);
  const { models } = createRepositories(transactions);
  globalThis.gc?.();
  const { rss: before, heapTotal } = process.memoryUsage();
  let [seen, highest] = [0, before];
  const started = performance.now();
  for await (const { id } of models.listAll()) {
    if (id === '') throw new Error('a model without an id');
    seen += 1;
    if (seen % 1_000 === 0) highest = Math.max(highest, process.memoryUsage.rss());
  }
  const seconds = (performance.now() - started) / 1_000;
  if (seen !== librarySizes[name]) throw new Error(`listAll gave ${seen} of ${librarySizes[name]} models`);
  const { rss: after, heapTotal: heapAfter } = process.memoryUsage();
  const facts = {
    // The rest is SQLite's page cache, which fills up to the `cache_size` of a connection, and what libsql allocates.
    'of it JavaScript MB': rounded(heapAfter - heapTotal),
    'at the end MB': rounded(after - before),
    'models per second': Math.round(seen / seconds),
  };
  // Megabytes stand where the times of other rows do.
  const growth = summarise([(Math.max(highest, after) - before) / 2 ** 20], 'ms', null, facts);
  const file = summarise([size / 2 ** 20], 'ms', null);
  return {
    rows: { [`${name} listAll`]: growth, [`${name} file`]: file },
    durability: await durabilityOf(transactions),
  };
}

function rounded(bytes: number): number {
  return Math.round(bytes / 2 ** 20);
}
