// Opens the database of a command: makes no file for one that only looks, refuses one that cannot be written by its name, and
// shows when it waits for somebody else (waiting.ts).
import { accessSync, closeSync, constants, existsSync, openSync, readSync, type Stats, statSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { openTransactionManager } from '@cc/tx';
import { DatabaseError, isError } from '@cc/tx/errors';
import type { MigrationManager } from '../contract/run.js';
import { createMigrationManager } from '../create.js';
import { migrationError, typed } from '../errors.js';
import { pathOf } from '../run/database-file.js';
import type { Surroundings } from './commands.js';
import type { Place } from './place.js';
import { watchLocks } from './waiting.js';

/** How a command opens the database. */
export interface Access {
  readonly readOnly?: true;
  /** Makes the file where there is none. Without it one that is not there is as an empty database. */
  readonly makes?: true;
}

/** Of commands that only look. */
export const looks: Access = { readOnly: true };

/** Of commands that have something to do on an empty database. */
export const makes: Access = { makes: true };

/** A migration may take its time; a server that never answers is given up on all the same. */
const transactionTimeoutMs = 3_600_000;

/** What a statement may have to undo, such as DROP COLUMN, is as large as its table: it would not fit into memory. */
const besideMemory = { temp_store: 'FILE' } as const;

/** Gives `work` the migrations of the database at `place`. @throws TypeError when nothing names a database */
export async function withDatabase<T>(
  place: Place,
  surroundings: Surroundings,
  access: Access,
  work: (migrations: MigrationManager) => Promise<T>,
): Promise<T> {
  const given = databaseOf(place);
  const { authToken, folder, table } = place;
  const url = !access.makes && noteMissing(given, surroundings) ? ':memory:' : given;
  const path = pathOf(url);
  if (path !== undefined) refuseUnusable(path, access);
  if (path !== undefined && !access.readOnly) {
    surroundings.keepTemporaryFiles?.(resolve(dirname(path)));
    // A long statement would keep the process from hearing of it. What it has done is rolled back by whoever opens the file next.
    surroundings.endAtOnce?.();
  }
  using _ = watchLocks(path, surroundings);
  await using transactions = await openTransactionManager({
    url,
    transactionTimeoutMs,
    ...(path !== undefined && { pragmas: besideMemory }),
    ...(url === given && access.readOnly && { readOnly: true }),
    ...(authToken && { authToken }),
  });
  return await work(createMigrationManager(transactions, { folder, migrationsTable: table }));
}

/** The URL of the database. @throws TypeError that says where to write one */
export function databaseOf({ url, config }: Place): string {
  if (url !== undefined) return url;
  if (config?.driver !== undefined) {
    throw new TypeError(
      `No database: ${config.path} has driver: '${config.driver}', whose databases only its own program reaches. Give a file or a server that cc-migrate reaches: --url file:./app.db, or set CC_DATABASE_URL`,
    );
  }
  throw new TypeError(
    config === null
      ? 'No database: give --url, set CC_DATABASE_URL, or write dbCredentials.url into drizzle.config.ts'
      : `No database: ${config.path} has no dbCredentials.url. Write dbCredentials: { url: 'file:./app.db' } into it, give --url, or set CC_DATABASE_URL`,
  );
}

/** Whether `url` names a file that is not there, which a person should hear of: it may be a slip. */
export function noteMissing(url: string, { name, warn }: Surroundings): boolean {
  const path = pathOf(url);
  if (path === undefined || statOf(path)) return false;
  const folder = dirname(path);
  const where = existsSync(folder) ? 'yet' : `and no folder ${folder}`;
  warn(`${name ?? 'cc-migrate'}: there is no file ${path} ${where}; this is what an empty database would answer`);
  return true;
}

/** Refuses by its name what the driver would refuse in words of its own. */
function refuseUnusable(path: string, { readOnly }: Access): void {
  const found = statOf(path);
  if (found?.isDirectory())
    throw unopened(
      path,
      `${path} is a folder, and no file of a database`,
      `Name the file: --url ${typed(`file:${path}/app.db`)}`,
    );
  if (!found && !existsSync(dirname(path))) {
    const folder = dirname(path);
    throw unopened(
      path,
      `There is no folder ${folder} in which ${path} could be made`,
      `Make it: mkdir -p ${typed(folder)}; or mend the path: --url file:<path>`,
    );
  }
  if (found && found.size > 0 && !beginsAsDatabase(path)) {
    throw new DatabaseError(`${path} is no SQLite database: it begins as a file of another kind`, {
      type: 'integrity',
      code: 'SQLITE_NOTADB',
      operation: `open ${path}`,
      hint: 'Mend the path: --url file:<path>. When it is damaged, put a copy into its place: cc-migrate restore <backup>; a file that is encrypted opens only in code, with its encryptionKey',
    });
  }
  if (!readOnly) refuseReadOnly(path);
}

function unopened(path: string, reason: string, hint: string, cause?: unknown): DatabaseError {
  const operation = `open ${path}`;
  return new DatabaseError(reason, { type: 'connection', code: 'SQLITE_CANTOPEN', operation, hint, cause });
}

/** Undefined where nothing is; a place that this user may not look into may well hold something. */
function statOf(path: string): Stats | undefined {
  return reading(path, () => statSync(path, { throwIfNoEntry: false }));
}

/** Returns what `work` returns, which reads `path`. @throws DatabaseError for what the file system refuses */
function reading<T>(path: string, work: () => T): T {
  try {
    return work();
  } catch (cause) {
    const code = isError(cause) && 'code' in cause ? String(cause.code) : String(cause);
    const mend = /^E(?:ACCES|PERM)$/.test(code)
      ? 'Give this user the right to read it and to enter its folders'
      : 'Mend the path: --url file:<path>';
    throw unopened(path, `${path} cannot be read: ${code}`, mend, cause);
  }
}

const header = 'SQLite format 3\0';

function beginsAsDatabase(path: string): boolean {
  const file = reading(path, () => openSync(path, 'r'));
  try {
    const start = Buffer.alloc(header.length);
    return readSync(file, start) === header.length && start.toString('latin1') === header;
  } finally {
    closeSync(file);
  }
}

function refuseReadOnly(path: string): void {
  const refused = [path, dirname(path)].find((each) => existsSync(each) && !canWrite(each));
  if (refused === undefined) return;
  throw readOnlyError(refused, path);
}

/** The error of a command that writes to `path`, where `refused` cannot be written. */
export function readOnlyError(refused: string, path: string): DatabaseError {
  return migrationError('read_only', `${refused} cannot be written, and this command writes to ${path}`, {
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
