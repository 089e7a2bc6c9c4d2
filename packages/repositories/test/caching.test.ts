// Reads through a cache: hits outside transactions only, and nothing is ever older than the last commit.
import { setImmediate } from 'node:timers/promises';
import type { ModelId } from '@cc/schema';
import { describe, expect, test } from 'vitest';
import { createMapCache } from './map-cache.js';
import { modelInput } from './model-input.js';
import { openLibrary, runsOn, targets } from './open-library.js';

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
    expect(cache.log).toEqual(['invalidate models', 'clear search']);
    expect(await library.models.read(id)).toMatchObject({ name: 'new' });
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
