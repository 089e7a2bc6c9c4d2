// Changes of a schema as people make them, each with what the planner has to get right. Read by changes.test.ts.
import { sql } from 'drizzle-orm';
import {
  type AnySQLiteColumn,
  check,
  index,
  integer,
  primaryKey,
  real,
  sqliteTable,
  sqliteView,
  text,
  uniqueIndex,
} from 'drizzle-orm/sqlite-core';

/** What the schema code exports. */
export type Code = Record<string, unknown>;

/** One change of the schema code. */
export interface Case {
  readonly name: string;
  readonly before: Code;
  readonly after: Code;
  /** A custom migration between the two: triggers, full-text tables, data. */
  readonly custom?: string;
  /** Rows that are there before; by default two models. */
  readonly rows?: readonly string[];
  readonly renames?: readonly string[];
  readonly drops?: readonly string[];
  /** Questions after up, with the answer: what must have survived. */
  readonly holds?: readonly (readonly [string, unknown])[];
  /** The same after down. */
  readonly holdsBack?: readonly (readonly [string, unknown])[];
  /** What the up must say that it takes, where that matters. */
  readonly losses?: readonly string[];
  /** Who must have written the up. */
  readonly author?: 'drizzle-kit' | 'cc-migrate';
}

/** The key of every table. */
export const id = () => integer('id').primaryKey({ autoIncrement: true });
const base = { id: id(), name: text('name').notNull(), size: integer('size') };
/** The base table of the research. */
export const models = sqliteTable('models', base);
/** The columns of `models`, new each time. */
export const columns = () => ({ id: id(), name: text('name').notNull(), size: integer('size') });

const parts = sqliteTable('parts', {
  id: id(),
  modelId: integer('model_id').references(() => models.id, { onDelete: 'cascade' }),
  title: text('title'),
});
/** Two models. */
export const modelRows = [`INSERT INTO models (name, size) VALUES ('bolt', 12), ('nut', NULL)`];
const partRows = [...modelRows, `INSERT INTO parts (model_id, title) VALUES (1, 'head'), (1, 'shaft'), (2, NULL)`];

/** A full-text index over `models` with its triggers. */
export const fullText = `CREATE VIRTUAL TABLE models_fts USING fts5(name, content = 'models', content_rowid = 'id');
CREATE TRIGGER models_fts_insert AFTER INSERT ON models BEGIN
  INSERT INTO models_fts(rowid, name) VALUES (new.id, new.name);
END;
CREATE TRIGGER models_fts_delete AFTER DELETE ON models BEGIN
  INSERT INTO models_fts(models_fts, rowid, name) VALUES ('delete', old.id, old.name);
END;
CREATE TRIGGER models_fts_update AFTER UPDATE OF name ON models BEGIN
  INSERT INTO models_fts(models_fts, rowid, name) VALUES ('delete', old.id, old.name);
  INSERT INTO models_fts(rowid, name) VALUES (new.id, new.name);
END;
INSERT INTO models_fts(models_fts) VALUES ('rebuild');`;
/** Counts the models that a search finds. */
export const found = (query: string) => `SELECT count(*) FROM models_fts WHERE models_fts MATCH '${query}'`;

/** The changes of the research, in its order. */
export const researched: readonly Case[] = [
  {
    name: 'create a table with a unique column',
    before: { models },
    after: { models, tags: sqliteTable('tags', { id: id(), name: text('name').notNull().unique() }) },
    author: 'drizzle-kit',
  },
  {
    name: 'add a nullable column',
    before: { models },
    after: { models: sqliteTable('models', { ...columns(), note: text('note') }) },
    author: 'drizzle-kit',
  },
  {
    name: 'add a column with a default',
    before: { models },
    after: { models: sqliteTable('models', { ...columns(), stars: integer('stars').notNull().default(3) }) },
    holds: [['SELECT sum(stars) FROM models', 6]],
    author: 'drizzle-kit',
  },
  {
    name: 'add a NOT NULL column without a default',
    before: { models },
    after: { models: sqliteTable('models', { ...columns(), stars: integer('stars').notNull() }) },
    holds: [['SELECT sum(stars) FROM models', 0]],
    author: 'cc-migrate',
  },
  {
    name: 'add a column with a default that is no constant',
    before: { models },
    after: {
      models: sqliteTable('models', { ...columns(), at: text('at').notNull().default(sql`(datetime('now'))`) }),
    },
    holds: [['SELECT count(*) FROM models WHERE at > 2000', 2]],
    author: 'cc-migrate',
  },
  {
    name: 'drop a middle column',
    before: { models },
    after: { models: sqliteTable('models', { id: id(), size: integer('size') }) },
    holds: [['SELECT sum(size) FROM models', 12]],
    holdsBack: [['SELECT count(*) FROM models', 2]],
  },
  {
    name: 'drop an indexed column',
    before: { models: sqliteTable('models', columns(), (t) => [index('idx_size').on(t.size)]) },
    after: { models: sqliteTable('models', { id: id(), name: text('name').notNull() }) },
  },
  {
    name: 'rename a column',
    before: { models: sqliteTable('models', columns(), (t) => [index('idx_name').on(t.name)]) },
    after: {
      models: sqliteTable('models', { id: id(), title: text('title').notNull(), size: integer('size') }, (t) => [
        index('idx_name').on(t.title),
      ]),
    },
    renames: ['models.name=title'],
    holds: [['SELECT group_concat(title) FROM models', 'bolt,nut']],
    holdsBack: [['SELECT group_concat(name) FROM models', 'bolt,nut']],
  },
  {
    name: 'rename a table',
    before: { models, parts },
    after: {
      assets: sqliteTable('assets', columns()),
      parts: sqliteTable('parts', {
        id: id(),
        modelId: integer('model_id').references((): AnySQLiteColumn => sqliteTable('assets', columns()).id, {
          onDelete: 'cascade',
        }),
        title: text('title'),
      }),
    },
    rows: partRows,
    renames: ['models=assets'],
    holds: [['SELECT count(*) FROM assets JOIN parts ON model_id = assets.id', 3]],
    holdsBack: [['SELECT count(*) FROM models JOIN parts ON model_id = models.id', 3]],
  },
  {
    name: 'rename table, column and index at once',
    before: { models: sqliteTable('models', columns(), (t) => [index('idx_models_name').on(t.name)]) },
    after: {
      assets: sqliteTable('assets', { id: id(), title: text('title').notNull(), size: integer('size') }, (t) => [
        index('idx_assets_title').on(t.title),
      ]),
    },
    renames: ['models=assets', 'models.name=title'],
    holds: [['SELECT group_concat(title) FROM assets', 'bolt,nut']],
  },
  {
    name: 'rename a column and retype another',
    before: { models },
    after: { models: sqliteTable('models', { id: id(), title: text('title').notNull(), size: text('size') }) },
    renames: ['models.name=title'],
    holds: [
      ['SELECT group_concat(title) FROM models', 'bolt,nut'],
      ['SELECT typeof(size) FROM models WHERE id = 1', 'text'],
    ],
  },
  {
    name: 'add a column in a change that also rebuilds',
    before: { models },
    after: {
      models: sqliteTable('models', {
        id: id(),
        name: text('name').notNull(),
        size: text('size'),
        note: text('note').default('x'),
      }),
    },
    holds: [["SELECT note FROM models WHERE size = '12'", 'x']],
  },
  {
    name: 'change a type',
    before: { models: sqliteTable('models', { id: id(), name: text('name').notNull(), size: text('size') }) },
    after: { models },
    rows: [`INSERT INTO models (name, size) VALUES ('bolt', '12'), ('nut', 'large')`],
    holds: [['SELECT group_concat(typeof(size)) FROM models', 'integer,text']],
  },
  {
    name: 'change the type of indexed and unique columns',
    before: {
      models: sqliteTable('models', { id: id(), name: text('name').notNull().unique(), size: text('size') }, (t) => [
        index('idx_size').on(t.size),
      ]),
    },
    after: {
      models: sqliteTable(
        'models',
        { id: id(), name: integer('name').notNull().unique(), size: integer('size') },
        (t) => [index('idx_size').on(t.size)],
      ),
    },
    rows: [`INSERT INTO models (name, size) VALUES ('7', '12')`],
    holds: [['SELECT id FROM models WHERE size = 12 AND name = 7', 1]],
  },
  {
    name: 'NOT NULL with a default on an existing column',
    before: { models },
    after: {
      models: sqliteTable('models', {
        id: id(),
        name: text('name').notNull(),
        size: integer('size').notNull().default(7),
      }),
    },
    holds: [['SELECT group_concat(size) FROM models', '12,7']],
    author: 'cc-migrate',
  },
  {
    name: 'add an index',
    before: { models },
    after: { models: sqliteTable('models', columns(), (t) => [index('idx_size').on(t.size)]) },
    author: 'drizzle-kit',
  },
  {
    name: 'add a partial unique index',
    before: { models },
    after: {
      models: sqliteTable('models', columns(), (t) => [uniqueIndex('idx_big').on(t.name).where(sql`size > 10`)]),
    },
  },
  {
    name: 'add an index on an expression',
    before: { models },
    after: { models: sqliteTable('models', columns(), (t) => [index('idx_lower').on(sql`lower(${t.name})`)]) },
  },
  {
    name: 'add UNIQUE',
    before: { models },
    after: { models: sqliteTable('models', { ...columns(), name: text('name').notNull().unique() }) },
  },
  {
    name: 'composite primary key',
    before: {
      pairs: sqliteTable('pairs', { a: integer('a').notNull(), b: integer('b').notNull(), note: text('note') }),
    },
    after: {
      pairs: sqliteTable('pairs', { a: integer('a').notNull(), b: integer('b').notNull(), note: text('note') }, (t) => [
        primaryKey({ columns: [t.a, t.b] }),
      ]),
    },
    rows: ['INSERT INTO pairs VALUES (1, 1, NULL), (1, 2, 3)'],
    holds: [['SELECT count(*) FROM pairs', 2]],
  },
  {
    name: 'add a foreign-key column',
    before: { models, parts: sqliteTable('parts', { id: id(), title: text('title') }) },
    after: { models, parts },
    rows: [...modelRows, `INSERT INTO parts (title) VALUES ('head')`],
    author: 'cc-migrate',
  },
  {
    name: 'add a foreign key to an existing column',
    before: { models, parts: sqliteTable('parts', { id: id(), modelId: integer('model_id'), title: text('title') }) },
    after: { models, parts },
    rows: partRows,
    holds: [['SELECT count(*) FROM parts WHERE model_id IS NOT NULL', 3]],
  },
  {
    name: 'change the action of a foreign key',
    before: { models, parts },
    after: {
      models,
      parts: sqliteTable('parts', {
        id: id(),
        modelId: integer('model_id').references(() => models.id, { onDelete: 'set null' }),
        title: text('title'),
      }),
    },
    rows: partRows,
    holds: [['SELECT count(*) FROM parts', 3]],
  },
  {
    name: 'rebuild a parent under ON DELETE CASCADE',
    before: { models, parts },
    after: { models: sqliteTable('models', { ...columns(), size: text('size') }), parts },
    rows: partRows,
    holds: [['SELECT count(*) FROM parts JOIN models ON models.id = model_id', 3]],
    holdsBack: [['SELECT count(*) FROM parts JOIN models ON models.id = model_id', 3]],
  },
  {
    name: 'add a CHECK',
    before: { models },
    after: { models: sqliteTable('models', columns(), (t) => [check('size_check', sql`${t.size} > 0`)]) },
    holds: [['SELECT count(*) FROM models', 2]],
  },
  {
    name: 'add a view',
    before: { models },
    after: { models, big: sqliteView('big').as((q) => q.select().from(models).where(sql`size > 10`)) },
    holds: [['SELECT count(*) FROM big', 1]],
  },
  {
    name: 'change a view',
    before: { models, big: sqliteView('big').as((q) => q.select().from(models).where(sql`size > 10`)) },
    after: { models, big: sqliteView('big').as((q) => q.select().from(models).where(sql`size > 20`)) },
    holds: [['SELECT count(*) FROM big', 0]],
    holdsBack: [['SELECT count(*) FROM big', 1]],
  },
  {
    name: 'rebuild a table under a view',
    before: { models, big: sqliteView('big').as((q) => q.select().from(models).where(sql`size > 10`)) },
    after: (() => {
      const retyped = sqliteTable('models', { ...columns(), size: real('size') });
      return { models: retyped, big: sqliteView('big').as((q) => q.select().from(retyped).where(sql`size > 10`)) };
    })(),
    holds: [['SELECT count(*) FROM big', 1]],
    holdsBack: [['SELECT count(*) FROM big', 1]],
    author: 'cc-migrate',
  },
  {
    name: 'add a virtual generated column',
    before: { models },
    after: {
      models: sqliteTable('models', {
        ...columns(),
        loud: text('loud').generatedAlwaysAs(sql`upper(name)`, { mode: 'virtual' }),
      }),
    },
    holds: [['SELECT loud FROM models WHERE id = 1', 'BOLT']],
  },
  {
    name: 'add a stored generated column',
    before: { models },
    after: {
      models: sqliteTable('models', {
        ...columns(),
        loud: text('loud').generatedAlwaysAs(sql`upper(name)`, { mode: 'stored' }),
      }),
    },
    holds: [['SELECT loud FROM models WHERE id = 1', 'BOLT']],
    author: 'cc-migrate',
  },
  {
    name: 'add one column and drop another',
    before: { models },
    after: { models: sqliteTable('models', { id: id(), name: text('name').notNull(), weight: real('weight') }) },
    drops: ['models.size'],
  },
  {
    name: 'drop AUTOINCREMENT',
    before: { models },
    after: {
      models: sqliteTable('models', {
        id: integer('id').primaryKey(),
        name: text('name').notNull(),
        size: integer('size'),
      }),
    },
    holds: [['SELECT count(*) FROM models', 2]],
  },
  {
    name: 'drop two tables tied by a foreign key',
    before: { models, parts, tags: sqliteTable('tags', { id: id() }) },
    after: { tags: sqliteTable('tags', { id: id() }) },
    rows: partRows,
  },
  {
    name: 'rebuild a table with a trigger',
    before: { models, log: sqliteTable('log', { line: text('line') }) },
    after: {
      models: sqliteTable('models', { ...columns(), size: text('size') }),
      log: sqliteTable('log', { line: text('line') }),
    },
    custom: `CREATE TRIGGER lg AFTER INSERT ON log BEGIN UPDATE models SET size = 1 WHERE name = new.line; END;
CREATE TRIGGER md AFTER DELETE ON models BEGIN INSERT INTO log VALUES (old.name); END;`,
    holds: [
      ["SELECT group_concat(name) FROM (SELECT name FROM sqlite_schema WHERE type = 'trigger' ORDER BY 1)", 'lg,md'],
    ],
    author: 'cc-migrate',
  },
  {
    name: 'rebuild an FTS-indexed table',
    before: { models },
    after: { models: sqliteTable('models', { ...columns(), size: text('size') }) },
    custom: fullText,
    holds: [[found('bolt'), 1]],
    holdsBack: [[found('bolt'), 1]],
    author: 'cc-migrate',
  },
];
