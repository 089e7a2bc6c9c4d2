// Queries of drizzle that write: inserts, upserts, updates and deletes, with and without returning, good and failing.
import type { Random } from '@cc/testkit/random';
import { and, eq, gt, inArray, type SQL, sql } from 'drizzle-orm';
import { kinds, people, posts, postTags, tags } from '../tables.js';
import { kindsRow, whole, word } from '../values.js';
import type { Drawn } from './forms.js';

/** A query that writes. */
export function drawWrite(random: Random): Drawn {
  return random.weighed(writes)(random);
}

const writes: readonly (readonly [number, (random: Random) => Drawn])[] = [
  [5, insertKinds],
  [5, insertPerson],
  [3, upsertPerson],
  [4, updatePerson],
  [2, updateKinds],
  [4, insertPost],
  [2, tagPosts],
  [2, fromSelect],
  [1, updateFrom],
  [2, remove],
];

type Returning = 'none' | 'all' | 'fields';

function drawReturning(random: Random): Returning {
  return random.weighed<Returning>([
    [3, 'none'],
    [3, 'all'],
    [1, 'fields'],
  ]);
}

interface CanReturn {
  returning(): PromiseLike<unknown>;
  returning(fields: Record<string, unknown>): PromiseLike<unknown>;
}

function withReturning(
  query: PromiseLike<unknown>,
  returning: Returning,
  fields: Record<string, unknown>,
): PromiseLike<unknown> {
  if (returning === 'none') return query;
  const returns = query as unknown as CanReturn;
  return returning === 'all' ? returns.returning() : returns.returning(fields);
}

function insertKinds(random: Random): Drawn {
  const rows = random.chance(0.7) ? [kindsRow(random)] : random.some(2, 4, () => kindsRow(random));
  const returning = drawReturning(random);
  return {
    label: `insert ${rows.length} kinds, returning ${returning}`,
    make: (db) =>
      withReturning(db.insert(kinds).values(rows as never), returning, {
        id: kinds.id,
        doc: kinds.doc,
        twice: sql`${kinds.n} * 2`,
      }),
  };
}

function drawPerson(random: Random): { name: string; age: number | null; mentorId: number | null } {
  return {
    name: random.chance(0.5) ? random.pick(['ada', 'bob', 'eve']) : `${word(random)}${random.below(40)}`,
    // Negative ages break the check, mentors past the known ones the foreign key.
    age: random.pick([null, random.below(90), random.chance(0.2) ? -1 : 5]),
    mentorId: random.pick([null, 1, random.chance(0.2) ? 999 : 2]),
  };
}

function insertPerson(random: Random): Drawn {
  const rows = random.chance(0.8) ? [drawPerson(random)] : random.some(2, 3, () => drawPerson(random));
  const returning = drawReturning(random);
  const doNothing = random.chance(0.3);
  return {
    label: `insert ${rows.length} people${doNothing ? ' or nothing' : ''}, returning ${returning}`,
    make: (db) => {
      const insert = db.insert(people).values(rows);
      return withReturning(doNothing ? insert.onConflictDoNothing() : insert, returning, {
        id: people.id,
        name: people.name,
      });
    },
  };
}

function upsertPerson(random: Random): Drawn {
  const person = drawPerson(random);
  const returning = drawReturning(random);
  const setWhere: SQL | undefined = random.chance(0.3) ? gt(people.age, 10) : undefined;
  const target = random.chance(0.9) ? people.name : people.age;
  return {
    label: `upsert a person by ${target.name}, returning ${returning}`,
    make: (db) =>
      withReturning(
        db
          .insert(people)
          .values(person)
          .onConflictDoUpdate({
            target,
            set: { age: sql`coalesce(${people.age}, 0) + 1`, mentorId: person.mentorId },
            ...(setWhere && { setWhere }),
          }),
        returning,
        { name: people.name, age: people.age },
      ),
  };
}

function updatePerson(random: Random): Drawn {
  const name = random.pick(['ada', 'bob', 'eve', 'nobody']);
  const set = random.pick([
    { age: random.below(99) },
    { age: sql`${people.age} + 1` },
    { name: word(random) },
    { age: -5 },
  ]);
  const returning = drawReturning(random);
  const limited = random.chance(0.1);
  return {
    label: `update ${name}: ${Object.keys(set).join()}, returning ${returning}`,
    make: (db) =>
      withReturning(
        limited
          ? db.update(people).set(set).where(eq(people.id, 1))
          : db.update(people).set(set).where(eq(people.name, name)),
        returning,
        { id: people.id, age: people.age },
      ),
  };
}

function updateKinds(random: Random): Drawn {
  const { n, ...row } = kindsRow(random);
  const id = random.below(6);
  const returning = drawReturning(random);
  return {
    label: `update kind ${id}, returning ${returning}`,
    make: (db) =>
      withReturning(
        db
          .update(kinds)
          .set({ ...(row as object), n: (n as number | null | undefined) ?? sql`${kinds.n} + 1` })
          .where(eq(kinds.id, id)),
        returning,
        { id: kinds.id, touched: kinds.touched },
      ),
  };
}

function insertPost(random: Random): Drawn {
  const post = {
    authorId: random.pick([1, 2, 3, random.chance(0.3) ? 77 : 1]),
    title: random.chance(0.1) ? 'forbidden' : random.chance(0.05) ? (null as unknown as string) : word(random),
    body: random.pick([null, undefined, word(random)]),
    likes: whole(random),
    ...(random.chance(0.2) && { id: random.below(12) }),
  };
  const returning = drawReturning(random);
  return {
    label: `insert a post of ${post.authorId}, returning ${returning}`,
    make: (db) => withReturning(db.insert(posts).values(post), returning, { id: posts.id, title: posts.title }),
  };
}

function tagPosts(random: Random): Drawn {
  const rows = random.some(1, 3, () => ({ postId: random.below(6), tagId: 1 + random.below(2) }));
  const quiet = random.chance(0.5);
  const returning = drawReturning(random);
  return {
    label: `tag ${rows.length} posts${quiet ? ' where they are not' : ''}, returning ${returning}`,
    make: (db) => {
      const insert = db.insert(postTags).values(rows);
      return withReturning(quiet ? insert.onConflictDoNothing() : insert, returning, { post: postTags.postId });
    },
  };
}

function fromSelect(random: Random): Drawn {
  const suffix = `${random.below(20)}`;
  return {
    label: `tags from the names, with ${suffix}`,
    make: (db) =>
      db
        .insert(tags)
        .select(
          db
            .select({ id: sql<number>`null`.as('id'), title: sql<string>`${people.name} || ${suffix}`.as('title') })
            .from(people),
        )
        .onConflictDoNothing(),
  };
}

function updateFrom(random: Random): Drawn {
  const returning = drawReturning(random);
  const title = random.pick(['engines', 'first', 'nothing']);
  return {
    label: `update authors from their posts, returning ${returning}`,
    make: (db) =>
      withReturning(
        db
          .update(people)
          .set({ age: sql`${posts.likes} + 1` })
          .from(posts)
          .where(and(eq(posts.authorId, people.id), eq(posts.title, title))),
        returning,
        { id: people.id, likes: posts.likes },
      ),
  };
}

function remove(random: Random): Drawn {
  const returning = drawReturning(random);
  const ids = random.some(0, 2, () => random.below(8));
  return random.pick<Drawn>([
    {
      label: `delete posts ${ids.join()}, returning ${returning}`,
      make: (db) => withReturning(db.delete(posts).where(inArray(posts.id, ids)), returning, { id: posts.id }),
    },
    {
      label: `delete kinds ${ids.join()}, returning ${returning}`,
      make: (db) => withReturning(db.delete(kinds).where(inArray(kinds.id, ids)), returning, { raw: kinds.raw }),
    },
    {
      label: `delete people ${ids.join()}, returning ${returning}`,
      make: (db) => withReturning(db.delete(people).where(inArray(people.id, ids)), returning, { id: people.id }),
    },
    {
      label: 'delete all tags of posts',
      make: (db) => withReturning(db.delete(postTags), returning, { id: postTags.tagId }),
    },
  ]);
}
