// SQL texts of many megabytes, as the dump of a database with pictures has them: a value between quotes is one piece of the text.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openTransactionManager, type TransactionManager } from '../src/index.js';

const long = 'x'.repeat(20_000_000);

let transactions: TransactionManager;
beforeAll(async () => {
  transactions = await openTransactionManager({ url: ':memory:' });
  await transactions.db.$client.execute('create table texts (id integer primary key, value)');
});
afterAll(async () => {
  await transactions.close();
});

const lengthOf = async (id: number): Promise<unknown> =>
  (await transactions.db.$client.execute({ sql: 'select length(value) from texts where id = ?', args: [id] }))
    .rows[0]?.[0];

describe('a value of 20 MB in the text of a statement', () => {
  it('is written by a statement, a batch and a migration', async () => {
    const { $client } = transactions.db;
    await $client.execute(`insert into texts values (1, '${long}')`);
    await $client.batch([`insert into texts values (2, '${long}')`]);
    await $client.migrate([`insert into texts values (3, '${long}')`]);
    expect([await lengthOf(1), await lengthOf(2), await lengthOf(3)]).toEqual(Array(3).fill(long.length));
  });

  it('is written by a script, whose next statement runs too', async () => {
    const bytes = 'ab'.repeat(10_000_000);
    await transactions.db.$client.executeMultiple(
      `insert into texts values (4, x'${bytes}'); insert into texts values (5, 'it''s ; "whole"');`,
    );
    expect([await lengthOf(4), await lengthOf(5)]).toEqual([10_000_000, 14]);
  });

  it('may be all doubled quotes, and be a name', async () => {
    const { $client } = transactions.db;
    await $client.execute(`insert into texts values (6, '${"''".repeat(6_000_000)}')`);
    await $client.executeMultiple(`insert into texts values (7, '${"''".repeat(6_000_000)}'); select 1`);
    expect([await lengthOf(6), await lengthOf(7)]).toEqual([6_000_000, 6_000_000]);
    await expect($client.execute(`select "${'""'.repeat(6_000_000)}" from texts, nothing`)).rejects.toMatchObject({
      code: 'SQLITE_ERROR',
    });
    for (const name of [`"${long}"`, `\`${long}\``, `[${long}]`])
      await expect($client.execute(`select * from ${name}`)).rejects.toMatchObject({ code: 'SQLITE_ERROR' });
  });
});
