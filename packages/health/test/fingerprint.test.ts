import fc from 'fast-check';
import { expect, test } from 'vitest';
import { fingerprint } from '../src/statistics/fingerprint.js';

test.each([
  ["select * from t where a = 'x' and b = 12", 'select * from t where a = ? and b = ?'],
  ['select  *\n\tfrom t -- a note\n where a = ? /* more */ ;', 'select * from t where a = ?'],
  ["select 'it''s', x'ff00', X'AB', 0x1F, 1.5e-3, .5, 1_000", 'select ?, …'],
  ['select a1, "b 2", [c 3], `d 4` from t5', 'select a1, "b 2", [c 3], `d 4` from t5'],
  [
    'select * from t where a = ?1 or b = :name or c = @name or d = $name',
    'select * from t where a = ? or b = ? or c = ? or d = ?',
  ],
  ['select * from t where id in (?, ?, ?)', 'select * from t where id in (?, …)'],
  ['insert into t values (?, ?), (?, ?), (?, ?)', 'insert into t values (?, …), …'],
  ['insert into t values (null, ?, 1), (null, ?, 2)', 'insert into t values (null, ?, …), …'],
  ["select * from t where a = 'never closed", 'select * from t where a = ?'],
  ["select * from t where a = x'abc", 'select * from t where a = ?'],
  ['select 9zqxsecret, 0xfgsecret, 1.5ezqx, 12größe from t', 'select ?, … from t'],
  ['select * from t where größe > 3', 'select * from t where größe > ?'],
  ['select * from t where a in (1, -2, +3)', 'select * from t where a in (?, …)'],
  ['select * from t where a >= -5 and b = - 5.5', 'select * from t where a >= ? and b = ?'],
  ['insert into t values (1, -2), (-3, 4)', 'insert into t values (?, …), …'],
  ['select a - 5, b -5, (c) -5 from t', 'select a - ?, b -?, (c) -? from t'],
  ['select * from "a  b",  "a b" where "( x"  = 1', 'select * from "a  b", "a b" where "( x" = ?'],
  [
    'select "x )", [= -1],  `(?, ?)`, "0" , "1" from "two\nlines" ; ',
    'select "x )", [= -1], `(?, ?)`, "0", "1" from "two\nlines"',
  ],
  ['insert into t values ("a b", 1), ("a b", 2)', 'insert into t values ("a b", ?), …'],
  ['', ''],
])('%s', (sql, expected) => {
  expect(fingerprint(sql)).toBe(expected);
});

test('statements that differ only in their values share a fingerprint', () => {
  const literal = fc.oneof(
    fc.string().map((text) => `'${text.replaceAll("'", "''")}'`),
    fc.integer({ min: 0 }).map(String),
    fc.uint8Array().map((bytes) => `x'${Buffer.from(bytes).toString('hex')}'`),
  );
  fc.assert(
    fc.property(literal, literal, (a, b) => {
      expect(fingerprint(`select * from t where a = ${a} and b = ${b} -- ${'c'}`)).toBe(
        'select * from t where a = ? and b = ?',
      );
    }),
  );
});

test('no text literal survives, wherever a long statement is cut', () => {
  const secret = "'secret'";
  for (const length of [3_980, 3_990, 3_995, 3_999, 4_000, 10_000]) {
    const sql = `select ${'a, '.repeat(length / 3).slice(0, length - 8)} ${secret}, ${secret} from t`;
    expect(fingerprint(sql)).not.toContain('secret');
  }
});

test('a statement of a million characters is cut', () => {
  const sql = `insert into t values ${Array.from({ length: 40_000 }, (_, i) => `(?, 'v${i}', c${i})`).join(', ')}`;
  expect(fingerprint(sql).length).toBeLessThanOrEqual(1_001);
  expect(fingerprint(sql)).toMatch(/…$/);
});
