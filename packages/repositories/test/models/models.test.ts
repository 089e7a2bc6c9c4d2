// One model at a time: create, read, update, delete, upsert, and what a broken rule is called.
import type { ModelId } from '@cc/schema';
import { isDatabaseError } from '@cc/tx';
import { describe, expect, test } from 'vitest';
import { modelInput } from '../model-input.js';
import { openLibrary, targets } from '../open-library.js';

const absent = '00000000-0000-7000-8000-000000000000' as ModelId;

describe.each(targets)('models in %s', (target) => {
  test('a field whose letters changed places is told by its right name, whatever call it is in', async () => {
    await using library = await openLibrary(target);
    const input = modelInput('Gear');
    const id = await library.models.create(input);
    const misspelt = JSON.parse('{"nmae":"Wheel"}');
    const told = `model has no 'nmae'. Did you mean 'name'?`;
    await expect(library.models.create({ ...modelInput('Rack'), ...misspelt })).rejects.toThrow(told);
    await expect(library.models.create(misspelt)).rejects.toThrow(told);
    await expect(library.models.update(id, misspelt)).rejects.toThrow(told);
    await expect(library.models.upsertByPath({ ...input, ...misspelt })).rejects.toThrow(told);
    await expect(library.models.createMany([{ model: { ...modelInput('Hub'), ...misspelt } }])).rejects.toThrow(
      `item 0: ${told}`,
    );
    expect(await library.models.count()).toBe(1);
    expect(await library.models.read(id)).toMatchObject({ name: 'Gear', version: 1 });
  });

  test('a created model is read back field by field', async () => {
    await using library = await openLibrary(target);
    const input = modelInput('Gear', {
      description: 'Twelve teeth',
      author: 'Ada',
      license: 'CC0-1.0',
      sourceUrl: 'https://example.org/gear',
      fileModifiedAt: new Date(1_600_000_000_123),
      parseStatus: 'parsed',
      triangles: 12,
      vertices: 8,
      minX: -0.1,
      maxX: 1e-300,
      unit: 'millimeter',
      fileStamp: 'as read',
      volume: 0.1 + 0.2,
      rating: 5,
      favorite: true,
      printedAt: new Date(1_550_000_000_007),
      status: 'archived',
      createdAt: new Date(1_500_000_000_001),
    });
    const id = await library.models.create(input);
    expect(await library.models.read(id)).toEqual({
      id,
      ...input,
      parseError: null,
      minY: null,
      minZ: null,
      maxY: null,
      maxZ: null,
      updatedAt: new Date(Date.UTC(2024, 0, 1)),
      version: 1,
    });
    expect(await library.models.readByPath(input.filePath)).toMatchObject({ id });
    expect(await library.models.findByHash(input.fileHash)).toMatchObject([{ id }]);
    expect(await library.models.exists(id)).toBe(true);
  });

  test('what is absent is null or false', async () => {
    await using library = await openLibrary(target);
    expect(await library.models.read(absent)).toBeNull();
    expect(await library.models.readByPath('/nowhere')).toBeNull();
    expect(await library.models.findByHash('none')).toEqual([]);
    expect(await library.models.exists(absent)).toBe(false);
    expect(await library.models.update(absent, { name: 'x' })).toBe(false);
    expect(await library.models.update(absent, { rating: 1 }, { ifVersion: 3 })).toBe(false);
    expect(await library.models.delete(absent)).toBe(false);
  });

  test('new ids are UUIDv7 of their time', async () => {
    await using library = await openLibrary(target);
    const before = Date.now();
    const id = await library.models.create(modelInput());
    const after = Date.now();
    expect(id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
    const made = Number.parseInt(id.replace('-', '').slice(0, 12), 16);
    expect([before, made, after]).toEqual([before, made, after].toSorted((a, b) => a - b));
  });

  test('the same path twice is refused by name, without the path in the message', async () => {
    await using library = await openLibrary(target);
    const { filePath } = modelInput();
    await library.models.create(modelInput('a', { filePath }));
    const error = await failure(library.models.create(modelInput('b', { filePath })));
    expect(error).toMatchObject({ type: 'constraint', code: 'DUPLICATE_FILE_PATH', operation: 'models.create' });
    expect(error).toMatchObject({ constraint: { kind: 'unique', table: 'models', columns: ['file_path'] } });
    expect(everyMessage(error)).not.toContain(filePath);
    expect(await library.models.count()).toBe(1);
  });

  test('the same content twice is refused with the id of the other model, or allowed', async () => {
    await using library = await openLibrary(target);
    const { fileHash } = modelInput();
    const first = await library.models.create(modelInput('a', { fileHash }));
    const error = await failure(library.models.create(modelInput('b', { fileHash })));
    expect(error).toMatchObject({ type: 'constraint', code: 'DUPLICATE_FILE_HASH' });
    expect(error.hint).toContain(first);
    const second = await library.models.create(modelInput('b', { fileHash }), { onDuplicateHash: 'allow' });
    expect((await library.models.findByHash(fileHash)).map((model) => model.id)).toEqual([first, second]);
  });

  test('the same id twice is refused by name', async () => {
    await using library = await openLibrary(target);
    await library.models.create(modelInput('a', { id: absent }));
    expect(await failure(library.models.create(modelInput('b', { id: absent })))).toMatchObject({
      code: 'DUPLICATE_ID',
    });
  });

  test('wrong input is refused by the name of the field before anything is written', async () => {
    await using library = await openLibrary(target);
    const { models } = library;
    await expect(models.create(modelInput(''))).rejects.toThrow(/model\.name/);
    await expect(models.create(modelInput('a', { fileSize: Number.NaN }))).rejects.toThrow(/model\.fileSize/);
    await expect(models.create(modelInput('a', { createdAt: new Date('x') }))).rejects.toThrow(/model\.createdAt/);
    await expect(models.read('x' as ModelId)).rejects.toThrow(TypeError);
    const misspelt = { onDuplicatehash: 'allow' };
    await expect(models.create(modelInput(), misspelt as object)).rejects.toThrow(/'onDuplicateHash'/);
    expect(await models.count()).toBe(0);
  });

  test('an update changes the given fields, the time and the version', async () => {
    await using library = await openLibrary(target);
    const id = await library.models.create(modelInput('a', { author: 'Ada', rating: 3 }));
    const before = await library.models.read(id);
    const at = library.tick();
    const patch = { name: 'b', rating: null, favorite: true, fileModifiedAt: at, author: undefined };
    expect(await library.models.update(id, patch)).toBe(true);
    expect(await library.models.read(id)).toEqual({
      ...before,
      name: 'b',
      rating: null,
      favorite: true,
      fileModifiedAt: at,
      updatedAt: at,
      version: 2,
    });
  });

  test('an empty patch changes nothing', async () => {
    await using library = await openLibrary(target);
    const id = await library.models.create(modelInput());
    library.tick();
    expect(await library.models.update(id, {})).toBe(true);
    expect(await library.models.read(id)).toMatchObject({ version: 1 });
    expect(await failure(library.models.update(id, {}, { ifVersion: 9 }))).toMatchObject({ code: 'VERSION_CONFLICT' });
  });

  test('of two updates of one version the second is refused', async () => {
    await using library = await openLibrary(target);
    const id = await library.models.create(modelInput('a'));
    const outcomes = await Promise.allSettled([
      library.models.update(id, { name: 'b' }, { ifVersion: 1 }),
      library.models.update(id, { name: 'c' }, { ifVersion: 1 }),
    ]);
    expect(outcomes).toMatchObject([
      { status: 'fulfilled', value: true },
      { status: 'rejected', reason: { type: 'constraint', code: 'VERSION_CONFLICT' } },
    ]);
    expect(await library.models.read(id)).toMatchObject({ name: 'b', version: 2 });
  });

  test('a model that could be parsed after all loses its reason', async () => {
    await using library = await openLibrary(target);
    const id = await library.models.create(modelInput('a', { parseStatus: 'unparsed', parseError: 'truncated' }));
    await library.models.update(id, { parseStatus: 'parsed', triangles: 2 });
    expect(await library.models.read(id)).toMatchObject({ parseStatus: 'parsed', parseError: null, triangles: 2 });
  });

  test('a reason alone is refused with what to do where it does not go with the status', async () => {
    await using library = await openLibrary(target);
    const parsed = await library.models.create(modelInput('a', { parseStatus: 'parsed' }));
    const unparsed = await library.models.create(modelInput('b', { parseStatus: 'unparsed', parseError: 'cut' }));
    await expect(library.models.update(parsed, { parseError: 'cut' })).rejects.toMatchObject({
      type: 'constraint',
      code: 'PARSE_ERROR_CONFLICT',
      reason: 'Only an unparsed model has a parseError, and this one is not unparsed',
      hint: "Give parseStatus: 'unparsed' together with it",
    });
    await expect(library.models.update(unparsed, { parseError: null })).rejects.toMatchObject({
      code: 'PARSE_ERROR_CONFLICT',
      reason: 'An unparsed model has to say why in parseError',
    });
    expect(await library.models.update(unparsed, { parseError: 'damaged' })).toBe(true);
    expect(await library.models.update(parsed, { parseError: null })).toBe(true);
  });

  test('upsertByPath creates, then writes nothing, then updates what differs', async () => {
    await using library = await openLibrary(target);
    const input = modelInput('a', { fileModifiedAt: new Date(5), triangles: 1 });
    const { id, outcome } = await library.models.upsertByPath(input);
    expect(outcome).toBe('created');
    library.tick();
    const again = { ...input, fileModifiedAt: new Date(5) };
    expect(await library.models.upsertByPath(again)).toEqual({ id, outcome: 'unchanged' });
    expect(await library.models.read(id)).toMatchObject({ version: 1 });
    const changed = { ...input, fileHash: 'f'.repeat(64), triangles: null };
    expect(await library.models.upsertByPath(changed)).toEqual({ id, outcome: 'updated' });
    expect(await library.models.read(id)).toMatchObject({ version: 2, fileHash: 'f'.repeat(64), triangles: null });
  });

  test('readMany has an entry for each id, in their order, and null for absent ones', async () => {
    await using library = await openLibrary(target);
    const a = await library.models.create(modelInput('a'));
    const b = await library.models.create(modelInput('b'));
    const found = await library.models.readMany([b, absent, a, b]);
    expect([...found].map(([id, model]) => [id, model?.name ?? null])).toEqual([
      [b, 'b'],
      [absent, null],
      [a, 'a'],
    ]);
  });

  test('findDuplicates groups models by content, page by page', async () => {
    await using library = await openLibrary(target);
    const sameAs = (fileHash: string) =>
      library.models.create(modelInput('x', { fileHash }), { onDuplicateHash: 'allow' });
    for (const hash of ['aa', 'bb', 'cc', 'aa', 'cc', 'aa']) await sameAs(hash);
    const first = await library.models.findDuplicates({ limit: 1 });
    expect(first.items.map((group) => [group.fileHash, group.models.length])).toEqual([['aa', 3]]);
    const second = await library.models.findDuplicates({ limit: 1, after: first.next });
    expect(second.items.map((group) => [group.fileHash, group.models.length])).toEqual([['cc', 2]]);
    expect(second.next).toBeNull();
    const some = await library.models.findDuplicates({ modelsPerGroup: 2 });
    expect(some.items.map((group) => [group.fileHash, group.count, group.models.length])).toEqual([
      ['aa', 3, 2],
      ['cc', 2, 2],
    ]);
    expect(some.items[0]?.models).toEqual(first.items[0]?.models.slice(0, 2));
    await expect(library.models.findDuplicates({ modelsPerGroup: 1 })).rejects.toThrow('modelsPerGroup');
  });
});

async function failure(call: Promise<unknown>) {
  const error = await call.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (!isDatabaseError(error)) throw new Error('expected a DatabaseError', { cause: error });
  return error;
}

function everyMessage(error: unknown): string {
  return error instanceof Error ? `${error.message}\n${everyMessage(error.cause)}` : '';
}
