// What CollectionRepository promises: nesting without circles, places of models, and models that outlive collections.
import assert from 'node:assert/strict';
import { type ContractCase, newFile, withCode } from './contract.js';

/** Cases on collections. */
export const collectionCases: readonly ContractCase[] = [
  {
    title: 'collections lie in one another, with unique names in one place and never in a circle',
    async run({ collections }) {
      const outer = await collections.create({ name: 'outer' });
      const inner = await collections.create({ name: 'inner', parentId: outer });
      const path = await collections.pathOf(inner);
      assert.deepEqual(
        path.map(({ name }) => name),
        ['outer', 'inner'],
      );
      await assert.rejects(collections.create({ name: 'outer' }), withCode('DUPLICATE_COLLECTION'));
      await assert.rejects(collections.update(outer, { parentId: inner }), withCode('COLLECTION_CYCLE'));
      assert.equal(await collections.update(inner, { name: 'core', parentId: null }), true);
      const top = await collections.list();
      assert.deepEqual(
        top.map(({ name, collections: inside }) => [name, inside]),
        [
          ['core', 0],
          ['outer', 0],
        ],
      );
    },
  },
  {
    title: 'models keep their places, are found from outside too, and outlive the collection',
    async run({ models, collections }) {
      const [a, b] = [await models.create(newFile(1)), await models.create(newFile(2))];
      const outer = await collections.create({ name: 'outer' });
      const inner = await collections.create({ name: 'inner', parentId: outer });
      assert.equal(await collections.addModels(inner, [b, a]), 2);
      assert.equal(await collections.addModels(inner, [a]), 0);
      const first = await collections.modelsOf(inner, { limit: 1 });
      const second = await collections.modelsOf(inner, { limit: 1, after: first.next });
      assert.deepEqual(
        [...first.items, ...second.items].map((model) => model.id),
        [b, a],
      );
      assert.equal(second.next, null);
      assert.equal((await collections.modelsOf(outer)).items.length, 0);
      assert.equal((await collections.modelsOf(outer, { nested: true })).items.length, 2);
      assert.equal(await collections.removeModels(inner, [a]), 1);
      assert.equal(await collections.delete(outer), true);
      assert.equal(await collections.read(inner), null);
      assert.equal(await models.count(), 2);
    },
  },
];
