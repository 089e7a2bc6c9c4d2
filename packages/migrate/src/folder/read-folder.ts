// Reads a drizzle-kit folder (journal version 7). The layout is known here alone: drizzle 1.0 has another one.
import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { isError } from '@cc/tx/errors';
import { migrationError, typed } from '../errors.js';
import { brokenJson } from './broken-json.js';

/** A migration as the folder has it. */
export interface FolderMigration {
  readonly version: string;
  /** `when` of the journal: drizzle's order of migrations. */
  readonly createdAt: number;
  readonly upSql: string;
  /** SHA-256 of the raw file, as drizzle's migrator records it. */
  readonly hash: string;
  /** Hashes that the same text has with the other line endings: a checkout may have changed them. */
  readonly hashes: readonly string[];
  /** Text of `<version>.down.sql`; null without such a file. */
  readonly downSql: string | null;
  /** Text of `<version>.base.sql`, which a replay runs in place of it and those before it (base-file.ts). */
  readonly baseSql?: string | null;
}

/**
 * Returns the migrations of `folder` in the journal's order.
 *
 * @throws DatabaseError `MIGRATION_FOLDER` when the journal or a file it names is missing or unreadable
 */
export async function readFolder(folder: string): Promise<readonly FolderMigration[]> {
  const entries = await readJournal(folder);
  const migrations = await readMigrations(folder, entries);
  return entries.map(({ tag }, index) => {
    const migration = migrations[index];
    if (!migration) throw unreadable(join(folder, `${tag}.sql`), 'is in the journal and does not exist');
    return migration;
  });
}

/** As `readFolder`; a folder without a journal is an empty one. */
export async function readFolderIfAny(folder: string): Promise<readonly FolderMigration[]> {
  if ((await readText(journalPath(folder))) !== null) return await readFolder(folder);
  await refuseOtherLayout(folder);
  return [];
}

/** One line of the journal. */
export interface JournalEntry {
  readonly tag: string;
  readonly when: number;
  /** Its number as drizzle-kit counts; null where it is no number. */
  readonly idx: number | null;
}

/** Returns the entries of the journal in its order. @throws DatabaseError `MIGRATION_FOLDER` */
export async function readJournal(folder: string): Promise<readonly JournalEntry[]> {
  const text = await readText(journalPath(folder));
  if (text === null) {
    await refuseOtherLayout(folder);
    await refuseLooseFiles(folder);
  }
  return parseJournal(text, folder);
}

/** drizzle-kit 1.0 keeps a folder for each migration, and its migrator another table. */
async function refuseOtherLayout(folder: string): Promise<void> {
  const entries = await readdir(folder, { recursive: true }).catch(() => []);
  const found = entries.find((name) => basename(name) === 'migration.sql');
  if (found === undefined) return;
  throw migrationError(
    'folder',
    `${join(folder, found)}: this is the layout of drizzle-kit 1.0, a folder for each migration`,
    {
      operation: 'read the migrations',
      hint: 'cc-migrate works with the layout of drizzle-kit 0.31: npm install --save-dev drizzle-kit@0.31, and take the folder from before drizzle-kit up back from version control; or generate into a new one: out in drizzle.config.ts, then cc-migrate generate and cc-migrate baseline',
    },
  );
}

/** Files of migrations that nothing lists: the journal was not committed, or wrangler or somebody by hand made them. */
async function refuseLooseFiles(folder: string): Promise<void> {
  const entries = await readdir(folder).catch(() => []);
  const [found] = entries.filter((name) => /(?<!\.down|\.base)\.sql$/.test(name)).sort();
  if (found === undefined) return;
  throw migrationError('folder', `${journalPath(folder)} does not exist, and ${found} is in no journal`, {
    operation: 'read the migrations',
    hint: `Restore it from version control: git checkout -- ${typed(journalPath(folder))}. Where there never was one, take the files into a folder of their own, in their order: cc-migrate create --folder <new> --name <name> --up <file>; then: cc-migrate baseline --folder <new>`,
  });
}

/** Where the journal of `folder` is. */
export function journalPath(folder: string): string {
  return join(folder, 'meta', '_journal.json');
}

function parseJournal(text: string | null, folder: string): readonly JournalEntry[] {
  const path = journalPath(folder);
  if (text === null) {
    throw migrationError('folder', `${path} does not exist`, {
      operation: 'read the migrations',
      hint: `Write the first migration: cc-migrate generate; or point to the folder that has some: --folder, or 'out' in drizzle.config.ts. A program without one takes them as data: docs/guides/bundlers.md`,
    });
  }
  let journal: unknown;
  try {
    journal = JSON.parse(text);
  } catch (cause) {
    const { reason, hint } = brokenJson(path, text, cause);
    throw migrationError('folder', `${path} ${reason}`, { operation: 'read the migrations', hint, cause });
  }
  refuseOtherDialect(journal, path);
  const entries = typeof journal === 'object' && journal !== null && 'entries' in journal ? journal.entries : undefined;
  if (!Array.isArray(entries)) throw unreadable(path, 'has no list of entries');
  return entries.map((entry: unknown, index) => parseEntry(entry, index, path));
}

function refuseOtherDialect(journal: unknown, path: string): void {
  const dialect = typeof journal === 'object' && journal !== null && 'dialect' in journal ? journal.dialect : undefined;
  if (dialect === undefined || dialect === 'sqlite' || dialect === 'turso') return;
  throw migrationError('folder', `${path} is of a folder for ${String(dialect)}, and not for SQLite`, {
    operation: 'read the migrations',
    hint: `Point to another folder: --folder, or 'out' in drizzle.config.ts; with dialect: 'sqlite' there, cc-migrate generate begins one`,
  });
}

function parseEntry(entry: unknown, index: number, path: string): JournalEntry {
  if (typeof entry === 'object' && entry !== null && 'tag' in entry && 'when' in entry) {
    const { tag, when } = entry;
    // A tag becomes a file name: it must not lead out of the folder.
    const isName = typeof tag === 'string' && tag !== '' && basename(tag) === tag && !/[\\/:\0]/.test(tag);
    if (isName && typeof when === 'number' && Number.isSafeInteger(when)) {
      return { tag, when, idx: 'idx' in entry && typeof entry.idx === 'number' ? entry.idx : null };
    }
  }
  throw unreadable(path, `has a wrong tag or when in entry ${index}`);
}

function unreadable(
  path: string,
  what: string,
  cause?: unknown,
  hint = `Restore the file from version control: git checkout -- ${typed(path)}; then: cc-migrate check`,
): Error {
  return migrationError('folder', `${path} ${what}`, { operation: 'read the migrations', hint, cause });
}

/** There is nothing wrong with the file. */
const forbidding: ReadonlySet<string> = new Set(['EACCES', 'EPERM']);

/** Each of them has up to three files open: a long history must not need more descriptors than a process may have. */
const atOnce = 16;

/** The migrations of journal entries; null for one whose file does not exist. @throws DatabaseError `MIGRATION_FOLDER` */
export async function readMigrations(
  folder: string,
  entries: readonly JournalEntry[],
): Promise<readonly (FolderMigration | null)[]> {
  const migrations: (FolderMigration | null)[] = [];
  for (let from = 0; from < entries.length; from += atOnce) {
    const some = entries.slice(from, from + atOnce);
    migrations.push(...(await Promise.all(some.map((entry) => readMigration(folder, entry)))));
  }
  return migrations;
}

async function readMigration(folder: string, { tag, when }: JournalEntry): Promise<FolderMigration | null> {
  const path = join(folder, `${tag}.sql`);
  const [upSql, downSql, baseSql] = await Promise.all([
    readText(path),
    readText(join(folder, `${tag}.down.sql`)),
    readText(join(folder, `${tag}.base.sql`)),
  ]);
  if (upSql === null) return null;
  return { ...migrationOf({ version: tag, createdAt: when, upSql, downSql }), baseSql };
}

/** A migration with the hashes of its text. */
export function migrationOf(
  migration: Pick<FolderMigration, 'version' | 'createdAt' | 'upSql' | 'downSql'>,
): FolderMigration {
  const { upSql } = migration;
  const unix = upSql.replaceAll('\r\n', '\n');
  return {
    ...migration,
    hash: sha256(upSql),
    hashes: [sha256(upSql), sha256(unix), sha256(unix.replaceAll('\n', '\r\n'))],
  };
}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}

async function readText(path: string): Promise<string | null> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    if (isError(error) && 'code' in error && (error.code === 'ENOENT' || error.code === 'ENOTDIR')) return null;
    const code = isError(error) && 'code' in error ? String(error.code) : '';
    const hint = forbidding.has(code) ? 'Give this user the right to read it and to enter its folders' : undefined;
    throw unreadable(path, `cannot be read${code && ` (${code})`}`, error, hint);
  }
}
