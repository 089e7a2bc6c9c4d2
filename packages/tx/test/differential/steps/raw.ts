// Statements that are written by hand: through db.run, all, get and values, and through the client's execute.
import type { Random } from '@cc/testkit/random';
import { type SQL, sql } from 'drizzle-orm';
import type { Call, Queries } from '../call.js';
import { argument, whole, word } from '../values.js';

/** A statement by hand. */
export interface Statement {
  readonly sql: string;
  readonly args: readonly unknown[];
  /** Whether it only reads, and gives the same rows whenever it is run. */
  readonly plain: boolean;
}

/** A statement with values by position. */
export function drawStatement(random: Random): Statement {
  const text = random.weighed(texts);
  const wanted = text.split('?').length - 1;
  // EXPLAIN and some PRAGMAs stay open on the connection that judges (libsql-js issue 232).
  const plain = /^(?:select|with|values)/.test(text);
  const args = Array.from({ length: wanted }, () => argument(random));
  return { sql: text, args, plain };
}

const texts: readonly (readonly [number, string])[] = [
  [3, 'select ? as a'],
  [2, 'select ? as a, typeof(?) as t'],
  [2, 'select 1 as a, 2 as a'],
  [2, 'select posts.*, tags.* from posts, tags order by posts.id, tags.id limit 3'],
  [2, 'select * from kinds order by id'],
  [1, 'select * from kinds where id = ?'],
  [1, 'select 1 as "0", 2 as length, 3 as "__proto__", 4 as constructor, 5 as "toJSON"'],
  [1, 'select'],
  [1, 'values (1, ?), (2, ?)'],
  [1, 'with recursive c(x) as (select 1 union all select x + 1 from c where x < 20) select x, x * 0.5 as half from c'],
  [1, "select rowid, body from notes where notes match 'fox OR dog' order by rowid"],
  [1, "select highlight(notes, 0, '[', ']') as h from notes where notes match ?"],
  [1, 'select * from log order by post'],
  [1, 'select count(*), max(id) from people'],
  [1, "select null as n, x'' as empty, x'00ff' as bytes, -0.0 as zero, 1e999 as inf"],
  [1, "select json_object('a', ?) as j"],
  [1, 'select json_each.key, json_each.value from json_each(\'[1,"two",null,{"a":[]}]\')'],
  [1, 'select 9007199254740991 as big, -9007199254740991 as small'],
  [1, 'pragma table_info(people)'],
  [1, 'pragma foreign_keys'],
  [1, 'pragma user_version'],
  [1, "explain query plan select * from people where name = 'ada'"],
  [3, 'insert into loose values (?, ?)'],
  [1, 'insert into loose (a) values (?) returning rowid, *'],
  [1, 'insert into strict_ones (n, t, r, b, any_one) values (?, ?, ?, ?, ?)'],
  [1, 'update loose set b = ? where a is ?'],
  [1, 'update loose set b = ? returning a, b'],
  [1, 'delete from loose where a is ? returning *'],
  [1, 'delete from loose'],
  [1, 'replace into tags (id, title) values (1, ?)'],
  [1, 'insert or ignore into tags (id, title) values (?, ?)'],
  [1, 'insert or replace into tags (id, title) values (2, ?) returning id, title as new_title'],
  [1, "insert or fail into people (name, age) values ('f1', 1), ('ada', 1), ('f2', 1)"],
  [1, "insert or abort into people (name, age) values ('g1', 1), ('ada', 1)"],
  [1, "insert or rollback into people (name, age) values ('h1', 1), ('ada', 1)"],
  [1, "update or ignore people set name = 'bob' where name = 'ada'"],
  [
    1,
    'update people set age = q.n from (select author_id, count(*) as n from posts group by 1) q where q.author_id = id returning *',
  ],
  [1, 'insert into notes values (?)'],
  [1, 'insert into nowhere values (1)'],
  [1, 'selec 1'],
  [1, 'select no_such_function(1)'],
  [1, "insert into posts (author_id, title) values (1, 'forbidden')"],
  [1, 'insert into posts (author_id, title) values (1, ?) returning *'],
  [1, 'create table if not exists extra (x)'],
  [1, 'drop table if exists extra'],
  [1, 'alter table loose add column c default 3'],
  [1, 'alter table loose drop column c'],
  [1, 'create index if not exists loose_a on loose (a)'],
];

/** Runs a query by one of the methods that a database of drizzle has for queries by hand. */
export function runByHand(db: Queries, way: (typeof waysByHand)[number], query: string | SQL): PromiseLike<unknown> {
  switch (way) {
    case 'run':
      return db.run(query);
    case 'all':
      return db.all(query);
    case 'get':
      return db.get(query);
    case 'values':
      return db.values(query);
  }
}

/** The methods of `runByHand`. */
export const waysByHand = ['run', 'all', 'get', 'values'] as const;

/** A statement by hand through one of the methods of drizzle's database. */
export function drawRaw(random: Random): Call {
  const statement = drawStatement(random);
  const way = random.pick(waysByHand);
  const chunks = statement.sql.split('?');
  const query: SQL = sql.join(
    chunks.flatMap((chunk, index) =>
      index < statement.args.length ? [sql.raw(chunk), sql`${statement.args[index]}`] : [sql.raw(chunk)],
    ),
  );
  const asText = statement.args.length === 0 && random.chance(0.5);
  return {
    label: `db.${way}: ${statement.sql}`,
    traits: ['raw', `form ${way}`, ...(/__proto__/.test(statement.sql) ? ['odd names'] : [])],
    run: ({ db }) => runByHand(db, way, asText ? statement.sql : query),
  };
}

/** A statement by hand through `$client.execute`, with values by position or by name. */
export function drawExecute(random: Random): Call {
  const statement = drawStatement(random);
  if (statement.args.length === 0 || random.chance(0.5)) {
    const { sql: text, args } = statement;
    const apart = random.chance(0.5);
    return {
      label: `execute: ${text}`,
      traits: ['execute'],
      ...(statement.plain && { plain: statement }),
      run: ({ root }) =>
        apart ? root.$client.execute(text, args as never) : root.$client.execute({ sql: text, args: args as never }),
    };
  }
  const sign = random.pick([':', '@', '$']);
  const given = random.pick(['', sign]);
  const text = 'select :a as a, :b as b, typeof(:a) as t'.replaceAll(':', sign);
  const truth = random.chance(0.1);
  const first = truth ? random.chance(0.5) : argument(random);
  const args = { [`${given}a`]: first, [`${given}b`]: random.pick([whole(random), word(random)]) };
  return {
    label: `execute named: ${text}`,
    traits: ['execute', 'named', ...(truth ? ['boolean'] : [])],
    run: ({ root }) => root.$client.execute({ sql: text, args: args as never }),
  };
}
