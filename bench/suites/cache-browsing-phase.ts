// A library in use, on a file and on a server: people look at pages, searches and models, while an import adds to it and changes
// what they look at. With the cache and without it they have to see the same.

import { setImmediate as turn } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';
import { openCacheManager } from '@cc/cache';
import { createRepositories, type Repositories } from '@cc/repositories';
import { schema } from '@cc/schema';
import { type Random, seededRandom } from '@cc/testkit/random';
import { sqldMissing, startSqld } from '@cc/testkit/sqld';
import { openTransactionManager, type TransactionManager } from '@cc/tx';
import { hashOf, idOf, modelOf } from '../catalogue/row.js';
import { syntheticCatalogue } from '../catalogue/synthetic-catalogue.js';
import { pageSize, writtenAt } from '../contenders/contender.js';
import { durabilityOf } from '../contenders/ours.js';
import { digest } from '../harness/digest.js';
import { type Measurement, summarise } from '../harness/measure.js';
import type { Job, Phase, Row, TrialReport } from '../harness/suite.js';
import { digestOfLibrary } from './inspect-file.js';

const onFile = 'file';
const onFileCached = 'file, cached';
const onServer = 'server';
const onServerCached = 'server, cached';

/** The same people on each. Without a server there is only the file. */
export const cacheBrowsingPhase: Phase = {
  name: 'browsing',
  contenders: [onFile, onFileCached, ...(sqldMissing === null ? [onServer, onServerCached] : [])],
  run: runBrowsing,
  inspect: async ({ databasePath }) => ({ digest: digestOfLibrary(databasePath), facts: {} }),
};

const kinds = ['model', 'page', 'search'] as const;
type Kind = (typeof kinds)[number];
const titles: Readonly<Record<Kind, string>> = {
  model: 'a model with metadata and tags',
  page: 'a page of 20 models with metadata and tags',
  search: 'a search',
};

const section = {
  section: 'Eight people browse 10,000 models while an import adds to them',
  reference: onFile,
} as const;
const withoutToWith = [
  { text: 'file : file, cached', contender: onFile, against: onFileCached },
  { text: 'server : server, cached', contender: onServer, against: onServerCached },
];

/** The rows of the phase. */
export const cacheBrowsingRows: readonly Row[] = [
  { ...section, id: 'browseP95', title: 'p95 of all', unit: 'ms', bars: withoutToWith },
  { ...section, id: 'browseMedian', title: 'median of all', unit: 'ms', bars: withoutToWith },
  ...kinds.map((kind): Row => ({ ...section, id: `browse ${kind}`, title: `${titles[kind]}: p95`, unit: 'ms' })),
  { ...section, id: 'importBatch', title: 'a batch of the import: 50 new models, 5 changed', unit: 'ms' },
  {
    ...section,
    id: 'hitRate',
    title: 'lookups that the cache answered',
    unit: '%',
    reference: onFileCached,
  },
];

const people = 8;
const batches = 10;
/** What everybody asks for beside each batch, and after it. */
const asked = { beside: 10, after: 30 } as const;
/** Who is looked for: the first ones most often. */
const popular = 400;
const words = ['toy', 'gear', 'robot', 'puzzle', 'box', 'dragon', 'spur gear', 'toy robot', 'cube', 'head'];
const formats = [undefined, ['stl'], ['obj']] as const;

async function runBrowsing(job: Job): Promise<TrialReport> {
  if (!job.contender.startsWith(onServer)) return await browse(job, pathToFileURL(job.databasePath).href);
  const server = await startSqld({ database: job.databasePath });
  try {
    return await browse(job, server.url.http);
  } finally {
    await server.giveBack();
  }
}

async function browse({ contender }: Job, url: string): Promise<TrialReport> {
  await using transactions = await openTransactionManager({ url, schema });
  const isCached = contender === onFileCached || contender === onServerCached;
  await using cache = isCached ? await openCacheManager({ transactions }) : null;
  const library = createRepositories(transactions, { cache: cache ?? undefined, now: () => writtenAt.getTime() });
  const visits = Array.from({ length: people }, (_, seed) => visitOf(library, seededRandom(seed + 1)));
  const all = (times: number): Promise<readonly (readonly Seen[])[]> =>
    Promise.all(visits.map((visit) => visit(times)));
  // Until V8 has compiled it, and the cache has what is asked for most.
  const digests = [digestOf(await all(asked.after))];
  const before = cache?.getCacheStats();
  const seen: Seen[] = [];
  const batchMs: number[] = [];
  for (let batch = 0; batch < batches; batch += 1) {
    // What is seen meanwhile may be older or newer than the batch, so only the times of that count.
    const [besideImport] = await Promise.all([
      all(asked.beside),
      importBatch(transactions, library, batch).then((ms) => batchMs.push(ms)),
    ]);
    const after = await all(asked.after);
    digests.push(digestOf(after));
    seen.push(...besideImport.flat(), ...after.flat());
  }
  const timesOf = (kind?: Kind): number[] =>
    seen.flatMap((each) => (kind === undefined || each.kind === kind ? [each.ms] : []));
  const everything = summarise(timesOf(), 'ms', digest(digests));
  const rows: Record<string, Measurement> = {
    browseP95: { ...everything, value: everything.p95 },
    browseMedian: everything,
    importBatch: summarise(batchMs, 'ms', null),
  };
  for (const kind of kinds) {
    const measured = summarise(timesOf(kind), 'ms', null);
    rows[`browse ${kind}`] = { ...measured, value: measured.p95 };
  }
  if (cache !== null && before !== undefined) {
    const now = cache.getCacheStats();
    const hits = now.hits - before.hits;
    const [misses, bypassed] = [now.misses - before.misses, now.bypassed - before.bypassed];
    const rate = (100 * hits) / (hits + misses + bypassed);
    const facts = { hits, misses, bypassed, 'emptied by changes': now.coherence.foreignFlushes };
    const one = { value: rate, samples: 1, mean: rate, p95: rate, max: rate };
    rows['hitRate'] = { ...one, digest: null, facts };
  }
  return { rows, durability: await durabilityOf(transactions) };
}

/** What somebody got to see. */
interface Seen {
  readonly kind: Kind;
  readonly ms: number;
  readonly answer: unknown;
}

function digestOf(answers: readonly (readonly Seen[])[]): string {
  return digest(answers.map((seen) => seen.map(({ answer }) => answer)));
}

/** Returns what one visitor does: looks at so many things, one after another, a turn of the event loop apart. */
function visitOf(library: Repositories, random: Random): (times: number) => Promise<readonly Seen[]> {
  return async (times) => {
    const seen: Seen[] = [];
    for (let i = 0; i < times; i += 1) {
      await turn();
      const kind = random.pick(['model', 'model', 'page', 'search'] as const);
      const which = random.next() ** 3;
      const started = performance.now();
      const answer = await looks[kind](library, which);
      seen.push({ kind, ms: performance.now() - started, answer });
    }
    return seen;
  };
}

/** `which` is between 0 and 1, and near 0 most often. */
const looks: Readonly<Record<Kind, (library: Repositories, which: number) => Promise<unknown>>> = {
  async model({ models, metadata, tags }, which) {
    const id = idOf(Math.floor(which * popular));
    return [await models.read(id), await metadata.getMetadata(id), await tags.getTags(id)];
  },
  async page({ models, metadata, tags }, which) {
    const chosen = formats[Math.floor(which * formats.length)];
    const filter = chosen === undefined ? {} : { formats: chosen };
    const { items } = await models.list({ filter, limit: pageSize });
    const ids = items.map(({ id }) => id);
    return [items, await metadata.getMany(ids), await tags.getTagsOfMany(ids)];
  },
  search: async ({ search }, which) =>
    await search.searchModels(words[Math.floor(which * words.length)] ?? '', {}, { limit: pageSize }),
};

const perBatch = 50;
const imported = syntheticCatalogue(batches * perBatch, 17).map(modelOf);

/** Adds the models of a batch, and rates five of those that are looked at most: one transaction. Returns what it took. */
async function importBatch(transactions: TransactionManager, { models }: Repositories, batch: number): Promise<number> {
  const added = imported.slice(batch * perBatch, (batch + 1) * perBatch).map(({ model, ...rest }, i) => {
    const filePath = `imported/${batch}/${i}/${model.filePath}`;
    const id = idOf(5_000_000 + batch * perBatch + i);
    return { ...rest, model: { ...model, id, filePath, fileHash: hashOf(filePath) } };
  });
  const started = performance.now();
  await transactions.transaction(async () => {
    await models.createMany(added);
    for (let i = 0; i < 5; i += 1) await models.update(idOf((batch * 3 + i) % popular), { rating: batch % 6 });
  });
  return performance.now() - started;
}
