// The work of the suite `tuning`: small programs of the kind that a setting is about, each timed with the settings of one contender.
import { statSync } from 'node:fs';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { type CacheManagerOptions, openCacheManager } from '@cc/cache';
import { captureParameters, createHealthMonitor } from '@cc/health';
import { createRepositories } from '@cc/repositories';
import { models as modelsTable, schema } from '@cc/schema';
import { type ModelInput, parseModelId } from '@cc/schema/validation';
import { seededRandom } from '@cc/testkit/random';
import { startSqld } from '@cc/testkit/sqld';
import { openTransactionManager, type TransactionManager, type TransactionManagerOptions } from '@cc/tx';
import { count, like, sql } from 'drizzle-orm';
import { prepareReadByKey } from '../contenders/own-queries.js';
import { watchStretches } from '../harness/loop-stretches.js';
import { type Measurement, measure, summarise } from '../harness/measure.js';
import { at } from './library-phase.js';

/** What one contender sets. */
export interface Setting {
  readonly manager?: Partial<Omit<TransactionManagerOptions, 'logger' | 'schema' | 'url'>>;
  readonly cache?: Omit<CacheManagerOptions, 'transactions'>;
  readonly batchSize?: number;
  readonly offload?: boolean;
  readonly watch?: 'alone' | 'with values';
}

/** What one contender measured, by row. */
export type Measured = Promise<Record<string, Measurement>>;

type Manager = TransactionManager<typeof schema>;
type Work = (setting: Setting, databasePath: string) => Measured;

const open = ({ manager }: Setting, path: string): Promise<Manager> =>
  openTransactionManager({ url: `file:${path}`, schema, ...manager });

/** Transactions that insert a row each; the mean carries the checkpoints that fall on some. */
export function commits(samples: number): Work {
  return async (setting, path) => {
    await using transactions = await open(setting, path);
    await transactions.db.run(sql`create table written (id integer primary key, text text not null)`);
    const text = 'A row of two hundred characters. '.repeat(6);
    const write = () =>
      transactions.transaction(async (tx) => void (await tx.db.run(sql`insert into written (text) values (${text})`)));
    const measured = await measure({ unit: 'µs', warmup: 200, samples, operation: write, compare: () => null });
    return {
      commit: { ...measured, value: measured.mean },
      'slow commit': { ...measured, value: measured.max },
      log: single(sizeOf(`${path}-wal`) / 2 ** 20),
    };
  };
}

/** Reads of models in random order. */
export const scatteredReads: Work = async (setting, path) => {
  await using transactions = await open(setting, path);
  const ids = await shuffledIds(transactions);
  const readByKey = prepareReadByKey(transactions.db);
  await readByKey.get({ id: at(ids, 0) });
  globalThis.gc?.();
  const read = (i: number) => readByKey.get({ id: at(ids, i) });
  const measured = await measure({ unit: 'µs', warmup: 20_000, samples: 15_000, operation: read, compare: () => null });
  globalThis.gc?.();
  return { 'scattered read': measured };
};

/** Two hundred texts of statements in turn. */
export const manyStatements: Work = async (setting, path) => {
  await using transactions = await open(setting, path);
  const { $client } = transactions.db;
  const texts = Array.from({ length: 200 }, (_, i) => `select id, name, format as c${i} from models where seq = ?`);
  const run = (i: number) => $client.execute({ sql: at(texts, i), args: [1 + (i % 1_000)] });
  const measured = await measure({ unit: 'µs', warmup: 2_000, samples: 6_000, operation: run, compare: () => null });
  return { statement: { ...measured, value: measured.mean } };
};

/** Two hundred snapshots at once, each of two reads with a pause of a turn between them. */
export const snapshots: Work = async (setting, path) => {
  await using transactions = await open(setting, path);
  const { db } = transactions;
  const total = db.select({ total: count() }).from(modelsTable).where(sql`seq < 50`).prepare();
  globalThis.gc?.();
  const before = process.memoryUsage.rss();
  const snapshot = () =>
    transactions.read(async () => {
      const first = await total.get();
      for (let turn = 0; turn < 20; turn += 1) await nextTurn();
      return [first?.total, (await total.get())?.total];
    });
  const all = () => Promise.all(Array.from({ length: 200 }, snapshot));
  const measured = await measure({ unit: 'ms', warmup: 3, samples: 15, operation: all });
  return { snapshots: measured, 'snapshots memory': single((process.memoryUsage.rss() - before) / 2 ** 20) };
};

/** Reads of models by id through the repositories, the popular ones most often. */
export const popularReads: Work = async (setting, path) => {
  await using transactions = await open(setting, path);
  const { cache: options } = setting;
  await using cache = options ? await openCacheManager({ transactions, ...options }) : null;
  const { models } = createRepositories(transactions, cache ? { cache } : {});
  const ids = await shuffledIds(transactions);
  const random = seededRandom(11);
  const popular = Array.from({ length: 40_000 }, () => at(ids, Math.floor(ids.length * random.next() ** 4)));
  const read = (i: number) => models.read(parseModelId(at(popular, i)));
  globalThis.gc?.();
  const before = process.memoryUsage.rss();
  const measured = await measure({ unit: 'µs', warmup: 20_000, samples: 20_000, operation: read, compare: () => null });
  globalThis.gc?.();
  const memory = single((process.memoryUsage.rss() - before) / 2 ** 20);
  const { hits = 0, misses = 0 } = cache?.getCacheStats() ?? {};
  const facts = cache ? { 'answered from memory, %': Math.round((100 * hits) / (hits + misses)) } : {};
  return { 'popular read': { ...measured, value: measured.mean, facts }, 'popular memory': memory };
};

/** A prepared read while the database is watched, or not. */
export const watchedReads: Work = async (setting, path) => {
  const parameterCapture = setting.watch === 'with values' ? captureParameters() : undefined;
  const logger = parameterCapture && { logger: parameterCapture };
  await using transactions = await openTransactionManager({ url: `file:${path}`, schema, ...logger });
  await using health = createHealthMonitor(transactions, { parameterCapture });
  const ids = await shuffledIds(transactions);
  const readByKey = prepareReadByKey(transactions.db);
  if (setting.watch) await health.startMonitoring();
  const read = (i: number) => readByKey.get({ id: at(ids, i) });
  const measured = await measure({ unit: 'µs', warmup: 20_000, samples: 20_000, operation: read, compare: () => null });
  return { 'watched read': measured };
};

/** Five thousand models, and the longest time between two turns of the event loop. */
export const bulk: Work = async (setting, path) => {
  await using transactions = await open(setting, path);
  const { models } = createRepositories(transactions);
  const batchSize = setting.batchSize === undefined ? {} : { batchSize: setting.batchSize };
  const times: number[] = [];
  const stretches: number[] = [];
  for (let round = 0; round < 3; round += 1) {
    const input = Array.from({ length: 5_000 }, (_, i) => ({ model: newModel(round, i) }));
    const started = performance.now();
    const { longestMs } = await watchStretches(() => models.createMany(input, batchSize));
    times.push(performance.now() - started);
    stretches.push(longestMs);
  }
  return { bulk: summarise(times, 'ms', null), 'bulk stretch': summarise(stretches, 'ms', null) };
};

function newModel(round: number, i: number): ModelInput {
  const fileName = `bracket-${round}-${i}.stl`;
  return {
    name: `Bracket ${i} of round ${round}`,
    format: 'stl',
    fileName,
    filePath: `/tuning/${fileName}`,
    fileHash: `${round}-${i}`.padStart(64, '0'),
    fileSize: 1_000 + i,
  };
}

/** A search through every name, which no index answers. */
export const longRead: Work = async (setting, path) => {
  await using transactions = await open(setting, path);
  const query = () =>
    transactions.db.select({ found: count() }).from(modelsTable).where(like(modelsTable.name, '%q%z%'));
  const read = () => (setting.offload === true ? transactions.offload(query(), { timeoutMs: 60_000 }) : query());
  const stretches: number[] = [];
  const watched = async (): Promise<unknown> => {
    let found: unknown;
    const { longestMs } = await watchStretches(async () => {
      found = await read();
    });
    stretches.push(longestMs);
    return found;
  };
  const measured = await measure({ unit: 'ms', warmup: 5, samples: 20, operation: watched });
  return { 'long read': measured, 'long stretch': summarise(stretches.slice(5), 'ms', null) };
};

/** Two hundred reads at once on a server. */
export const serverReads: Work = async ({ manager }, path) => {
  const server = await startSqld({ database: path });
  try {
    await using transactions = await openTransactionManager({ url: server.url.http, schema, ...manager });
    const ids = await shuffledIds(transactions);
    const readByKey = prepareReadByKey(transactions.db);
    const all = (i: number) =>
      Promise.all(Array.from({ length: 200 }, (_, j) => readByKey.get({ id: at(ids, i * 200 + j) })));
    return { 'server reads': await measure({ unit: 'ms', warmup: 3, samples: 10, operation: all }) };
  } finally {
    await server.giveBack();
  }
};

/** In an order that is the same for all contenders, and far from that of the file. */
async function shuffledIds({ db }: Manager): Promise<readonly string[]> {
  const ids = (await db.select({ id: modelsTable.id }).from(modelsTable).orderBy(modelsTable.seq)).map(({ id }) => id);
  const random = seededRandom(7);
  for (let i = ids.length - 1; i > 0; i -= 1) {
    const j = Math.floor(random.next() * (i + 1));
    [ids[i], ids[j]] = [at(ids, j), at(ids, i)];
  }
  return ids;
}

function single(value: number): Measurement {
  return { value, samples: 1, mean: value, p95: value, max: value, digest: null, facts: {} };
}

function sizeOf(path: string): number {
  return statSync(path, { throwIfNoEntry: false })?.size ?? 0;
}
