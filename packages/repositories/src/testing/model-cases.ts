// What ModelRepository promises of single models, of many at once, and of transactions.
import assert from 'node:assert/strict';
import type { ModelId } from '@cc/schema';
import type { CreateResult } from '../contract/models.js';
import { absentId, type ContractCase, newFile, withCode } from './contract.js';

const absent = absentId as ModelId;

/** Cases on single models and on createMany. */
export const modelCases: readonly ContractCase[] = [
  {
    title: 'a created model is read back as it was given, with version 1',
    async run({ models }) {
      const input = newFile(1, {
        description: 'Zähne: 歯車',
        triangles: 12,
        minX: -0.1,
        volume: 0.1 + 0.2,
        rating: 5,
        favorite: true,
        createdAt: new Date(1_500_000_000_001),
      });
      const id = await models.create(input);
      const model = await models.read(id);
      assert.ok(model);
      for (const [field, value] of Object.entries(input)) assert.deepEqual(Reflect.get(model, field), value, field);
      assert.equal(model.version, 1);
      assert.equal(model.author, null);
      assert.equal((await models.readByPath(input.filePath))?.id, id);
      assert.equal(await models.exists(id), true);
    },
  },
  {
    title: 'what is absent is null, false or empty',
    async run({ models }) {
      assert.equal(await models.read(absent), null);
      assert.equal(await models.readByPath('/nowhere'), null);
      assert.equal(await models.exists(absent), false);
      assert.equal(await models.update(absent, { name: 'x' }), false);
      assert.equal(await models.delete(absent), false);
      assert.deepEqual([...(await models.readMany([absent]))], [[absent, null]]);
      assert.deepEqual(await models.findByHash('none'), []);
    },
  },
  {
    title: 'a wrong field is a TypeError that names it, and nothing is written',
    async run({ models }) {
      const wrong = [
        ['name', ''],
        ['name', 'x\0'],
        ['name', '\ud800'],
        ['format', 'exe'],
        ['fileSize', Number.NaN],
        ['fileSize', -1],
        ['rating', 6],
        ['createdAt', new Date(Number.NaN)],
        ['id', 'no id'],
        ['colour', 'red'],
      ] as const;
      for (const [field, value] of wrong) {
        const refused = (error: unknown) => error instanceof TypeError && error.message.includes(field);
        await assert.rejects(models.create({ ...newFile(1), [field]: value }), refused, field);
        await assert.rejects(models.createMany([{ model: { ...newFile(1), [field]: value } }]), refused, field);
      }
      await assert.rejects(models.read('no id' as ModelId), TypeError);
      assert.equal(await models.count(), 0);
    },
  },
  {
    title: 'equal paths and equal contents are told apart, and the policy of the call decides',
    async run({ models }) {
      const there = newFile(1);
      const id = await models.create(there);
      const samePath = newFile(2, { filePath: there.filePath });
      const sameContent = newFile(3, { fileHash: there.fileHash });
      await assert.rejects(models.create(samePath), withCode('DUPLICATE_FILE_PATH'));
      await assert.rejects(models.create(sameContent), withCode('DUPLICATE_FILE_HASH'));
      await assert.rejects(models.create(newFile(4, { id })), withCode('DUPLICATE_ID'));
      assert.equal(await models.create(samePath, { onDuplicatePath: 'skip' }), id);
      assert.equal(await models.create(sameContent, { onDuplicateHash: 'skip' }), id);
      assert.equal(await models.count(), 1);
      const beside = await models.create(sameContent, { onDuplicateHash: 'allow' });
      const { items } = await models.findDuplicates();
      assert.deepEqual(
        items.map((group) => group.models.map((model) => model.id)),
        [[id, beside]],
      );
    },
  },
  {
    title: 'an update changes the given fields, and ifVersion finds a lost update',
    async run({ models }) {
      const id = await models.create(newFile(1, { author: 'Ada' }));
      assert.equal(await models.update(id, { name: 'new', rating: 3 }, { ifVersion: 1 }), true);
      const changed = await models.read(id);
      assert.deepEqual([changed?.name, changed?.author, changed?.rating, changed?.version], ['new', 'Ada', 3, 2]);
      await assert.rejects(models.update(id, { name: 'lost' }, { ifVersion: 1 }), withCode('VERSION_CONFLICT'));
      await assert.rejects(models.update(id, { fileSize: -1 }), TypeError);
      assert.equal(await models.update(id, {}), true);
      assert.equal((await models.read(id))?.version, 2);
    },
  },
  {
    title: 'upsertByPath adds, changes or leaves a model as it is',
    async run({ models }) {
      const input = newFile(1);
      const { id, outcome } = await models.upsertByPath(input);
      assert.equal(outcome, 'created');
      assert.deepEqual(await models.upsertByPath(input), { id, outcome: 'unchanged' });
      assert.deepEqual(await models.upsertByPath({ ...input, fileSize: 7 }), { id, outcome: 'updated' });
      assert.equal((await models.read(id))?.fileSize, 7);
    },
  },
  {
    title: 'createMany says of each item what became of it',
    async run({ models, metadata, tags }) {
      const taken = await models.create(newFile(1));
      const results: CreateResult[] = [];
      async function* items() {
        yield { model: newFile(1) };
        yield { model: newFile(2), metadata: { a: 1, b: '1', c: null }, tags: ['Red', 'red'] };
        yield { model: newFile(3, { fileSize: Number.NaN }) };
      }
      const summary = await models.createMany(items(), {
        batchSize: 2,
        onConflict: 'skip',
        onInvalid: 'skip',
        onProgress: (progress) => {
          results.push(...progress.results);
        },
      });
      assert.deepEqual(summary, { created: 1, skipped: 1, invalid: 1 });
      const [skipped, created, invalid] = results;
      assert.deepEqual(skipped, { index: 0, outcome: 'skipped', id: taken, conflict: 'filePath' });
      assert.ok(created?.outcome === 'created');
      assert.ok(invalid?.outcome === 'invalid' && invalid.error.message.includes('fileSize'));
      assert.deepEqual(await metadata.getMetadata(created.id), { a: 1, b: '1', c: null });
      assert.deepEqual(await tags.getTags(created.id), ['Red']);
    },
  },
  {
    title: 'writes join a transaction, and go with it',
    async run({ models, metadata, tags, transaction }) {
      const id = await models.create(newFile(1));
      const undone = new Error('undone');
      const work = transaction(async () => {
        await models.update(id, { name: 'gone' });
        await models.createMany([{ model: newFile(2) }]);
        await metadata.setMetadataValue(id, 'a', 1);
        await tags.tag(id, 'red');
        await assert.rejects(models.create(newFile(1)), withCode('DUPLICATE_FILE_PATH'));
        assert.equal((await models.read(id))?.name, 'gone');
        throw undone;
      });
      await assert.rejects(work, (error) => error === undone);
      assert.equal((await models.read(id))?.name, 'part 1');
      assert.equal(await models.count(), 1);
      assert.deepEqual(await metadata.getMetadata(id), {});
      assert.deepEqual(await tags.listTags(), []);
    },
  },
  {
    title: 'a deleted model takes its metadata and tags along',
    async run({ models, metadata, tags }) {
      const id = await models.create(newFile(1));
      await metadata.setMetadataValue(id, 'a', 1);
      await tags.tag(id, 'red');
      assert.equal(await models.delete(id), true);
      assert.equal(await models.exists(id), false);
      assert.deepEqual(await metadata.getMetadataKeys(), []);
      assert.deepEqual(await tags.listTags(), []);
    },
  },
];
