// A tag that very many models have is renamed, merged and deleted, however long that takes.
import { schema } from '@cc/schema';
import { openTransactionManager } from '@cc/tx';
import { expect, test } from 'vitest';
import { createRepositories, type NewModel } from '../../src/index.js';
import { modelInput } from '../model-input.js';
import { openLibrary } from '../open-library.js';

test('transactionTimeoutMs ends no change of a tag, and models are written anew some at a time', async () => {
  await using library = await openLibrary('file');
  const items = Array.from({ length: 1_200 }, (_, at): NewModel => {
    return { model: modelInput(`gear ${at}`), tags: at % 2 === 0 ? ['steel', 'iron'] : ['steel'] };
  });
  await library.models.createMany(items);
  // What writes 600 models anew takes longer than this.
  const { url } = library.transactions;
  await using hurried = await openTransactionManager({ url, schema, transactionTimeoutMs: 1 });
  let statements = 0;
  hurried.subscribe((event) => {
    if (event.type === 'query' && /^(?:insert into|update|delete from) "model_tags"/.test(event.sql)) statements += 1;
  });
  const { tags } = createRepositories(hurried);
  expect(await tags.renameTag('steel', 'metal')).toBe(true);
  expect(await tags.renameTag('METAL', 'Metal')).toBe(true);
  expect(statements).toBe(2 * 5);
  expect(await library.tags.listTags()).toEqual([
    { name: 'Metal', models: 1_200 },
    { name: 'iron', models: 600 },
  ]);
  expect(await library.search.verifyIndex()).toEqual({ ok: true, problems: [] });
  expect(await tags.mergeTags(['metal'], 'iron')).toBe(600);
  expect(statements).toBe(4 * 5);
  expect(await library.tags.listTags()).toEqual([{ name: 'iron', models: 1_200 }]);
  expect(await tags.deleteTag('iron')).toBe(true);
  expect(statements).toBe(5 * 5);
  expect(await tags.deleteTag('iron')).toBe(false);
  expect(await library.tags.listTags()).toEqual([]);
  expect(await library.search.verifyIndex()).toEqual({ ok: true, problems: [] });
});
