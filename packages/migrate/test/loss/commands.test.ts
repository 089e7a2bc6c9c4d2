// Commands to a full-text index, which are written as INSERT: some take what it has indexed.
import { expect, test } from 'vitest';
import { makeScratch } from '../scratch.js';
import { type Kind, lossesIn, refusalOf } from './judged.js';

const rows = `(rowid, body) VALUES (1, 'one'), (2, 'two')`;
const alone = `CREATE VIRTUAL TABLE f USING fts5(body, content=''); INSERT INTO f ${rows};`;
const beside = `CREATE TABLE d (id integer PRIMARY KEY, body text); INSERT INTO d VALUES (1, 'one'), (2, 'two');
CREATE VIRTUAL TABLE f USING fts5(body, content='d', content_rowid='id'); INSERT INTO f (f) VALUES ('rebuild');`;

const kinds: readonly Kind[] = [
  {
    name: 'delete-all takes a text that is in no other table',
    before: alone,
    up: `INSERT INTO f (f) VALUES ('delete-all');`,
    loses: ['f (2)'],
  },
  {
    name: 'delete takes one row of it, whatever the order of its columns',
    before: alone,
    up: `INSERT INTO "F" (rowid, F, body) SELECT 1, 'delete', 'one';`,
    loses: ['f (1)'],
  },
  { name: 'optimize takes nothing', before: alone, up: `INSERT INTO f (f) VALUES ('optimize');`, loses: [] },
  {
    name: 'the text of another table can be indexed again',
    before: beside,
    up: `INSERT INTO f (f) VALUES ('delete-all'); INSERT INTO f (f) VALUES ('rebuild');`,
    loses: [],
  },
  {
    name: 'a table may have a column of its own name',
    before: 'CREATE TABLE f (id integer PRIMARY KEY, f text); INSERT INTO f VALUES (1, NULL);',
    up: `INSERT INTO f (f) VALUES ('delete-all');`,
    loses: [],
  },
];

test.each(kinds)('$name', async (kind) => {
  await using scratch = await makeScratch();
  const opened = await scratch.open();
  expect(lossesIn(await refusalOf(opened, scratch.folder, kind))).toEqual(kind.loses);
});
