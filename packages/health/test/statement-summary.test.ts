import fc from 'fast-check';
import { expect, test } from 'vitest';
import { summaryOf } from '../src/statistics/statement-summary.js';

test.each([
  ['select * from models', 'SELECT models'],
  ['/* app */ select 1', 'SELECT'],
  ['-- from hidden\nselect id from main.models m', 'SELECT models'],
  ['select * from other.models', 'SELECT other.models'],
  ['select * from "my table", [b c], `d``e`', 'SELECT my table b c d`e'],
  ['select * from "a""b" join c on c.id = "a""b".id left join d using (id)', 'SELECT a"b c d'],
  ["select 'mail from alice' as x", 'SELECT'],
  ["select replace(name, 'update secret1', '') from models", 'SELECT models'],
  ['select a is not distinct from b from models', 'SELECT models'],
  ['select (select max(id) from sizes) from models where id in (select id from tags)', 'SELECT sizes models tags'],
  ['select key from models, json_each(models.tags) where 1', 'SELECT models'],
  ['select * from (select * from models) x, tags', 'SELECT models tags'],
  [
    'with a as (select * from models), b (x) as not materialized (select 1 from a) select * from b join tags',
    'SELECT models tags',
  ],
  ['with recursive t as (select 1) insert into models select * from t', 'INSERT models'],
  ['insert or replace into models (id) values (1) on conflict (id) do update set id = 2', 'INSERT models'],
  ['replace into models values (1)', 'REPLACE models'],
  ['update or ignore models set name = 1', 'UPDATE models'],
  ['update models set name = t.name from tags t', 'UPDATE models tags'],
  ['delete from models where id = 1 returning id, name', 'DELETE models'],
  ['values (1, 2), (3, 4)', 'VALUES'],
  ['SELECT COUNT(*) FROM Models ORDER BY a, b', 'SELECT Models'],
  ['create table models (id)', 'CREATE'],
  ['pragma journal_mode', 'PRAGMA'],
  ['hunter2 is my password', 'OTHER'],
  ['', 'OTHER'],
])('%s', (sql, expected) => {
  expect(summaryOf(sql).text).toBe(expected);
});

test('a summary is short, and no literal is in it', () => {
  const literal = fc.oneof(
    fc.string({ unit: 'binary' }).map((text) => `'from zzsecret ${text.replaceAll("'", "''")}'`),
    fc.string().map((text) => `/* from zzsecret ${text.replaceAll('*/', '')} */ ?`),
    fc.stringMatching(/^[\da-z]{0,9}$/).map((text) => `7zzsecret${text}`),
  );
  fc.assert(
    fc.property(fc.array(literal, { maxLength: 5 }), fc.nat(300), (literals, tables) => {
      const names = Array.from({ length: tables }, (_, i) => `table_${i}`);
      const { text } = summaryOf(`select ${literals.join(', ')} from ${names.join(', ')}`);
      expect(text).not.toContain('zzsecret');
      expect(text.length).toBeLessThanOrEqual(255);
    }),
  );
});
