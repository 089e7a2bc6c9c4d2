// What MetadataRepository promises: types, keys, criteria.
import assert from 'node:assert/strict';
import type { JsonValue, ModelId } from '@cc/schema';
import type { MetadataCriteria } from '../contract/metadata.js';
import { absentId, type ContractCase, newFile, withCode } from './contract.js';

const everyKind: Readonly<Record<string, JsonValue>> = {
  one: 1,
  text: '1',
  yes: true,
  no: false,
  nothing: null,
  half: 1.5,
  exact: 2 ** 53,
  tiny: 5e-324,
  empty: '',
  list: [1, '1', [null, { deep: [true] }]],
  record: { a: { b: 'ü' } },
};

/** Cases on metadata. */
export const metadataCases: readonly ContractCase[] = [
  {
    title: 'a value comes back with its type',
    async run({ models, metadata }) {
      const id = await models.create(newFile(1));
      await metadata.updateMetadata(id, everyKind);
      assert.deepEqual(await metadata.getMetadata(id), everyKind);
      for (const [key, value] of Object.entries(everyKind)) {
        assert.deepEqual(await metadata.getMetadataValue(id, key), value, key);
      }
      assert.equal(await metadata.getMetadataValue(id, 'absent'), undefined);
      assert.deepEqual((await metadata.getMany([id])).get(id), everyKind);
    },
  },
  {
    title: 'what cannot come back as it went in is refused, and nothing is written',
    async run({ models, metadata }) {
      const id = await models.create(newFile(1));
      for (const wrong of [2n ** 53n + 1n, Number.NaN, undefined, new Date(), '\ud800', [undefined], new Map()]) {
        await assert.rejects(metadata.updateMetadata(id, { ok: 1, wrong: wrong as JsonValue }), TypeError);
      }
      assert.deepEqual(await metadata.getMetadata(id), {});
    },
  },
  {
    title: 'keys are added once, set any time, removed, and listed with their counts',
    async run({ models, metadata }) {
      const [a, b] = [await models.create(newFile(1)), await models.create(newFile(2))];
      await metadata.addMetadata(a, { x: 1, y: 2 });
      await assert.rejects(metadata.addMetadata(a, { z: 1, x: 3 }), withCode('DUPLICATE_METADATA_KEY'));
      await metadata.setMetadataValue(b, 'x', 'set');
      assert.deepEqual(await metadata.getMetadataKeys(), [
        { key: 'x', models: 2 },
        { key: 'y', models: 1 },
      ]);
      assert.equal(await metadata.deleteMetadata(a, 'y'), 1);
      assert.equal(await metadata.deleteMetadata(a), 1);
      assert.equal(await metadata.deleteMetadata(a), 0);
      assert.deepEqual(await metadata.getMetadataKeys(), [{ key: 'x', models: 1 }]);
      const absent = absentId as ModelId;
      await assert.rejects(metadata.setMetadataValue(absent, 'x', 1), withCode('MODEL_NOT_FOUND'));
      assert.deepEqual(await metadata.getMetadata(absent), {});
    },
  },
  {
    title: 'criteria compare within a type, and are joined by all and any',
    async run({ models, metadata }) {
      const values: readonly JsonValue[] = [1, '1', true, null, 2.5, 'PLA', 'PETG', [1]];
      const items = values.map((value, n) => ({ model: newFile(n), metadata: { v: value, n } }));
      await models.createMany(items);
      const find = async (criteria: MetadataCriteria): Promise<string> =>
        (await metadata.searchByMetadata(criteria)).items.map((model) => model.name.slice(5)).join('');
      assert.equal(await find({ key: 'v', op: '=', value: 1 }), '0');
      assert.equal(await find({ key: 'v', op: '=', value: '1' }), '1');
      assert.equal(await find({ key: 'v', op: '=', value: true }), '2');
      assert.equal(await find({ key: 'v', op: '=', value: null }), '3');
      assert.equal(await find({ key: 'v', op: '>=', value: 1 }), '04');
      assert.equal(await find({ key: 'v', op: 'prefix', value: 'P' }), '56');
      assert.equal(await find({ key: 'v', op: '<', value: 'PLA' }), '16');
      assert.equal(await find({ key: 'v', op: 'exists' }), '01234567');
      assert.equal(
        await find([
          { key: 'v', op: 'exists' },
          { key: 'n', op: '>', value: 5 },
        ]),
        '67',
      );
      const either: MetadataCriteria = {
        any: [
          { key: 'v', op: '=', value: 'PLA' },
          { key: 'n', op: '<', value: 2 },
        ],
      };
      assert.equal(await find(either), '015');
      assert.equal(await find({ all: [either, { key: 'v', op: '>=', value: 0 }] }), '0');
      assert.equal(await find({ any: [] }), '');
      await assert.rejects(find({ key: 'v', op: 'like', value: 'x' } as never), TypeError);
      await assert.rejects(find({ key: 'v', op: '>', value: true } as never), TypeError);
    },
  },
];
