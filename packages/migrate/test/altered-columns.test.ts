// ALTER TABLE … ALTER COLUMN, which drizzle-kit writes for the dialect turso: libSQL gives the column its new definition, and
// looks at no row that is there.
import { targets } from '@cc/testkit/targets';
import { describe, expect, it } from 'vitest';
import { makeScratch, type Opened } from './scratch.js';

const before = `CREATE TABLE parts (id integer PRIMARY KEY, name text, size integer);
INSERT INTO parts VALUES (1, 'gear', NULL), (2, NULL, 7);`;
const fill = `UPDATE parts SET size = 0 WHERE size IS NULL;`;
const required = 'ALTER TABLE `parts` ALTER COLUMN "size" TO "size" integer NOT NULL DEFAULT 3;';

describe.each(targets)('a column that becomes NOT NULL in its place on %s', (target) => {
  const withPending = async (up: string): Promise<Opened & AsyncDisposable> => {
    const scratch = await makeScratch(target);
    await scratch.write([
      { tag: '0000_parts', up: before, down: null },
      { tag: '0001_required', up, down: '-- cc:down irreversible' },
    ]);
    const opened = await scratch.open();
    await opened.migrations.applyMigrations({ steps: 1 });
    return { ...opened, [Symbol.asyncDispose]: () => scratch[Symbol.asyncDispose]() };
  };

  it('stops the migration at a row with NULL, and names column, file and line', async () => {
    await using opened = await withPending(`CREATE TABLE more (a);\n${required}`);
    await expect(opened.migrations.applyMigrations()).rejects.toMatchObject({
      code: 'MIGRATION_FAILED',
      type: 'constraint',
      constraint: { kind: 'not_null', table: 'parts', columns: ['size'] },
      message: expect.stringContaining(
        'failed and left nothing behind: NOT NULL constraint failed: parts.size (0001_required.sql, line 2)',
      ),
    });
    expect(await opened.rows('SELECT id FROM parts WHERE size IS NULL')).toEqual([{ id: 1 }]);
    expect(await opened.rows("SELECT name FROM sqlite_schema WHERE name = 'more'")).toEqual([]);
  });

  it('goes through when the migration fills such rows first', async () => {
    await using opened = await withPending(`${fill}\n${required}\nALTER TABLE parts RENAME COLUMN size TO "a ""b";`);
    await opened.migrations.applyMigrations();
    expect(await opened.rows('SELECT id, "a ""b" AS size FROM parts')).toEqual([
      { id: 1, size: 0 },
      { id: 2, size: 7 },
    ]);
  });

  it('may keep NULL where the new definition does', async () => {
    await using opened = await withPending(
      `ALTER TABLE main.parts ALTER COLUMN name TO name text DEFAULT 'no, NOT NULL';`,
    );
    await opened.migrations.applyMigrations();
    expect(await opened.rows('SELECT name FROM parts WHERE name IS NULL')).toEqual([{ name: null }]);
  });
});

describe.each(targets)('what a column gets in its place on %s', (target) => {
  const tables = `CREATE TABLE parts (id integer PRIMARY KEY, name text, size integer);
CREATE UNIQUE INDEX parts_name ON parts (name);
INSERT INTO parts VALUES (1, 'gear', -5), (2, 'GEAR', 7), (3, NULL, NULL);`;
  const withPending = async (up: string, start = tables): Promise<Opened & AsyncDisposable> => {
    const scratch = await makeScratch(target);
    await scratch.write([
      { tag: '0000_parts', up: start, down: null },
      { tag: '0001_altered', up, down: '-- cc:down irreversible' },
    ]);
    const opened = await scratch.open();
    await opened.migrations.applyMigrations({ steps: 1 });
    return { ...opened, [Symbol.asyncDispose]: () => scratch[Symbol.asyncDispose]() };
  };

  it.each([
    [`CHECK (size > 0 AND ')' IS NOT NULL)`, `size > 0 AND ')' IS NOT NULL`],
    ['DEFAULT (1) CONSTRAINT "po s" CHECK ((size) > 0) CHECK (size < 100)', 'po s'],
  ])('stops the migration at a row that %s refuses', async (rule, name) => {
    await using opened = await withPending(`ALTER TABLE parts ALTER COLUMN size TO size integer ${rule};`);
    await expect(opened.migrations.applyMigrations()).rejects.toMatchObject({
      code: 'MIGRATION_FAILED',
      constraint: { kind: 'check', table: 'parts', columns: ['size'], name },
      message: expect.stringContaining(`CHECK constraint failed: ${name} (0001_altered.sql, line 1)`),
    });
    expect(await opened.rows(`SELECT sql FROM sqlite_schema WHERE sql LIKE '%CHECK (%size%'`)).toEqual([]);
  });

  it('may be a CHECK that every row meets, or has nothing to say to', async () => {
    await using opened = await withPending('ALTER TABLE parts ALTER COLUMN size TO size integer CHECK (size <> 0);');
    await opened.migrations.applyMigrations();
    expect(await opened.rows('SELECT integrity_check AS said FROM pragma_integrity_check')).toEqual([{ said: 'ok' }]);
    await expect(opened.run('UPDATE parts SET size = 0')).rejects.toThrow('CHECK constraint failed');
  });

  it('stops the migration where two rows are one by the new collation', async () => {
    await using opened = await withPending('ALTER TABLE parts ALTER COLUMN name TO name text COLLATE NOCASE;');
    await expect(opened.migrations.applyMigrations()).rejects.toMatchObject({
      code: 'MIGRATION_FAILED',
      constraint: { kind: 'unique', table: 'parts', columns: ['name'] },
      message: expect.stringContaining('UNIQUE constraint failed: parts.name (0001_altered.sql, line 1)'),
    });
    expect(await opened.rows(`SELECT id FROM parts WHERE name = 'gear'`)).toEqual([{ id: 1 }]);
  });

  it.each([
    ['a collation', '', ' COLLATE NOCASE', [1, 2]],
    ['another one than before', ' COLLATE NOCASE', ' NOT NULL', [2]],
  ])('is %s, and indexes find the rows by it', async (_, before, after, found) => {
    const start = `CREATE TABLE parts (id integer PRIMARY KEY, name text${before}); CREATE INDEX parts_name ON parts (name);
INSERT INTO parts VALUES (1, 'b'), (2, 'B'), (3, 'a'), (4, 'C');`;
    await using opened = await withPending(`ALTER TABLE parts ALTER COLUMN name TO name text${after};`, start);
    await opened.migrations.applyMigrations();
    expect(await opened.rows('SELECT integrity_check AS said FROM pragma_integrity_check')).toEqual([{ said: 'ok' }]);
    expect(await opened.rows(`SELECT id FROM parts INDEXED BY parts_name WHERE name = 'B' ORDER BY id`)).toEqual(
      found.map((id) => ({ id })),
    );
  });
});
