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
