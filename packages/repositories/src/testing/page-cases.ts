// What ModelRepository promises of lists: orders, filters, counts and cursors.
import assert from 'node:assert/strict';
import type { ListOptions, ModelRepository } from '../contract/models.js';
import { type ContractCase, newFile } from './contract.js';

/** Cases on list, search, listAll and count. */
export const pageCases: readonly ContractCase[] = [
  {
    title: 'pages are the whole list once, in order, also with equal keys and while others are added',
    async run({ models }) {
      const at = new Date(5_000);
      await models.createMany(Array.from({ length: 7 }, (_, n) => ({ model: newFile(n, { createdAt: at }) })));
      const names: string[] = [];
      let after: string | null = null;
      for (let added = 100; ; added += 1) {
        const page = await models.list({ sort: { by: 'createdAt', direction: 'asc' }, limit: 2, after });
        names.push(...page.items.map((model) => model.name));
        after = page.next;
        if (after === null || added > 200) break;
        await models.create(newFile(added, { createdAt: new Date(0) }));
      }
      assert.deepEqual(
        names,
        Array.from({ length: 7 }, (_, n) => `part ${n}`),
      );
    },
  },
  {
    title: 'a cursor of another sort or filter is refused',
    async run({ models }) {
      await models.createMany([{ model: newFile(1) }, { model: newFile(2) }]);
      const { next } = await models.list({ limit: 1 });
      assert.ok(next);
      for (const options of [{ sort: { by: 'name' } }, { filter: { formats: ['stl'] } }] as const) {
        await assert.rejects(models.list({ ...options, after: next }), TypeError);
      }
      await assert.rejects(models.list({ after: 'x' }), TypeError);
      assert.equal((await models.list({ after: next })).items.length, 1);
    },
  },
  {
    title: 'filters keep and count what they say',
    async run({ models, tags, collections }) {
      const a = await models.create(newFile(1, { name: 'a', rating: 1, author: 'Ada', createdAt: new Date(1_000) }));
      const b = await models.create(newFile(2, { name: 'b', format: 'obj', rating: 5, createdAt: new Date(2_000) }));
      await models.create(newFile(3, { name: 'c', favorite: true, status: 'missing', createdAt: new Date(3_000) }));
      await tags.tag(a, 'Red');
      await tags.tag(b, 'red');
      await tags.tag(b, 'big');
      await expectNames(models, {}, 'abc');
      await expectNames(models, { formats: ['obj'] }, 'b');
      await expectNames(models, { formats: [] }, '');
      await expectNames(models, { statuses: ['missing'] }, 'c');
      await expectNames(models, { createdFrom: new Date(1_000), createdTo: new Date(3_000) }, 'ab');
      await expectNames(models, { minRating: 2 }, 'b');
      await expectNames(models, { favorite: false }, 'ab');
      await expectNames(models, { author: 'Ada' }, 'a');
      await expectNames(models, { minFileSize: 1_002, maxFileSize: 1_002 }, 'b');
      await expectNames(models, { tagsAll: ['RED'] }, 'ab');
      await expectNames(models, { tagsAll: ['red', 'big'] }, 'b');
      await expectNames(models, { tagsAny: ['big', 'unknown'] }, 'b');
      await expectNames(models, { tagsNone: ['big'] }, 'ac');
      const outer = await collections.create({ name: 'outer' });
      const inner = await collections.create({ name: 'inner', parentId: outer });
      await collections.addModels(inner, [a]);
      await collections.addModels(outer, [b]);
      await expectNames(models, { collectionsAny: [outer] }, 'ab');
      await expectNames(models, { collectionsAny: [inner], formats: ['stl'] }, 'a');
      await expectNames(models, { collectionsAny: [] }, '');
      await collections.removeModels(inner, [a]);
      await expectNames(models, { collectionsAny: [outer] }, 'b');
      await collections.delete(outer);
      await expectNames(models, { collectionsAny: [outer] }, '');
      const box = { minX: -10, minY: 0, minZ: 5, maxX: 10, maxY: 100, maxZ: 7 } as const;
      await models.update(a, { ...box, volume: 4_000 });
      await models.update(b, { ...box, volume: 4_000, unit: 'inch' });
      await expectNames(models, { fitsMm: [2, 20, 100] }, 'a');
      await expectNames(models, { fitsMm: [3_000, 3_000, 3_000] }, 'ab');
      await expectNames(models, { fitsMm: [99, 99, 99] }, '');
      await expectNames(models, { minSizeMm: 101, maxSizeMm: 2_540 }, 'b');
      await expectNames(models, { maxVolumeMm3: 4_000 }, 'a');
      await expectNames(models, { minVolumeMm3: 4_001 }, 'b');
      await assert.rejects(models.list({ filter: { format: ['stl'] } as object }), /formats/);
    },
  },
  {
    title: 'search narrows by metadata too',
    async run({ models, metadata }) {
      const a = await models.create(newFile(1));
      const b = await models.create(newFile(2));
      await metadata.setMetadataValue(a, 'teeth', 12);
      await metadata.setMetadataValue(b, 'teeth', 24);
      const found = await models.search({ formats: ['stl'], metadata: { key: 'teeth', op: '>', value: 12 } });
      assert.deepEqual(
        found.items.map((model) => model.id),
        [b],
      );
      assert.equal(await models.count({ text: 'part', metadata: { key: 'teeth', op: '<=', value: 12 } }), 1);
    },
  },
  {
    title: 'listAll reads every model once, in the order of adding, until it is told to stop',
    async run({ models }) {
      await models.createMany(Array.from({ length: 5 }, (_, n) => ({ model: newFile(n) })));
      const names: string[] = [];
      for await (const model of models.listAll({ batchSize: 2 })) names.push(model.name);
      assert.deepEqual(names, ['part 0', 'part 1', 'part 2', 'part 3', 'part 4']);
      const stopped = models.listAll({ signal: AbortSignal.abort(new Error('enough')) });
      await assert.rejects(async () => {
        for await (const model of stopped) assert.fail(model.name);
      }, /enough/);
    },
  },
];

async function expectNames(models: ModelRepository, filter: ListOptions['filter'], names: string): Promise<void> {
  const { items } = await models.list({ filter, sort: { by: 'name' } });
  assert.equal(items.map((model) => model.name).join(''), names, JSON.stringify(filter));
  assert.equal(await models.count(filter), names.length, JSON.stringify(filter));
}
