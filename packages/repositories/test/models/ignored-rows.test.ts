// A trigger of somebody's that ignores rows: no call ends as if they were written, and none goes on for ever.
import type { ModelId } from '@cc/schema';
import { sql } from 'drizzle-orm';
import { describe, expect, test } from 'vitest';
import { modelInput } from '../model-input.js';
import { openLibrary, targets } from '../open-library.js';

const ignored = { code: 'ROWS_IGNORED', outcome: 'none' };

describe.each(targets)('rows that a trigger ignores in %s', (target) => {
  test.each(['reject', 'allow'] as const)('are told by create and createMany, equal files: %s', async (policy) => {
    await using library = await openLibrary(target);
    const { models, transactions } = library;
    await transactions.db.run(
      sql`create trigger no_secrets before insert on models when new.name = 'secret' begin select raise(ignore); end`,
    );
    const options = { onDuplicateHash: policy };
    await models.create(modelInput('plain'), options);
    const secret = { ...modelInput('other'), name: 'secret' };
    await expect(models.create(secret, options)).rejects.toMatchObject(ignored);
    await expect(models.upsertByPath(secret, options)).rejects.toMatchObject(ignored);
    const items = [{ model: modelInput('third') }, { model: secret }];
    await expect(models.createMany(items, { ...options, onConflict: 'skip' })).rejects.toMatchObject(ignored);
    expect(await models.count()).toBe(1);
  });

  test('are told of the tags of many models', async () => {
    await using library = await openLibrary(target);
    const { models, tags, transactions } = library;
    await transactions.db.run(sql`create trigger no_tags before insert on model_tags begin select raise(ignore); end`);
    const items = [{ model: modelInput('plain') }, { model: modelInput('tagged'), tags: ['bolt'] }];
    await expect(models.createMany(items)).rejects.toMatchObject({
      ...ignored,
      hint: expect.stringMatching('model_tags'),
    });
    expect([await models.count(), await tags.listTags()]).toEqual([0, []]);
  });

  test('are told by changes', async () => {
    await using library = await openLibrary(target);
    const { models, transactions } = library;
    const id = await models.create(modelInput('plain'));
    await transactions.db.run(
      sql`create trigger no_rating before update of rating on models begin select raise(ignore); end`,
    );
    await expect(models.update(id, { rating: 3 })).rejects.toMatchObject(ignored);
    const model = await models.read(id);
    if (model === null) throw new Error('the model has gone');
    const { name, format, fileName, filePath, fileHash, fileSize } = model;
    const again = { name, format, fileName, filePath, fileHash, fileSize, rating: 4 };
    await expect(models.upsertByPath(again)).rejects.toMatchObject(ignored);
    expect(await models.read(id)).toEqual(model);
    expect(await models.update(id, { license: 'MIT' })).toBe(true);
  });

  test('are told of metadata, collections and saved searches', async () => {
    await using library = await openLibrary(target);
    const { models, metadata, collections, search, transactions } = library;
    const id = await models.create(modelInput('plain'));
    const shelf = await collections.create({ name: 'Shelf' });
    const there = await models.create(modelInput('there'));
    await collections.addModels(shelf, [there]);
    for (const [table, event] of [
      ['model_metadata', 'insert'],
      ['collections', 'insert'],
      ['collections', 'update'],
      ['collection_models', 'insert'],
      ['saved_searches', 'insert'],
    ]) {
      const name = `no_${event}_${table}`;
      await transactions.db.run(
        sql.raw(`create trigger ${name} before ${event} on ${table} begin select raise(ignore); end`),
      );
    }
    const told = (table: string) => ({ ...ignored, hint: expect.stringMatching(`trigger on .*${table}`) });
    await expect(metadata.addMetadata(id, { a: 1 })).rejects.toMatchObject(told('model_metadata'));
    await expect(metadata.updateMetadata(id, { a: 1 })).rejects.toMatchObject(told('model_metadata'));
    const nobody = '00000000-0000-7000-8000-000000000000' as ModelId;
    await expect(metadata.updateMetadata(nobody, { a: 1 })).rejects.toMatchObject({ code: 'MODEL_NOT_FOUND' });
    await expect(collections.create({ name: 'Box' })).rejects.toMatchObject(told('collections'));
    await expect(collections.update(shelf, { name: 'Rack' })).rejects.toMatchObject(told('collections'));
    await expect(search.saveSearch('bolts', 'bolt')).rejects.toMatchObject(told('saved_searches'));
    await expect(collections.addModels(shelf, [there, id])).rejects.toMatchObject(told('collection_models'));
    expect(await collections.addModels(shelf, [there])).toBe(0);
    expect((await collections.list()).map(({ name }) => name)).toEqual(['Shelf']);
    expect(await search.getSavedSearches()).toEqual([]);
  });

  test.each([
    ['update', 'model_tags'],
    ['insert', 'model_tags'],
    ['delete', 'model_tags'],
    ['delete', 'tags'],
  ])('are told by what changes tags, and no model loses one: %s of %s', async (event, table) => {
    await using library = await openLibrary(target);
    const { models, tags, transactions } = library;
    const id = await models.create(modelInput('plain'));
    for (const name of ['a', 'b']) await tags.tag(id, name);
    await transactions.db.run(
      sql.raw(`create trigger guard before ${event} on ${table} begin select raise(ignore); end`),
    );
    const told = { ...ignored, hint: expect.stringMatching(`trigger on ${table} `) };
    const isIn = (...statements: readonly string[]) => statements.includes(`${event} ${table}`);
    const calls: readonly (readonly [isTold: boolean, call: () => Promise<unknown>])[] = [
      [isIn('insert model_tags'), () => tags.tag(id, 'c')],
      [isIn('update model_tags', 'delete tags'), () => tags.renameTag('a', 'd')],
      [isIn('insert model_tags', 'delete model_tags', 'delete tags'), () => tags.mergeTags(['b'], 'e')],
      [isIn('delete model_tags', 'delete tags'), () => tags.deleteTag('a')],
    ];
    for (const [isTold, call] of calls) {
      if (!isTold) continue;
      await expect(call()).rejects.toMatchObject(told);
      expect(await tags.listTags()).toEqual([
        { name: 'a', models: 1 },
        { name: 'b', models: 1 },
      ]);
      expect(await tags.getTags(id)).toEqual(['a', 'b']);
    }
  });
});
