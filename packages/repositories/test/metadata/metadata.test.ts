// Metadata: values keep their type, writes are all or none, criteria stay within a type.
import type { JsonValue, ModelId } from '@cc/schema';
import { sql } from 'drizzle-orm';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { MetadataCriteria, MetadataCriterion } from '../../src/index.js';
import { modelInput } from '../model-input.js';
import { openLibrary, runsOn, targets } from '../open-library.js';

const absent = '00000000-0000-7000-8000-000000000000' as ModelId;

// Inside JSON -0 becomes 0, as JSON has it; as a value of its own it stays.
const inJson = fc.jsonValue({ maxDepth: 3 }).map((value) => JSON.parse(JSON.stringify(value)) as JsonValue);
const text = fc.string({ unit: 'binary' }).filter((value) => value.isWellFormed() && !value.includes('\0'));
const value: fc.Arbitrary<JsonValue> = fc.oneof(
  text,
  fc.double({ noNaN: true, noDefaultInfinity: true }),
  fc.maxSafeInteger(),
  fc.boolean(),
  fc.constant(null),
  fc.constantFrom(1, '1', true, 'true', 'null', '', -0, 0, 2 ** 53, -(2 ** 53), 5e-324, Number.MAX_VALUE, 0.1),
  fc.array(inJson, { maxLength: 3 }),
  fc.dictionary(fc.string(), inJson, { maxKeys: 3 }).map((record) => ({ ...record })),
);

describe.each(targets)('metadata in %s', (target) => {
  test('every value comes back as it went in', async () => {
    await using library = await openLibrary(target);
    const id = await library.models.create(modelInput());
    const records = fc.dictionary(
      text.filter((key) => key !== '').map((key) => key.slice(0, 50).toWellFormed()),
      value,
    );
    await fc.assert(
      fc.asyncProperty(records, async (record) => {
        await library.metadata.deleteMetadata(id);
        await library.metadata.updateMetadata(id, record);
        const read = await library.metadata.getMetadata(id);
        expect(Object.keys(read).sort()).toEqual(Object.keys(record).sort());
        for (const key of Object.keys(record)) expect(read[key]).toStrictEqual(record[key]);
        expect((await library.metadata.getMany([id])).get(id)).toEqual(read);
        for (const key of Object.keys(record).slice(0, 2)) {
          expect(await library.metadata.getMetadataValue(id, key)).toStrictEqual(record[key]);
        }
      }),
      { numRuns: runsOn(target, 150) },
    );
  });

  test('what JSON cannot hold is refused and nothing is written', async () => {
    await using library = await openLibrary(target);
    const id = await library.models.create(modelInput());
    const wrong: unknown[] = [Number.NaN, Number.POSITIVE_INFINITY, 1n, undefined, () => 1, 'a\ud800', [Number.NaN]];
    for (const bad of wrong) {
      await expect(library.metadata.updateMetadata(id, { ok: 1, bad: bad as JsonValue })).rejects.toThrow(TypeError);
    }
    await expect(library.metadata.setMetadataValue(id, '', 1)).rejects.toThrow(/key/);
    expect(await library.metadata.getMetadata(id)).toEqual({});
  });

  test('empty groups of criteria are met by all and by none', async () => {
    await using library = await openLibrary(target);
    const id = await library.models.create(modelInput());
    const find = async (criteria: MetadataCriteria) =>
      (await library.metadata.searchByMetadata(criteria)).items.map((model) => model.id);
    const absentKey = { key: 'absent', op: 'exists' } as const;
    expect(await find([])).toEqual([id]);
    expect(await find({ any: [] })).toEqual([]);
    expect(await find({ any: [{ all: [] }, absentKey] })).toEqual([id]);
    expect(await find({ any: [{ any: [absentKey] }, { all: [] }] })).toEqual([id]);
    expect(await find([{ any: [] }, { all: [] }])).toEqual([]);
    await expect(find({ all: [], any: [] } as never)).rejects.toThrow(
      'criteria has both all and any, where one group has one of them: put one inside the other',
    );
  });

  test('a key that looks like a prototype is a key like any other', async () => {
    await using library = await openLibrary(target);
    const id = await library.models.create(modelInput());
    await library.metadata.setMetadataValue(id, '__proto__', { polluted: true });
    await library.metadata.setMetadataValue(id, 'constructor', 1);
    const read = await library.metadata.getMetadata(id);
    expect(Object.keys(read)).toEqual(['__proto__', 'constructor']);
    expect(Object.getPrototypeOf(read)).toBe(Object.prototype);
    expect(await library.metadata.getMetadataValue(id, '__proto__')).toEqual({ polluted: true });
  });

  test('addMetadata refuses keys that are there, updateMetadata replaces them', async () => {
    await using library = await openLibrary(target);
    const id = await library.models.create(modelInput());
    await library.metadata.addMetadata(id, { a: 1, b: 2 });
    await expect(library.metadata.addMetadata(id, { c: 3, b: 'x' })).rejects.toMatchObject({
      type: 'constraint',
      code: 'DUPLICATE_METADATA_KEY',
    });
    expect(await library.metadata.getMetadata(id)).toEqual({ a: 1, b: 2 });
    await library.metadata.updateMetadata(id, { b: 'x', c: null });
    expect(await library.metadata.getMetadata(id)).toEqual({ a: 1, b: 'x', c: null });
    expect(await library.metadata.getMetadataValue(id, 'c')).toBeNull();
    expect(await library.metadata.getMetadataValue(id, 'd')).toBeUndefined();
  });

  test('hundreds of keys are written together or not at all', async () => {
    await using library = await openLibrary(target);
    const id = await library.models.create(modelInput());
    const record = Object.fromEntries(Array.from({ length: 250 }, (_, i) => [`key ${String(i).padStart(3, '0')}`, i]));
    await library.metadata.addMetadata(id, record);
    expect(await library.metadata.getMetadata(id)).toEqual(record);
    const half = { ...Object.fromEntries(Array.from({ length: 150 }, (_, i) => [`new ${i}`, i])), 'key 000': 1 };
    await expect(library.metadata.addMetadata(id, half)).rejects.toMatchObject({ code: 'DUPLICATE_METADATA_KEY' });
    expect(await library.metadata.getMetadata(id)).toEqual(record);
  });

  test('a write to an absent model is an error, a read is empty', async () => {
    await using library = await openLibrary(target);
    const error = { type: 'constraint', code: 'MODEL_NOT_FOUND' };
    await expect(library.metadata.updateMetadata(absent, { a: 1 })).rejects.toMatchObject(error);
    await expect(library.metadata.addMetadata(absent, {})).rejects.toMatchObject(error);
    expect(await library.metadata.getMetadata(absent)).toEqual({});
    expect(await library.metadata.deleteMetadata(absent)).toBe(0);
    expect(await library.metadata.getMany([absent])).toEqual(new Map([[absent, {}]]));
  });

  test('deleteMetadata removes one key or all and says how many', async () => {
    await using library = await openLibrary(target);
    const id = await library.models.create(modelInput());
    await library.metadata.updateMetadata(id, { a: 1, b: 2, c: 3 });
    expect(await library.metadata.deleteMetadata(id, 'a')).toBe(1);
    expect(await library.metadata.deleteMetadata(id, 'a')).toBe(0);
    await expect(library.metadata.deleteMetadata(id, undefined)).rejects.toThrow(/key is undefined; leave it out/);
    expect(await library.metadata.deleteMetadata(id)).toBe(2);
    expect(await library.metadata.getMetadata(id)).toEqual({});
  });

  test('keys are counted, most used first', async () => {
    await using library = await openLibrary(target);
    for (let i = 0; i < 3; i += 1) {
      const id = await library.models.create(modelInput());
      await library.metadata.updateMetadata(id, i === 0 ? { rare: null, common: 1 } : { common: 'x' });
    }
    expect(await library.metadata.getMetadataKeys()).toEqual([
      { key: 'common', models: 3 },
      { key: 'rare', models: 1 },
    ]);
  });

  test('criteria compare within one type and hold together', async () => {
    await using library = await openLibrary(target);
    const records = { a: 1, b: '1', c: true, d: null, e: 2.5, f: 'gear 10', g: 'gear 2', h: [1], i: -3 };
    for (const [name, v] of Object.entries(records)) {
      const id = await library.models.create(modelInput(name));
      await library.metadata.updateMetadata(id, { v, name });
    }
    const cases: readonly (readonly [readonly MetadataCriterion[], string])[] = [
      [[{ key: 'v', op: '=', value: 1 }], 'a'],
      [[{ key: 'v', op: '=', value: '1' }], 'b'],
      [[{ key: 'v', op: '=', value: true }], 'c'],
      [[{ key: 'v', op: '=', value: false }], ''],
      [[{ key: 'v', op: '=', value: null }], 'd'],
      [[{ key: 'v', op: '>', value: 1 }], 'e'],
      [[{ key: 'v', op: '>=', value: 1 }], 'ae'],
      [[{ key: 'v', op: '<', value: 1 }], 'i'],
      [[{ key: 'v', op: '<=', value: 1 }], 'ai'],
      [[{ key: 'v', op: '>', value: 'gear' }], 'fg'],
      [[{ key: 'v', op: 'prefix', value: 'gear ' }], 'fg'],
      [[{ key: 'v', op: 'prefix', value: 'gear 1' }], 'f'],
      [[{ key: 'v', op: 'prefix', value: '%' }], ''],
      [[{ key: 'v', op: 'exists' }], 'abcdefghi'],
      [[{ key: 'w', op: 'exists' }], ''],
      [
        [
          { key: 'v', op: 'prefix', value: 'gear' },
          { key: 'name', op: '=', value: 'g' },
        ],
        'g',
      ],
      [[], 'abcdefghi'],
    ];
    for (const [criteria, expected] of cases) {
      const { items } = await library.metadata.searchByMetadata(criteria);
      expect([criteria, items.map((model) => model.name).join('')]).toEqual([criteria, expected]);
    }
    const wrong = [
      { key: 'v', op: '>', value: true },
      { key: 'v', op: 'like', value: 'x' },
      { key: 'v', operator: '=' },
    ];
    for (const criterion of wrong) {
      await expect(library.metadata.searchByMetadata([criterion as never])).rejects.toThrow(TypeError);
    }
  });

  test('a value that another program has spoilt is an error that says what to do, and can be set anew', async () => {
    await using library = await openLibrary(target);
    const { metadata, models, transactions } = library;
    const [id, other] = [await models.create(modelInput()), await models.create(modelInput())];
    await metadata.setMetadataValue(other, 'size', [1]);
    // What Python's json.dumps writes of a number that is none.
    await transactions.db.run(sql`insert into model_metadata
      select seq, 'size', 'json', '{"x": NaN}', null from models where id = ${id}`);
    const failure = {
      name: 'DatabaseError',
      type: 'integrity',
      code: 'METADATA_UNREADABLE',
      hint: expect.stringContaining('json_valid(value_text)'),
    };
    await expect(metadata.getMetadata(id)).rejects.toMatchObject(failure);
    await expect(metadata.getMetadataValue(id, 'size')).rejects.toMatchObject(failure);
    await expect(metadata.getMany([other, id])).rejects.toMatchObject(failure);
    await metadata.setMetadataValue(id, 'size', { x: null });
    expect([...(await metadata.getMany([other, id])).values()]).toEqual([{ size: [1] }, { size: { x: null } }]);
  });

  test('metadata goes with its model', async () => {
    await using library = await openLibrary(target);
    const id = await library.models.create(modelInput());
    await library.metadata.updateMetadata(id, { a: 1 });
    await library.models.delete(id);
    expect(await library.metadata.getMetadata(id)).toEqual({});
    expect(await library.metadata.getMetadataKeys()).toEqual([]);
  });
});
