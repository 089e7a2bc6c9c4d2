// More changes of a schema: what the research had not tested, and what was found on the way. Read by changes.test.ts.
import { type SQL, sql } from 'drizzle-orm';
import {
  type AnySQLiteColumn,
  check,
  foreignKey,
  integer,
  primaryKey,
  sqliteTable,
  sqliteView,
  text,
  unique,
} from 'drizzle-orm/sqlite-core';
import { type Case, columns, found, fullText, id, modelRows, models } from './cases.js';

const swapped = sqliteTable('models', { id: id(), size: text('size').notNull(), name: integer('name') });

const computed = (expression: SQL, mode: 'stored' | 'virtual') =>
  sqliteTable('models', { ...columns(), loud: text('loud').generatedAlwaysAs(expression, { mode }) });
const existingView = (name: string) => sqliteView(name, { id: integer('id') }).existing();
const owners = sqliteTable('owners', { key: text('key').primaryKey(), name: text('name').notNull() });

/** The research's "not tested", and what was found on the way. */
export const further: readonly Case[] = [
  {
    name: 'rename a view',
    before: { models, big: sqliteView('big').as((q) => q.select().from(models).where(sql`size > 10`)) },
    after: { models, large: sqliteView('large').as((q) => q.select().from(models).where(sql`size > 10`)) },
    custom: `CREATE TRIGGER big_insert INSTEAD OF INSERT ON big BEGIN INSERT INTO models (name, size) VALUES (new.name, 99); END;`,
    renames: ['big=large'],
    holds: [["SELECT tbl_name FROM sqlite_schema WHERE name = 'big_insert'", 'large']],
    holdsBack: [["SELECT tbl_name FROM sqlite_schema WHERE name = 'big_insert'", 'big']],
  },
  {
    name: 'add a column whose name is two words, and one that is worked out from it',
    before: { models },
    after: {
      models: sqliteTable('models', {
        ...columns(),
        isOk: integer('is ok').default(7),
        loud: text('loud').generatedAlwaysAs(sql`"is ok" || '!'`, { mode: 'virtual' }),
      }),
    },
    holds: [['SELECT loud FROM models WHERE id = 1', '7!']],
  },
  {
    name: 'two columns trade their names',
    before: { models },
    after: { models: swapped },
    renames: ['models.name=size', 'models.size=name'],
    holds: [['SELECT group_concat(size) FROM models', 'bolt,nut']],
    holdsBack: [['SELECT group_concat(name) FROM models', 'bolt,nut']],
  },
  {
    name: 'two tables trade their names',
    before: { a: sqliteTable('a', { x: text('x') }), b: sqliteTable('b', { y: integer('y') }) },
    after: { a: sqliteTable('a', { y: integer('y') }), b: sqliteTable('b', { x: text('x') }) },
    rows: [`INSERT INTO a VALUES ('left')`, 'INSERT INTO b VALUES (7)'],
    renames: ['a=b', 'b=a'],
    holds: [['SELECT y FROM a', 7]],
    holdsBack: [['SELECT x FROM a', 'left']],
  },
  {
    name: 'rebuild tables in a circle of foreign keys',
    before: (() => {
      const a = sqliteTable('a', {
        id: id(),
        b: integer('b').references((): AnySQLiteColumn => b.id),
        v: integer('v'),
      });
      const b = sqliteTable('b', {
        id: id(),
        a: integer('a').references(() => a.id, { onDelete: 'cascade' }),
        v: integer('v'),
      });
      return { a, b };
    })(),
    after: (() => {
      const a = sqliteTable('a', { id: id(), b: integer('b').references((): AnySQLiteColumn => b.id), v: text('v') });
      const b = sqliteTable('b', {
        id: id(),
        a: integer('a').references(() => a.id, { onDelete: 'cascade' }),
        v: text('v'),
      });
      return { a, b };
    })(),
    rows: ['INSERT INTO a (b, v) VALUES (NULL, 1)', 'INSERT INTO b (a, v) VALUES (1, 2)', 'UPDATE a SET b = 1'],
    holds: [['SELECT count(*) FROM a JOIN b ON a.b = b.id AND b.a = a.id', 1]],
  },
  {
    name: 'drop tables in a circle of foreign keys',
    before: (() => {
      const a = sqliteTable('a', { id: id(), b: integer('b').references((): AnySQLiteColumn => b.id) });
      const b = sqliteTable('b', { id: id(), a: integer('a').references(() => a.id) });
      return { models, a, b };
    })(),
    after: { models },
  },
  {
    name: 'rebuild a table that refers to itself',
    before: {
      tree: sqliteTable('tree', { id: id(), parent: integer('parent'), v: integer('v') }, (t) => [
        foreignKey({ columns: [t.parent], foreignColumns: [t.id] }).onDelete('cascade'),
      ]),
    },
    after: {
      tree: sqliteTable('tree', { id: id(), parent: integer('parent'), v: text('v').notNull().default('0') }, (t) => [
        foreignKey({ columns: [t.parent], foreignColumns: [t.id] }).onDelete('cascade'),
      ]),
    },
    rows: ['INSERT INTO tree (parent, v) VALUES (NULL, 1), (1, NULL), (2, 3)'],
    holds: [['SELECT count(*) FROM tree c JOIN tree p ON c.parent = p.id', 2]],
    holdsBack: [['SELECT count(*) FROM tree c JOIN tree p ON c.parent = p.id', 2]],
  },
  {
    name: 'rebuild an emptied AUTOINCREMENT table',
    before: { models },
    after: { models: sqliteTable('models', { ...columns(), size: text('size') }) },
    rows: [...modelRows, 'DELETE FROM models'],
    holds: [["SELECT seq FROM sqlite_sequence WHERE name = 'models'", 2]],
    holdsBack: [["SELECT seq FROM sqlite_sequence WHERE name = 'models'", 2]],
  },
  {
    name: 'rename a column that a full-text table indexes',
    before: { models },
    after: { models: sqliteTable('models', { id: id(), title: text('title').notNull(), size: integer('size') }) },
    custom: fullText,
    renames: ['models.name=title'],
    holds: [
      [found('bolt'), 1],
      ["SELECT title FROM models_fts WHERE models_fts MATCH 'nut'", 'nut'],
    ],
    holdsBack: [["SELECT name FROM models_fts WHERE models_fts MATCH 'nut'", 'nut']],
  },
  {
    name: 'rename a table that a full-text table indexes',
    before: { models },
    after: { assets: sqliteTable('assets', columns()) },
    custom: fullText,
    renames: ['models=assets'],
    holds: [[found('bolt'), 1]],
    holdsBack: [[found('bolt'), 1]],
  },
  {
    name: 'retype a column that a full-text table indexes',
    before: { models },
    after: { models: sqliteTable('models', { id: id(), name: integer('name').notNull(), size: integer('size') }) },
    custom: fullText,
    rows: [`INSERT INTO models (name) VALUES ('007')`],
    holds: [
      ['SELECT name FROM models', 7],
      [found('7'), 1],
    ],
  },
  {
    name: 'rebuild a table whose rowids a full-text table uses',
    before: { notes: sqliteTable('notes', { key: text('key').primaryKey(), body: text('body'), v: integer('v') }) },
    after: { notes: sqliteTable('notes', { key: text('key').primaryKey(), body: text('body'), v: text('v') }) },
    custom: `CREATE VIRTUAL TABLE notes_fts USING fts5(body, content='notes');
CREATE TRIGGER notes_i AFTER INSERT ON notes BEGIN INSERT INTO notes_fts(rowid, body) VALUES (new.rowid, new.body); END;
CREATE TRIGGER notes_d AFTER DELETE ON notes BEGIN INSERT INTO notes_fts(notes_fts, rowid, body) VALUES ('delete', old.rowid, old.body); END;`,
    rows: [
      `INSERT INTO notes (key, body) VALUES ('z', 'gone'), ('b', 'first'), ('a', 'second')`,
      `DELETE FROM notes WHERE key = 'z'`,
    ],
    holds: [
      [
        "SELECT notes.key FROM notes_fts JOIN notes ON notes.rowid = notes_fts.rowid WHERE notes_fts MATCH 'second'",
        'a',
      ],
    ],
    holdsBack: [
      [
        "SELECT notes.key FROM notes_fts JOIN notes ON notes.rowid = notes_fts.rowid WHERE notes_fts MATCH 'first'",
        'b',
      ],
    ],
  },
  {
    name: 'rebuild a table with a CHECK that names the table',
    before: { models: sqliteTable('models', columns(), (t) => [check('c', sql`${t.size} > 0`)]) },
    after: {
      models: sqliteTable('models', { ...columns(), size: text('size') }, (t) => [check('c', sql`${t.size} > 0`)]),
    },
    holds: [['SELECT count(*) FROM models', 2]],
  },
  {
    name: 'a unique constraint of several columns goes',
    before: { models: sqliteTable('models', columns(), (t) => [unique('u').on(t.name, t.size)]) },
    after: { models },
  },
  {
    name: 'drop a NOT NULL column without a default',
    before: { models: sqliteTable('models', { ...columns(), owner: text('owner').notNull() }) },
    after: { models },
    rows: [`INSERT INTO models (name, owner) VALUES ('bolt', 'ann')`],
    holdsBack: [['SELECT owner FROM models', '']],
  },
  {
    name: 'a column may be NULL now',
    before: { models },
    after: { models: sqliteTable('models', { ...columns(), name: text('name') }) },
    holds: [['SELECT count(name) FROM models', 2]],
  },
  {
    name: 'a column may not be NULL any more',
    before: { models },
    after: { models: sqliteTable('models', { ...columns(), size: integer('size').notNull() }) },
    rows: [`INSERT INTO models (name, size) VALUES ('bolt', 12)`],
    holds: [['SELECT sum(size) FROM models', 12]],
  },
  {
    name: 'names with quotes, spaces and keywords (drizzle-kit does not escape a backtick)',
    before: { t: sqliteTable('order', { group: text('group by'), 'q"': integer('q"uote') }) },
    after: { t: sqliteTable('order', { group: integer('group by'), 'q"': integer('q"uote') }) },
    rows: [`INSERT INTO "order" ("group by") VALUES ('5')`],
    holds: [['SELECT "group by" FROM "order"', 5]],
  },
  {
    name: 'another expression for a computed column',
    before: { models: computed(sql`upper(name)`, 'stored') },
    after: { models: computed(sql`lower(name)`, 'stored') },
    rows: [`INSERT INTO models (name, size) VALUES ('Bolt', 12)`],
    holds: [['SELECT loud FROM models', 'bolt']],
    holdsBack: [['SELECT loud FROM models', 'BOLT']],
  },
  {
    name: 'another expression for a computed column that is not stored',
    before: { models: computed(sql`upper(name)`, 'virtual') },
    after: { models: computed(sql`lower(name) || size`, 'virtual') },
    rows: [`INSERT INTO models (name, size) VALUES ('Bolt', 12)`],
    holds: [['SELECT loud FROM models', 'bolt12']],
    holdsBack: [['SELECT loud FROM models', 'BOLT']],
  },
  {
    name: 'a computed column becomes a plain one and keeps its values',
    before: { models: computed(sql`upper(name)`, 'stored') },
    after: { models: sqliteTable('models', { ...columns(), loud: text('loud') }) },
    rows: [`INSERT INTO models (name, size) VALUES ('Bolt', 12)`],
    holds: [['SELECT loud FROM models', 'BOLT']],
    holdsBack: [['SELECT loud FROM models', 'BOLT']],
  },
  {
    name: 'a computed column that is not stored becomes a plain one and keeps its values',
    before: { models: computed(sql`upper(name)`, 'virtual') },
    after: { models: sqliteTable('models', { ...columns(), loud: text('loud') }) },
    rows: [`INSERT INTO models (name, size) VALUES ('Bolt', 12)`],
    holds: [['SELECT loud FROM models', 'BOLT']],
    holdsBack: [['SELECT loud FROM models', 'BOLT']],
  },
  {
    name: 'a plain column becomes a computed one',
    before: { models: sqliteTable('models', { ...columns(), loud: text('loud') }) },
    after: { models: computed(sql`upper(name)`, 'stored') },
    rows: [`INSERT INTO models (name, size, loud) VALUES ('Bolt', 12, 'mine')`],
    holds: [['SELECT loud FROM models', 'BOLT']],
    holdsBack: [['SELECT loud FROM models', 'BOLT']],
    losses: ['models.loud'],
  },
  {
    name: 'a computed column is stored from now on',
    before: { models: computed(sql`upper(name)`, 'virtual') },
    after: { models: computed(sql`upper(name)`, 'stored') },
    rows: [`INSERT INTO models (name, size) VALUES ('Bolt', 12)`],
    holds: [['SELECT loud FROM models', 'BOLT']],
    losses: [],
  },
  {
    name: 'a view that others made gets another name in the code',
    before: { models, big: existingView('big') },
    after: { models, huge: existingView('huge') },
    custom: 'CREATE VIEW big AS SELECT id FROM models; CREATE VIEW huge AS SELECT id FROM models;',
    holds: [
      ["SELECT group_concat(name) FROM (SELECT name FROM sqlite_schema WHERE type = 'view' ORDER BY 1)", 'big,huge'],
    ],
  },
  {
    name: 'a view that custom SQL made is made by the code from now on',
    before: { models, big: existingView('big') },
    after: { models, big: sqliteView('big').as((q) => q.select({ id: models.id }).from(models).where(sql`size > 10`)) },
    custom: 'CREATE VIEW big AS SELECT id FROM models;',
    holds: [['SELECT count(*) FROM big', 1]],
    holdsBack: [['SELECT count(*) FROM big', 2]],
  },
  {
    name: 'a view that the code made is left to others, and stays',
    before: {
      models,
      big: sqliteView('big').as((q) => q.select({ id: models.id }).from(models).where(sql`size > 10`)),
    },
    after: { models, big: existingView('big') },
    holds: [['SELECT count(*) FROM big', 1]],
    holdsBack: [['SELECT count(*) FROM big', 1]],
  },
  {
    name: 'a parent goes with the foreign key of its child',
    before: { owners, things: sqliteTable('things', { id: id(), owner: text('owner').references(() => owners.key) }) },
    after: { things: sqliteTable('things', { id: id(), owner: text('owner') }) },
    rows: [`INSERT INTO owners VALUES ('a', 'Ann'), ('b', 'Bob')`, `INSERT INTO things (owner) VALUES ('a'), (NULL)`],
    holds: [['SELECT group_concat(owner) FROM things', 'a']],
    holdsBack: [['SELECT group_concat(key) FROM owners', 'a']],
  },
  {
    name: 'a parent goes with the column of its child, which may not be NULL',
    before: {
      owners,
      things: sqliteTable('things', {
        id: id(),
        owner: text('owner')
          .notNull()
          .references(() => owners.key),
      }),
    },
    after: { things: sqliteTable('things', { id: id() }) },
    rows: [`INSERT INTO owners VALUES ('a', 'Ann')`, `INSERT INTO things (owner) VALUES ('a')`],
    holdsBack: [['SELECT count(*) FROM things JOIN owners ON owner = key', 1]],
  },
  {
    name: 'a column is renamed, and a new one takes its name',
    before: { models },
    after: {
      models: sqliteTable('models', {
        id: id(),
        name: text('name').notNull(),
        size: text('size'),
        was: integer('was'),
      }),
    },
    renames: ['models.size=was'],
    holds: [['SELECT group_concat(was) FROM models', '12']],
    holdsBack: [['SELECT group_concat(size) FROM models', '12']],
  },
  {
    name: 'a table is renamed, and a new one takes its name',
    before: { models },
    after: {
      models: sqliteTable('models', { code: text('code').primaryKey() }),
      assets: sqliteTable('assets', columns()),
    },
    renames: ['models=assets'],
    holds: [['SELECT count(*) FROM assets', 2]],
    holdsBack: [['SELECT count(*) FROM models', 2]],
  },
  {
    name: 'a table without a key gets one that counts',
    before: { tags: sqliteTable('tags', { name: text('name') }) },
    after: { tags: sqliteTable('tags', { id: id(), name: text('name') }) },
    rows: [`INSERT INTO tags (rowid, name) VALUES (3, 'a'), (7, 'b'), (8, NULL)`],
    holds: [[`SELECT group_concat(id || ':' || coalesce(name, '')) FROM tags`, '3:a,7:b,8:']],
    holdsBack: [['SELECT count(name) FROM tags', 2]],
  },
  {
    name: 'a key that counts takes the place of one of two columns, beside a column that is called rowid',
    before: {
      pairs: sqliteTable('pairs', { a: text('a'), b: integer('b'), rowid: text('rowid') }, (t) => [
        primaryKey({ columns: [t.a, t.b] }),
      ]),
    },
    after: {
      pairs: sqliteTable('pairs', {
        id: integer('id').primaryKey(),
        a: text('a').notNull(),
        b: integer('b').notNull(),
        rowid: text('rowid'),
      }),
    },
    rows: [`INSERT INTO pairs VALUES ('x', 1, 'p'), ('x', 2, NULL)`],
    holds: [[`SELECT group_concat(id || a || b || coalesce(rowid, '')) FROM pairs`, '1x1p,2x2']],
    holdsBack: [['SELECT count(*) FROM pairs', 2]],
  },
];
