// Every call runs with its own values, whatever ran, failed or stopped before it on the same text. The judge prepares
// each statement anew. CC_RUNS sets how many programs run on each target, CC_SEED repeats a run.
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { eq, type SQL, sql } from 'drizzle-orm';
import { integer, sqliteTable, text } from 'drizzle-orm/sqlite-core';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Database, openTransactionManager } from '../src/index.js';
import { openNative } from '../src/native-driver.js';
import { temporaryFolder } from './target.js';

const runs = Number(process.env.CC_RUNS ?? 60);
const seed = Number(process.env.CC_SEED ?? Date.now() % 2 ** 31);

const people = sqliteTable('people', {
  id: integer('id').primaryKey(),
  name: text('name').notNull().unique(),
  n: integer('n').notNull(),
});
const ddl = `create table people (id integer primary key, name text not null unique, n integer not null check (n < 90))`;

it('get after all, and get after a get that failed, answer for the name that was asked', async () => {
  await using manager = await openTransactionManager({ url: ':memory:', schema: { people } });
  const { db } = manager;
  await db.run(ddl);
  await db.insert(people).values([
    { name: 'ada', n: 1 },
    { name: 'bob', n: 2 },
  ]);
  const named = (name: string) => db.select().from(people).where(eq(people.name, name));
  await named('ada');
  expect(await named('bob').get()).toMatchObject({ name: 'bob' });
  const set = (name: string, n: number) => db.update(people).set({ n }).where(eq(people.name, name)).returning();
  await set('ada', 5);
  expect(await set('bob', 7).get()).toMatchObject({ name: 'bob', n: 7 });
  await expect(set('ada', 95).get()).rejects.toMatchObject({ type: 'constraint' });
  expect(await set('bob', 8).get()).toMatchObject({ name: 'bob', n: 8 });
  expect(await set('ada', 6).get()).toMatchObject({ name: 'ada', n: 6 });
});

it('what only looks like a limit of one row limits nothing', async () => {
  await using manager = await openTransactionManager({ url: ':memory:' });
  const { db } = manager;
  await db.run(ddl);
  await db.run(sql`insert into people (name, n) values ('ada', 1), ('bob', 1), ('eve', 1)`);
  const people = sql`select name from people where n >= ${1}`;
  for (const text of [sql`${people} -- limit ?`, sql`${people} limit 3 /* */ -- limit ?`, sql`${people} -- /* limit ?`])
    expect(await db.values(text)).toHaveLength(3);
  expect(await db.values(sql`explain query plan select name from people where n >= 0 limit ${1}`)).toHaveLength(1);
  expect((await db.values(sql`explain select name from people limit ${1}`)).length).toBeGreaterThan(1);
  expect(await db.values(sql`${people} limit ${2} offset ${1}`)).toHaveLength(2);
  expect(await db.values(sql`${people} limit ${1}, ${2}`)).toHaveLength(2);
  expect(await db.values(sql`select * from (${people} limit ${3})`)).toHaveLength(3);
});

const texts = [
  'select * from people where name = ? and n >= ?',
  'insert into people (name, n) values (?, ?) returning *',
  'update people set n = ?2 where name = ?1 returning *',
  'insert into people (name, n) values (?, ?)',
  'delete from people where name = ? and n < ?',
  'select json_extract(?, ?) as value',
  'select * from people where n >= ? order by name limit ?',
] as const;
const methods = ['all', 'get', 'values', 'run'] as const;
const places = ['alone', 'transaction', 'savepoint', 'undone'] as const;
const step = fc.record({
  text: fc.nat(texts.length - 1),
  method: fc.constantFrom(...methods),
  place: fc.constantFrom(...places),
  name: fc.constantFrom('a', 'b', 'c', '[1]', '{'),
  n: fc.nat(99),
});
type Step = typeof step extends fc.Arbitrary<infer T> ? T : never;

/** The values of a text by their numbers; every other limit is one row. */
function valuesOf({ text, name, n }: Pick<Step, 'text' | 'name' | 'n'>): (string | number)[] {
  if (text === 5) return [name, '$'];
  return text === 6 ? [n, 1 + (n % 2)] : [name, n];
}

/** What a client that prepares each statement anew answers: the rows, or the code of the error. */
function judged(database: ReturnType<typeof openNative>, { text, name, n }: Step): unknown {
  const statement = database.prepare(texts[text] ?? '');
  const values = valuesOf({ text, name, n });
  try {
    if (statement.columns().length === 0) return { changes: statement.run(values).changes };
    return { rows: statement.raw(true).all(values) };
  } catch (error) {
    return { failed: String(error).includes('JSON') ? 'JSON' : 'constraint' };
  }
}

describe.each(['file', ':memory:'])('on %s', (target) => {
  it(`random calls answer as a client that prepares anew (seed ${seed}, ${runs} runs)`, {
    timeout: 600_000 + 500 * runs,
  }, async () => {
    const folder = await temporaryFolder();
    let count = 0;
    const property = fc.asyncProperty(fc.array(step, { minLength: 5, maxLength: 40 }), async (steps) => {
      count += 1;
      const url = target === 'file' ? pathToFileURL(join(folder, `${count}.db`)).href : target;
      await using manager = await openTransactionManager({ url, pragmas: { synchronous: 'OFF' } });
      const judge = openNative(':memory:', {});
      await manager.db.run(ddl);
      judge.exec(ddl);
      for (const each of steps) {
        const { text, method, place, name, n } = each;
        const inOrder = valuesOf(each);
        const values = text === 2 ? inOrder.toReversed() : inOrder;
        const chunks = (texts[text] ?? '').split(/\?\d?/);
        const bound = sql.join(
          chunks.flatMap((chunk, index) => {
            const value = values[index];
            return index < chunks.length - 1 ? [sql.raw(chunk), sql`${value}`] : [sql.raw(chunk)];
          }),
        );
        const run = async (): Promise<unknown> => {
          try {
            return await asked(manager.db, method, bound);
          } catch (error) {
            return { failed: (error as { type: string }).type === 'constraint' ? 'constraint' : 'JSON' };
          }
        };
        let answer: unknown;
        judge.exec('savepoint s');
        const expected = judged(judge, each);
        if (place === 'alone') answer = await run();
        else {
          await manager
            .transaction(async (tx) => {
              if (place === 'savepoint') await tx.savepoint(async () => void (answer = await run()));
              else answer = await run();
              if (place === 'undone') throw new Error('undo');
            })
            .catch((error: Error) => expect(error.message).toBe('undo'));
        }
        if (place === 'undone') judge.exec('rollback to s');
        judge.exec('release s');
        expect(shown(answer, method), `${method} ${place} ${texts[text]} ${name} ${n}`).toEqual(
          shownBy(expected, method),
        );
      }
      expect(await manager.db.values(sql`select * from people order by id`)).toEqual(
        judge.prepare('select * from people order by id').raw(true).all(),
      );
    });
    await fc.assert(property, { seed, numRuns: runs });
  });
});

function asked(db: Database, method: (typeof methods)[number], query: SQL): Promise<unknown> {
  switch (method) {
    case 'all':
      return db.all(query);
    case 'get':
      return db.get(query);
    case 'values':
      return db.values(query);
    default:
      return db.run(query);
  }
}

function shown(answer: unknown, method: (typeof methods)[number]): unknown {
  if (typeof answer !== 'object' || answer === null || 'failed' in answer) return answer;
  if (method === 'run') {
    const { rows, rowsAffected } = answer as { rows: ArrayLike<unknown>[]; rowsAffected: number };
    return { rows: rows.map((row) => Array.from(row)), rowsAffected };
  }
  if (method === 'values') return answer;
  return method === 'get' ? Object.values(answer) : (answer as object[]).map((row) => Object.values(row));
}

function shownBy(expected: unknown, method: (typeof methods)[number]): unknown {
  const { rows, changes, failed } = expected as { rows?: unknown[][]; changes?: number; failed?: string };
  if (failed !== undefined) return { failed };
  if (method === 'run') return { rows: rows ?? [], rowsAffected: changes ?? 0 };
  return method === 'get' ? rows?.[0] : (rows ?? []);
}
