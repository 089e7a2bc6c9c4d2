// Queries of drizzle that read: conditions, joins, groups, set operations, common table expressions, views, counts.
import type { Random } from '@cc/testkit/random';
import {
  and,
  asc,
  avg,
  between,
  count,
  countDistinct,
  desc,
  eq,
  exists,
  gt,
  inArray,
  isNotNull,
  isNull,
  like,
  lte,
  max,
  min,
  ne,
  not,
  notInArray,
  or,
  type SQL,
  sql,
  sum,
} from 'drizzle-orm';
import { alias, except, intersect, union, unionAll } from 'drizzle-orm/sqlite-core';
import { kinds, people, popular, posts, postTags, tags } from '../tables.js';
import { whole, word } from '../values.js';
import type { Drawn } from './forms.js';

/** A condition on `people`. */
export function condition(random: Random, depth = 2): SQL | undefined {
  if (depth > 0 && random.chance(0.3)) {
    const parts = random.some(0, 3, () => condition(random, depth - 1));
    const first = parts[0];
    return random.pick([and(...parts), or(...parts), first ? not(first) : undefined]);
  }
  const name = random.pick(['ada', 'bob', 'eve', word(random)]);
  const age = whole(random);
  return random.pick([
    eq(people.name, name),
    ne(people.name, name),
    gt(people.age, age),
    lte(people.age, age),
    between(people.age, age, age + 30),
    isNull(people.age),
    isNotNull(people.mentorId),
    like(people.name, `%${name.slice(0, 2)}%`),
    inArray(
      people.id,
      random.some(0, 4, () => random.below(6)),
    ),
    notInArray(
      people.name,
      random.some(0, 2, () => name),
    ),
    sql`${people.name} = ${name} collate nocase`,
    undefined,
  ]);
}

/** A query that reads. */
export function drawRead(random: Random): Drawn {
  return random.weighed(reads)(random);
}

const reads: readonly (readonly [number, (random: Random) => Drawn])[] = [
  [6, byName],
  [5, wholeTable],
  [4, peopleWhere],
  [3, fields],
  [4, joined],
  [3, grouped],
  [3, combined],
  [3, commonTable],
  [2, subquery],
  [2, throughView],
  [2, counted],
  [1, failing],
];

/** Always the same text, with other values: what was kept from an earlier call would show. */
function byName(random: Random): Drawn {
  const name = random.pick(['ada', 'bob', 'eve', 'nobody']);
  return {
    label: `people named ${name}`,
    make: (db) => db.select().from(people).where(eq(people.name, name)),
  };
}

function wholeTable(random: Random): Drawn {
  const table = random.pick([kinds, people, posts, tags, postTags]);
  const limit = random.pick([undefined, 0, 1, 3]);
  const offset = random.pick([undefined, 0, 2]);
  return {
    label: `a table, limit ${limit}, offset ${offset}`,
    make: (db) => {
      let query = db.select().from(table).$dynamic();
      if (limit !== undefined) query = query.limit(limit);
      if (limit !== undefined && offset !== undefined) query = query.offset(offset);
      return query;
    },
  };
}

function peopleWhere(random: Random): Drawn {
  const where = condition(random);
  const order = random.pick([asc(people.name), desc(people.id), sql`${people.age} nulls last`]);
  const distinct = random.chance(0.2);
  return {
    label: `people where${distinct ? ' (distinct)' : ''}`,
    make: (db) => (distinct ? db.selectDistinct() : db.select()).from(people).where(where).orderBy(order, people.id),
  };
}

function fields(random: Random): Drawn {
  const n = whole(random);
  const choices = {
    id: kinds.id,
    doc: kinds.doc,
    raw: kinds.raw,
    nested: { word: kinds.word, at: kinds.at, big: kinds.big },
    sum: sql<number>`${kinds.n} + ${n}`,
    mapped: sql<number>`${kinds.n}`.mapWith((value) => `mapped ${String(value)}`),
    named: sql<string>`${kinds.word}`.as('named'),
    ratio: kinds.ratio,
    type: sql<string>`typeof(${kinds.amount})`,
  };
  const names = Object.keys(choices).filter(() => random.chance(0.5)) as (keyof typeof choices)[];
  const selected = Object.fromEntries(
    (names.length === 0 ? (['id'] as const) : names).map((key) => [key, choices[key]]),
  );
  return {
    label: `fields ${names.join(', ')} of kinds`,
    make: (db) => db.select(selected).from(kinds).orderBy(kinds.id),
  };
}

function joined(random: Random): Drawn {
  const mentor = alias(people, 'mentor');
  return random.pick<Drawn>([
    {
      label: 'posts inner join people',
      make: (db) => db.select().from(posts).innerJoin(people, eq(people.id, posts.authorId)).orderBy(posts.id),
    },
    {
      label: 'people left join posts',
      make: (db) =>
        db.select().from(people).leftJoin(posts, eq(people.id, posts.authorId)).orderBy(people.id, posts.id),
    },
    {
      label: 'people with their mentors',
      make: (db) =>
        db
          .select({ name: people.name, mentor: { id: mentor.id, name: mentor.name } })
          .from(people)
          .leftJoin(mentor, eq(mentor.id, people.mentorId))
          .orderBy(people.id),
    },
    {
      label: 'posts, their tags and authors, right and full joins',
      make: (db) =>
        db
          .select()
          .from(postTags)
          .rightJoin(posts, eq(posts.id, postTags.postId))
          .fullJoin(tags, eq(tags.id, postTags.tagId))
          .orderBy(posts.id, tags.id),
    },
    {
      label: 'people cross join tags',
      make: (db) => db.select({ name: people.name, title: tags.title }).from(people).crossJoin(tags).orderBy(people.id),
    },
  ]);
}

function grouped(random: Random): Drawn {
  const least = random.below(3);
  return {
    label: `posts by author, at least ${least}`,
    make: (db) =>
      db
        .select({
          author: posts.authorId,
          n: count(),
          titles: countDistinct(posts.title),
          sum: sum(posts.likes),
          mean: avg(posts.likes),
          most: max(posts.likes),
          first: min(posts.title),
        })
        .from(posts)
        .groupBy(posts.authorId)
        .having(({ n }) => gt(n, least))
        .orderBy(posts.authorId),
  };
}

function combined(random: Random): Drawn {
  const combine = random.pick([union, unionAll, intersect, except]);
  const name = word(random);
  const limit = random.below(5);
  return {
    label: `a set operation, limit ${limit}`,
    make: (db) =>
      combine(
        db.select({ label: people.name }).from(people).where(ne(people.name, name)),
        db.select({ label: tags.title }).from(tags),
      )
        .orderBy(sql`1`)
        .limit(limit),
  };
}

function commonTable(random: Random): Drawn {
  const least = random.below(3);
  return {
    label: `with liked posts, more than ${least}`,
    make: (db) => {
      const liked = db.$with('liked').as(db.select().from(posts).where(gt(posts.likes, least)));
      const authors = db.$with('authors').as(
        db
          .select({ id: liked.authorId, n: count().as('n') })
          .from(liked)
          .groupBy(liked.authorId),
      );
      return db
        .with(liked, authors)
        .select({ name: people.name, n: authors.n })
        .from(people)
        .leftJoin(authors, eq(authors.id, people.id))
        .orderBy(people.id);
    },
  };
}

function subquery(random: Random): Drawn {
  const limit = random.below(4);
  return random.pick<Drawn>([
    {
      label: `from a subquery, limit ${limit}`,
      make: (db) => {
        const inner = db
          .select({ id: posts.id, upper: sql<string>`upper(${posts.title})`.as('upper') })
          .from(posts)
          .orderBy(posts.id)
          .limit(limit)
          .as('inner');
        return db.select().from(inner).orderBy(desc(inner.id));
      },
    },
    {
      label: 'people with posts (exists)',
      make: (db) =>
        db
          .select()
          .from(people)
          .where(exists(db.select({ one: sql`1` }).from(posts).where(eq(posts.authorId, people.id))))
          .orderBy(people.id),
    },
    {
      label: 'in a subquery',
      make: (db) =>
        db
          .select()
          .from(tags)
          .where(inArray(tags.id, db.select({ id: postTags.tagId }).from(postTags))),
    },
  ]);
}

function throughView(random: Random): Drawn {
  const name = word(random);
  return random.pick<Drawn>([
    { label: 'the view', make: (db) => db.select().from(popular).orderBy(popular.id) },
    {
      label: 'the view, by author',
      make: (db) => db.select({ author: popular.author }).from(popular).where(ne(popular.author, name)),
    },
  ]);
}

function counted(random: Random): Drawn {
  const where = condition(random);
  return random.pick<Drawn>([
    { label: '$count of people', make: (db) => db.$count(people, where) },
    {
      label: '$count inside a select',
      make: (db) =>
        db
          .select({ id: tags.id, posts: db.$count(postTags, eq(postTags.tagId, tags.id)) })
          .from(tags)
          .orderBy(tags.id),
    },
  ]);
}

function failing(random: Random): Drawn {
  return random.pick<Drawn>([
    { label: 'a column that is not there', make: (db) => db.select({ x: sql`no_such_column` }).from(people) },
    { label: 'an integer overflow', make: (db) => db.select({ x: sql`abs(-9223372036854775807 - 1)` }).from(people) },
    { label: 'JSON that is none', make: (db) => db.select({ x: sql`json(${people.name})` }).from(people) },
  ]);
}
