// Opens the database of a command: makes no file for one that only looks, refuses one that cannot be written by its name, and
// shows when it waits for somebody else (waiting.ts).
import { accessSync, constants, existsSync } from 'node:fs';
import { dirname } from 'node:path';
import { openTransactionManager } from '@cc/tx';
import { createMigrationManager } from '../create.js';
import { migrationError } from '../errors.js';
import { pathOf } from '../run/database-file.js';
import type { MigrationManager } from '../types.js';
import type { Surroundings } from './commands.js';
import type { Place } from './place.js';
import { watchLocks } from './waiting.js';

/** How a command opens the database. */
export interface Access {
  readonly readOnly?: true;
}

/** Commands that only look make no file: one that is not there is as an empty database. */
export const looks: Access = { readOnly: true };

/** A migration may take its time; a server that never answers is given up on all the same. */
const transactionTimeoutMs = 3_600_000;

/** Gives `work` the migrations of the database at `place`. @throws TypeError when nothing names a database */
export async function withDatabase<T>(
  place: Place,
  surroundings: Surroundings,
  access: Access,
  work: (migrations: MigrationManager) => Promise<T>,
): Promise<T> {
  const given = databaseOf(place);
  const { authToken, folder, table } = place;
  const url = access.readOnly && noteMissing(given, surroundings) ? ':memory:' : given;
  const path = pathOf(url);
  if (!access.readOnly && path !== undefined) refuseReadOnly(path);
  using _ = watchLocks(path, surroundings);
  await using transactions = await openTransactionManager({
    url,
    transactionTimeoutMs,
    ...(url === given && access),
    ...(authToken && { authToken }),
  });
  return await work(createMigrationManager(transactions, { folder, migrationsTable: table }));
}

/** The URL of the database. @throws TypeError that says where to write one */
export function databaseOf({ url, config }: Place): string {
  if (url !== undefined) return url;
  throw new TypeError(
    config === null
      ? 'No database: give --url, set CC_DATABASE_URL, or write dbCredentials.url into drizzle.config.ts'
      : `No database: ${config.path} has no dbCredentials.url. Write dbCredentials: { url: 'file:./app.db' } into it, give --url, or set CC_DATABASE_URL`,
  );
}

/** Whether `url` names a file that is not there, which a person should hear of: it may be a slip. */
export function noteMissing(url: string, { name, warn }: Surroundings): boolean {
  const path = pathOf(url);
  if (path === undefined || existsSync(path)) return false;
  warn(`${name ?? 'cc-migrate'}: there is no file ${path} yet; this is what an empty database would answer`);
  return true;
}

function refuseReadOnly(path: string): void {
  const refused = [path, dirname(path)].find((each) => existsSync(each) && !canWrite(each));
  if (refused === undefined) return;
  throw migrationError('read_only', `${refused} cannot be written, and this command writes to ${path}`, {
    operation: `open ${path}`,
    hint: `Give this user the right to write to it, or take a copy that can be written: --url file:<path>; to only look: cc-migrate status`,
  });
}

function canWrite(path: string): boolean {
  try {
    accessSync(path, constants.W_OK);
    return true;
  } catch {
    return false;
  }
}
