// Repository calls inside transaction() join it: they commit and roll back with it, the search index included.
import type { ModelId } from '@cc/schema';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { modelInput } from './model-input.js';
import { type Library, openLibrary, targets } from './open-library.js';

/** CC_SEED repeats a run. */
const seed = Number(process.env['CC_SEED'] ?? Date.now() % 2 ** 31);

describe.each(targets)('transactions in %s', (target) => {
  test('calls of all repositories join the transaction and are undone with it', async () => {
    await using library = await openLibrary(target);
    const kept = await library.models.create(modelInput('kept'));
    const work = library.transactions.transaction(async () => {
      const id = await library.models.create(modelInput('gone'));
      await library.metadata.updateMetadata(id, { a: 1 });
      await library.search.tag(id, 'gone');
      await library.search.tag(kept, 'gone');
      await library.models.update(kept, { name: 'changed' });
      await library.models.createMany([{ model: modelInput('gone too'), tags: ['gone'] }]);
      await library.search.saveSearch('gone', 'gone');
      expect((await library.search.searchModels('gone')).total).toBe(3);
      expect(await library.models.count({ tagsAll: ['gone'] })).toBe(3);
      throw new Error('enough');
    });
    await expect(work).rejects.toThrow('enough');
    expect(await library.models.count()).toBe(1);
    expect(await library.models.read(kept)).toMatchObject({ name: 'kept', version: 1 });
    expect(await library.tags.listTags()).toEqual([]);
    expect(await library.search.getSavedSearches()).toEqual([]);
    expect((await library.search.searchModels('gone')).total).toBe(0);
    expect((await library.search.searchModels('kept')).total).toBe(1);
    expect(await library.search.verifyIndex()).toEqual({ ok: true, problems: [] });
  });

  test('a call that fails leaves nothing behind and the transaction around it goes on', async () => {
    await using library = await openLibrary(target);
    const { fileHash, filePath } = modelInput();
    await library.transactions.transaction(async () => {
      const id = await library.models.create(modelInput('a', { fileHash, filePath }));
      await expect(library.models.create(modelInput('b', { fileHash }))).rejects.toThrow(/content/);
      await expect(library.models.create(modelInput('c', { filePath }))).rejects.toThrow(/path/);
      const many = [{ model: modelInput('d') }, { model: modelInput('e', { filePath }) }];
      await expect(library.models.createMany(many, { batchSize: 1 })).rejects.toThrow(/path/);
      await library.metadata.addMetadata(id, { a: 1 });
      await expect(library.metadata.addMetadata(id, { b: 1, a: 2 })).rejects.toThrow(/already/);
      await expect(library.models.update(id, { name: 'x' }, { ifVersion: 7 })).rejects.toThrow(/changed/);
    });
    expect((await library.models.list({ sort: { by: 'name' } })).items.map((model) => model.name)).toEqual(['a', 'd']);
  });

  test('a savepoint that is undone takes its calls with it and no others', async () => {
    await using library = await openLibrary(target);
    await library.transactions.transaction(async (tx) => {
      await library.models.create(modelInput('outer'));
      await tx
        .savepoint(async () => {
          await library.models.create(modelInput('inner'));
          throw new Error('undo');
        })
        .catch(() => {});
      await library.models.create(modelInput('after'));
    });
    const names = (await library.models.list({ sort: { by: 'name' } })).items.map((model) => model.name);
    expect(names).toEqual(['after', 'outer']);
    expect(await library.search.verifyIndex()).toEqual({ ok: true, problems: [] });
  });

  test(`random writes, some rolled back, leave a sound index (seed ${seed})`, async () => {
    await using library = await openLibrary(target);
    const step = fc.record({
      kind: fc.constantFrom('create', 'update', 'delete', 'tag', 'untag', 'upsert', 'many'),
      at: fc.nat(20),
      word: fc.constantFrom('gear', 'M3x12', '模型', 'hexBolt', 'Straße', 'plain words'),
    });
    const block = fc.record({
      steps: fc.array(step, { maxLength: 8 }),
      undo: fc.constantFrom('no', 'all', 'savepoint'),
    });
    const kept = await library.models.create(modelInput('kept'));
    const ids: ModelId[] = [];
    await fc.assert(
      fc.asyncProperty(block, async ({ steps, undo }) => {
        const work = async () => {
          for (const { kind, at, word } of steps) await apply(library, ids, kind, at, word);
          if (undo !== 'no') throw new Error('undone on purpose');
        };
        const run = library.transactions.transaction(async (tx) => {
          if (undo === 'savepoint') await tx.savepoint(work).catch(() => {});
          else await work();
        });
        await run.catch((error: unknown) => {
          if (!(error instanceof Error) || error.message !== 'undone on purpose') throw error;
        });
      }),
      { numRuns: 200, seed },
    );
    expect(await library.search.verifyIndex()).toEqual({ ok: true, problems: [] });
    expect(await library.models.exists(kept)).toBe(true);
  });

  test('verifyIndex finds what went past it and reindex puts it right', async () => {
    await using library = await openLibrary(target);
    const id = await library.models.create(modelInput('hexBolt', { description: 'M3x12' }));
    await library.search.tag(id, 'screws');
    const { $client } = library.transactions.db;
    await $client.execute("insert into models_fts(models_fts) values ('delete-all')");
    await $client.execute('update tags set model_count = 7');
    await $client.execute('drop trigger models_fts_update');
    await $client.execute("update models set search_extra = '', tags_text = 'wrong'");
    const broken = await library.search.verifyIndex();
    expect(broken.ok).toBe(false);
    expect(broken.problems).toEqual([
      'the full-text index does not match the models',
      'the full-text index has 0 entries for 1 models',
      '1 models have outdated extra search words',
      '1 models have outdated tag texts',
      '1 tags have a wrong number of models',
    ]);
    await library.search.reindex();
    expect((await library.search.verifyIndex()).problems).toEqual([]);
    expect((await library.search.searchModels('bolt')).total).toBe(1);
    expect(await library.tags.getTags(id)).toEqual(['screws']);
    expect(await library.tags.listTags()).toEqual([{ name: 'screws', models: 1 }]);
  });
});

async function apply(library: Library, ids: ModelId[], kind: string, at: number, word: string): Promise<void> {
  const id = ids[at % Math.max(ids.length, 1)];
  const exists = id !== undefined && (await library.models.exists(id));
  switch (kind) {
    case 'create':
      ids.push(await library.models.create(modelInput(word)));
      break;
    case 'many':
      await library.models.createMany([
        { model: modelInput(`${word} 1`), tags: [word, 'many'] },
        { model: modelInput(`${word} 2`), tags: ['many'] },
      ]);
      break;
    case 'upsert':
      await library.models.upsertByPath(modelInput(word, { filePath: `/fixed/${at}` }));
      break;
    case 'update':
      if (exists) await library.models.update(id, { name: `${word} ${at}`, description: at % 2 === 0 ? word : null });
      break;
    case 'delete':
      if (exists) await library.models.delete(id);
      break;
    case 'tag':
      if (exists) await library.search.tag(id, word);
      break;
    default:
      if (exists) await library.search.untag(id, word);
  }
}
