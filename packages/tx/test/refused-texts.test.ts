// A text that holds more than one statement, or asks for other values than it is given, is refused before it runs: the
// driver would ignore the rest, bind NULL, or end the process.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { openNative } from '../src/native-driver.js';
import { readStatement } from '../src/statements/statement-text.js';
import { openTarget, targets } from './target.js';

const refused: [sql: string, args: unknown[] | Record<string, unknown>][] = [
  ["insert into items (name) values ('a'); insert into items (name) values ('b')", []],
  ['select 1; select 2', []],
  ['select ?, ?', [1]],
  ['select ?, ?', []],
  ['insert into items (name, amount) values (?, ?)', ['x']],
  ['select ?3', [1, 2]],
  ['select :a, :b', { a: 1 }],
];

describe.each(targets)('on %s', (target) => {
  it.each(refused)('%s with %j is refused and does nothing', async (sql, args) => {
    const manager = await openTarget(target);
    const { $client } = manager.db;
    await expect($client.execute({ sql, args: args as never })).rejects.toBeInstanceOf(Error);
    await expect($client.batch([{ sql, args: args as never }], 'write')).rejects.toBeInstanceOf(Error);
    expect((await $client.execute('select * from items')).rows).toEqual([]);
  });
});

describe.each(['file', ':memory:'] as const)('on %s', (target) => {
  it.each<[string, unknown[] | Record<string, unknown>]>([
    ['select ?', [1, 2]],
    ['select ?', { a: 1 }],
    ['select ?, :a', { a: 1 }],
    ['select 1\0; drop table items', []],
    [`select 'a\ud800'`, []],
  ])('%j with %j is a TypeError, not the end of the process', async (sql, args) => {
    const { $client } = (await openTarget(target)).db;
    await expect($client.execute({ sql, args: args as never })).rejects.toThrow(TypeError);
  });

  it.each<[string, unknown[] | Record<string, unknown>, unknown[]]>([
    ['select ?2 a, ?3 b, ?1 c', ['x', 'y', 'z'], ['y', 'z', 'x']],
    ['select ?3 a, ?1 b', ['x', 'y', 'z'], ['z', 'x']],
    ['select ?2 a, ? b, ?3 c', ['x', 'y', 'z'], ['y', 'z', 'z']],
    ['select :b a, $a b, ?1 c', { a: 'x', b: 'y' }, ['y', 'x', 'y']],
    ['select :a a, :a b', { ':a': 'x' }, ['x', 'x']],
    ['select :a a, @b b', ['x', 'y'], ['x', 'y']],
    [`select '?' a, ? b, "?" from (select 1 as "?") -- ?`, ['x'], ['?', 'x', 1]],
    ['select 1 a; ; -- done', [], [1]],
  ])('%s with %j gives each its value', async (sql, args, expected) => {
    const { $client } = (await openTarget(target)).db;
    const { rows } = await $client.execute({ sql, args: args as never });
    expect(Array.from(rows[0] ?? [])).toEqual(expected);
  });

  it.each([
    ['white space', ' '.repeat(60)],
    ['white space and a value', `${'\n '.repeat(30)}?`],
    ['comments', '/* nothing */ '.repeat(60)],
    ['comments and white space', `-- nothing${'\n '.repeat(60)}/* at all */`],
  ])('a text of %s, and no word, is refused at once', async (_, sql) => {
    const { $client } = (await openTarget(target)).db;
    await expect($client.execute({ sql, args: sql.endsWith('?') ? [1] : [] })).rejects.toMatchObject({
      type: 'syntax',
    });
    await expect($client.batch([sql])).rejects.toMatchObject({ type: 'syntax' });
  });

  it('a trigger is one statement, however many it holds', async () => {
    const { $client } = (await openTarget(target)).db;
    await $client.execute(`create trigger t after insert on items when new.name like 'a%' begin
      update items set amount = case when new.amount > 5 then 1 else 2 end where id = new.id; select 1; end;`);
    await $client.execute("insert into items (name) values ('a')");
    expect((await $client.execute('select amount from items')).rows[0]?.amount).toBe(2);
  });
});

it('reads any text as SQLite does: what it counts is what the engine takes', () => {
  const seed = Number(process.env.CC_SEED ?? Date.now() % 2 ** 31);
  const database = openNative(':memory:', {});
  const piece = fc.constantFrom(
    ...[
      '?',
      '?1',
      '?2',
      '?4',
      ':a',
      ':b',
      '@a',
      '$a',
      '$a::b',
      '$a(b)',
      "'?'",
      `"?"`,
      '`?`',
      '[?]',
      '-- ?\n',
      '/* ? */',
    ],
    ...['1', 'x$1', "'it''s ?'", "x'01'", '1.5e3', '(', ')', ',', '||', ' ', '\n'],
  );
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 12 }), (pieces) => {
      const sql = `select ${pieces.join(' ')}`;
      let engine: number;
      try {
        // The highest number of a parameter is the highest one that a program of the engine reads.
        const program = database.prepare(
          `explain select 1 where 0 in (${pieces.length}) or (select count(*) from (${sql}))`,
        );
        const variables = program.raw(true).all([]) as unknown[][];
        engine = Math.max(0, ...variables.filter((row) => row[1] === 'Variable').map((row) => Number(row[2])));
      } catch {
        return;
      }
      expect({ sql, enough: readStatement(sql).parameters.length >= engine }).toEqual({ sql, enough: true });
    }),
    { seed, numRuns: 3_000 },
  );
});
