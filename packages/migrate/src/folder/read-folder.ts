// Reads a drizzle-kit folder (journal version 7). The layout is known here alone: drizzle 1.0 has another one.
import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { migrationError } from '../errors.js';

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
}

/**
 * Returns the migrations of `folder` in the journal's order.
 *
 * @throws DatabaseError `MIGRATION_FOLDER` when the journal or a file it names is missing or unreadable
 */
export async function readFolder(folder: string): Promise<readonly FolderMigration[]> {
  const entries = parseJournal(await readText(journalPath(folder)), folder);
  return Promise.all(entries.map((entry) => readMigration(folder, entry)));
}

/** As `readFolder`; a folder without a journal is an empty one. */
export async function readFolderIfAny(folder: string): Promise<readonly FolderMigration[]> {
  return (await readText(journalPath(folder))) === null ? [] : await readFolder(folder);
}

interface JournalEntry {
  readonly tag: string;
  readonly when: number;
}

function journalPath(folder: string): string {
  return join(folder, 'meta', '_journal.json');
}

function parseJournal(text: string | null, folder: string): readonly JournalEntry[] {
  const path = journalPath(folder);
  if (text === null) {
    throw migrationError('folder', `${path} does not exist`, {
      operation: 'read the migrations',
      hint: `Point to the folder that drizzle-kit generate writes ('out' in drizzle.config.ts)`,
    });
  }
  let journal: unknown;
  try {
    journal = JSON.parse(text);
  } catch (error) {
    throw unreadable(path, 'is not JSON', error);
  }
  const entries = typeof journal === 'object' && journal !== null && 'entries' in journal ? journal.entries : undefined;
  if (!Array.isArray(entries)) throw unreadable(path, 'has no list of entries');
  return entries.map((entry: unknown, index) => parseEntry(entry, index, path));
}

function parseEntry(entry: unknown, index: number, path: string): JournalEntry {
  if (typeof entry === 'object' && entry !== null && 'tag' in entry && 'when' in entry) {
    const { tag, when } = entry;
    // A tag becomes a file name: it must not lead out of the folder.
    const isName = typeof tag === 'string' && tag !== '' && basename(tag) === tag && !/[\\/:\0]/.test(tag);
    if (isName && typeof when === 'number' && Number.isSafeInteger(when)) return { tag, when };
  }
  throw unreadable(path, `has a wrong tag or when in entry ${index}`);
}

function unreadable(path: string, what: string, cause?: unknown): Error {
  return migrationError('folder', `${path} ${what}`, {
    operation: 'read the migrations',
    hint: 'Restore the file from version control, or resolve the merge in it',
    cause,
  });
}

async function readMigration(folder: string, { tag, when }: JournalEntry): Promise<FolderMigration> {
  const path = join(folder, `${tag}.sql`);
  const [upSql, downSql] = await Promise.all([readText(path), readText(join(folder, `${tag}.down.sql`))]);
  if (upSql === null) throw unreadable(path, 'is in the journal and does not exist');
  const unix = upSql.replaceAll('\r\n', '\n');
  return {
    version: tag,
    createdAt: when,
    upSql,
    hash: sha256(upSql),
    hashes: [sha256(upSql), sha256(unix), sha256(unix.replaceAll('\n', '\r\n'))],
    downSql,
  };
}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}

async function readText(path: string): Promise<string | null> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    if (error instanceof Error && 'code' in error && (error.code === 'ENOENT' || error.code === 'ENOTDIR')) return null;
    throw unreadable(path, 'cannot be read', error);
  }
}
