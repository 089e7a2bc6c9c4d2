// The text and values of queries as this package makes them, beside those that drizzle's own dialect makes of the same parts.
import { seededRandom } from '@cc/testkit/random';
import { and, asc, eq, exists, gt, inArray, not, or, relations, type SQL, sql } from 'drizzle-orm';
import { drizzle } from 'drizzle-orm/libsql';
import {
  alias,
  customType,
  integer,
  numeric,
  QueryBuilder,
  SQLiteAsyncDialect,
  sqliteTable,
  sqliteView,
  text,
  unionAll,
} from 'drizzle-orm/sqlite-core';
import { describe, expect, it } from 'vitest';
import { QuickDialect } from '../src/drizzle/quick-dialect.js';

/** Its values are SQL themselves, with a value or without one. */
const wrapped = customType<{ data: string; driverData: string }>({
  dataType: () => 'text',
  toDriver: (value) => (value === 'plain' ? 'plain' : sql`lower(${value})`),
});
const people = sqliteTable('people', {
  id: integer().primaryKey(),
  firstName: text(),
  born: integer('born_at', { mode: 'timestamp' }),
  doc: text({ mode: 'json' }),
  big: numeric({ mode: 'bigint' }),
  wrapped: wrapped(),
});
const posts = sqliteTable('po"sts', { id: integer().primaryKey(), authorId: integer(), title: text('tit"le') });
const adults = sqliteView('adults').as((builder) => builder.select().from(people).where(gt(people.id, 18)));
const schema = {
  people,
  posts,
  peopleRelations: relations(people, ({ many }) => ({ posts: many(posts) })),
  postsRelations: relations(posts, ({ one }) => ({
    author: one(people, { fields: [posts.authorId], references: [people.id] }),
  })),
};
const other = alias(people, 'oth"er');
const builder = new QueryBuilder();
const some = builder.select({ n: posts.authorId, up: sql<string>`upper(${posts.title})`.as('up') }).from(posts);
const within = some.where(eq(posts.title, 'w')).as('within');
const common = builder.$with('common').as(some.where(eq(posts.title, 'c')));

/** The query, or what making it has thrown. */
function made(dialect: SQLiteAsyncDialect, query: SQL): unknown {
  try {
    return dialect.sqlToQuery(query);
  } catch (error) {
    return { threw: String(error) };
  }
}

describe.each([undefined, 'snake_case', 'camelCase'] as const)('with casing %s', (casing) => {
  const config = casing ? { casing } : {};
  const [ours, drizzles] = [new QuickDialect(config), new SQLiteAsyncDialect(config)];
  const alike = (query: SQL): void => {
    // Twice: the second time finds names that were kept.
    for (const theirs of [made(drizzles, query), made(drizzles, query)])
      expect(made(ours, query)).toStrictEqual(theirs);
  };

  it('makes of any parts the text and values that drizzle makes', () => {
    const seed = (Math.random() * 2 ** 32) >>> 0;
    const random = seededRandom(seed);
    const leaves: readonly (() => unknown)[] = [
      () => undefined,
      () => null,
      () => random.pick(['', 'a', `it's`, '?', true, 7, 10n, -0, Number.NaN]),
      () =>
        random.pick([
          new Date(5),
          new Uint8Array([1]),
          { toJSON: () => 1 },
          [Object.create(null)],
          Symbol('s'),
          () => 1,
        ]),
      () => random.pick([people, posts, other, adults, within, common]),
      () => random.pick([people.id, people.firstName, people.born, other.firstName, other.id, posts.title]),
      () => random.pick([adults.firstName, adults.id, within.up, within.n, common.up]),
      () => sql.identifier(random.pick(['a', 'b"c', 'Grüße'])),
      () => sql.raw(random.pick(['x', '?', `'q'`, ''])),
      () => sql.empty(),
      () => sql.placeholder(random.pick(['one', 'two'])),
      () => sql.param(random.pick([1, 'x', null, undefined, sql.placeholder('three')])),
      () => sql.param(random.pick([new Date(9), null, sql.placeholder('four'), 'no date']), people.born),
      () => sql.param(random.pick(['plain', 'sql', null]), people.wrapped),
      () => sql.param({ deep: [1] }, people.doc),
      () => sql`upper(${'z'})`.as('up'),
      () => some.where(eq(posts.id, random.below(9))),
      () => ({ getSQL: () => sql`made(${1})` }),
      () => ({ getSQL: () => sql`bare(${2})`, shouldOmitSQLParens: () => true }),
    ];
    const part = (depth: number): unknown => {
      if (depth === 0 || random.chance(0.4)) return random.pick(leaves)();
      return random.pick([
        () => random.some(0, 4, () => part(depth - 1)),
        () => query(depth - 1),
        () => query(depth - 1).inlineParams(),
        () =>
          sql.join(
            random.some(0, 3, () => query(depth - 1)),
            sql`, `,
          ),
        () => and(query(depth - 1), not(query(depth - 1))),
      ])();
    };
    const query = (depth: number): SQL => sql`a ${part(depth)} b ${part(depth)}${part(depth)}`;
    for (let round = 0; round < 2_000; round += 1) {
      const drawn = query(random.below(4));
      expect({ seed, round, ...(made(ours, drawn) as object) }).toStrictEqual({
        seed,
        round,
        ...(made(drizzles, drawn) as object),
      });
    }
  });

  it('makes of queries of every kind the text and values that drizzle makes', () => {
    const db = drizzle({ connection: ':memory:', schema, ...config });
    const chosen = eq(people.id, sql.placeholder('id'));
    const queries: readonly { getSQL(): SQL }[] = [
      db
        .select()
        .from(people)
        .where(or(chosen, inArray(people.firstName, ['a', 'b']), eq(people.born, new Date(7)))),
      db
        .select({ id: people.id, up: sql`upper(${people.firstName})`.as('up') })
        .from(people)
        .orderBy(sql`up`)
        .limit(3)
        .offset(2),
      db
        .selectDistinct()
        .from(people)
        .leftJoin(other, eq(people.id, other.id))
        .innerJoin(posts, eq(posts.authorId, other.id)),
      db
        .with(common)
        .select()
        .from(common)
        .innerJoin(within, eq(within.n, common.n))
        .groupBy(common.n)
        .having(gt(common.n, 1)),
      db
        .select()
        .from(adults)
        .where(exists(db.select().from(posts).where(eq(posts.authorId, adults.id)))),
      unionAll(db.select({ id: people.id }).from(people), db.select({ id: posts.id }).from(posts))
        .orderBy(asc(people.id))
        .limit(5),
      db
        .insert(people)
        .values([
          { id: 1, wrapped: 'sql' },
          { id: 2, firstName: 'x', doc: [1], big: 5n },
        ])
        .returning(),
      db
        .insert(people)
        .values({ id: 1 })
        .onConflictDoUpdate({ target: people.id, set: { firstName: sql`excluded.first_name` } }),
      db.insert(posts).select(db.select({ id: people.id, authorId: people.id, title: people.firstName }).from(people)),
      db
        .update(people)
        .set({ firstName: 'n', born: sql`${people.born} + 1` })
        .where(chosen)
        .returning({ id: people.id }),
      db.delete(people).where(eq(people.wrapped, 'sql')).limit(1),
    ];
    // Not in drizzle's types.
    const relational = [
      db.query.people.findMany({ with: { posts: { limit: 2, where: eq(posts.title, 't') } }, columns: { id: true } }),
      db.query.posts.findFirst({ with: { author: { extras: { n: sql`length(${people.firstName})`.as('n') } } } }),
    ] as unknown as typeof queries;
    for (const query of [...queries, ...relational]) alike(query.getSQL());
  });

  it('leaves what builds its text by itself to that, and the sources that drizzle names', () => {
    const own = Object.assign(sql`x`, { toQuery: () => ({ sql: 'own', params: [7] }) });
    expect(ours.sqlToQuery(own)).toStrictEqual({ sql: 'own', params: [7] });
    const index = sql`${people.firstName} ${people.id}`;
    expect(ours.sqlToQuery(index, 'indexes')).toStrictEqual(drizzles.sqlToQuery(index, 'indexes'));
  });
});

it('takes more values than a call of a function takes arguments', () => {
  const ids = Array.from({ length: 200_000 }, (_, i) => i);
  expect(new QuickDialect().sqlToQuery(sql`${ids}`).params).toHaveLength(200_000);
});
