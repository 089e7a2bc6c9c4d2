import { createMigrationManager } from '@cc/migrate';
import { createRepositories, type Repositories } from '@cc/repositories';
import { migrationsFolder, schema } from '@cc/schema';
import { openTransactionManager, type TransactionManager } from '@cc/tx';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { modelOf } from '../catalogue/row.js';
import { syntheticCatalogue } from '../catalogue/synthetic-catalogue.js';
import { kinds } from '../suites/search-operations.js';

const size = 400;
let transactions: TransactionManager<typeof schema>;
let library: Repositories;

beforeAll(async () => {
  transactions = await openTransactionManager({ url: ':memory:', schema });
  await createMigrationManager(transactions, { folder: migrationsFolder }).applyMigrations();
  library = createRepositories(transactions);
  await library.models.createMany(syntheticCatalogue(size).map(modelOf));
});
afterAll(() => transactions.close());

it('names each kind once, and removes models last', () => {
  const titles = kinds.map(({ title }) => title);
  expect(new Set(titles).size).toBe(titles.length);
  expect(titles.at(-1)).toBe('delete');
});

it('changes one model with every write, in every round', async () => {
  for (const { title, isRead, operations } of kinds) {
    for (let round = 0; round < 5; round += 1) {
      for (const operation of operations) {
        const done = await operation(library, { size, places: {}, round });
        if (!isRead) expect([title, done]).toEqual([title, 1]);
        else expect(done).toBeGreaterThanOrEqual(0);
      }
    }
  }
  // Five were created and five deleted.
  expect(await library.models.count()).toBe(size);
  expect(await library.search.verifyIndex()).toMatchObject({ ok: true });
});
