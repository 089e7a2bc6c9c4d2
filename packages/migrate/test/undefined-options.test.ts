// An option that is undefined is one that is absent, in every call: its default holds. The types list the options, so that
// a new one has to be added here.
import { expect, test } from 'vitest';
import type { BaselineOptions, CheckOptions, RepairOptions, VerifyOptions } from '../src/care.js';
import type { CreateOptions, MissingDownsOptions } from '../src/generate.js';
import { writeMissingDowns } from '../src/generate.js';
import {
  type ApplyOptions,
  createMigrationManager,
  type MigrationManagerOptions,
  type PlanOptions,
  type RollbackOptions,
  type RunOptions,
} from '../src/index.js';
import { library, makeScratch } from './scratch.js';

type Undefined<T, Needed = never> = { readonly [K in Exclude<keyof T, Needed>]-?: undefined };

const manager: Undefined<MigrationManagerOptions, 'folder' | 'migrations'> = {
  migrationsTable: undefined,
  maxAttempts: undefined,
};
const run: Undefined<RunOptions> = {
  allowDataLoss: undefined,
  dryRun: undefined,
  backup: undefined,
  onProgress: undefined,
};
const apply: Undefined<ApplyOptions> = {
  ...run,
  targetVersion: undefined,
  steps: undefined,
  allowOutOfOrder: undefined,
};
const rollback: Undefined<RollbackOptions> = {
  ...run,
  targetVersion: undefined,
  targetDate: undefined,
  steps: undefined,
};
const plan: Undefined<PlanOptions> = {
  direction: undefined,
  targetVersion: undefined,
  targetDate: undefined,
  steps: undefined,
  allowOutOfOrder: undefined,
  allowDataLoss: undefined,
  measure: undefined,
  encryptionKey: undefined,
};
const baseline: Undefined<BaselineOptions> = { targetVersion: undefined, dryRun: undefined, fromDatabase: undefined };
const check: Undefined<CheckOptions> = { code: undefined };
const verify: Undefined<VerifyOptions> = { steps: undefined, encryptionKey: undefined };
const repair: Undefined<RepairOptions> = { dryRun: undefined, journal: undefined };
const create: Undefined<CreateOptions, 'name'> = {
  upSql: undefined,
  downSql: undefined,
  irreversible: undefined,
  prefix: undefined,
  breakpoints: undefined,
  now: undefined,
};
const downs: Undefined<MissingDownsOptions> = {
  versions: undefined,
  irreversible: undefined,
  dryRun: undefined,
  onProgress: undefined,
};

test('every call of the manager does with undefined options what it does without', async () => {
  await using scratch = await makeScratch(':memory:');
  await scratch.write(library);
  const { transactions } = await scratch.open();
  const migrations = createMigrationManager(transactions, { folder: scratch.folder, ...manager });
  const last = library.at(-1)?.tag ?? null;
  expect((await migrations.plan(plan)).migrations).toHaveLength(library.length);
  expect(await migrations.applyMigrations(apply)).toMatchObject({ dryRun: false, backup: null, current: last });
  expect((await migrations.rollbackMigration(rollback)).migrations).toMatchObject([{ version: last }]);
  expect(await migrations.repair(repair)).toMatchObject({ dryRun: false, actions: [] });
  expect((await migrations.verify(verify)).migrations).toMatchObject([{ version: last }]);
  expect((await migrations.check(check)).migrations).toBe(library.length);
  await migrations.rollbackMigration({ ...rollback, targetVersion: null });
  await expect(migrations.baseline(baseline)).rejects.toThrow('The database is empty');
  expect(await migrations.createMigration({ name: 'more', ...create })).toMatchObject({ version: '0003_more' });
  expect(await writeMissingDowns(scratch.folder, downs)).toMatchObject([{ version: '0003_more' }]);
});
