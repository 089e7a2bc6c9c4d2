// The database of the test files of this folder, which runners.test.ts gives to real runners.
import { openTransactionManager } from '@cc/tx';
import { sql } from 'drizzle-orm';

export const transactions = await openTransactionManager({ url: process.env.LIBRARY });

// node:test does not wait for its own time limits.
const alive = setInterval(() => undefined, 1_000);

export async function close() {
  clearInterval(alive);
  await transactions.close();
}

/** A service of the code under test: it knows nothing of tests. */
export const add = (name) =>
  transactions.transaction(() => transactions.db.run(sql`insert into items (name) values (${name})`));

export const names = async () =>
  (await transactions.db.all(sql`select name from items order by id`)).map((row) => row.name);

/** What `work` fails with. */
export const failure = (work) =>
  work.then(
    () => 'no failure',
    (error) => error.code,
  );
