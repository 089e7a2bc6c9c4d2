// Every change of a schema that people make, generated and taken both ways on a database with rows. The checks here read
// SQLite's own pragmas and do not go through the code that plans or compares.
import { openTransactionManager, type TransactionManager } from '@cc/tx';
import { describe, expect, test } from 'vitest';
import { emptySnapshot } from '../../src/folder/snapshot.js';
import { splitStatements } from '../../src/sql/statements.js';
import { type Case, researched } from './cases.js';
import { further } from './further-cases.js';
import { kit, migrationsBefore, planCase, snapshotOf } from './planned.js';

const modelRows = [`INSERT INTO models (name, size) VALUES ('bolt', 12), ('nut', NULL)`];

type Row = Record<string, unknown>;

interface Database {
  readonly run: (statements: readonly string[]) => Promise<void>;
  readonly rows: (sql: string) => Promise<readonly Row[]>;
}

async function withDatabase<T>(work: (database: Database) => Promise<T>): Promise<T> {
  await using transactions: TransactionManager = await openTransactionManager({ url: ':memory:' });
  using lease = await transactions.getConnection();
  return await work({
    run: async (statements) => {
      const split = splitStatements(statements.join('\n--> statement-breakpoint\n'), 'test').map(({ sql }) => sql);
      await lease.client.migrate(split);
    },
    rows: async (sql) => (await lease.client.execute(sql)).rows.map((row) => ({ ...row })),
  });
}

const unquoted = (sql: unknown): string =>
  String(sql)
    .replaceAll(/[`"[\]]/g, '')
    .replaceAll(/\s+/g, ' ')
    .toLowerCase();

/** What SQLite makes of every table, sorted where order is no matter of meaning. */
async function pragmasOf({ rows }: Database, order: boolean): Promise<unknown> {
  const tables = await rows(
    `SELECT name FROM pragma_table_list WHERE schema = 'main' AND type = 'table' AND name NOT LIKE 'sqlite_%' ORDER BY name`,
  );
  const described: Record<string, unknown> = {};
  for (const { name } of tables) {
    const columns = await rows(
      `SELECT name, lower(type) AS type, "notnull", dflt_value, pk, hidden FROM pragma_table_xinfo('${String(name).replaceAll("'", "''")}')`,
    );
    const keys = await rows(
      `SELECT "table", "from", "to", on_update, on_delete FROM pragma_foreign_key_list('${String(name).replaceAll("'", "''")}') ORDER BY 1, 2`,
    );
    const [created] = await rows(
      `SELECT sql FROM sqlite_schema WHERE type = 'table' AND name = '${String(name).replaceAll("'", "''")}'`,
    );
    described[String(name)] = {
      columns: order ? columns : columns.toSorted((a, b) => (String(a['name']) < String(b['name']) ? -1 : 1)),
      keys,
      marks: [/autoincrement/i, /check/i, /stored|virtual/i].map((mark) => mark.test(String(created?.['sql']))),
    };
  }
  return described;
}

async function objectsOf({ rows }: Database, types: string): Promise<unknown> {
  const objects = await rows(
    `SELECT type, name, tbl_name, sql FROM sqlite_schema WHERE type IN (${types}) AND sql IS NOT NULL ORDER BY type, name`,
  );
  return objects.map((row) => ({ ...row, sql: unquoted(row['sql']) }));
}

async function expectSound({ rows }: Database): Promise<void> {
  expect(await rows('PRAGMA integrity_check')).toEqual([{ integrity_check: 'ok' }]);
  expect(await rows('PRAGMA foreign_key_check')).toEqual([]);
}

async function expectAnswers({ rows }: Database, holds: Case['holds']): Promise<void> {
  for (const [sql, answer] of holds ?? [])
    expect([sql, ...Object.values((await rows(sql))[0] ?? {})]).toEqual([sql, answer]);
}

describe.each([
  ['of the research', researched],
  ['beyond it', further],
])('changes %s', (_, cases) => {
  test.each(cases.map((each) => [each.name, each] as const))('%s', async (_name, each) => {
    const before = await migrationsBefore(each);
    const { up, down, author, upLosses } = await planCase(each);
    if (each.losses) expect(upLosses).toEqual(each.losses);
    if (each.author) expect(author).toBe(each.author);
    const fresh = await withDatabase(async (database) => {
      await database.run(await kit(emptySnapshot, await snapshotOf(each.after)));
      return await pragmasOf(database, false);
    });
    await withDatabase(async (database) => {
      for (const { upSql } of before) await database.run([upSql]);
      const hasModels = (await database.rows(`SELECT 1 FROM sqlite_schema WHERE name = 'models'`)).length > 0;
      await database.run(each.rows ?? (hasModels ? modelRows : []));
      const start = [await pragmasOf(database, true), await objectsOf(database, `'index', 'view', 'trigger'`)];

      await database.run(up);
      expect(await pragmasOf(database, false)).toEqual(fresh);
      await expectSound(database);
      await expectAnswers(database, each.holds);
      const whole = [await pragmasOf(database, true), await objectsOf(database, `'index', 'view', 'trigger'`)];

      await database.run(down);
      expect([await pragmasOf(database, true), await objectsOf(database, `'index', 'view', 'trigger'`)]).toEqual(start);
      await expectSound(database);
      await expectAnswers(database, each.holdsBack);

      await database.run(up);
      expect([await pragmasOf(database, true), await objectsOf(database, `'index', 'view', 'trigger'`)]).toEqual(whole);
      await expectSound(database);
    });
  });
});
