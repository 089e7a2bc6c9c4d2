// A server sends no more than 10 MB in one answer: 130 of the longest descriptions are more, and so are twelve long values.

import type { Model, ModelId } from '@cc/schema';
import { describeWithSqld } from '@cc/testkit/targets';
import { expect, it } from 'vitest';
import type { Page, PageOptions } from '../src/index.js';
import { modelInput } from './model-input.js';
import { openLibrary } from './open-library.js';

describeWithSqld('a library of more than a server sends at once', () => {
  it('is listed, read by ids, searched, checked and indexed anew', async () => {
    await using library = await openLibrary('http');
    const { metadata, models, search, transactions } = library;
    const description = 'x'.repeat(99_000);
    const notes = 'y'.repeat(990_000);
    const ids: ModelId[] = [];
    for (let i = 0; i < 130; i += 1) ids.push(await models.create(modelInput(`Gear ${i}`, { description })));
    for (const id of ids.slice(0, 12)) await metadata.setMetadataValue(id, 'notes', notes);

    const listed: ModelId[] = [];
    for await (const model of models.listAll()) listed.push(model.id);
    expect(listed).toEqual(ids);
    const read = [...(await models.readMany(ids)).values()];
    expect(read.map((model) => model?.description?.length)).toEqual(ids.map(() => description.length));
    const values = [...(await metadata.getMany(ids)).values()];
    expect(values.filter((record) => record['notes'] === notes)).toHaveLength(12);
    const found = await search.searchModels('gear', {}, { limit: 100 });
    expect([found.hits.length, found.total]).toEqual([100, 130]);

    await transactions.db.run(`update models set search_extra = 'wrong' where seq in (1, 129)`);
    expect((await search.verifyIndex()).ok).toBe(false);
    await search.reindex();
    expect(await search.verifyIndex()).toEqual({ ok: true, problems: [] });
  });

  it('has pages as long as were asked for, in every order, and their next ones', async () => {
    await using library = await openLibrary('http');
    const { collections, metadata, models, search, tags } = library;
    const items = Array.from({ length: 240 }, (_, i) => ({
      model: modelInput(`Gear ${i}`, {
        description: 'x'.repeat(99_000),
        fileHash: `${i % 2}`,
        createdAt: new Date(i % 3),
        printedAt: i % 20 === 0 ? new Date(i) : null,
      }),
      tags: ['toothed'],
      metadata: { teeth: 12 },
    }));
    const ids: ModelId[] = [];
    await models.createMany(items, {
      onDuplicateHash: 'allow',
      onProgress: ({ results }) => void ids.push(...results.flatMap((result) => ('id' in result ? [result.id] : []))),
    });
    const collection = await collections.create({ name: 'all' });
    await collections.addModels(collection, ids);
    const equal = { key: 'teeth', op: '=', value: 12 } as const;
    const pages: Readonly<Record<string, (options: PageOptions) => Promise<Page<Model>>>> = {
      added: (options) => models.list({ ...options, sort: { by: 'added' } }),
      createdAt: (options) => models.list(options),
      name: (options) => models.list({ ...options, sort: { by: 'name', direction: 'desc' } }),
      printedAt: (options) => models.list({ ...options, sort: { by: 'printedAt' } }),
      'by words': (options) => models.search({ text: 'gear' }, options),
      'by tags': (options) => search.searchByTags(['toothed'], options),
      'by metadata': (options) => metadata.searchByMetadata(equal, options),
      'of a collection': (options) => collections.modelsOf(collection, options),
      'of nested ones': (options) => collections.modelsOf(collection, { ...options, nested: true }),
    };
    const idsOf = ({ items: found }: Page<Model>): readonly ModelId[] => found.map(({ id }) => id);
    for (const [name, page] of Object.entries(pages)) {
      // In pages that a server sends at once.
      const short: ModelId[] = [];
      for (let after: string | null = null; short.length === 0 || after !== null; ) {
        const found: Page<Model> = await page({ limit: 60, after });
        short.push(...idsOf(found));
        after = found.next;
      }
      const first = await page({ limit: 200 });
      const second = await page({ limit: 200, after: first.next });
      expect([name, first.items.length, second.next]).toEqual([name, 200, null]);
      expect([name, ...idsOf(first), ...idsOf(second)]).toEqual([name, ...short]);
    }
    const { items: groups } = await models.findDuplicates({ modelsPerGroup: 90 });
    expect(groups.map(({ count, models: same }) => [count, same.length])).toEqual([
      [120, 90],
      [120, 90],
    ]);
    expect((await tags.getTagsOfMany(ids)).size).toBe(240);
  });
});
