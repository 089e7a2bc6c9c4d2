// Changes of the schema code that are refused by name, with what to write in their place.
import { eq, sql } from 'drizzle-orm';
import { check, index, integer, sqliteTable, sqliteView, text } from 'drizzle-orm/sqlite-core';
import { expect, test } from 'vitest';
import { columns, id, models } from './cases.js';
import { planCase } from './planned.js';

const view = (name: string, select: string) => sqliteView(name, { id: id() }).as(sql.raw(select));

test.each([
  [
    'a default that calls a function without parentheses around it',
    {
      before: { models },
      after: { models, log: sqliteTable('log', { id: id(), at: text('at').default(sql`datetime('now')`) }) },
    },
    /The default of log\.at is an expression without parentheses.*MIGRATION_SCHEMA_CODE.*\(datetime\('now'\)\)/,
  ],
  [
    'a view that does not work',
    { before: { models }, after: { models, odd: view('odd', 'select absent from models') } },
    /The view odd does not work: no such column: absent .*MIGRATION_UNPROVEN.*Mend odd/,
  ],
  [
    'a view that is no SQL',
    { before: { models }, after: { models, odd: view('odd', 'select from models') } },
    /The view odd of the schema code does not work: near "from": syntax error .*MIGRATION_SCHEMA_CODE/,
  ],
  [
    'a view of the code that the change breaks',
    {
      before: { models, odd: view('odd', 'select size from models') },
      after: {
        models: sqliteTable('models', { id: id(), name: text('name').notNull() }),
        odd: view('odd', 'select size from models'),
      },
    },
    /The view odd would not work any more after this change: no such column: size/,
  ],
  [
    'a view of custom SQL that the change breaks',
    {
      before: { models },
      custom: 'CREATE VIEW sizes AS SELECT size FROM models; CREATE VIEW more AS SELECT * FROM sizes;',
      after: { models: sqliteTable('models', { id: id(), name: text('name').notNull() }) },
    },
    /The view sizes would not work any more .*; The view more .*drop it first in a migration of its own/,
  ],
  [
    'a foreign key to a column that is not unique',
    {
      before: { models },
      after: { models, parts: sqliteTable('parts', { name: text('name').references(() => models.name) }) },
    },
    /the foreign key of parts refers to models \(name\), which has no unique index on \(name\)/,
  ],
  [
    'the condition of an index by eq()',
    {
      before: { models },
      after: { models: sqliteTable('models', columns(), (t) => [index('i').on(t.name).where(eq(t.size, 10))]) },
    },
    /The index i of models has a \? in its condition.*MIGRATION_SCHEMA_CODE.*\.where\(sql`/,
  ],
  [
    'an index over an expression with a comma',
    {
      before: { models },
      after: { models: sqliteTable('models', columns(), (t) => [index('i').on(sql`json_extract(${t.name}, '$.a')`)]) },
    },
    /The index i of models has a comma in an expression.*->>.*cc-migrate create/,
  ],
  [
    'a check by eq()',
    { before: { models }, after: { models: sqliteTable('models', columns(), (t) => [check('c', eq(t.size, 10))]) } },
    /The check c of models has a \? in it/,
  ],
  [
    'a check with a semicolon',
    {
      before: { models },
      after: { models: sqliteTable('models', columns(), (t) => [check('c', sql`${t.name} IN ('a;', 'b')`)]) },
    },
    /The check c of models has a ; in it.*char\(59\)/,
  ],
  [
    `a JSON default with a '`,
    {
      before: { models },
      after: { models: sqliteTable('models', { ...columns(), j: text('j', { mode: 'json' }).default({ a: "it's" }) }) },
    },
    /The default of models\.j has a ' in it.*each ' twice/,
  ],
])('%s', async (name, change, message) => {
  await expect(planCase({ name, ...change })).rejects.toThrow(message);
});

test('NOT NULL and unique without a default is said to fail from two rows on', async () => {
  const after = { models: sqliteTable('models', { ...columns(), code: text('code').notNull().unique() }) };
  const { upNotes, warnings } = await planCase({ name: 'code', before: { models }, after });
  expect(upNotes.join()).toContain(
    "models.code is NOT NULL without a default: rows that are there get ''; because it is unique, too, this fails from two rows on",
  );
  expect(warnings.join()).toContain('UNIQUE constraint failed');
});

test.each(['sel"ect', '"', 'a"b"c'])(
  'the name %s gets statements of ours where those of drizzle-kit are none',
  async (name) => {
    const odd = (mark: ReturnType<typeof text>) => ({
      odd: sqliteTable('odd', { id: integer('id').primaryKey(), mark }),
    });
    const { author, reasons } = await planCase({
      name: 'odd',
      before: odd(text(name)),
      after: odd(text(name).notNull()),
    });
    expect(author).toBe('cc-migrate');
    expect(reasons.join()).toMatch(/never closed|syntax error|up fails/);
  },
);
