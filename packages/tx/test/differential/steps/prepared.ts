// Prepared queries with placeholders, made once on each side and run again and again with other values, by all methods.
import type { Random } from '@cc/testkit/random';
import { and, eq, gt, like, sql } from 'drizzle-orm';
import type { Call, Queries } from '../call.js';
import { kinds, people, posts } from '../tables.js';
import { bytes, date, json, whole, word } from '../values.js';

interface Catalogued {
  readonly name: string;
  readonly prepare: (db: Queries) => unknown;
  readonly values: (random: Random) => Record<string, unknown>;
}

const named = (random: Random): string => random.pick(['ada', 'bob', 'eve', 'nobody']);

const catalogue: readonly Catalogued[] = [
  {
    name: 'person by name',
    prepare: (db) =>
      db
        .select()
        .from(people)
        .where(eq(people.name, sql.placeholder('name')))
        .prepare(),
    values: (random) => ({ name: named(random) }),
  },
  {
    name: 'posts with more likes',
    prepare: (db) =>
      db
        .select({ title: posts.title, author: people.name })
        .from(posts)
        .innerJoin(people, eq(people.id, posts.authorId))
        .where(and(gt(posts.likes, sql.placeholder('likes')), like(posts.title, sql.placeholder('title'))))
        .orderBy(posts.id)
        .limit(sql.placeholder('limit'))
        .prepare(),
    values: (random) => ({ likes: whole(random), title: random.pick(['%', 'n%']), limit: random.below(4) }),
  },
  {
    name: 'update age',
    prepare: (db) =>
      db
        .update(people)
        .set({ age: sql`${sql.placeholder('age')}` })
        .where(eq(people.name, sql.placeholder('name')))
        .returning()
        .prepare(),
    values: (random) => ({ name: named(random), age: random.pick([1, 2, 3, -4]) }),
  },
  {
    name: 'insert person',
    prepare: (db) =>
      db
        .insert(people)
        .values({ name: sql.placeholder('name'), age: sql.placeholder('age') })
        .returning({ id: people.id, name: people.name })
        .prepare(),
    values: (random) => ({ name: random.chance(0.5) ? named(random) : `p${random.below(30)}`, age: random.below(9) }),
  },
  {
    name: 'insert kind',
    prepare: (db) =>
      db
        .insert(kinds)
        .values({
          word: sql.placeholder('word'),
          doc: sql.placeholder('doc'),
          at: sql.placeholder('at'),
          raw: sql.placeholder('raw'),
        })
        .prepare(),
    values: (random) => ({ word: word(random), doc: json(random), at: date(random), raw: bytes(random) }),
  },
  {
    name: 'person with posts',
    prepare: (db) =>
      db.query.people
        .findMany({
          where: eq(people.name, sql.placeholder('name')),
          with: { posts: { limit: sql.placeholder('limit') } },
        })
        .prepare(),
    values: (random) => ({ name: named(random), limit: random.below(3) }),
  },
  {
    name: 'delete posts',
    prepare: (db) =>
      db
        .delete(posts)
        .where(eq(posts.title, sql.placeholder('title')))
        .prepare(),
    values: (random) => ({ title: word(random) }),
  },
];

const methods = ['all', 'get', 'values', 'run', 'execute'] as const;
type Prepared = Record<(typeof methods)[number], (values: Record<string, unknown>) => unknown>;

/** Runs a prepared query of the root database. */
export function drawPrepared(random: Random): Call {
  const { name, prepare, values } = random.pick(catalogue);
  const method = random.weighed<(typeof methods)[number]>([
    [3, 'all'],
    [4, 'get'],
    [2, 'values'],
    [2, 'run'],
    [1, 'execute'],
  ]);
  const drawn = random.chance(0.02) ? {} : values(random);
  const missing = Object.keys(drawn).length === 0;
  return {
    label: `prepared "${name}" by ${method}${missing ? ' without values' : ''}`,
    traits: ['prepared', `form ${method}`, ...(missing ? ['missing placeholder'] : [])],
    run: ({ root, prepared }) => {
      const made = prepared.get(name) ?? prepare(root);
      prepared.set(name, made);
      return (made as Prepared)[method](drawn);
    },
  };
}
