import { createMigrationManager } from '@cc/migrate';
import { createRepositories, type Repositories } from '@cc/repositories';
import { migrationsFolder, schema } from '@cc/schema';
import { openTransactionManager, type TransactionManager } from '@cc/tx';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { checkSearches } from '../catalogue/check-searches.js';
import { plainScan } from '../catalogue/plain-scan.js';
import { modelOf } from '../catalogue/row.js';
import { syntheticCatalogue } from '../catalogue/synthetic-catalogue.js';

const models = syntheticCatalogue(600).map(modelOf);
let transactions: TransactionManager<typeof schema>;
let repositories: Repositories;

beforeAll(async () => {
  transactions = await openTransactionManager({ url: ':memory:', schema });
  await createMigrationManager(transactions, { folder: migrationsFolder }).applyMigrations();
  repositories = createRepositories(transactions);
  await repositories.models.createMany(models);
});
afterAll(() => transactions.close());

it('finds in the library what a scan finds in the catalogue', async () => {
  const checked = await checkSearches(repositories, models, 60);
  expect(checked.searches).toBe(60);
  expect(checked.found).toBeGreaterThan(60);
  expect(checked.empty).toBeGreaterThan(0);
});

it('tells when the library has lost models, or has some that the catalogue has not', async () => {
  await expect(checkSearches(repositories, models.slice(0, 300), 60)).rejects.toThrow('models that do not match');
  const emptied = transactions.transaction(async (tx) => {
    for (const { model } of models) await repositories.models.delete(model.id);
    await expect(checkSearches(repositories, models, 60)).rejects.toThrow('models are missing');
    tx.rollback();
  });
  await expect(emptied).rejects.toMatchObject({ code: 'TX_ROLLBACK' });
});

it('scans by the rules of the search', () => {
  const [row] = syntheticCatalogue(1);
  if (row === undefined) throw new Error('an empty catalogue');
  const scan = plainScan([
    modelOf({ ...row, name: 'Hex Bolt', filename: 'hexBolt_M3x12.stl', tags: ['Spare Part'] }, 0),
  ]);
  const finds = (...words: string[]): boolean => scan.find({ words }).size === 1;
  expect([finds('hex', 'bol'), finds('bol', 'hex'), finds('HEXBOLT'), finds('12'), finds('spare')]).toEqual([
    true,
    false,
    true,
    true,
    true,
  ]);
  expect(scan.find({ words: ['hex'], without: 'part' }).size).toBe(0);
  expect(scan.find({ words: ['hex'], tagsAll: ['spare part'] }).size).toBe(1);
});
