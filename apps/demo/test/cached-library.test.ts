// The repositories behind the cache that is bound to their database: whoever writes, by whatever way, the next answer is what
// is on disk. Judged by a second reader, which opens the file by itself and keeps nothing.
import { isDeepStrictEqual } from 'node:util';
import { createRepositories, type Repositories } from '@cc/repositories';
import { testRepositories } from '@cc/repositories/testing';
import { type ModelId, models, schema } from '@cc/schema';
import { type Random, seededRandom } from '@cc/testkit/random';
import { startSqld } from '@cc/testkit/sqld';
import { describeWithSqld } from '@cc/testkit/targets';
import { openTransactionManager, type TransactionManager } from '@cc/tx';
import { count, eq, sql } from 'drizzle-orm';
import { describe, expect, it, onTestFinished, test } from 'vitest';
import type { Library } from '../src/library.js';
import { makePlace, open } from './temporary-library.js';

const seed = Number(process.env['CC_SEED'] ?? Date.now() % 2 ** 31);
const writes = Number(process.env['CC_RANDOM_OPERATIONS'] ?? 80);

/** A library, and the same file opened once more with repositories that keep nothing. */
interface Pair {
  readonly library: Library;
  readonly other: Repositories;
  readonly elsewhere: TransactionManager<typeof schema>;
}

async function openPair(url?: string): Promise<Pair> {
  const place = url === undefined ? makePlace() : { ...makePlace(), url };
  const library = await open(place);
  const elsewhere = await openTransactionManager({ url: place.url, schema });
  onTestFinished(async () => await elsewhere.close());
  return { library, elsewhere, other: createRepositories(elsewhere) };
}

let files = 0;

function file(name: string) {
  files += 1;
  const fileName = `${files}.stl`;
  return { name, format: 'stl', fileName, filePath: `/${fileName}`, fileHash: `hash ${files}`, fileSize: 1 } as const;
}

describe('behind the cache of a library', () => {
  testRepositories({ describe, test }, async () => {
    const { repositories, transactions } = await open(makePlace());
    return {
      ...repositories,
      transaction: (work) => transactions.transaction(work),
      [Symbol.asyncDispose]: async () => undefined,
    };
  });
});

it('what is found in the cache nobody can change', async () => {
  const { library } = await openPair();
  const { models: all, metadata, tags, search, collections } = library.repositories;
  const id = await all.create(file('gear'));
  await metadata.setMetadataValue(id, 'sizes', [1, { of: ['a'] }]);
  await tags.tag(id, 'red');
  const collection = await collections.create({ name: 'top' });
  await collections.addModels(collection, [id]);
  await search.saveSearch('mine', 'gear', { createdFrom: new Date(0) });
  const answers = async () => [
    await all.read(id),
    [...(await all.readMany([id]))],
    await metadata.getMetadata(id),
    [...(await metadata.getMany([id]))],
    await metadata.getMetadataValue(id, 'sizes'),
    await metadata.getMetadataKeys(),
    await tags.getTags(id),
    [...(await tags.getTagsOfMany([id]))],
    await tags.listTags(),
    await search.searchModels('gear', {}, { facets: true, highlight: true }),
    await search.searchModels(''),
    await search.getSearchSuggestions('ge'),
    await search.getSavedSearches(),
    await all.list(),
    await collections.read(collection),
    await collections.list(),
    await collections.pathOf(collection),
    await collections.modelsOf(collection),
    await collections.collectionsOf(id),
  ];
  const right = structuredClone(await answers());
  for (let time = 0; time < 3; time += 1) {
    const given = await answers();
    expect(given).toEqual(right);
    for (const answer of given) spoil(answer);
  }
});

/** Changes whatever lets itself be changed. */
function spoil(value: unknown): void {
  if (typeof value !== 'object' || value === null) return;
  if (value instanceof Date) value.setTime(0);
  for (const inner of Object.values(value)) spoil(inner);
  for (const key of Object.keys(value)) Reflect.set(value, key, 'spoilt');
}

it('whoever reads again after a conflict with another process gets out', async () => {
  const { library, other } = await openPair();
  const { models: all } = library.repositories;
  const id = await all.create(file('gear'));
  let conflicts = 0;
  const add = async (repositories: Repositories): Promise<void> => {
    for (;;) {
      const model = await repositories.models.read(id);
      try {
        await repositories.models.update(id, { triangles: (model?.triangles ?? 0) + 1 }, { ifVersion: model?.version });
        return;
      } catch (error) {
        if (Reflect.get(Object(error), 'code') !== 'VERSION_CONFLICT') throw error;
        conflicts += 1;
      }
    }
  };
  const times = 40;
  const adder = async (repositories: Repositories) => {
    for (let i = 0; i < times; i += 1) await add(repositories);
  };
  await Promise.all([adder(library.repositories), adder(library.repositories), adder(other)]);
  expect(await all.read(id)).toMatchObject({ triangles: 3 * times, version: 3 * times + 1 });
  expect(conflicts).toBeGreaterThan(0);
});

it('what an application keeps of its own queries follows the writes of the repositories', async () => {
  const { library } = await openPair();
  const { db } = library.transactions;
  const counts = library.cache.region<{ readonly n: number }>('counts of mine');
  const favorites = () =>
    counts.getOrLoad('favorites', async () => {
      const [row] = await db.select({ n: count() }).from(models).where(eq(models.favorite, true));
      return row ?? null;
    });
  expect(await favorites()).toEqual({ n: 0 });
  const id = await library.repositories.models.create({ ...file('gear'), favorite: true });
  expect(await favorites()).toEqual({ n: 1 });
  await library.repositories.models.delete(id);
  expect(await favorites()).toEqual({ n: 0 });
});

it('writes of the repositories leave what they have not changed', async () => {
  const { library } = await openPair();
  const { models: all, metadata } = library.repositories;
  const [one, two] = [await all.create(file('gear')), await all.create(file('bolt'))];
  await all.readMany([one, two]);
  const { hits } = library.cache.getCacheStats();
  for (let rating = 0; rating <= 5; rating += 1) {
    await all.update(one, { rating });
    await metadata.setMetadataValue(one, 'rating', rating);
    await all.read(two);
  }
  expect(library.cache.getCacheStats().hits - hits).toBe(6);
  // A transaction in which anything else is written drops everything.
  await library.transactions.transaction(async () => {
    await all.update(one, { rating: 1 });
    await library.transactions.db.run(sql`update models set rating = 2 where id = ${two}`);
  });
  expect((await all.read(two))?.rating).toBe(2);
});

it(`answers as the file says, whoever has written, seed ${seed}`, { timeout: 1_200_000 }, async () => {
  await writeAndAsk(await openPair(), writes, (random) => random.once(2));
});

describeWithSqld('behind the cache of a library on a server', () => {
  // What others write there is seen within `maxStaleMs`, and by every answer of the server.
  it(`own writes are answered as the server says, seed ${seed}`, { timeout: 1_200_000 }, async () => {
    await using server = await startSqld();
    await writeAndAsk(await openPair(server.url.http), Math.ceil(writes / 4), () => true);
  });
});

async function writeAndAsk(
  { library, other, elsewhere }: Pair,
  times: number,
  isHere: (random: Random) => boolean,
): Promise<void> {
  const random = seededRandom(seed);
  for (let n = 0; n < times; n += 1) {
    const here = isHere(random);
    const [repositories, transactions] = here ? [library.repositories, library.transactions] : [other, elsewhere];
    const change = await changeOf(random, repositories, transactions);
    await finish(random, transactions, change.run);
    for (const [name, ask] of readsOf(await idsOf(other))) {
      const right = await ask(other);
      for (const time of ['first', 'second']) {
        const given = await ask(library.repositories);
        if (isDeepStrictEqual(given, right)) continue;
        expect(
          given,
          `${name}, ${time} time, after write ${n}, ${change.name}, ${here ? 'here' : 'elsewhere'}`,
        ).toEqual(right);
      }
    }
  }
  expect(library.cache.getCacheStats().hits).toBeGreaterThan(times);
}

/** Runs it alone, in a transaction that is committed or undone, or in a savepoint that is undone. */
async function finish(
  random: Random,
  transactions: TransactionManager<typeof schema>,
  work: () => Promise<unknown>,
): Promise<void> {
  const undone = new Error('undone on purpose');
  const undoing = async (): Promise<void> => {
    await work();
    throw undone;
  };
  const swallow = (error: unknown): void => {
    if (error !== undone) throw error;
  };
  await random.pick([
    work,
    work,
    () => transactions.transaction(work),
    () => transactions.transaction(undoing).catch(swallow),
    () => transactions.transaction(async (tx) => tx.savepoint(undoing).catch(swallow)),
  ])();
}

interface Change {
  readonly name: string;
  readonly run: () => Promise<unknown>;
}

async function changeOf(
  random: Random,
  { models: all, metadata, tags, collections, search }: Repositories,
  { db }: TransactionManager<typeof schema>,
): Promise<Change> {
  const { items } = await all.list({ limit: 200 });
  const word = random.pick(['gear', 'bolt', 'hexBolt M3x12']);
  const id = items[random.below(Math.max(1, items.length))]?.id;
  const create = () => all.create(file(word));
  if (id === undefined) return { name: 'create', run: create };
  const collection = async () => (await collections.list())[0]?.id ?? (await collections.create({ name: word }));
  const changes: Readonly<Record<string, () => Promise<unknown>>> = {
    create,
    createMany: () =>
      all.createMany([{ model: file(word), metadata: { size: 1 }, tags: ['red'] }, { model: file('many') }]),
    upsert: () => all.upsertByPath({ ...file(word), filePath: '/fixed' }),
    update: () => all.update(id, { name: word, rating: random.below(6) }),
    delete: () => all.delete(id),
    set: () => metadata.setMetadataValue(id, 'size', random.below(9)),
    unset: () => metadata.deleteMetadata(id),
    tag: () => tags.tag(id, random.pick(['red', 'blue'])),
    untag: () => tags.untag(id, 'red'),
    merge: () => tags.mergeTags(['red'], 'blue'),
    rename: () => tags.renameTag('blue', random.pick(['Blue', 'BLUE'])),
    collect: async () => collections.addModels(await collection(), [id]),
    uncollect: async () => collections.delete(await collection()),
    save: () => search.saveSearch('mine', word),
    run: async () => ((await search.getSavedSearches()).length > 0 ? search.runSavedSearch('mine') : undefined),
    words: () => search.refreshWords(),
    plain: () => db.run(sql`update models set rating = ${random.below(6)}, version = version + 1 where id = ${id}`),
    plainTag: () => db.run(sql`delete from tags where id = (select min(id) from tags)`),
    batch: () => db.batch([db.update(models).set({ author: word }).where(eq(models.id, id))]),
  };
  const name = random.pick(Object.keys(changes));
  return { name, run: changes[name] ?? create };
}

async function idsOf({ models: all }: Repositories): Promise<readonly ModelId[]> {
  return (await all.list({ limit: 6, sort: { by: 'added' } })).items.map(({ id }) => id);
}

type Read = readonly [name: string, ask: (repositories: Repositories) => Promise<unknown>];

function readsOf(ids: readonly ModelId[]): readonly Read[] {
  return [
    ...ids.flatMap((id): Read[] => [
      [`read ${id}`, (all) => all.models.read(id)],
      [`metadata of ${id}`, (all) => all.metadata.getMetadata(id)],
      [`tags of ${id}`, (all) => all.tags.getTags(id)],
    ]),
    ['readMany', async (all) => [...(await all.models.readMany(ids))]],
    ['count', (all) => all.models.count({ tagsAll: ['red'] })],
    ['list', (all) => all.models.list()],
    ['search', (all) => all.search.searchModels('bolt', {}, { facets: true, highlight: true })],
    ['browse', (all) => all.search.searchModels('', { formats: ['stl'] }, { facets: true })],
    ['misspelt', (all) => all.search.searchModels('gaer')],
    ['suggestions', (all) => all.search.getSearchSuggestions('b')],
    ['metadata', (all) => all.metadata.searchByMetadata({ key: 'size', op: '>=', value: 1 })],
    ['keys', (all) => all.metadata.getMetadataKeys()],
    ['tags', (all) => all.tags.listTags()],
    ['collections', (all) => all.collections.list()],
    ['saved', (all) => all.search.getSavedSearches()],
  ];
}
