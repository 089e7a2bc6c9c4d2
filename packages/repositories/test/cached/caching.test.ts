// Reads through a cache: hits outside transactions only, and nothing is ever older than the last commit.
import { once } from 'node:events';
import { connect, createServer } from 'node:net';
import { setImmediate } from 'node:timers/promises';
import { type ModelId, schema } from '@cc/schema';
import { type Sqld, startSqld } from '@cc/testkit/sqld';
import { describeWithSqld } from '@cc/testkit/targets';
import { openTransactionManager } from '@cc/tx';
import { describe, expect, onTestFinished, test } from 'vitest';
import { createRepositories } from '../../src/index.js';
import { createMapCache } from '../map-cache.js';
import { modelInput } from '../model-input.js';
import { type Library, migrate, openLibrary, runsOn, targets } from '../open-library.js';

/** What a change of a model drops besides the model. */
const dropped = ['clear search', 'clear suggestions', 'clear lists', 'clear metadata-lists', 'clear collection-models'];
const absent = '00000000-0000-7000-8000-000000000000' as ModelId;

describe.each(targets)('caching in %s', (target) => {
  test('the second read of a model, its metadata and a search page is a hit', async () => {
    const cache = createMapCache();
    await using library = await openLibrary(target, { cache });
    const id = await library.models.create(modelInput('gear'));
    await library.metadata.updateMetadata(id, { a: 1 });
    cache.log.length = 0;
    for (let i = 0; i < 2; i += 1) {
      expect(await library.models.read(id)).toMatchObject({ name: 'gear' });
      expect(await library.metadata.getMetadata(id)).toEqual({ a: 1 });
      expect((await library.search.searchModels('gear')).total).toBe(1);
    }
    expect(cache.log).toEqual([
      'load models',
      'load metadata',
      'load search',
      'hit models',
      'hit metadata',
      'hit search',
    ]);
  });

  test('every write is seen by the next read', async () => {
    await using library = await openLibrary(target, { cache: createMapCache() });
    const { models, metadata, search } = library;
    expect(await models.read(absent)).toBeNull();
    expect(await metadata.getMetadata(absent)).toEqual({});
    const found = async () => (await search.searchModels('gear')).hits.map((hit) => hit.model.name);
    expect(await found()).toEqual([]);
    await models.createMany([{ model: modelInput('gear', { id: absent }), metadata: { a: 1 } }]);
    expect(await models.read(absent)).toMatchObject({ name: 'gear' });
    expect(await metadata.getMetadata(absent)).toEqual({ a: 1 });
    expect(await found()).toEqual(['gear']);
    await models.update(absent, { name: 'gear two' });
    expect(await models.read(absent)).toMatchObject({ name: 'gear two' });
    expect(await found()).toEqual(['gear two']);
    await metadata.setMetadataValue(absent, 'a', 2);
    expect(await metadata.getMetadata(absent)).toEqual({ a: 2 });
    await metadata.deleteMetadata(absent, 'a');
    expect(await metadata.getMetadata(absent)).toEqual({});
    const tagged = async () => (await search.searchModels('', { tagsAll: ['t'] })).total;
    expect(await tagged()).toBe(0);
    await search.tag(absent, 't');
    expect(await tagged()).toBe(1);
    await search.untag(absent, 't');
    expect(await tagged()).toBe(0);
    await models.delete(absent);
    expect(await models.read(absent)).toBeNull();
    expect(await found()).toEqual([]);
    await models.upsertByPath(modelInput('gear', { id: absent }));
    expect(await models.read(absent)).toMatchObject({ name: 'gear' });
  });

  test('inside a transaction the cache is neither read nor filled, and a rollback drops nothing', async () => {
    const cache = createMapCache();
    await using library = await openLibrary(target, { cache });
    const id = await library.models.create(modelInput('gear'));
    await library.models.read(id);
    cache.log.length = 0;
    const work = library.transactions.transaction(async () => {
      await library.models.update(id, { name: 'uncommitted gear' });
      expect(await library.models.read(id)).toMatchObject({ name: 'uncommitted gear' });
      expect((await library.search.searchModels('uncommitted')).total).toBe(1);
      await library.metadata.updateMetadata(id, { a: 1 });
      expect(await library.metadata.getMetadata(id)).toEqual({ a: 1 });
      throw new Error('undo');
    });
    await expect(work).rejects.toThrow('undo');
    expect(cache.log).toEqual([]);
    expect(await library.models.read(id)).toMatchObject({ name: 'gear' });
    expect(cache.log).toEqual(['hit models']);
  });

  test('values are dropped once the transaction has committed, not before', async () => {
    const cache = createMapCache();
    await using library = await openLibrary(target, { cache });
    const id = await library.models.create(modelInput('gear'));
    await library.models.read(id);
    cache.log.length = 0;
    await library.transactions.transaction(async () => {
      await library.models.update(id, { name: 'new' });
      expect(cache.log).toEqual([]);
    });
    expect(cache.log).toEqual(['invalidate models', ...dropped]);
    expect(await library.models.read(id)).toMatchObject({ name: 'new' });
  });

  test('a removed model is gone from everything that is kept of others', async () => {
    await using library = await openLibrary(target, { cache: createMapCache() });
    const { models, metadata, tags, collections } = library;
    const [id, other] = [await models.create(modelInput('gear')), await models.create(modelInput('gear wheel'))];
    const collection = await collections.create({ name: 'all' });
    for (const each of [id, other]) {
      await metadata.setMetadataValue(each, 'a', 1);
      await tags.tag(each, 'red');
    }
    await collections.addModels(collection, [id, other]);
    const asked = async () => ({
      tags: (await tags.listTags())[0]?.models,
      keys: (await metadata.getMetadataKeys())[0]?.models,
      inCollection: (await collections.list())[0]?.models,
      models: (await collections.modelsOf(collection)).items.length,
      listed: (await models.list()).items.length,
      found: (await metadata.searchByMetadata({ key: 'a', op: 'exists' })).items.length,
      collectionsOf: (await collections.collectionsOf(id)).length,
      tagsOf: (await tags.getTags(id)).length,
      metadataOf: Object.keys(await metadata.getMetadata(id)).length,
      read: (await models.read(id)) === null ? 0 : 1,
    });
    const two = { tags: 2, keys: 2, inCollection: 2, models: 2, listed: 2, found: 2 };
    expect(await asked()).toEqual({ ...two, collectionsOf: 1, tagsOf: 1, metadataOf: 1, read: 1 });
    await models.delete(id);
    const one = { tags: 1, keys: 1, inCollection: 1, models: 1, listed: 1, found: 1 };
    expect(await asked()).toEqual({ ...one, collectionsOf: 0, tagsOf: 0, metadataOf: 0, read: 0 });
  });

  test('every change of tags and of a key is seen by all that is kept of them', async () => {
    await using library = await openLibrary(target, { cache: createMapCache() });
    const plain = createRepositories(library.transactions);
    const { models, metadata, tags } = library;
    const id = await models.create(modelInput('gear'));
    const asked = async (all: Pick<Library, 'models' | 'metadata' | 'tags'>) => [
      await all.tags.getTags(id),
      await all.tags.listTags(),
      await all.models.count({ tagsAny: ['red', 'blue'] }),
      (await all.models.list({ filter: { tagsAll: ['red'] } })).items.length,
      await all.metadata.getMetadata(id),
      await all.metadata.getMetadataValue(id, 'b'),
      await all.metadata.getMetadataKeys(),
    ];
    for (const write of [
      () => tags.tag(id, 'red'),
      () => tags.tag(id, 'blue'),
      () => tags.untag(id, 'blue'),
      () => tags.mergeTags(['red'], 'green'),
      () => tags.renameTag('green', 'red'),
      () => tags.deleteTag('red'),
      () => metadata.addMetadata(id, { a: 1, b: 2 }),
      () => metadata.deleteMetadata(id, 'b'),
      () => metadata.setMetadataValue(id, 'b', 3),
      () => metadata.deleteMetadata(id),
    ]) {
      const before = await asked(library);
      await write();
      const after = await asked(plain);
      expect(after).not.toEqual(before);
      expect(await asked(library)).toEqual(after);
    }
  });

  test('a write drops what it has changed, and keeps the rest', async () => {
    const cache = createMapCache();
    await using library = await openLibrary(target, { cache });
    const { models, metadata, tags, collections, search } = library;
    const [one, other] = [await models.create(modelInput('gear')), await models.create(modelInput('bolt'))];
    const dropped = async (write: () => Promise<unknown>): Promise<readonly string[]> => {
      cache.log.length = 0;
      await write();
      return cache.log.filter((what) => !/^(hit|load) /.test(what));
    };
    const ofTags = ['clear search', 'clear suggestions', 'clear lists', 'clear metadata-lists', 'clear tags'];
    expect(await dropped(() => tags.tag(one, 'red'))).toEqual(['invalidate model-tags', ...ofTags]);
    expect(await dropped(() => tags.renameTag('red', 'blue'))).toEqual(['clear model-tags', ...ofTags]);
    expect(await dropped(() => tags.tag(one, 'blue'))).toEqual([]);
    expect(await dropped(() => metadata.setMetadataValue(one, 'a', 1))).toEqual([
      'invalidate metadata',
      'clear metadata-lists',
      'clear metadata-keys',
    ]);
    expect(await dropped(() => collections.create({ name: 'all' }))).toEqual([
      'clear collections',
      'clear collection-models',
    ]);
    expect(await dropped(() => search.saveSearch('mine', 'gear'))).toEqual(['clear saved-searches']);
    expect(await dropped(() => search.verifyIndex())).toEqual([]);
    await models.readMany([one, other]);
    await models.update(one, { rating: 1 });
    cache.log.length = 0;
    await models.readMany([one, other]);
    expect(cache.log).toEqual(['load models', 'hit models']);
  });

  test('what is kept of a search follows the words that corrections are made of', async () => {
    await using library = await openLibrary(target, { cache: createMapCache() });
    const plain = createRepositories(library.transactions);
    // Eight near words are tried, those of most models first.
    const words = ['haer', 'jaer', 'kaer', 'laer', 'maer', 'naer', 'paer', 'raer', 'saer'];
    const ids: ModelId[] = [];
    for (const word of ['haer', ...words, ...words]) ids.push(await library.models.create(modelInput(word)));
    await library.search.refreshWords();
    // The copy of the words goes on to count them, until it is refreshed.
    for (const id of ids.slice(0, 2)) await library.models.delete(id);
    const asked = async ({ search }: Pick<Library, 'search'>) => [
      (await search.searchModels('gaer')).hits.map(({ model }) => model.name).sort(),
      await search.getSearchSuggestions('hae'),
    ];
    const before = await asked(plain);
    expect(await asked(library)).toEqual(before);
    await library.search.refreshWords();
    const after = await asked(plain);
    expect(await asked(library)).toEqual(after);
    expect(after).not.toEqual(before);
  });

  test('whoever reads again after a conflict with another writer reads what is there', async () => {
    await using library = await openLibrary(target, { cache: createMapCache() });
    const id = await library.models.create(modelInput('gear'));
    const add = async (): Promise<void> => {
      const model = await library.models.read(id);
      await library.models.update(id, { rating: (model?.rating ?? 0) + 1 }, { ifVersion: model?.version });
    };
    const inTransaction = () => library.transactions.transaction((tx) => tx.savepoint(add));
    // Another process, of which this cache hears nothing.
    const change = () =>
      library.transactions.db.$client.execute({
        sql: 'update models set rating = 3, version = version + 1 where id = ?',
        args: [id],
      });
    await library.models.read(id);
    await change();
    await expect(add()).rejects.toMatchObject({ code: 'VERSION_CONFLICT' });
    await add();
    expect(await library.models.read(id)).toMatchObject({ rating: 4, version: 3 });
    await change();
    const known = (await library.models.read(id))?.version;
    const late = () => library.models.update(id, { rating: 0 }, { ifVersion: known });
    await expect(library.transactions.transaction(late)).rejects.toMatchObject({ code: 'VERSION_CONFLICT' });
    await inTransaction();
    expect(await library.models.read(id)).toMatchObject({ rating: 4, version: 5 });
  });

  test('a model that another writer has removed is gone for whoever finds no row to change', async () => {
    await using library = await openLibrary(target, { cache: createMapCache() });
    const { models } = library;
    for (const write of [(id: ModelId) => models.update(id, { rating: 1 }), (id: ModelId) => models.delete(id)]) {
      const id = await models.create(modelInput('gear'));
      await models.read(id);
      await library.transactions.db.$client.execute({ sql: 'delete from models where id = ?', args: [id] });
      expect(await write(id)).toBe(false);
      expect(await models.read(id)).toBeNull();
    }
  });

  test('a wrong cursor is refused whatever is kept', async () => {
    await using library = await openLibrary(target, { cache: createMapCache() });
    for (const after of [Number.NaN, {}, 1n, 'x'] as unknown as string[]) {
      for (const ask of [
        () => library.models.list({ after }),
        () => library.search.searchModels('', {}, { after }),
        () => library.search.searchByTags(['a'], { after }),
        () => library.collections.modelsOf('none', { after }),
      ]) {
        await ask().catch(() => undefined);
        await expect(ask()).rejects.toThrow(/cursor/);
      }
    }
  });

  test('reads that run beside writes never see an older value than the last commit', async () => {
    await using library = await openLibrary(target, { cache: createMapCache() });
    const id = await library.models.create(modelInput('v0'));
    let committed = 0;
    const writes = runsOn(target, 60);
    const writer = async () => {
      for (let i = 1; i <= writes; i += 1) {
        await library.models.update(id, { name: `v${i}` });
        committed = i;
      }
    };
    const reader = async () => {
      while (committed < writes) {
        // Hits answer without a turn of the event loop, and a server's answers need one.
        await setImmediate();
        const atStart = committed;
        const model = await library.models.read(id);
        expect(Number(model?.name.slice(1))).toBeGreaterThanOrEqual(atStart);
        const page = await library.search.searchModels('v*');
        expect(Number(page.hits[0]?.model.name.slice(1))).toBeGreaterThanOrEqual(atStart);
      }
    };
    await Promise.all([writer(), reader(), reader(), reader()]);
    expect(await library.models.read(id)).toMatchObject({ name: `v${writes}` });
  });
});

describeWithSqld('caching on a server', () => {
  test('a write of one statement stays one, and drops what it has changed', async () => {
    const cache = createMapCache();
    await using library = await openLibrary('http', { cache });
    const begun: string[] = [];
    library.transactions.subscribe((event) => {
      if (event.type === 'transaction') begun.push(event.phase);
    });
    const id = await library.models.create(modelInput('gear'));
    await library.models.read(id);
    await library.models.delete(id);
    expect(await library.models.read(id)).toBeNull();
    expect(begun).toEqual([]);
  });

  test('a write of which nobody knows whether it has been leaves nothing in the cache', async () => {
    await using server = await startSqld();
    const cut = await cuttingProxy(server);
    await using direct = await openTransactionManager({ url: server.url.http, schema });
    await migrate(direct);
    const writer = createRepositories(direct);
    const id = await writer.models.create(modelInput('gear'));
    const other = await writer.models.create(modelInput('bolt'));
    await using transactions = await openTransactionManager({ url: cut.url, schema });
    const { models, metadata, search } = createRepositories(transactions, { cache: createMapCache() });
    const asked = async () => [
      await models.read(id),
      await models.read(other),
      Object.keys(await metadata.getMetadata(id)).length,
      (await search.searchModels('gear')).total,
    ];
    await asked();
    cut.loseAnswer();
    await expect(models.delete(id)).rejects.toMatchObject({ outcome: 'unknown' });
    expect(await writer.models.read(id)).toBeNull();
    expect(await asked()).toEqual([null, await writer.models.read(other), 0, 0]);
  });
});

/** Passes bytes on to a server, and keeps what it answers to the next delete. */
async function cuttingProxy(server: Sqld): Promise<{ readonly url: string; readonly loseAnswer: () => void }> {
  const { hostname, port } = new URL(server.url.http);
  let isArmed = false;
  const proxy = createServer((down) => {
    const up = connect(Number(port), hostname);
    let isCut = false;
    for (const socket of [down, up]) socket.on('error', () => undefined);
    down.on('data', (chunk: Buffer) => {
      if (isArmed && /delete from/i.test(chunk.toString('latin1'))) {
        isArmed = false;
        isCut = true;
      }
      up.write(chunk);
    });
    up.on('data', (chunk) => {
      if (isCut) down.destroy();
      else down.write(chunk);
    });
    down.on('close', () => up.destroy());
    up.on('close', () => down.destroy());
  });
  proxy.listen(0, '127.0.0.1');
  await once(proxy, 'listening');
  onTestFinished(() => void proxy.close());
  const address = proxy.address();
  if (typeof address !== 'object' || address === null) throw new Error('the proxy has no port');
  return {
    url: `http://127.0.0.1:${address.port}`,
    loseAnswer: () => {
      isArmed = true;
    },
  };
}
