// What it costs to be watched: a prepared read with and without a listener in the same process, the count of one statement,
// a scrape, memory, and for our monitor one reading of all figures.
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { createHealthMonitor } from '@cc/health';
import { schema } from '@cc/schema';
import { type ManagerEvent, openTransactionManager } from '@cc/tx';
import { prepareReadByKey } from '../contenders/own-queries.js';
import { watchStretches } from '../harness/loop-stretches.js';
import { type Measurement, measure, summarise } from '../harness/measure.js';
import type { Job, Phase, Row, TrialReport } from '../harness/suite.js';
import { openWatcher, type Watcher, watcherNames } from '../watchers/watcher.js';
import { at } from './library-phase.js';

/** The phase of the watchers. */
export const watchingPhase: Phase = {
  name: 'watching',
  contenders: watcherNames,
  hasDatabase: false,
  run: runWatching,
  inspect: async () => ({ digest: null, facts: {} }),
};

const section = { section: 'Being watched', reference: 'ours' } as const;
const peers = ['prom-client', 'OpenTelemetry'].map((peer) => ({
  text: `${peer} : ours`,
  contender: peer,
  against: 'ours',
}));
const upTo2Ms = { text: 'ours ≤ 2 ms', contender: 'ours', atMost: 2 };

/** The rows of the phase. */
export const watchingRows: readonly Row[] = [
  {
    ...{ ...section, id: 'watched read', unit: '%', title: 'what watching adds to a prepared read by id' },
    bars: [{ text: 'ours ≤ 3 %', contender: 'ours', atMost: 3 }],
  },
  { ...section, id: 'count', unit: 'µs', title: 'one statement counted, of 50', bars: peers },
  { ...section, id: 'scrape', unit: 'ms', title: 'a scrape of 1,000 statements', bars: peers },
  { ...section, id: 'memory', unit: 'MB', title: 'memory of 1,000 statements', bars: peers },
  { ...section, id: 'reading', unit: 'ms', title: 'one reading of all figures' },
  {
    ...{ ...section, id: 'reading blocks', unit: 'ms', title: 'the longest stretch of it without a turn, p95' },
    bars: [upTo2Ms],
  },
  { ...section, id: 'kept reading', unit: 'ms', title: 'one reading that is written to a history file' },
  {
    ...{ ...section, id: 'kept reading blocks', unit: 'ms', title: 'the longest stretch of that without a turn, p95' },
    bars: [upTo2Ms],
  },
];

async function runWatching({ contender, databasePath }: Job): Promise<TrialReport> {
  const rows: Record<string, Measurement> = { 'watched read': await measureReads(contender, databasePath) };
  const watcher = await openWatcher(contender);
  rows['count'] = await measureCounts(watcher);
  await watcher.close();
  Object.assign(rows, await measureScrapes(contender));
  if (contender === 'ours') Object.assign(rows, await measureReadings(databasePath));
  if (contender === 'nobody') {
    const idle = await measureNothing();
    Object.assign(rows, { 'reading blocks': idle, 'kept reading blocks': idle });
  }
  return { rows, durability: [] };
}

const readsToBlock = 400;
const blocks = 300;

/** Off, on and off again in turn, each block beside the mean of its neighbours: what the machine does meanwhile is in all. */
async function measureReads(contender: string, databasePath: string): Promise<Measurement> {
  await using transactions = await openTransactionManager({ url: `file:${databasePath}`, schema });
  const ids = (await transactions.db.all<{ id: string }>('select id from models order by id limit 1000')).map(
    ({ id }) => id,
  );
  const readByKey = prepareReadByKey(transactions.db);
  const read = async (times: number): Promise<number> => {
    const started = performance.now();
    for (let i = 0; i < times; i += 1) await readByKey.get({ id: at(ids, i) });
    return performance.now() - started;
  };
  const monitor = createHealthMonitor(transactions);
  const watcher = await openWatcher(contender);
  const watched = async (): Promise<number> => {
    const stop = contender === 'nobody' || contender === 'ours' ? undefined : transactions.subscribe(watcher.listen);
    if (contender === 'ours') await monitor.startMonitoring();
    await read(50);
    const took = await read(readsToBlock);
    if (contender === 'ours') await monitor.stopMonitoring();
    stop?.();
    await read(50);
    return took;
  };
  for (let i = 0; i < 20; i += 1) {
    await read(readsToBlock);
    await watched();
  }
  const added: number[] = [];
  const alone: number[] = [];
  for (let i = 0; i < blocks; i += 1) {
    const before = await read(readsToBlock);
    const during = await watched();
    const after = await read(readsToBlock);
    added.push((200 * during) / (before + after) - 100);
    alone.push(before, after);
  }
  await watcher.close();
  const { value, ...rest } = summarise(added, 'ms', null);
  const { value: aloneMs } = summarise(alone, 'ms', null);
  return { ...rest, value, facts: { 'a read alone, µs': Math.round((aloneMs / readsToBlock) * 1e5) / 100 } };
}

/** As @cc/tx makes it, in one literal: whoever reads it finds every event alike. */
function statementOf(sql: string, i: number): ManagerEvent {
  return {
    type: 'query',
    sql,
    durationMs: (i % 97) * 0.003 + 0.004,
    endedAt: performance.now(),
    rows: 1,
    rowsAffected: 0,
    mode: 'read',
    transactionId: null,
    label: undefined,
    error: null,
  };
}

/** Of events that are made before the clock starts. */
async function measureCounts({ listen }: Watcher): Promise<Measurement> {
  const texts = Array.from({ length: 50 }, (_, i) => `select column${i} from models where id = ?`);
  const events = Array.from({ length: 1_000 }, (_, i) => statementOf(at(texts, i), i));
  const count = (): null => {
    for (const event of events) listen(event);
    return null;
  };
  const measured = await measure({ unit: 'µs', warmup: 100, samples: 300, operation: count, compare: () => null });
  const { value, mean, p95, max } = measured;
  const each = events.length;
  return { ...measured, value: value / each, mean: mean / each, p95: p95 / each, max: max / each, digest: null };
}

async function measureScrapes(contender: string): Promise<Record<string, Measurement>> {
  const texts = Array.from({ length: 1_000 }, (_, i) => `select column${i} from models where id = ?`);
  const events = Array.from({ length: 10_000 }, (_, i) => statementOf(at(texts, i), i));
  // Its classes and code are not what a statement takes.
  await (await openWatcher(contender)).close();
  const before = keptBytes();
  const watcher = await openWatcher(contender);
  const { listen, scrape } = watcher;
  for (const event of events) listen(event);
  const value = (keptBytes() - before) / 2 ** 20;
  const rows: Record<string, Measurement> = {};
  if (scrape) {
    rows['memory'] = { value, samples: 1, mean: value, p95: value, max: value, digest: null, facts: {} };
    const timed = { unit: 'ms', warmup: 10, samples: 40 } as const;
    rows['scrape'] = { ...(await measure({ ...timed, operation: scrape, compare: () => null })), digest: null };
  }
  await watcher.close();
  return rows;
}

function keptBytes(): number {
  globalThis.gc?.();
  globalThis.gc?.();
  const { heapUsed, arrayBuffers } = process.memoryUsage();
  return heapUsed + arrayBuffers;
}

/** With a statement at each that is new, whose plan is looked at. */
async function measureReadings(databasePath: string): Promise<Record<string, Measurement>> {
  const rows: Record<string, Measurement> = {};
  await using transactions = await openTransactionManager({ url: `file:${databasePath}` });
  for (const name of ['reading', 'kept reading']) {
    const history = name === 'reading' ? undefined : { path: join(`${databasePath}.history`) };
    // No reading of its own falls between ours.
    const monitor = createHealthMonitor(transactions, { intervalMs: 2 ** 30, history });
    await monitor.startMonitoring();
    const [times, stretches]: [number[], number[]] = [[], []];
    for (let i = 0; i < 250; i += 1) {
      monitor.recordQueryExecution({ sql: `select name c${i} from models where id = ?`, durationMs: 1 });
      const started = performance.now();
      const { longestMs } = await watchStretches(async () => {
        await monitor.getHealthMetrics({ name: 'cc_db_size_bytes' });
        times.push(performance.now() - started);
      });
      if (i >= 50) stretches.push(longestMs);
    }
    await monitor.stopMonitoring();
    rows[name] = summarise(times.slice(50), 'ms', null);
    rows[`${name} blocks`] = slowest(stretches);
  }
  return rows;
}

/** What the machine alone does to an event loop that has nothing to do. */
async function measureNothing(): Promise<Measurement> {
  const stretches: number[] = [];
  for (let i = 0; i < 200; i += 1) stretches.push((await watchStretches(() => setTimeout(3))).longestMs);
  return slowest(stretches);
}

function slowest(timesMs: readonly number[]): Measurement {
  const measured = summarise(timesMs, 'ms', null);
  return { ...measured, value: measured.p95, facts: { 'median, ms': measured.value } };
}
