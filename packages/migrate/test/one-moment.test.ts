// What is told of a database is that of one moment: another program that migrates between two of our reads is seen with all
// that it has written, or not at all. The judge is what is told while nobody writes.
import { fileURLToPath } from 'node:url';
import Database from 'libsql';
import { expect, test } from 'vitest';
import { createMigrationManager, type MigrationDatabase } from '../src/index.js';
import { library, makeScratch } from './scratch.js';

test('status and history while another program migrates', async () => {
  await using scratch = await makeScratch();
  await scratch.write(library);
  const { transactions } = await scratch.open();
  await createMigrationManager(transactions, { folder: scratch.folder }).applyMigrations();
  const other = new Database(fileURLToPath(scratch.url));
  const newest = 1_700_000_002_000;
  other.exec(`create table kept as select * from __drizzle_migrations where created_at = ${newest};
    create table kept_log as select * from __cc_migrations where created_at = ${newest}`);
  const changes = ['__drizzle_migrations', '__cc_migrations'].map((table, i) => ({
    back: `delete from ${table} where created_at = ${newest}`,
    forth: `insert into ${table} select * from ${i === 0 ? 'kept' : 'kept_log'}`,
  }));
  let isApplied = true;
  const migrate = (): void => {
    other.exec(`begin immediate; ${changes.map((each) => (isApplied ? each.back : each.forth)).join('; ')}; commit`);
    isApplied = !isApplied;
  };
  let statement = 0;
  let disturbedAt = 0;
  const getConnection: MigrationDatabase['getConnection'] = async (options) => {
    const lease = await transactions.getConnection(options);
    const { client } = lease;
    const execute = client.execute.bind(client);
    client.execute = (...args: Parameters<typeof execute>) => {
      statement += 1;
      if (statement === disturbedAt) migrate();
      return execute(...args);
    };
    return lease;
  };
  const watched: MigrationDatabase = {
    getConnection,
    current: () => transactions.current(),
    capabilities: transactions.capabilities,
    sync: () => transactions.sync(),
    backup: (...args) => transactions.backup(...args),
    url: transactions.url,
  };
  const migrations = createMigrationManager(watched, { folder: scratch.folder });
  try {
    for (const ask of [() => migrations.status(), () => migrations.history(), () => migrations.plan()]) {
      const told: unknown[] = [];
      for (let i = 0; i < 2; i += 1) {
        told.push(await ask());
        migrate();
      }
      for (let at = 1; at <= 10; at += 1) {
        statement = 0;
        disturbedAt = at;
        const answer = await ask().finally(() => (disturbedAt = 0));
        expect(told).toContainEqual(answer);
      }
    }
  } finally {
    other.close();
  }
});
