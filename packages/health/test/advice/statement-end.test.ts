import { expect, test } from 'vitest';
import { analyzeQuery } from '../../src/advice/analyze-query.js';
import { reviewIndexes } from '../../src/advice/review-indexes.js';
import { openDatabase } from '../database.js';

// As editors and logs give them; what stands in a text is no end and no comment.
test.each([
  "select name from words where name > '; -- x'; -- the names",
  "select name from words where name > '; -- x' ;; /* all */ ; ",
  "select name from words where name > '; -- x' -- the names",
])('a statement is analysed as far as its end, whatever comment follows: %s', async (sql) => {
  const { manager } = await openDatabase();
  await manager.db.run('create table words (name text)');
  const { plan } = await analyzeQuery(manager, { sql });
  expect(plan.map(({ detail }) => detail)).toEqual(['SCAN words']);
  await manager.db.run('create index words_name on words (name)');
  expect(await reviewIndexes(manager, [{ sql }])).toEqual([]);
});
