// Adding many models: everything that belongs to them, batches, conflicts, and runs that end early.
import { describe, expect, test } from 'vitest';
import type { CreateManyProgress, CreateResult, NewModel } from '../src/index.js';
import { modelInput } from './model-input.js';
import { openLibrary, targets } from './open-library.js';

describe.each(targets)('createMany in %s', (target) => {
  test('models come with their metadata and tags and are found by them', async () => {
    await using library = await openLibrary(target);
    const items = Array.from({ length: 253 }, (_, i) => ({
      model: modelInput(`bolt M${i}x12`),
      metadata: { index: i, text: `t${i}`, even: i % 2 === 0, nothing: null, list: [i] },
      tags: i % 2 === 0 ? ['Even', 'bolts'] : ['bolts', 'BOLTS', 'odd'],
    }));
    const created: CreateResult[] = [];
    const onProgress = ({ results }: CreateManyProgress) => {
      created.push(...results);
    };
    expect(await library.models.createMany(items, { batchSize: 100, onProgress })).toEqual({
      created: 253,
      skipped: 0,
    });
    expect(created.map((result) => result.index)).toEqual(items.map((_item, i) => i));
    const [, , , fourth] = created;
    if (fourth === undefined) throw new Error('no fourth result');
    expect(await library.metadata.getMetadata(fourth.id)).toEqual(items[3]?.metadata);
    expect(await library.search.getTags(fourth.id)).toEqual(['bolts', 'odd']);
    expect(await library.search.listTags()).toEqual([
      { name: 'bolts', models: 253 },
      { name: 'Even', models: 127 },
      { name: 'odd', models: 126 },
    ]);
    expect((await library.search.searchModels('m3x12')).hits.map((hit) => hit.model.id)).toEqual([fourth.id]);
    expect(await library.search.verifyIndex()).toEqual({ ok: true, problems: [] });
  });

  test('an async source is read batch by batch', async () => {
    await using library = await openLibrary(target);
    let given = 0;
    const counts: number[] = [];
    async function* source(): AsyncGenerator<NewModel> {
      for (; given < 25; given += 1) yield { model: modelInput() };
    }
    await library.models.createMany(source(), {
      batchSize: 10,
      onProgress: async ({ created }) => {
        counts.push(created);
        expect(await library.models.count()).toBe(created);
        expect(given).toBeLessThanOrEqual(created);
      },
    });
    expect(counts).toEqual([10, 20, 25]);
  });

  test('a conflict ends the run by default: its batch is undone, those before it stay', async () => {
    await using library = await openLibrary(target);
    const taken = await library.models.create(modelInput('taken'));
    const { filePath = '' } = (await library.models.read(taken)) ?? {};
    const items = [
      ...Array.from({ length: 14 }, () => ({ model: modelInput() })),
      { model: modelInput('x', { filePath }) },
    ];
    await expect(library.models.createMany(items, { batchSize: 5 })).rejects.toMatchObject({
      code: 'DUPLICATE_FILE_PATH',
      hint: expect.stringContaining(`Model ${taken} is in the way of item 14`),
    });
    expect(await library.models.count()).toBe(11);
    expect(await library.search.verifyIndex()).toMatchObject({ ok: true });
  });

  test('with skip, conflicts are left out and named, and a run that ended early can be taken up', async () => {
    await using library = await openLibrary(target);
    const items = Array.from({ length: 8 }, (_, i) => ({ model: modelInput(`m${i}`), tags: ['t'] }));
    const [first, second] = items;
    if (first === undefined || second === undefined) throw new Error('no items');
    await library.models.createMany(items.slice(0, 3));
    const doubled = [
      ...items,
      { model: modelInput('same path', { filePath: first.model.filePath }) },
      { model: modelInput('same content', { fileHash: second.model.fileHash }) },
    ];
    const conflicts: (string | null)[] = [];
    const summary = await library.models.createMany(doubled, {
      onConflict: 'skip',
      batchSize: 4,
      onProgress: ({ results }) => {
        conflicts.push(...results.map((result) => result.conflict));
      },
    });
    expect(summary).toEqual({ created: 5, skipped: 5 });
    expect(conflicts).toEqual([...Array(3).fill('filePath'), ...Array(5).fill(null), 'filePath', 'fileHash']);
    expect(await library.models.count()).toBe(8);
    const again = [{ model: modelInput('same content', { fileHash: second.model.fileHash }) }];
    expect(await library.models.createMany(again, { onDuplicateHash: 'allow' })).toEqual({ created: 1, skipped: 0 });
  });

  test('conflicts within one batch are seen as well', async () => {
    await using library = await openLibrary(target);
    const model = modelInput();
    const twice = [{ model }, { model: { ...modelInput(), fileHash: model.fileHash } }];
    await expect(library.models.createMany(twice)).rejects.toMatchObject({ code: 'DUPLICATE_FILE_HASH' });
    expect(await library.models.count()).toBe(0);
  });

  test('a wrong item is refused by its index and field', async () => {
    await using library = await openLibrary(target);
    const items = [{ model: modelInput() }, { model: modelInput('x', { fileSize: -1 }) }];
    await expect(library.models.createMany(items)).rejects.toThrow(/item 1: model\.fileSize/);
    const metadata = { a: Number.NaN };
    await expect(library.models.createMany([{ model: modelInput(), metadata }])).rejects.toThrow(/item 0: value/);
  });

  test('an abort ends the run between two batches', async () => {
    await using library = await openLibrary(target);
    const stop = new AbortController();
    const items = Array.from({ length: 10 }, () => ({ model: modelInput() }));
    const run = library.models.createMany(items, { batchSize: 4, signal: stop.signal, onProgress: () => stop.abort() });
    await expect(run).rejects.toThrow(/abort/i);
    expect(await library.models.count()).toBe(4);
  });

  test('row numbers of deleted models are not given out again', async () => {
    await using library = await openLibrary(target);
    const id = await library.models.create(modelInput('old'));
    await library.metadata.updateMetadata(id, { a: 1 });
    await library.models.delete(id);
    await library.models.createMany([{ model: modelInput('new') }]);
    await library.models.create(modelInput('newer'));
    const { rows } = await library.transactions.db.$client.execute('select seq from models order by seq');
    expect(rows.map((row) => Number(row['seq']))).toEqual([2, 3]);
  });
});
