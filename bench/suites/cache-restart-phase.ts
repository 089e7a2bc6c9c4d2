// What somebody waits for after a restart, in a library of 100,000 models: opening, the first page, and a search. Each sample is a
// process that has just been started, with what it asks for in the disk tier of the cache or only in the database.
import { readFile, rm } from 'node:fs/promises';
import { openCacheManager } from '@cc/cache';
import { createRepositories, type Repositories } from '@cc/repositories';
import { schema } from '@cc/schema';
import { openTransactionManager } from '@cc/tx';
import { pageSize } from '../contenders/contender.js';
import { durabilityOf } from '../contenders/ours.js';
import { digest } from '../harness/digest.js';
import { inInnerProcess } from '../harness/inner-process.js';
import { type Measurement, summarise } from '../harness/measure.js';
import { dropFromPageCache } from '../harness/page-cache.js';
import type { ConnectionDurability, Job, Phase, Row, TrialReport } from '../harness/suite.js';
import { stateInWords } from './cold-phase.js';
import { at } from './library-phase.js';
import { copyLibrary, type LibraryPlace } from './library-places.js';

const fromDatabase = 'database';
const fromDisk = 'disk tier';

/** Restarts without a cache, and with one that has a disk tier. */
export const cacheRestartPhase: Phase = {
  name: 'restart',
  contenders: [fromDatabase, 'database again', fromDisk],
  run: runRestarts,
  inspect: async () => ({ digest: null, facts: {} }),
};

/** What the processes that are started run; the runner never does, so it has no contenders. */
export const restartedPhase: Phase = {
  name: 'restarted',
  contenders: [],
  run: runRestarted,
  inspect: async () => ({ digest: null, facts: {} }),
};

/** What is timed in a restarted process. */
const parts = {
  open: 'opening',
  page: 'the first page of 20 models, with metadata and tags',
  search: 'one search',
  all: 'all three',
} as const;
const states = { warm: 'page cache warm', cold: 'page cache cold' } as const;
type State = keyof typeof states;

/** The rows of the phase. */
export const cacheRestartRows: readonly Row[] = Object.entries(states).flatMap(([state, inWords]) =>
  Object.entries(parts).map(
    ([part, title]): Row => ({
      id: `${state} ${part}`,
      title: `${title}, ${inWords}`,
      unit: 'ms',
      section: 'A restart, 100,000 models: everything from the database, or from the disk tier of the cache',
      reference: fromDatabase,
    }),
  ),
);

/** Processes of each state. The first one asks for everything, so that the disk tier has it. */
const samples: Readonly<Record<State, number>> = { warm: 7, cold: 5 };
const searches = ['toy robot', 'gear bearing', 'puzzle cube', 'dragon head', 'spur gear'];

interface Restart {
  /** Everything is asked for, and nothing timed. */
  readonly isFirst: boolean;
  readonly round: number;
}

async function runRestarts(job: Job): Promise<TrialReport> {
  const { databasePath } = job;
  await copyLibrary<LibraryPlace>(job);
  const cachePath = `${databasePath}.cache`;
  const durability = new Map<string, ConnectionDurability>();
  const restart = async (told: Restart): Promise<TrialReport> => {
    const report = await inInnerProcess(job, restartedPhase.name, { ...told });
    for (const each of report.durability) durability.set(JSON.stringify(each), each);
    return report;
  };
  await restart({ isFirst: true, round: 0 });
  const rows: Record<string, Measurement> = {};
  for (const state of ['warm', 'cold'] as const) {
    const reports: TrialReport[] = [];
    let resident: number | null = 0;
    for (let round = 0; round < samples[state]; round += 1) {
      for (const path of state === 'cold' ? [databasePath, ...(job.contender === fromDisk ? [cachePath] : [])] : []) {
        const { residentBytes } = dropFromPageCache(path);
        resident = residentBytes === null || resident === null ? null : Math.max(resident, residentBytes);
      }
      reports.push(await restart({ isFirst: false, round }));
    }
    for (const part of Object.keys(parts)) {
      const measured = reports.flatMap((report) => report.rows[part] ?? []);
      const facts = state === 'cold' && part === 'all' ? stateInWords(resident) : {};
      const times = measured.map(({ value }) => value);
      // Every round has a search of its own.
      rows[`${state} ${part}`] = summarise(times, 'ms', digest(measured.map((each) => each.digest)), facts);
    }
  }
  for (const suffix of ['', '-wal', '-shm']) await rm(`${cachePath}${suffix}`, { force: true });
  return { rows, durability: [...durability.values()] };
}

async function runRestarted({ contender, databasePath, inputsPath }: Job): Promise<TrialReport> {
  // Written by runRestarts.
  const { isFirst, round } = JSON.parse(await readFile(inputsPath, 'utf8')) as Restart;
  const started = performance.now();
  await using transactions = await openTransactionManager({ url: `file:${databasePath}`, schema });
  // Closed first, so that it has its proof once the other has folded its log.
  await using cache = contender === fromDisk ? await openCacheManager({ transactions, disk: true }) : null;
  const library = createRepositories(transactions, { cache: cache ?? undefined });
  const opened = performance.now();
  const page = await firstPage(library);
  const paged = performance.now();
  const found = await search(library, at(searches, round));
  const ended = performance.now();
  if (isFirst) for (const text of searches) await search(library, text);
  else if (cache !== null) {
    const { hits, misses } = cache.getCacheStats().tiers['disk'] ?? { hits: 0, misses: 0 };
    // Else it would be the database that is measured.
    if (hits === 0 || misses > 0) throw new Error(`the disk tier had ${hits} values and lacked ${misses}`);
  }
  const row = (ms: number, result: unknown): Measurement => summarise([ms], 'ms', digest(result));
  const rows = {
    open: row(opened - started, null),
    page: row(paged - opened, page),
    search: row(ended - paged, found),
    all: row(ended - started, null),
  };
  return { rows, durability: await durabilityOf(transactions) };
}

async function firstPage({ models, metadata, tags }: Repositories): Promise<unknown> {
  const { items } = await models.list({ limit: pageSize });
  const ids = items.map(({ id }) => id);
  return [items, await metadata.getMany(ids), await tags.getTagsOfMany(ids)];
}

async function search(library: Repositories, text: string): Promise<unknown> {
  return await library.search.searchModels(text, {}, { limit: pageSize });
}
