// A server sends no more than 10 MB in one answer: 130 of the longest descriptions are more, and so are twelve long values.

import type { ModelId } from '@cc/schema';
import { describeWithSqld } from '@cc/testkit/targets';
import { expect, it } from 'vitest';
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
});
