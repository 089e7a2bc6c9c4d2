// What people do in a library, on libraries of growing size, in a process that has done it before: p50 and p95 of every
// kind of operation, and at last a new index. Every trial has a copy of the library: writes are committed, and thrown away.
import { createRepositories, type Repositories } from '@cc/repositories';
import { schema } from '@cc/schema';
import { openTransactionManager } from '@cc/tx';
import { durabilityOf } from '../contenders/ours.js';
import { type Measurement, summarise } from '../harness/measure.js';
import type { Job, Phase, Row, TrialReport } from '../harness/suite.js';
import { copyLibrary, type LibraryName, type LibraryPlace, libraryNames, librarySizes } from './library-places.js';
import { type Kind, kinds } from './search-operations.js';

/** One phase for each library. */
export const latencyPhases: readonly Phase[] = libraryNames.map((name) => ({
  name,
  contenders: ['ours'],
  run: (job: Job) => runLatency(job, name),
  inspect: async () => ({ digest: null, facts: {} }),
}));

/** The heading of a library's rows, warm and cold. */
export function sectionOf(name: LibraryName): string {
  return `Latency with ${librarySizes[name].toLocaleString('en')} models`;
}

/** The rows of one library: each kind is a line, and a new index. */
export function latencyRowsOf(name: LibraryName): readonly Row[] {
  const section = sectionOf(name);
  const most = (ms: number) => [{ text: `p95 ≤ ${ms} ms`, contender: 'ours', atMost: ms }];
  const row = (title: string, column: string): Row => ({
    id: `${name} ${title} ${column}`,
    title,
    unit: 'ms',
    section,
    column,
  });
  return kinds.flatMap(({ title, mostMs }): Row[] => [
    row(title, 'p50'),
    mostMs === null ? row(title, 'p95') : { ...row(title, 'p95'), bars: most(mostMs) },
    row(title, 'processor p95'),
  ]);
}

/** The row of a new index. */
export function reindexRowOf(name: LibraryName): Row {
  return {
    id: `${name} reindex`,
    title: `reindex() of ${librarySizes[name].toLocaleString('en')} models`,
    unit: 's',
    section: 'Filling and indexing',
  };
}

/** Rounds at the beginning that do not count, samples that a kind has at least, and when it ends before that. */
const [warmup, samplesWanted, budgetMs] = [8, 300, 8_000];

async function runLatency(job: Job, name: LibraryName): Promise<TrialReport> {
  const place = await copyLibrary<LibraryPlace>(job);
  await using transactions = await openTransactionManager({ url: `file:${job.databasePath}`, schema });
  const rows: Record<string, Measurement> = {};
  if (place.skipped === null) {
    const library = createRepositories(transactions);
    for (const kind of kinds) {
      globalThis.gc?.();
      const { times, found, done } = await timesOf(kind, library, { size: librarySizes[name], places: place.places });
      if (!kind.isRead && found !== done) throw new Error(`${kind.title}: ${found} of ${done} changed a model`);
      const facts = found === 0 ? { found: 'nothing: the words are those of another catalogue' } : {};
      const warm = summarise(
        times.map(({ ms }) => ms),
        'ms',
        null,
        facts,
      );
      const processor = summarise(
        times.map(({ cpuMs }) => cpuMs),
        'ms',
        null,
      );
      rows[`${name} ${kind.title} p50`] = warm;
      rows[`${name} ${kind.title} p95`] = { ...warm, value: warm.p95, facts: {} };
      // What the process used itself: on a busy machine the rest of the time belongs to others.
      rows[`${name} ${kind.title} processor p95`] = { ...processor, value: processor.p95 };
    }
    const started = performance.now();
    await library.search.reindex();
    const seconds = (performance.now() - started) / 1_000;
    rows[`${name} reindex`] = { ...summarise([seconds], 'ms', null) };
  }
  return { rows, durability: await durabilityOf(transactions) };
}

interface Times {
  readonly ms: number;
  readonly cpuMs: number;
}

/** Runs the operations of a kind in turn, every round with another model or page. */
async function timesOf(
  { operations }: Kind,
  library: Repositories,
  where: { readonly size: number; readonly places: LibraryPlace['places'] },
): Promise<{ readonly times: readonly Times[]; readonly found: number; readonly done: number }> {
  const times: Times[] = [];
  let [found, done] = [0, 0];
  const began = performance.now();
  for (let round = 0; ; round += 1) {
    // A kind that is slow has its budget, and two rounds at least.
    const isLate = performance.now() - began > budgetMs && times.length > 0;
    if (isLate && round >= 2) break;
    if (times.length >= samplesWanted) break;
    for (const operation of operations) {
      const started = performance.now();
      const used = process.cpuUsage();
      found += await operation(library, { ...where, round });
      const { user, system } = process.cpuUsage(used);
      const ms = performance.now() - started;
      done += 1;
      const counts = round >= warmup || performance.now() - began > budgetMs;
      if (counts) times.push({ ms, cpuMs: (user + system) / 1_000 });
    }
  }
  return { times, found, done };
}
