// What TagRepository promises: one tag to a folded name, counters, rename, merge and delete.
import assert from 'node:assert/strict';
import type { ModelId } from '@cc/schema';
import { absentId, type ContractCase, newFile, withCode } from './contract.js';

/** Cases on tags. */
export const tagCases: readonly ContractCase[] = [
  {
    title: 'the first spelling of a name is kept, and others are the same tag',
    async run({ models, tags }) {
      const [a, b] = [await models.create(newFile(1)), await models.create(newFile(2))];
      assert.equal(await tags.tag(a, ' Hex Bolt '), true);
      assert.equal(await tags.tag(a, 'HEX BOLT'), false);
      assert.equal(await tags.tag(b, 'hex bolt'), true);
      assert.equal(await tags.tag(b, 'apple'), true);
      assert.deepEqual(await tags.getTags(b), ['apple', 'Hex Bolt']);
      assert.deepEqual(await tags.listTags(), [
        { name: 'Hex Bolt', models: 2 },
        { name: 'apple', models: 1 },
      ]);
      assert.deepEqual(await tags.listTags({ prefix: 'HEX' }), [{ name: 'Hex Bolt', models: 2 }]);
      assert.equal(await tags.untag(a, 'hex BOLT'), true);
      assert.equal(await tags.untag(a, 'hex BOLT'), false);
      assert.deepEqual((await tags.getTagsOfMany([a, b])).get(a), []);
      await assert.rejects(tags.tag(absentId as ModelId, 'x'), withCode('MODEL_NOT_FOUND'));
      await assert.rejects(tags.tag(a, 'two\nlines'), TypeError);
    },
  },
  {
    title: 'a renamed tag keeps its models; a name that another tag has is refused',
    async run({ models, tags }) {
      const a = await models.create(newFile(1));
      await tags.tag(a, 'red');
      await tags.tag(a, 'blue');
      assert.equal(await tags.renameTag('RED', 'Crimson'), true);
      assert.equal(await tags.renameTag('crimson', 'CRIMSON'), true);
      assert.deepEqual(await tags.getTags(a), ['blue', 'CRIMSON']);
      await assert.rejects(tags.renameTag('blue', 'crimson'), withCode('DUPLICATE_TAG'));
      assert.equal(await tags.renameTag('red', 'x'), false);
    },
  },
  {
    title: 'merged tags become one, on each of their models once',
    async run({ models, tags }) {
      const [a, b, c] = [
        await models.create(newFile(1)),
        await models.create(newFile(2)),
        await models.create(newFile(3)),
      ];
      await tags.tag(a, 'screw');
      await tags.tag(a, 'bolt');
      await tags.tag(b, 'Schraube');
      await tags.tag(c, 'bolt');
      assert.equal(await tags.mergeTags(['SCREW', 'schraube', 'bolt', 'unknown'], 'Bolt'), 1);
      assert.deepEqual(await tags.listTags(), [{ name: 'bolt', models: 3 }]);
      assert.deepEqual(await tags.getTags(b), ['bolt']);
    },
  },
  {
    title: 'a deleted tag is on no model',
    async run({ models, tags }) {
      const a = await models.create(newFile(1));
      await tags.tag(a, 'red');
      await tags.tag(a, 'blue');
      assert.equal(await tags.deleteTag('Red'), true);
      assert.equal(await tags.deleteTag('Red'), false);
      assert.deepEqual(await tags.getTags(a), ['blue']);
      assert.equal(await models.count({ tagsAll: ['red'] }), 0);
    },
  },
];
