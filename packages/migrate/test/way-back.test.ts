import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { formatDownHeader, markOf } from '../src/folder/down-file.js';
import { runProgram } from '../src/program.js';
import { codeOf, firstOf, makeScratch, type Opened, type Scratch } from './scratch.js';

let scratch: Scratch;
let opened: Opened;

beforeEach(async () => {
  scratch = await makeScratch();
  await scratch.write(firstOf(1));
  opened = await scratch.open();
  await opened.migrations.applyMigrations();
  await opened.run(`INSERT INTO parts (name) VALUES ('bolt'), ('nut')`);
});
afterEach(() => scratch[Symbol.asyncDispose]());

/** Writes `0001_next` behind the first migration. */
const next = (up: string, down: string | null): Promise<void> =>
  scratch.write([...firstOf(1), { tag: '0001_next', up, down }]);

async function cli(...args: string[]): Promise<{ exitCode: number; out: string; err: string }> {
  const [out, err]: [string[], string[]] = [[], []];
  const exitCode = await runProgram([...args, '--folder', scratch.folder, '--url', scratch.url], {
    version: '0',
    env: {},
    print: (text) => out.push(text),
    warn: (text) => err.push(text),
    ask: null,
  });
  return { exitCode, out: out.join('\n'), err: err.join('\n') };
}

describe('a migration that changes rows from before', () => {
  test.each([
    `UPDATE parts SET name = upper(name)`,
    `update "parts" SET name = upper(name)`,
    `DELETE FROM parts WHERE name = 'nut'`,
    `INSERT INTO parts (name) VALUES ('washer')`,
    `REPLACE INTO main.parts VALUES (1, 'x')`,
    `WITH big(n) AS (SELECT 1) UPDATE OR IGNORE parts SET name = 'x' WHERE id IN big`,
    `ALTER TABLE parts RENAME TO pieces; UPDATE pieces SET name = upper(name)`,
    `CREATE TABLE parts_new (id integer PRIMARY KEY, name text); INSERT INTO parts_new SELECT * FROM parts;
      DROP TABLE parts; ALTER TABLE parts_new RENAME TO parts; UPDATE parts SET name = upper(name)`,
  ])('without a way back is refused before it runs: %s', async (up) => {
    await next(up, null);
    const before = await opened.rows('SELECT * FROM parts');
    expect(await codeOf(opened.migrations.applyMigrations())).toBe('MIGRATION_NO_DOWN');
    expect(await opened.rows('SELECT * FROM parts')).toEqual(before);
    expect((await opened.migrations.plan()).migrations).toMatchObject([{ problems: [{ kind: 'no_down' }] }]);
  });

  test.each([
    `CREATE TABLE tags (id integer PRIMARY KEY, tag text); INSERT INTO tags (tag) VALUES ('a'); UPDATE tags SET tag = 'b'`,
    `CREATE TABLE parts_new (id integer PRIMARY KEY, name text); INSERT INTO parts_new SELECT * FROM parts;
      DROP TABLE parts; ALTER TABLE parts_new RENAME TO parts`,
    `CREATE VIRTUAL TABLE f USING fts5(name, content='parts', content_rowid='id'); INSERT INTO f(f) VALUES ('rebuild')`,
    `CREATE TRIGGER t AFTER INSERT ON parts BEGIN UPDATE parts SET name = 'x'; END`,
    `SELECT * FROM parts`,
  ])('is not seen in: %s', async (up) => {
    await next(up, null);
    expect((await opened.migrations.applyMigrations()).current).toBe('0001_next');
  });

  test('is seen in a table with a column of its own name', async () => {
    await next('CREATE TABLE tag (tag text)', 'DROP TABLE tag');
    await opened.migrations.applyMigrations();
    const insert = `INSERT INTO tag (tag) VALUES ('x')`;
    await scratch.write([
      ...firstOf(1),
      { tag: '0001_next', up: 'CREATE TABLE tag (tag text)', down: 'DROP TABLE tag' },
      { tag: '0002_tag', up: insert, down: null },
    ]);
    expect(await codeOf(opened.migrations.applyMigrations())).toBe('MIGRATION_NO_DOWN');
  });

  test('is seen before its table exists, when an earlier pending migration makes it', async () => {
    await scratch.write([
      ...firstOf(1),
      { tag: '0001_next', up: 'CREATE TABLE tags (x)', down: 'DROP TABLE tags' },
      { tag: '0002_fill', up: `INSERT INTO tags VALUES (1)`, down: null },
    ]);
    expect(await codeOf(opened.migrations.applyMigrations())).toBe('MIGRATION_NO_DOWN');
    expect(await opened.migrations.getCurrentVersion()).toBe('0000_tables');
  });

  test('is refused by name and line, with what to add, and exit code 3', async () => {
    await next(`CREATE TABLE a (x);\n\nUPDATE parts\n  SET name = upper(name);`, null);
    const { exitCode, err } = await cli('up');
    expect(exitCode).toBe(3);
    expect(err).toContain('0001_next changes rows that were there before, and nothing says how to take it back');
    expect(err).toContain('line 3: UPDATE parts SET name = upper(name)');
    expect(err).toContain('Add 0001_next.down.sql');
  });

  test('runs with a down file, and comes back by it', async () => {
    await next(
      `-- cc:loss parts.name\nUPDATE parts SET name = upper(name)`,
      '-- cc:loss parts.name\nUPDATE parts SET name = lower(name)',
    );
    await opened.migrations.applyMigrations();
    await opened.migrations.rollbackMigration();
    expect(await opened.rows('SELECT name FROM parts')).toEqual([{ name: 'bolt' }, { name: 'nut' }]);
  });
});

describe('an irreversible migration', () => {
  beforeEach(() => next(`-- cc:loss parts.name\nUPDATE parts SET name = upper(name)`, '-- cc:down irreversible\n'));

  test('applies with a warning, in plan, dry run and status', async () => {
    const warnings = [{ kind: 'irreversible', table: null, rows: null }];
    expect((await opened.migrations.plan()).migrations).toMatchObject([{ warnings, problems: [], reversible: false }]);
    expect((await opened.migrations.applyMigrations({ dryRun: true })).migrations).toMatchObject([{ warnings }]);
    expect((await opened.migrations.status()).pending).toMatchObject([{ wayBack: 'irreversible' }]);
    expect((await cli('status')).out).toContain('0001_next  (irreversible)');
    expect((await cli('plan')).out).toContain('-- WARNING: 0001_next cannot be taken back');
    expect((await opened.migrations.applyMigrations()).current).toBe('0001_next');
    expect((await opened.migrations.status()).applied.at(-1)).toMatchObject({ wayBack: 'irreversible' });
  });

  test('is not taken back, whatever is allowed', async () => {
    await opened.migrations.applyMigrations();
    expect(await codeOf(opened.migrations.rollbackMigration({ allowDataLoss: true }))).toBe('MIGRATION_NO_DOWN');
    const { exitCode, err } = await cli('down', '--to', 'none', '--yes', '--allow-data-loss');
    expect([exitCode, err]).toEqual([3, expect.stringContaining('Restore a backup')]);
    expect(await opened.migrations.getCurrentVersion()).toBe('0001_next');
  });

  test('is not taken back by its stored text either', async () => {
    await opened.migrations.applyMigrations();
    await scratch.write(firstOf(1));
    expect(await codeOf(opened.migrations.rollbackMigration())).toBe('MIGRATION_NO_DOWN');
  });
});

describe('a draft of a down file', () => {
  beforeEach(() => next('CREATE TABLE a (x)', '-- cc:down draft\n-- TODO: the rows\nDROP TABLE a;'));

  test('keeps its migration from going up, with exit code 3', async () => {
    expect(await codeOf(opened.migrations.applyMigrations())).toBe('MIGRATION_DRAFT_DOWN');
    expect((await opened.migrations.status()).pending).toMatchObject([{ wayBack: 'draft' }]);
    const { exitCode, err } = await cli('up');
    expect([exitCode, err]).toEqual([3, expect.stringContaining('0001_next.down.sql is a draft')]);
  });

  test('does not run', async () => {
    await next('CREATE TABLE a (x)', null);
    await opened.migrations.applyMigrations();
    await next('CREATE TABLE a (x)', '-- cc:down draft\nDROP TABLE a;');
    expect(await codeOf(opened.migrations.rollbackMigration())).toBe('MIGRATION_DRAFT_DOWN');
    expect((await opened.schema()).map(({ name }) => name)).toContain('a');
  });
});

describe('a down file for another text of its up file', () => {
  const up = 'CREATE TABLE a (x);\nCREATE TABLE b (x);\n';
  const down = `${formatDownHeader({ kind: 'generated', of: markOf(up), losses: [] })}\nDROP TABLE b;\nDROP TABLE a;\n`;

  test('is told before its migration runs, with exit code 2 and the command that mends it', async () => {
    await next(`${up}CREATE TABLE c (x);`, down);
    expect((await opened.migrations.status()).problems).toMatchObject([{ kind: 'stale_down', version: '0001_next' }]);
    expect(await codeOf(opened.migrations.applyMigrations())).toBe('MIGRATION_STALE_DOWN');
    const { exitCode, err } = await cli('up');
    expect([exitCode, err]).toEqual([2, expect.stringContaining('cc-migrate generate --missing-downs')]);
  });

  test('does not run over a migration that is applied', async () => {
    await next(`${up}CREATE TABLE c (x);`, null);
    await opened.migrations.applyMigrations();
    await next(`${up}CREATE TABLE c (x);`, down);
    expect(await codeOf(opened.migrations.rollbackMigration())).toBe('MIGRATION_STALE_DOWN');
  });

  test('is not told where line endings alone differ', async () => {
    await next(up.replaceAll('\n', '\r\n'), down.replaceAll('\n', '\r\n'));
    await opened.migrations.applyMigrations();
    await opened.migrations.rollbackMigration();
    expect(await opened.migrations.getCurrentVersion()).toBe('0000_tables');
  });
});

test('a migration without rows and without a down file applies with a warning', async () => {
  await next('CREATE TABLE a (x)', null);
  expect((await opened.migrations.plan()).migrations).toMatchObject([
    { warnings: [{ kind: 'no_down', message: '0001_next cannot be taken back: it has no down file' }], problems: [] },
  ]);
  expect((await opened.migrations.applyMigrations()).migrations).toMatchObject([{ warnings: [{ kind: 'no_down' }] }]);
});

test('a loss in the first line of a down file may be written as it is', async () => {
  await next(
    'ALTER TABLE parts ADD rate real',
    '-- cc:down generated loss=parts.100%,a%20b\nALTER TABLE parts DROP COLUMN rate',
  );
  expect((await opened.migrations.status()).pending).toMatchObject([{ wayBack: 'ready' }]);
  expect(await opened.migrations.verify()).toMatchObject({
    ok: true,
    migrations: [{ warnings: ['it takes parts.100%, a b for good, as its down file says'] }],
  });
  await opened.migrations.applyMigrations();
  expect((await opened.migrations.status()).applied.at(-1)).toMatchObject({ wayBack: 'ready' });
});
