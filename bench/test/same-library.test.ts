import { copyFile, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createMigrationManager } from '@cc/migrate';
import { createRepositories } from '@cc/repositories';
import { migrationsFolder, schema } from '@cc/schema';
import { openTransactionManager } from '@cc/tx';
import Database from 'libsql';
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { expandCatalogue } from '../catalogue/expand.js';
import { modelOf } from '../catalogue/row.js';
import { requireSameLibrary } from '../catalogue/same-library.js';
import { syntheticCatalogue } from '../catalogue/synthetic-catalogue.js';

const size = 150;
let folder = '';
let fresh = '';
let expanded = '';
let kept = '';

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'cc-bench-test-'));
  const models = syntheticCatalogue(100).map(modelOf);
  const fill = async (name: string, count: number): Promise<string> => {
    const path = join(folder, name);
    await using transactions = await openTransactionManager({ url: `file:${path}`, schema });
    await createMigrationManager(transactions, { folder: migrationsFolder }).applyMigrations();
    const repositories = createRepositories(transactions);
    await repositories.models.createMany(expandCatalogue(models, count), { onDuplicateHash: 'allow' });
    await repositories.search.refreshWords();
    return path;
  };
  fresh = await fill('fresh.db', 100);
  expanded = await fill('expanded.db', size);
});
beforeEach(async () => {
  kept = join(folder, 'kept.db');
  await copyFile(expanded, kept);
});
afterAll(() => rm(folder, { recursive: true, force: true }));

function change(sql: string): void {
  const database = new Database(kept);
  database.exec(sql);
  database.exec('PRAGMA wal_checkpoint(TRUNCATE)');
  database.close();
}

it('takes the library that this code makes, whoever applied its migrations', () => {
  requireSameLibrary(kept, fresh, size);
  change('DROP TABLE __cc_migrations');
  requireSameLibrary(kept, fresh, size);
});

it.each([
  ['an index less', 'DROP INDEX idx_models_name', 'its tables, indexes or triggers are others'],
  ['a model less', 'DELETE FROM models WHERE seq = 120', 'it has 149 models instead of 150'],
  [
    'other parts of names',
    `UPDATE models SET search_extra = 'x' WHERE seq = 7`,
    'the columns of its first 100 models differ',
  ],
  ['other metadata', `UPDATE model_metadata SET value_number = 99 WHERE value_type = 'number'`, 'the metadata of'],
  ['fewer tags', 'DELETE FROM model_tags WHERE model_seq = 9', 'the tags of'],
  ['an index without words', `INSERT INTO models_fts (models_fts) VALUES ('delete-all')`, 'the indexed words of'],
  ['old words', `UPDATE search_state SET value = value + 1 WHERE name = 'changes'`, 'the copy of its words is behind'],
])('refuses a library with %s', (_, sql, message) => {
  change(sql);
  expect(() => requireSameLibrary(kept, fresh, size)).toThrow(message);
});

it('refuses a library whose last changes are not in its file', async () => {
  // Nobody has opened it: a connection of the tests before that is closed late, when it is collected, takes away what it finds.
  const logged = join(folder, 'logged.db');
  await copyFile(expanded, logged);
  await writeFile(`${logged}-wal`, 'something');
  expect(() => requireSameLibrary(logged, fresh, size)).toThrow('write-ahead log');
});
