// No value in what an error says, whichever function of the engine repeats it. The stock client is asked beside it: what it
// repeats is what there is to hide.
import { inspect } from 'node:util';
import { seededRandom } from '@cc/testkit/random';
import { startSqld } from '@cc/testkit/sqld';
import { describeWithSqld } from '@cc/testkit/targets';
import { type Client, createClient } from '@libsql/client';
import { eq } from 'drizzle-orm';
import { integer, sqliteTable, text } from 'drizzle-orm/sqlite-core';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { openTransactionManager, type TransactionManager } from '../src/index.js';

const setup = `
  create virtual table notes using fts5(title, body);
  create virtual table shapes using rtree(id, a, b);
  create table t (id integer primary key, a text, v f32_blob(3));
  insert into notes values ('one', 'two');
  create table plain (a); insert into plain values ('x');`;

/** Statements that fail, or may, over a value; what stands in front of the `?` is put around the value. */
const statements: readonly string[] = [
  'select vector(?)',
  `select vector('[1,' || ? || ']')`,
  'select vector32(?)',
  'select vector64(?)',
  'select vector_extract(vector(?))',
  'select vector_distance_cos(?, ?)',
  'select * from vector_top_k(?, ?, 1)',
  'select * from notes where notes match ?',
  'select * from notes(?)',
  'select * from notes where notes = ?',
  `select * from notes where notes match ? || ':one'`,
  `select * from notes where notes match '"' || ?`,
  `select * from notes where notes match '{' || ? || '} : one'`,
  `select * from notes where notes match '^' || ? || ' NEAR('`,
  `select * from notes where notes match 'one' and rank match ?`,
  `select * from notes where notes match 'one' and rank match ? || '(1)'`,
  `select * from notes where notes match 'one' and rank match 'bm25(' || ?`,
  'insert into notes(notes) values (?)',
  'insert into notes(notes, rank) values (?, 1)',
  `insert into notes(notes, rank) values ('rank', ?)`,
  'select * from pragma_integrity_check(?)',
  'select * from pragma_quick_check(?)',
  'select * from pragma_foreign_key_check(?)',
  'select * from pragma_table_info(?)',
  `select * from pragma_table_xinfo(?, ?)`,
  'select * from pragma_index_list(?)',
  'select json(?)',
  'select json_extract(?, ?)',
  `select json_extract('{}', ?)`,
  `select json_set('{}', '$.' || ?, 1, '$[' || ?, 2)`,
  `select json_patch('{}', ?)`,
  `select json_object(?, ?, 'a')`,
  `select * from json_each('{}', ?)`,
  `select * from json_tree(?)`,
  `select '{"a":1}' -> ?, '{}' ->> ('$' || ?)`,
  `select datetime('now', ?), date(?, 'start of ' || ?)`,
  `select printf(?, ?), format('%' || ?, 1)`,
  `select a like ? escape ? from plain`,
  `select a glob ? from plain`,
  `select a regexp ? from plain`,
  'select load_extension(?)',
  'select load_extension(?, ?)',
  'select fts5(?)',
  'select zeroblob(?)',
  'select abs(?), sum(a) over (rows ? preceding) from plain',
  'select nth_value(a, ?) over () from plain',
  'select ntile(?) over () from plain',
  'select a from plain limit ?',
  'select cast(? as integer) + 9223372036854775807',
  `vacuum into '/nowhere/' || ?`,
  'insert into t(id) values (?)',
  'insert into t(v) values (?)',
  'insert into shapes values (?, ?, ?)',
  'insert into shapes values (1, 2, ?)',
  'select unhex(?), hex(?), char(?)',
  'select sqlite_compileoption_get(?)',
  'select likelihood(?, ?)',
  'select highlight(notes, ?, ?, ?) from notes',
  'select snippet(notes, ?, ?, ?, ?, ?) from notes',
  'select bm25(notes, ?) from notes',
  'select fts3_tokenizer(?)',
  'select * from fts5vocab(?)',
  'select * from dbstat(?)',
  'select a from plain where rowid = (select vector(a) from plain)',
  `select vector(a) from (select ? as a)`,
  `select * from pragma_quick_check(upper(?))`,
];

/** Values in which a secret may hide; a part of each is what the engine repeats. */
const shapes: readonly ((secret: string) => string)[] = [
  (secret) => secret,
  (secret) => `[1,${secret}]`,
  (secret) => `[${secret}`,
  (secret) => `"${secret}`,
  (secret) => `${secret} : one`,
  (secret) => `${secret}'s "${secret}" `,
  (secret) => `one AND ${secret} ( "`,
  (secret) => `$.${secret}[`,
  (secret) => `{"a":${secret}}`,
  (secret) => `/nowhere/${secret}/x.db`,
  (secret) => `${secret}()`,
  (secret) => `no such table: ${secret}`,
  (secret) => `main.${secret}`,
  (secret) => `ünd ${secret}\n${secret}`,
];

let stock: Client;
let manager: TransactionManager<Record<string, never>>;
beforeAll(async () => {
  stock = createClient({ url: ':memory:' });
  manager = await openTransactionManager({ url: ':memory:' });
  await stock.executeMultiple(setup);
  await manager.db.$client.executeMultiple(setup);
});
afterAll(async () => {
  stock.close();
  await manager.close();
});

const random = seededRandom(20_261_128);
const letters = 'abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_'.split('');
const drawSecret = (): string => `Zq${random.some(6, 12, () => random.pick(letters)).join('')}`;

/** All that an error holds, with its causes, as somebody may log it. */
function everythingIn(error: unknown): string {
  const chain: unknown[] = [];
  for (let link = error; link instanceof Error; link = link.cause)
    chain.push(link.message, link.stack, Object.entries(link));
  return `${inspect(error, { depth: 20, showHidden: true })} ${inspect(chain, { depth: 20 })} ${JSON.stringify(error)}`;
}

async function errorOf(client: Client, sql: string, value: string): Promise<unknown> {
  const args = [...sql.matchAll(/\?/g)].map(() => value);
  try {
    await client.execute({ sql, args });
  } catch (error) {
    return error;
  }
  return undefined;
}

describe('an error holds no value', () => {
  it.each(statements)('%s', async (sql) => {
    for (const shape of shapes) {
      const secret = drawSecret();
      const ours = await errorOf(manager.db.$client, sql, shape(secret));
      expect(everythingIn(ours).toLowerCase()).not.toContain(secret.toLowerCase());
    }
  });

  it('though the engine repeats them in many of these', async () => {
    let repeated = 0;
    for (const sql of statements) {
      for (const shape of shapes) {
        const secret = drawSecret();
        const theirs = await errorOf(stock, sql, shape(secret));
        if (everythingIn(theirs).toLowerCase().includes(secret.toLowerCase())) repeated += 1;
      }
    }
    expect(repeated).toBeGreaterThan(80);
  });

  it('also when it was stored before', async () => {
    await manager.db.$client.execute({ sql: 'insert into plain values (?)', args: ['[1,Zqstored9x]'] });
    const failure = await errorOf(manager.db.$client, `select vector(a) from plain where a like '[%'`, '');
    expect(String(failure)).toContain('vector: invalid float at position 1');
    expect(everythingIn(failure)).not.toContain('Zqstored9x');
  });
});

describeWithSqld('nor does an error of a server', () => {
  it('in a statement, a batch or a transaction', async () => {
    const server = await startSqld();
    onTestFinished(() => server.close());
    const remote = await openTransactionManager({ url: server.url.http });
    onTestFinished(() => remote.close());
    const { $client } = remote.db;
    await $client.executeMultiple(setup);
    for (const sql of statements) {
      for (const shape of shapes.filter(() => random.chance(0.3))) {
        const secret = drawSecret();
        const args = [...sql.matchAll(/\?/g)].map(() => shape(secret));
        const run = random.pick([
          () => $client.execute({ sql, args }),
          () => $client.batch(['select 1', { sql, args }], 'write'),
          () => remote.transaction((tx) => tx.db.$client.execute({ sql, args })),
        ]);
        const failure: unknown = await run().catch((error: unknown) => error);
        if (failure instanceof Error) expect(everythingIn(failure).toLowerCase()).not.toContain(secret.toLowerCase());
      }
    }
  });
});

describe('an error keeps the names that stand in the SQL text or the schema', () => {
  it.each([
    ['select * from absent_table', 'no such table: absent_table'],
    ['select absent_column from t', 'no such column: absent_column'],
    ['select absent_function(1)', 'no such function: absent_function'],
    ['select "t"."absent" from "t"', 'no such column: t.absent'],
    ['select [main].`t`.absent from t', 'no such column: main.t.absent'],
    ['select ?0', 'variable number must be between ?1 and ?32766'],
    ['select a from t union select 1 order by b', '1st ORDER BY term does not match any column in the result set'],
    ['select 1 intersect select 1, 2', 'SELECTs to the left and right of INTERSECT do not have the same number'],
    ['select sum(a, 2) from t', 'wrong number of arguments to function sum()'],
    ['select a from t order by a collate absent_order', 'no such collation sequence: absent_order'],
    ['insert into t (absent) values (1)', 'table t has no column named absent'],
    ['insert into plain values (1, 2)', 'table plain has 1 columns but 2 values were supplied'],
    ['create table t (a)', 'table t already exists'],
    ['drop index absent_index', 'no such index: absent_index'],
    ['select sele ct from t where', 'incomplete input'],
    ['selec 1', 'near "selec": syntax error'],
    [`select vector('[1,shown]')`, `vector: invalid float at position 1: 'shown'`],
    [`select * from notes where notes match 'title : ('`, 'fts5: syntax error near ""'],
    ['create view broken as select gone from t; select * from broken', 'no such column: gone'],
  ])('%s', async (sql, message) => {
    const script = sql.includes(';');
    const run = script ? manager.db.$client.executeMultiple(sql) : manager.db.$client.execute(sql);
    const failure: unknown = await run.catch((error: unknown) => error);
    if (!script) expect(String(failure)).toContain(message);
    else expect(String(failure)).toContain('no such column');
  });

  it('of a column that a join of drizzle misses, and speaks of no search text', async () => {
    const [people, posts] = [
      sqliteTable('plain', { a: integer('a') }),
      sqliteTable('t', { a: text('a'), personId: integer('person_id') }),
    ];
    const query = manager.db.select().from(people).innerJoin(posts, eq(posts.personId, people.a));
    const failure: unknown = await query.catch((error: unknown) => error);
    expect(failure).toMatchObject({
      reason: 'no such column: t.person_id',
      hint: 'Check the statement, and that the migrations were applied',
    });
  });

  it('of a table that a trigger misses', async () => {
    const { $client } = manager.db;
    await $client.executeMultiple(
      'create table seen (a); create trigger see after insert on plain begin insert into seen_gone values (1); end',
    );
    const failure: unknown = await $client.execute(`insert into plain values ('y')`).catch((error: unknown) => error);
    expect(String(failure)).toContain('no such table: main.seen_gone');
    await $client.execute('drop trigger see');
  });
});
