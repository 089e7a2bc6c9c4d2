// Relational queries of drizzle: nested rows, columns in and out, extras, conditions, orders, limits.
import type { Random } from '@cc/testkit/random';
import { asc, desc, sql } from 'drizzle-orm';
import type { Call, Queries } from '../call.js';
import { people } from '../tables.js';
import { word } from '../values.js';
import { condition } from './reads.js';

/** A relational query, awaited or prepared. */
export function drawRelational(random: Random): Call {
  const drawn = drawRelationalQuery(random);
  const prepared = random.chance(0.3) ? random.pick(['all', 'get', 'values', 'execute'] as const) : null;
  return {
    label: `${drawn.label}${prepared ? ` by prepared ${prepared}` : ''}`,
    traits: ['relational', ...(prepared ? [`form prepared ${prepared}`] : [])],
    run: ({ db }) => (prepared ? drawn.make(db).prepare()[prepared]() : drawn.make(db)),
  };
}

/** A relational query that is not run yet. */
export function drawRelationalQuery(random: Random): Drawn {
  const { label, make } = random.pick([peopleQuery, postQuery, tagQuery, kindsQuery])(random);
  return { label: `relational: ${label}`, make };
}

interface Relational extends PromiseLike<unknown> {
  prepare(): Record<'all' | 'get' | 'values' | 'execute', () => unknown>;
}
interface Drawn {
  readonly label: string;
  readonly make: (db: Queries) => Relational;
}

function peopleQuery(random: Random): Drawn {
  const where = condition(random);
  const limit = random.pick([undefined, 0, 2]);
  const options = {
    with: {
      ...(random.chance(0.7) && { posts: { orderBy: sql`id`, limit: 2 } }),
      ...(random.chance(0.5) && { mentor: { columns: { name: true as const } } }),
      ...(random.chance(0.3) && { pupils: true as const }),
    },
    where,
    orderBy: [random.pick([asc(people.name), desc(people.id)])],
    ...(random.chance(0.4) && { columns: random.pick([{ name: true as const }, { age: false as const }]) }),
    ...(random.chance(0.4) && { extras: { shout: sql<string>`upper(${people.name})`.as('shout') } }),
  };
  const first = random.chance(0.4);
  return {
    label: first ? 'first of people' : 'people',
    make: (db) =>
      (first
        ? db.query.people.findFirst(options)
        : db.query.people.findMany({ ...options, ...(limit !== undefined && { limit }) })) as unknown as Relational,
  };
}

function postQuery(random: Random): Drawn {
  const title = random.pick(['engines', 'notes', word(random)]);
  const first = random.chance(0.5);
  const options = {
    with: { author: { with: { mentor: true as const } }, postTags: { with: { tag: true as const } } },
    where: (table: { title: unknown }, { ne }: { ne: (left: never, right: string) => ReturnType<typeof sql> }) =>
      ne(table.title as never, title),
  };
  return {
    label: first ? 'first of posts' : 'posts',
    make: (db) =>
      (first
        ? db.query.posts.findFirst(options as never)
        : db.query.posts.findMany(options as never)) as unknown as Relational,
  };
}

function tagQuery(random: Random): Drawn {
  const offset = random.below(3);
  return {
    label: `tags from ${offset}`,
    make: (db) =>
      db.query.tags.findMany({
        with: { postTags: { with: { post: { columns: { title: true } } } } },
        orderBy: (table, { desc: down }) => down(table.id),
        limit: 3,
        offset,
      }) as unknown as Relational,
  };
}

function kindsQuery(random: Random): Drawn {
  const first = random.chance(0.5);
  return {
    label: first ? 'first of kinds' : 'kinds',
    make: (db) => (first ? db.query.kinds.findFirst() : db.query.kinds.findMany()) as unknown as Relational,
  };
}
