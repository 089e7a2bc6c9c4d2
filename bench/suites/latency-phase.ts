// What people do in a library while they look for something, on libraries of growing size: p50 and p95 over the words that
// are in it. The library is read only, so the kept ones stay what they are.
import { readFile } from 'node:fs/promises';
import {
  createRepositories,
  type ModelFilter,
  type SearchOptions,
  type SearchPage,
  type SearchRepository,
} from '@cc/repositories';
import { schema } from '@cc/schema';
import { openTransactionManager } from '@cc/tx';
import { durabilityOf } from '../contenders/ours.js';
import { type Measurement, summarise } from '../harness/measure.js';
import type { Job, Phase, Row, TrialReport } from '../harness/suite.js';
import { type LibraryName, type LibraryPlace, librarySizes } from './search-inputs.js';

type Operation = (search: SearchRepository) => Promise<unknown>;

const ask =
  (query: string, filters: ModelFilter = {}, options: SearchOptions = {}): Operation =>
  (search) =>
    search.searchModels(query, filters, options);
const day = (text: string): Date => new Date(`${text}T00:00:00Z`);
const common = ['toy', 'gear', 'robot', 'puzzle', 'box'];

/** The kinds of operations by their titles; several of each, so that no single word decides. */
const operations: Readonly<Record<string, readonly Operation[]>> = {
  'one common word': common.map((word) => ask(`"${word}"`)),
  'the same, unfinished': common.map((word) => ask(word)),
  'two words': ['toy robot', 'gear bearing', 'puzzle cube', 'dragon head', 'spur gear'].map((words) => ask(words)),
  'a prefix': ['gea', 'ro', 's', 'drag', 'toy ro'].map((words) => ask(words)),
  'a rare word': ['tardis', 'planetary', 'thinker', 'voronoi'].map((word) => ask(word)),
  'word + format + date': [
    ask('gear', { formats: ['stl'], createdFrom: day('2014-01-01'), createdTo: day('2014-07-01') }),
    ask('toy', { formats: ['stl'], createdFrom: day('2016-01-01'), createdTo: day('2017-01-01') }),
    ask('toy', { formats: ['obj'], createdFrom: day('2013-01-01'), createdTo: day('2019-01-01') }),
  ],
  'two tags': [
    ['toy', 'robot'],
    ['gear', 'puzzle'],
    ['dragon', 'game'],
  ].map(
    (tags): Operation =>
      (search) =>
        search.searchByTags(tags, { limit: 20 }),
  ),
  'three tags': [
    ['toy', 'robot', 'game'],
    ['gear', 'puzzle', 'toy'],
  ].map(
    (tags): Operation =>
      (search) =>
        search.searchByTags(tags, { limit: 20 }),
  ),
  suggestions: ['ge', 's', 'pla', 'toy ro'].map(
    (text): Operation =>
      (search) =>
        search.getSearchSuggestions(text),
  ),
  facets: ['"gear"', '"toy" "robot"', ''].map((words) => ask(words, {}, { facets: true })),
  'misspelt words': ['geer bearing', 'tardsi', 'plantary', 'puzle cubee'].map((words) => ask(words)),
};
const nextPage = 'next page at 90 %';

/** One phase to a library. */
export const latencyPhases: readonly Phase[] = names().map((name) => ({
  name,
  contenders: ['ours'],
  run: runLatency,
  inspect: async () => ({ digest: null, facts: {} }),
}));

/** Median and 95th percentile of every kind, for each library. */
export const latencyRows: readonly Row[] = names().flatMap((name) =>
  [...Object.keys(operations), nextPage].flatMap((title): Row[] => {
    const section = `Latency with ${librarySizes[name].toLocaleString('en')} models`;
    const bar = { text: 'p95 ≤ 5 ms', contender: 'ours', atMost: 5 };
    return [
      { id: `${name} ${title} p50`, title: `${title}, p50`, unit: 'ms', section },
      { id: `${name} ${title} p95`, title: `${title}, p95`, unit: 'ms', section, bars: [bar] },
    ];
  }),
);

function names(): readonly LibraryName[] {
  return Object.keys(librarySizes).filter((name): name is LibraryName => name in librarySizes);
}

async function runLatency({ phase, databasePath, inputsPath }: Job): Promise<TrialReport> {
  // Written by prepareSearch.
  const { path, skipped } = JSON.parse(await readFile(inputsPath, 'utf8')) as LibraryPlace;
  await using transactions = await openTransactionManager({ url: `file:${path ?? databasePath}`, schema });
  const rows: Record<string, Measurement> = {};
  if (skipped === null) {
    const { search } = createRepositories(transactions);
    const keep = (title: string, times: readonly Times[]): void => {
      const cpu = summarise(
        times.map(({ cpuMs }) => cpuMs),
        'ms',
        null,
      );
      // What the process used itself: on a busy machine the rest of the time belongs to others.
      const facts = { 'processor time p50 ms': rounded(cpu.value), 'p95 ms': rounded(cpu.p95) };
      const measured = summarise(
        times.map(({ ms }) => ms),
        'ms',
        null,
        facts,
      );
      rows[`${phase} ${title} p50`] = measured;
      rows[`${phase} ${title} p95`] = { ...measured, value: measured.p95, facts: {} };
    };
    for (const [title, each] of Object.entries(operations)) keep(title, await timesOf(each, search));
    keep(nextPage, await lastPages(search));
  }
  return { rows, durability: await durabilityOf(transactions) };
}

interface Times {
  readonly ms: number;
  readonly cpuMs: number;
}

async function timed<T>(work: () => Promise<T>): Promise<Times & { readonly result: T }> {
  const started = performance.now();
  const used = process.cpuUsage();
  const result = await work();
  const { user, system } = process.cpuUsage(used);
  return { ms: performance.now() - started, cpuMs: (user + system) / 1_000, result };
}

async function timesOf(each: readonly Operation[], search: SearchRepository): Promise<readonly Times[]> {
  const [warmup, rounds] = [8, 60];
  const times: Times[] = [];
  for (let round = 0; round < warmup + rounds; round += 1) {
    for (const operation of each) {
      const { ms, cpuMs } = await timed(() => operation(search));
      if (round >= warmup) times.push({ ms, cpuMs });
    }
  }
  return times;
}

/** Walks through all hits of a word, and times the last tenth of the pages. */
async function lastPages(search: SearchRepository): Promise<readonly Times[]> {
  const times: Times[] = [];
  for (let after: string | null = null; ; ) {
    const from: string | null = after;
    const next = (): Promise<SearchPage> => search.searchModels('"robot"', {}, { limit: 100, after: from });
    const { ms, cpuMs, result } = await timed(next);
    times.push({ ms, cpuMs });
    if (result.next === null) return times.slice(Math.floor(times.length * 0.9));
    after = result.next;
  }
}

function rounded(ms: number): number {
  return Math.round(ms * 100) / 100;
}
