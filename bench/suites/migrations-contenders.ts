// Who brings a database up or down in the suite of @cc/migrate: SQL by hand, the manager, and drizzle's own migrator.
import { createMigrationManager } from '@cc/migrate';
import { openTransactionManager } from '@cc/tx';
import { createClient } from '@libsql/client';
import { drizzle } from 'drizzle-orm/libsql';
import { migrate } from 'drizzle-orm/libsql/migrator';
import Database from 'libsql';
import { type Awaitable, equalPragmas } from '../contenders/contender.js';
import { durabilityOf as durabilityOfClient } from '../contenders/drizzle-libsql.js';
import { durabilityOf as durabilityOfManager } from '../contenders/ours.js';
import { durabilityOf as durabilityOfConnection } from '../contenders/raw.js';
import type { ConnectionDurability } from '../harness/suite.js';

/** The contenders that run migrations; the first is the reference, the second the null control. */
export const migrators = ['bare SQL', 'bare SQL again', 'ours', 'drizzle + @libsql/client'] as const;

/** Ours with every loss agreed to, so that none is measured. */
export const unmeasured = 'ours, nothing measured';

/** What is to be run. */
export interface Course {
  readonly direction: 'up' | 'down';
  /** For those who read a folder. */
  readonly folder: string;
  /** For the hand: the statements of each migration that will run, in order. */
  readonly statements: readonly (readonly string[])[];
}

/** An open database, ready to go. */
export interface Migrator {
  run(): Awaitable<unknown>;
  durability(): Promise<readonly ConnectionDurability[]>;
  close(): Awaitable<void>;
}

/** Opens the contender on the file at `path`. @throws TypeError for an unknown name, or for a way that it does not go */
export async function openMigrator(name: string, path: string, course: Course): Promise<Migrator> {
  if (name === 'bare SQL' || name === 'bare SQL again') return byHand(path, course);
  if (name === 'ours' || name === unmeasured) return ours(path, course, name === unmeasured);
  if (name === 'drizzle + @libsql/client' && course.direction === 'up') return drizzles(path, course);
  throw new TypeError(`No contender '${name}' that goes ${course.direction}`);
}

function byHand(path: string, { statements }: Course): Migrator {
  const database = new Database(path);
  for (const pragma of equalPragmas) database.exec(pragma);
  return {
    run() {
      database.exec('PRAGMA foreign_keys = OFF');
      for (const migration of statements) {
        database.exec('BEGIN');
        for (const statement of migration) database.exec(statement);
        database.exec('COMMIT');
      }
      database.exec('PRAGMA foreign_keys = ON');
    },
    durability: async () => [durabilityOfConnection('writer', database)],
    close: () => void database.close(),
  };
}

async function ours(
  path: string,
  { direction, folder, statements }: Course,
  allowDataLoss: boolean,
): Promise<Migrator> {
  const transactions = await openTransactionManager({ url: `file:${path}` });
  const migrations = createMigrationManager(transactions, { folder });
  return {
    run: () =>
      direction === 'up'
        ? migrations.applyMigrations({ allowDataLoss })
        : migrations.rollbackMigration({ steps: statements.length, allowDataLoss }),
    durability: () => durabilityOfManager(transactions),
    close: () => transactions.close(),
  };
}

async function drizzles(path: string, { folder }: Course): Promise<Migrator> {
  const client = createClient({ url: `file:${path}` });
  for (const pragma of equalPragmas) await client.execute(pragma);
  const db = drizzle(client);
  return {
    run: () => migrate(db, { migrationsFolder: folder }),
    durability: () => durabilityOfClient(client),
    close: () => client.close(),
  };
}
