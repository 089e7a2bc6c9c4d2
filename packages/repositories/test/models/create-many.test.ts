// Adding many models: everything that belongs to them, batches, conflicts, and runs that end early.
import { sql } from 'drizzle-orm';
import { describe, expect, test } from 'vitest';
import type { CreateManyProgress, CreateResult, NewModel } from '../../src/index.js';
import { modelInput } from '../model-input.js';
import { openLibrary, targets } from '../open-library.js';

describe.each(targets)('createMany in %s', (target) => {
  // The engine keeps a copy of every page that a statement inside a savepoint touches: tens of megabytes to a batch.
  test.runIf(target === 'file')('a batch is a transaction without a savepoint', async () => {
    await using library = await openLibrary(target);
    const depths: number[] = [];
    library.transactions.subscribe((event) => {
      if (event.type === 'transaction' && event.phase === 'begin') depths.push(event.depth);
    });
    await library.models.createMany([{ model: modelInput('a'), metadata: { b: 1 }, tags: ['c'] }]);
    expect(depths).toEqual([0]);
  });

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
      invalid: 0,
    });
    expect(created.map((result) => result.index)).toEqual(items.map((_item, i) => i));
    const [, , , fourth] = created;
    if (fourth?.outcome !== 'created') throw new Error('no fourth model');
    expect(await library.metadata.getMetadata(fourth.id)).toEqual(items[3]?.metadata);
    expect(await library.tags.getTags(fourth.id)).toEqual(['bolts', 'odd']);
    expect(await library.tags.listTags()).toEqual([
      { name: 'bolts', models: 253 },
      { name: 'Even', models: 127 },
      { name: 'odd', models: 126 },
    ]);
    expect((await library.search.searchModels('m3x12')).hits.map((hit) => hit.model.id)).toEqual([fourth.id]);
    expect(await library.search.verifyIndex()).toEqual({ ok: true, problems: [] });
  });

  // 250, 20 and 3 models, 1,000, 100 and 92 values to a statement; with long texts none of 250.
  test.each([
    ['short', 10],
    ['long', 1_100],
  ])('each row of a batch with %s texts is that of its item, whichever statement wrote it', async (_, chars) => {
    await using library = await openLibrary(target);
    const items = Array.from({ length: 273 }, (__, i) => ({
      model: modelInput(`model ${i}`, { description: `${i} `.padEnd(chars, 'x'), triangles: i }),
      metadata: Object.fromEntries(Array.from({ length: i < 100 ? 5 : 4 }, (___, n) => [`key${n}`, i + n / 10])),
    }));
    await library.models.createMany(items);
    const rows = await library.transactions.db.all<Record<string, unknown>>(sql`
      select name, description, triangles, (
        select group_concat(metadata_key || '=' || value_number) from (
          select metadata_key, value_number from model_metadata where model_seq = seq order by metadata_key
        )
      ) as metadata from models order by seq`);
    expect(rows).toEqual(
      items.map(({ model: { name, description, triangles }, metadata }) => ({
        ...{ name, description, triangles },
        metadata: Object.entries(metadata)
          .map(([key, value]) => `${key}=${Number.isInteger(value) ? value.toFixed(1) : value}`)
          .join(),
      })),
    );
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
        conflicts.push(...results.map((result) => (result.outcome === 'skipped' ? result.conflict : null)));
      },
    });
    expect(summary).toEqual({ created: 5, skipped: 5, invalid: 0 });
    expect(conflicts).toEqual([...Array(3).fill('filePath'), ...Array(5).fill(null), 'filePath', 'fileHash']);
    expect(await library.models.count()).toBe(8);
    const again = [{ model: modelInput('same content', { fileHash: second.model.fileHash }) }];
    expect(await library.models.createMany(again, { onDuplicateHash: 'allow' })).toEqual({
      created: 1,
      skipped: 0,
      invalid: 0,
    });
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

  test('an abort ends the run while it waits for an item that never comes', async () => {
    await using library = await openLibrary(target);
    const stop = new AbortController();
    let closed = false;
    async function* source(): AsyncGenerator<NewModel> {
      try {
        yield { model: modelInput() };
        yield { model: modelInput() };
        setImmediate(() => stop.abort(new Error('enough')));
        await new Promise((resolve) => stop.signal.addEventListener('abort', resolve));
      } finally {
        closed = true;
      }
    }
    const run = library.models.createMany(source(), { batchSize: 2, signal: stop.signal });
    await expect(run).rejects.toThrow('enough');
    await new Promise((resolve) => setImmediate(resolve));
    expect([closed, await library.models.count()]).toEqual([true, 2]);
  });

  test('a run goes on at the place where another one ended', async () => {
    await using library = await openLibrary(target);
    const items = Array.from({ length: 9 }, (_, i) => ({ model: modelInput(`m${i}`) }));
    let done = 0;
    const stop = new AbortController();
    const first = library.models.createMany(items, {
      batchSize: 4,
      signal: stop.signal,
      onProgress: (progress) => {
        done = progress.done;
        stop.abort();
      },
    });
    await expect(first).rejects.toThrow(/abort/i);
    const seen: number[] = [];
    const summary = await library.models.createMany(items, {
      startAt: done,
      onProgress: ({ results }) => {
        seen.push(...results.map((result) => result.index));
      },
    });
    expect(summary).toEqual({ created: 5, skipped: 0, invalid: 0 });
    expect(seen).toEqual([4, 5, 6, 7, 8]);
  });

  test('invalid items are left out and told apart when asked for', async () => {
    await using library = await openLibrary(target);
    const wrong = { model: modelInput('wrong', { fileSize: Number.NaN }) };
    const items = [wrong, { model: modelInput('a') }, { model: modelInput('b'), tags: ['x', '\n'] }, wrong];
    const results: CreateResult[] = [];
    const summary = await library.models.createMany(items, {
      onInvalid: 'skip',
      batchSize: 2,
      onProgress: (progress) => {
        results.push(...progress.results);
      },
    });
    expect(summary).toEqual({ created: 1, skipped: 0, invalid: 3 });
    expect(results.map(({ index, outcome }) => [index, outcome])).toEqual([
      [0, 'invalid'],
      [1, 'created'],
      [2, 'invalid'],
      [3, 'invalid'],
    ]);
    expect(results[0]).toMatchObject({ error: { message: expect.stringMatching(/^item 0: model\.fileSize/) } });
  });

  test('each kind of duplicate has its policy and its error', async () => {
    await using library = await openLibrary(target);
    const there = modelInput('there');
    const id = await library.models.create(there);
    const samePath = modelInput('same path', { filePath: there.filePath });
    const sameContent = modelInput('same content', { fileHash: there.fileHash });
    const both = modelInput('both', { filePath: there.filePath, fileHash: there.fileHash });
    const sameId = modelInput('same id', { id });
    const code = async (work: Promise<unknown>) =>
      work.then(() => 'none').catch((error: { code?: string }) => error.code);
    const { models } = library;
    for (const [input, expected] of [
      [samePath, 'DUPLICATE_FILE_PATH'],
      [sameContent, 'DUPLICATE_FILE_HASH'],
      [both, 'DUPLICATE_FILE_PATH'],
      [sameId, 'DUPLICATE_ID'],
    ] as const) {
      expect(await code(models.create(input))).toBe(expected);
      expect(await code(models.createMany([{ model: modelInput() }, { model: input }]))).toBe(expected);
    }
    expect(await models.create(samePath, { onDuplicatePath: 'skip' })).toBe(id);
    expect(await models.create(sameContent, { onDuplicateHash: 'skip' })).toBe(id);
    expect(await code(models.create(both, { onDuplicateHash: 'allow' }))).toBe('DUPLICATE_FILE_PATH');
    const many = [samePath, sameContent].map((model) => ({ model }));
    expect(await code(models.createMany(many, { onDuplicatePath: 'skip' }))).toBe('DUPLICATE_FILE_HASH');
    expect(await models.count()).toBe(1);
    expect(await models.createMany(many, { onDuplicatePath: 'skip', onDuplicateHash: 'allow' })).toEqual({
      created: 1,
      skipped: 1,
      invalid: 0,
    });
    await expect(models.create(both, { onDuplicateHash: 'maybe' as 'skip' })).rejects.toThrow(/onDuplicateHash/);
    await expect(models.createMany([], { onConflicts: 'skip' } as object)).rejects.toThrow(/'onConflict'/);
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

  test('row numbers go on behind the last model where a tool has cleared the last numbers of the tables', async () => {
    await using library = await openLibrary(target);
    const { models, search, transactions } = library;
    for (const name of ['one', 'two']) await models.create(modelInput(name));
    await transactions.db.run(sql`delete from sqlite_sequence`);
    const metadata = { material: 'PETG' };
    expect(await models.createMany([{ model: modelInput('three'), metadata, tags: ['new'] }])).toMatchObject({
      created: 1,
    });
    const { hits } = await search.searchModels('three tag:new');
    expect(hits.map(({ model }) => model.name)).toEqual(['three']);
    expect(await search.verifyIndex()).toEqual({ ok: true, problems: [] });
  });

  test('of the models that have the content of an item only the first one is read', async () => {
    await using library = await openLibrary(target);
    const { models, transactions } = library;
    const same = (count: number) =>
      Array.from({ length: count }, () => ({ model: modelInput('empty', { fileHash: 'of nothing' }) }));
    const first = await models.create(modelInput('empty', { fileHash: 'of nothing' }));
    await models.createMany(same(300), { onDuplicateHash: 'allow' });
    let mostRows = 0;
    const unsubscribe = transactions.subscribe((event) => {
      if (event.type === 'query') mostRows = Math.max(mostRows, event.rows);
    });
    const results: CreateResult[] = [];
    await models.createMany(same(2), { onDuplicateHash: 'skip', onProgress: (p) => void results.push(...p.results) });
    unsubscribe();
    const skipped = { outcome: 'skipped', id: first, conflict: 'fileHash' };
    expect(results).toEqual([
      { index: 0, ...skipped },
      { index: 1, ...skipped },
    ]);
    expect(mostRows).toBeLessThanOrEqual(2);
  });
});
