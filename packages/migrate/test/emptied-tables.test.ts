import { expect, test } from 'vitest';
import { emptiedTables } from '../src/sql/emptied-tables.js';
import { splitStatements } from '../src/sql/statements.js';

const emptied = (sql: string, before: readonly string[] = []): readonly string[] => [
  ...emptiedTables(splitStatements(sql, 'x.sql'), new Set(before)),
];

test.each([
  ['DELETE FROM a; delete from "B"; DELETE FROM main.`c`', ['a', 'b', 'c']],
  ['DELETE FROM a WHERE x = 1; DELETE FROM b LIMIT 1', []],
  ['DELETE FROM a; INSERT INTO a VALUES (1)', []],
  ['DELETE FROM a; REPLACE INTO a VALUES (1)', []],
  ['DELETE FROM a; ALTER TABLE a RENAME TO b', ['b']],
  ['DELETE FROM a; ALTER TABLE a RENAME TO old; ALTER TABLE b RENAME TO a', ['old']],
  ['DELETE FROM a; DROP TABLE IF EXISTS a; CREATE TABLE a AS SELECT * FROM b', []],
  ['DELETE FROM a; ALTER TABLE a RENAME COLUMN x TO y', ['a']],
])('%s leaves %j without rows', (sql, tables) => {
  expect(emptied(sql)).toEqual(tables);
});

test('what was empty before stays so until it is written to', () => {
  expect(emptied('DELETE FROM a; INSERT INTO b VALUES (1)', ['b', 'c']).toSorted()).toEqual(['a', 'c']);
});
