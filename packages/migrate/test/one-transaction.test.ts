import { targets, testsOn } from '@cc/testkit/targets';
import { isDatabaseError } from '@cc/tx';
import { afterEach, beforeEach, describe, expect } from 'vitest';
import { createMigrationManager } from '../src/index.js';
import { codeOf, firstOf, library, makeScratch, type Opened, type Scratch, type Written } from './scratch.js';

describe.each(targets)('one transaction on %s', (target) => {
  const test = testsOn(target);
  let scratch: Scratch;
  let opened: Opened;

  beforeEach(async () => {
    scratch = await makeScratch(target);
    await scratch.write(firstOf(1));
    opened = await scratch.open();
    await opened.migrations.applyMigrations();
  });
  afterEach(() => scratch[Symbol.asyncDispose]());

  /** Writes `migration` behind the first one. */
  const then = (migration: Partial<Written>): Promise<void> =>
    scratch.write([...firstOf(1), { tag: '0001_next', up: 'SELECT 1', down: null, ...migration }]);

  test('a failing statement leaves nothing of its migration and keeps those before it', async () => {
    await scratch.write([
      ...firstOf(2),
      { tag: '0002_bad', up: 'CREATE TABLE good (x); CREATE TABL bad (x);', down: null },
    ]);
    const error: unknown = await opened.migrations.applyMigrations().catch((thrown: unknown) => thrown);
    expect(isDatabaseError(error) && { type: error.type, operation: error.operation, outcome: error.outcome }).toEqual({
      type: 'syntax',
      operation: 'CREATE TABL bad (x)',
      outcome: 'none',
    });
    // SQLite says `near "TABL": syntax error`, a server `syntax error around L1:12: \`TABL\``.
    expect(String(error)).toMatch(
      /0002_bad \(up\) failed and left nothing behind: .*syntax error.*\(0002_bad\.sql, line \d\) \[MIGRATION_FAILED\] in CREATE TABL bad \(x\)/,
    );
    expect(await opened.migrations.getCurrentVersion()).toBe('0001_search');
    expect((await opened.schema()).map(({ name }) => name)).not.toContain('good');
    expect(await opened.migrations.history()).toHaveLength(2);
  });

  test('a failing down leaves the migration applied', async () => {
    await then({ up: 'CREATE TABLE a (x)', down: 'DROP TABLE a; DROP TABLE b' });
    await opened.migrations.applyMigrations();
    await expect(opened.migrations.rollbackMigration()).rejects.toThrow('0001_next (down) failed');
    expect(await opened.migrations.getCurrentVersion()).toBe('0001_next');
    expect((await opened.schema()).map(({ name }) => name)).toContain('a');
  });

  describe('foreign keys', () => {
    beforeEach(() =>
      opened.run(
        `INSERT INTO parts (name) VALUES ('bolt'), ('nut')`,
        `INSERT INTO notes VALUES (1, 'long'), (2, 'small')`,
      ),
    );

    test('rebuilding a parent keeps its children', async () => {
      await then({
        up: `CREATE TABLE new_parts (id integer PRIMARY KEY AUTOINCREMENT NOT NULL, name text);
INSERT INTO new_parts SELECT id, name FROM parts; DROP TABLE parts; ALTER TABLE new_parts RENAME TO parts;`,
      });
      await opened.migrations.applyMigrations();
      expect(await opened.rows('SELECT count(*) AS n FROM notes')).toEqual([{ n: 2 }]);
      await expect(opened.run(`INSERT INTO notes VALUES (9, 'nowhere')`)).rejects.toThrow(/FOREIGN KEY/);
    });

    test('a migration that would leave new violations is rolled back', async () => {
      await then({ up: `DELETE FROM parts WHERE name = 'nut'`, down: '-- cc:down irreversible' });
      expect(await codeOf(opened.migrations.applyMigrations())).toBe('MIGRATION_FOREIGN_KEY');
      expect(await opened.rows('SELECT count(*) AS n FROM parts')).toEqual([{ n: 2 }]);
      expect(await opened.migrations.getCurrentVersion()).toBe('0000_tables');
    });

    test('a foreign key to columns that are not unique is found before COMMIT', async () => {
      await then({ up: 'CREATE TABLE p (x); CREATE TABLE c (x REFERENCES p(x)); INSERT INTO c VALUES (1);' });
      await expect(opened.migrations.applyMigrations()).rejects.toThrow(
        'a foreign key of c that refers to no key of p: there is no unique index on p ("x")',
      );
      expect(await opened.migrations.getCurrentVersion()).toBe('0000_tables');
    });

    test('violations from before do not stop a migration', async () => {
      using lease = await opened.transactions.getConnection();
      await lease.client.migrate([`INSERT INTO notes VALUES (9, 'orphan')`]);
      lease.release();
      await then({ up: 'CREATE TABLE a (x)' });
      await opened.migrations.applyMigrations();
      expect(await opened.migrations.getCurrentVersion()).toBe('0001_next');
    });

    describe('with rows of before whose foreign key points nowhere', () => {
      const labels = 'CREATE TABLE labels (id INTEGER PRIMARY KEY, part_id INTEGER REFERENCES parts (id))';
      beforeEach(async () => {
        await then({ up: labels });
        await opened.migrations.applyMigrations();
        using lease = await opened.transactions.getConnection();
        await lease.client.migrate(['INSERT INTO labels VALUES (1, 77), (2, 78), (3, 79)']);
        lease.release();
      });
      const third = async (up: string): Promise<unknown> => {
        await scratch.write([
          ...firstOf(1),
          { tag: '0001_next', up: labels, down: null },
          { tag: '0002_third', up, down: '-- cc:down irreversible' },
        ]);
        return await opened.migrations.applyMigrations({ allowDataLoss: true }).then(
          () => null,
          (error: unknown) => String(error),
        );
      };

      test('what is repaired in one table is no excuse for another', async () => {
        const said = await third(`DELETE FROM labels; DELETE FROM parts WHERE name = 'nut'`);
        expect(said).toMatch(
          /would leave rows whose foreign key points nowhere: \d+ rows? of notes, which refers? to parts/,
        );
        expect(await opened.rows('SELECT count(*) AS n FROM labels')).toEqual([{ n: 3 }]);
      });

      test.each([
        ['gets another name', 'ALTER TABLE labels RENAME TO tags'],
        ['takes the name of one that goes', 'DROP TABLE notes; ALTER TABLE labels RENAME TO notes'],
        ['is repaired', 'DELETE FROM labels WHERE id < 3'],
        [
          'is rebuilt',
          'CREATE TABLE d (id INTEGER PRIMARY KEY, part_id INTEGER REFERENCES parts (id)); INSERT INTO d SELECT * FROM labels; DROP TABLE labels; ALTER TABLE d RENAME TO labels',
        ],
      ])('a table that has some %s', async (_, up) => {
        expect(await third(up)).toBeNull();
      });
    });
  });

  describe('refusals', () => {
    test.each(['BEGIN', 'COMMIT', 'ROLLBACK', `ATTACH 'x.db' AS x`, 'VACUUM'])('%s in a file', async (sql) => {
      await then({ up: `CREATE TABLE a (x);\n${sql};` });
      await expect(opened.migrations.applyMigrations()).rejects.toThrow(
        /0001_next\.sql contains [A-Z]+ on line 2, which cannot run inside a migration \[MIGRATION_STATEMENT\]/,
      );
      expect(await opened.migrations.getCurrentVersion()).toBe('0000_tables');
    });

    test('a bad statement in a later file stops the earlier one, too', async () => {
      await scratch.write([...firstOf(2), { tag: '0002_bad', up: 'COMMIT', down: null }]);
      expect(await codeOf(opened.migrations.applyMigrations())).toBe('MIGRATION_STATEMENT');
      expect(await opened.migrations.getCurrentVersion()).toBe('0000_tables');
    });

    test('a down file that is missing, named with what to add', async () => {
      await then({ up: 'CREATE TABLE a (x)' });
      await opened.migrations.applyMigrations();
      await expect(opened.migrations.rollbackMigration({ steps: 2 })).rejects.toThrow(
        '0001_next cannot be taken back: nothing says how [MIGRATION_NO_DOWN] in rollbackMigration. Add 0001_next.down.sql',
      );
      expect(await opened.migrations.getCurrentVersion()).toBe('0001_next');
    });

    test('a call inside a transaction', async () => {
      await expect(opened.transactions.transaction(() => opened.migrations.applyMigrations())).rejects.toThrow(
        new TypeError('Migrations cannot run inside transaction(): call them outside'),
      );
    });

    test('unknown options and versions', async () => {
      const { transactions, migrations } = opened;
      const wrong = { folder: scratch.folder, maxAttempt: 3 };
      expect(() => createMigrationManager(transactions, wrong)).toThrow(
        `unknown option 'maxAttempt'; did you mean 'maxAttempts'?`,
      );
      const options = { dryRun: true, targetVerson: '1' };
      await expect(migrations.applyMigrations(options)).rejects.toThrow(`did you mean 'targetVersion'?`);
      await expect(migrations.applyMigrations({ steps: 0 })).rejects.toThrow(
        'steps must be a whole number of at least 1',
      );
      await expect(migrations.rollbackMigration({ steps: 1, targetVersion: null })).rejects.toThrow('not both');
      await expect(migrations.applyMigrations({ targetVersion: '7' })).rejects.toThrow(
        `targetVersion '7' is no version here. Known: 0000_tables`,
      );
      await then({});
      await expect(migrations.rollbackMigration({ targetVersion: '0001_next' })).rejects.toThrow(TypeError);
    });
  });

  test('the plan shows statements, ways back and refusals without refusing', async () => {
    await scratch.write([...library.slice(0, 2), { tag: '0002_bad', up: 'VACUUM', down: null }]);
    const plan = await opened.migrations.plan();
    expect(plan.problems).toEqual([]);
    expect(plan.migrations).toMatchObject([
      { version: '0001_search', reversible: true, losses: [], problems: [] },
      { version: '0002_bad', reversible: false, statements: [], problems: [{ kind: 'statement' }] },
    ]);
    expect(plan.migrations[0]?.statements).toHaveLength(4);
    const down = await opened.migrations.plan({ direction: 'down', targetVersion: null });
    expect(down.migrations[0]?.statements).toEqual(['DROP TABLE `notes`', 'DROP TABLE `parts`']);
  });
});
