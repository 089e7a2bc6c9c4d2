// Digests of rows: every change of a value, of its type or of its row is seen, and the order of rows is none.
import { openTransactionManager } from '@cc/tx';
import { describe, expect, test } from 'vitest';
import { noRenames } from '../../src/change/renames.js';
import type { Connection } from '../../src/contract/connection.js';
import { readSchema } from '../../src/schema/read-schema.js';
import { compareRows, digestRows, type RowDigests } from '../../src/scratch/row-digest.js';

async function digestsOf(...statements: string[]): Promise<RowDigests> {
  await using transactions = await openTransactionManager({ url: ':memory:' });
  using lease = await transactions.getConnection();
  for (const sql of statements) await lease.client.execute(sql);
  return await digestRows(lease.client, await readSchema(lease.client));
}

async function changes(before: readonly string[], after: readonly string[]): Promise<readonly string[]> {
  return compareRows(await digestsOf(...before), await digestsOf(...after), noRenames);
}

const table = 'CREATE TABLE t (k integer PRIMARY KEY, v)';

test('rows in another order are the same', async () => {
  const rows = (order: string): string[] => [
    'CREATE TABLE t (k text, l integer, v, PRIMARY KEY (k, l)) WITHOUT ROWID',
    `INSERT INTO t WITH RECURSIVE c(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM c WHERE i < 5000)
      SELECT 'k' || (i % 7), i, i * 3 FROM c ORDER BY ${order}`,
  ];
  expect(await changes(rows('i'), rows('-i'))).toEqual([]);
});

test('of pictures no more is read than their digests', async () => {
  await using transactions = await openTransactionManager({ url: ':memory:' });
  using lease = await transactions.getConnection();
  const { client } = lease;
  await client.execute('CREATE TABLE t (k blob PRIMARY KEY, v)');
  await client.execute(`INSERT INTO t WITH RECURSIVE c(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM c WHERE i < 20)
    SELECT CAST(zeroblob(1000000) || i AS BLOB), iif(i % 2, zeroblob(1000000), replace(hex(zeroblob(500000)), '0', 'é')) FROM c`);
  let longest = 0;
  const execute = async (sql: string) => {
    const answer = await client.execute(sql);
    const lengths = answer.rows.flatMap((row) => Object.values(row).map((value) => String(value).length));
    longest = Math.max(longest, ...lengths);
    return answer;
  };
  const schema = await readSchema(client);
  const digests = await digestRows({ execute } as Connection, schema);
  expect(longest).toBeLessThan(1_000);
  await client.execute(`UPDATE t SET v = replace(v, 'éé', 'ée') WHERE rowid = 20`);
  expect(compareRows(digests, await digestRows(client, schema), noRenames)).toEqual(['column t.v holds other values']);
});

describe('another', () => {
  test.each([
    ['value', '(1, 5), (2, 6)', '(1, 5), (2, 7)'],
    ['row for a value', '(1, 5), (2, 6)', '(1, 6), (2, 5)'],
    ['type: text for an integer', '(1, 5)', `(1, '5')`],
    ['type: a blob for text', `(1, 'a')`, `(1, x'61')`],
    ['type: a real for an integer', '(1, 5)', '(1, 5.0)'],
    ['NULL', '(1, NULL)', `(1, 'NULL')`],
    ['digit past what JavaScript holds', '(1, 9007199254740993)', '(1, 9007199254740992)'],
    ['pair of values with the same sum', '(1, 5), (2, 6)', '(1, 4), (2, 7)'],
  ])('%s is seen', async (_, before, after) => {
    const rows = (values: string): string[] => [table, `INSERT INTO t VALUES ${values}`];
    expect(await changes(rows(before), rows(after))).toEqual(['column t.v holds other values']);
    expect(await changes(rows(before), rows(before))).toEqual([]);
  });

  test('last value of many pages is seen, also under columns that hide the rowid', async () => {
    for (const columns of ['k integer PRIMARY KEY, v', 'rowid integer PRIMARY KEY, v', 'rowid, _rowid_, oid, v']) {
      const names = columns.includes('oid') ? 'rowid, _rowid_, oid, v' : columns.replace(' integer PRIMARY KEY', '');
      const values = columns.includes('oid') ? 'i, i, i, i' : 'i, i';
      const rows = [
        `CREATE TABLE t (${columns})`,
        `INSERT INTO t (${names}) WITH RECURSIVE c(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM c WHERE i < 6001) SELECT ${values} FROM c`,
      ];
      expect(await changes(rows, rows)).toEqual([]);
      expect((await changes(rows, [...rows, 'UPDATE t SET v = 0 WHERE v = 6001'])).at(-1)).toBe(
        'column t.v holds other values',
      );
    }
  });

  test('number of rows is seen, and rows behind a deleted one are still read', async () => {
    const rows = [table, 'INSERT INTO t VALUES (1, 1), (-5, 2), (900000000000, 3)'];
    expect(await changes(rows, [...rows, 'DELETE FROM t WHERE k = 1'])).toEqual(['table t has 2 rows instead of 3']);
  });
});
