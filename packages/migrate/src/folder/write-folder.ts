// Adds migrations to a drizzle-kit folder as drizzle-kit itself does, and down files beside them. The journal is written
// last, so that a crash leaves files that nobody runs and never an entry without its file.

import { randomUUID } from 'node:crypto';
import { access, chmod, mkdir, readdir, readFile, realpath, rename, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { isError } from '@cc/tx/errors';
import type { Renames } from '../change/renames.js';
import type { FolderStyle } from '../contract/generate.js';
import { migrationError } from '../errors.js';
import { brokenJson } from './broken-json.js';
import { snapshotName } from './check-snapshots.js';
import { toJson } from './json-text.js';
import { type FolderMigration, readFolderIfAny } from './read-folder.js';
import { emptySnapshot, parseSnapshot, type Snapshot } from './snapshot.js';
import { writing } from './writing.js';

/** A migration to add. */
export interface NewMigration {
  /** What follows the number in the file name. */
  readonly name: string;
  readonly upSql: string;
  /** Called with the version, which the text may name; null = no down file. */
  readonly downSql: string | null;
  /** The schema behind it. `id` and `prevId` are set here. */
  readonly snapshot: Snapshot;
  readonly renames: Renames;
  /** The migrations of the folder behind which it was proven. */
  readonly before: readonly FolderMigration[];
}

/** Files that were written. */
export interface WrittenMigration {
  readonly version: string;
  /** Absolute paths, journal and snapshot included. */
  readonly files: readonly string[];
}

/** The one snapshot of all migrations whose names have no number, as drizzle-kit has it. */
export const sharedSnapshot = '_snapshot.json';

interface Journal {
  readonly version: string;
  readonly dialect: string;
  readonly entries: readonly { readonly idx: number; readonly when: number; readonly tag: string }[];
}

/** The newest snapshot of `folder`, by its journal: names need not grow where `prefix` was changed. The empty one without any. */
export async function readLastSnapshot(folder: string): Promise<Snapshot> {
  const meta = join(folder, 'meta');
  const files = await readdir(meta).catch(absentAs<string[]>([]));
  const { entries } = await readJournal(join(meta, '_journal.json'));
  const last = entries.map(({ tag }) => snapshotName(tag) ?? sharedSnapshot).findLast((name) => files.includes(name));
  if (last === undefined) return emptySnapshot;
  const path = join(meta, last);
  const operation = 'read the migrations';
  const text = await readFile(path, 'utf8');
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    const { reason, hint } = brokenJson(path, text, cause);
    throw migrationError('folder', `${path} ${reason}`, { operation, hint, cause });
  }
  try {
    return parseSnapshot(value, path);
  } catch (cause) {
    const hint = 'When an older drizzle-kit wrote it: drizzle-kit up; else restore the file from version control';
    throw migrationError('folder', isError(cause) ? cause.message : String(cause), { operation, hint, cause });
  }
}

/**
 * Adds `migration` to `folder`, which is made when it does not exist.
 *
 * @throws DatabaseError `MIGRATION_FOLDER` when a file of its name exists; `MIGRATION_LOCK_LOST` when the folder is no longer
 * the one that it was proven behind
 */
export async function writeMigration(
  folder: string,
  migration: NewMigration,
  style: FolderStyle,
  now: number,
): Promise<WrittenMigration> {
  const meta = join(folder, 'meta');
  await writing(meta, () => mkdir(meta, { recursive: true }));
  await refuseChanged(folder, migration.before);
  const journal = await readJournal(join(meta, '_journal.json'));
  const last = journal.entries.at(-1);
  const idx = last ? last.idx + 1 : 0;
  const prefix = freePrefix(journal, style.prefix, idx, now);
  const version = `${prefix}_${migration.name}`;
  const snapshot = { ...migration.snapshot, id: randomUUID(), prevId: (await readLastSnapshot(folder)).id };
  const added = [
    { path: join(folder, `${version}.sql`), text: migration.upSql },
    ...(migration.downSql === null ? [] : [{ path: join(folder, `${version}.down.sql`), text: migration.downSql }]),
  ];
  const described = {
    path: join(meta, snapshotName(version) ?? sharedSnapshot),
    text: toJson({ ...snapshot, _meta: metaOf(migration.renames) }),
  };
  const isShared = snapshotName(version) === null;
  const own = isShared ? added : [...added, described];
  await writeAll(own);
  // drizzle's migrator skips what is not later than the last one, also after a clock went back.
  const when = Math.max(now, (last?.when ?? 0) + 1);
  const entry = { idx, version: snapshot.version, when, tag: version, breakpoints: style.breakpoints };
  const journalPath = join(meta, '_journal.json');
  try {
    await refuseChanged(folder, migration.before);
    await replaceFile(journalPath, toJson({ ...journal, entries: [...journal.entries, entry] }));
  } catch (error) {
    for (const { path } of own) await rm(path, { force: true });
    throw error;
  }
  if (isShared) await replaceFile(described.path, described.text);
  return { version, files: [...added.map(({ path }) => path), described.path, journalPath] };
}

/** Writes `<version>.down.sql` into `folder` and returns its path. */
export async function writeDown(folder: string, version: string, downSql: string): Promise<string> {
  const path = join(folder, `${version}.down.sql`);
  await replaceFile(path, downSql);
  return path;
}

/** Writes `<version>.base.sql` into `folder` and returns its path. */
export async function writeBase(folder: string, version: string, baseSql: string): Promise<string> {
  const path = join(folder, `${version}.base.sql`);
  await replaceFile(path, baseSql);
  return path;
}

/** Proving takes seconds, and a question as long as a person thinks: meanwhile another command may have written a migration. */
async function refuseChanged(folder: string, before: readonly FolderMigration[]): Promise<void> {
  const now = await readFolderIfAny(folder);
  const isSame = (each: FolderMigration, at: number): boolean =>
    each.version === before[at]?.version && each.hash === before[at]?.hash;
  if (now.length === before.length && now.every(isSame)) return;
  throw migrationError('lock_lost', `Another command changed ${folder} meanwhile`, {
    operation: 'write the migration',
    hint: 'Nothing was written. Run it again, so that it is made for the folder as it is now',
  });
}

async function readJournal(path: string): Promise<Journal> {
  const text = await readFile(path, 'utf8').catch(absentAs(null));
  // readFolder has refused a broken one before this is reached.
  return text === null ? { version: '7', dialect: 'sqlite', entries: [] } : (JSON.parse(text) as Journal);
}

/** Two migrations of one second would have one snapshot: the later one takes a second that is free. */
function freePrefix({ entries }: Journal, style: FolderStyle['prefix'], idx: number, now: number): string {
  const isOfTime = style !== 'index' && style !== 'none';
  const isTaken = (prefix: string): boolean => entries.some(({ tag }) => tag.startsWith(`${prefix}_`));
  let at = now;
  while (isOfTime && isTaken(prefixOf(style, idx, at))) at += 1_000;
  return prefixOf(style, idx, at);
}

function prefixOf(style: FolderStyle['prefix'], idx: number, now: number): string {
  if (style === 'index') return String(idx).padStart(4, '0');
  if (style === 'unix') return String(Math.floor(now / 1_000));
  if (style === 'none') return '';
  return new Date(now).toISOString().replaceAll(/[-:T]/g, '').slice(0, 14);
}

/** drizzle-kit's own notes of what was renamed. */
function metaOf({ tables, columns }: Renames): Readonly<Record<string, Readonly<Record<string, string>>>> {
  return {
    schemas: {},
    tables: Object.fromEntries(tables.map(({ from, to }) => [`"${from}"`, `"${to}"`])),
    columns: Object.fromEntries(columns.map(({ table, from, to }) => [`"${table}"."${from}"`, `"${table}"."${to}"`])),
  };
}

/** Writes all of them or none: the names must be free. */
async function writeAll(files: readonly { readonly path: string; readonly text: string }[]): Promise<void> {
  for (const { path } of files) {
    const isFree = await access(path).then(() => false, absentAs(true));
    if (!isFree) {
      throw migrationError('folder', `${path} exists already`, {
        operation: 'write the migration',
        hint: 'Move it away if it is a left-over, or add its entry to meta/_journal.json if it is a migration',
      });
    }
  }
  const written: string[] = [];
  try {
    for (const { path, text } of files) {
      await writeNew(path, text);
      written.push(path);
    }
  } catch (error) {
    for (const path of written) await rm(path, { force: true });
    throw error;
  }
}

/** Writes a file that is not there, whole and so that it survives a loss of power, or not at all. */
export async function writeNew(path: string, text: string): Promise<void> {
  await writing(path, async () => {
    try {
      await writeFile(path, text, { flag: 'wx', flush: true });
    } catch (error) {
      // What could not be opened was not begun here, and may be somebody's: without descriptors nobody is told that it is there.
      const isBegun = !(isError(error) && 'syscall' in error && error.syscall === 'open');
      if (isBegun) await rm(path, { force: true }).catch(() => undefined);
      throw error;
    }
  });
}

/** Replaces a file in one step, where a link leads to it and with its mode: a reader sees the old one or the new one. */
export async function replaceFile(path: string, text: string): Promise<void> {
  await writing(path, async () => {
    const place = await realpath(path).catch(absentAs(path));
    const present = await stat(place).catch(absentAs(null));
    const draft = `${place}.${randomUUID()}.draft`;
    try {
      await writeFile(draft, text, { flag: 'wx', flush: true });
      if (present) await chmod(draft, present.mode & 0o777);
      await rename(draft, place);
    } catch (error) {
      await rm(draft, { force: true });
      throw error;
    }
  });
}

/** A handler that turns "does not exist" into `value`. */
function absentAs<T>(value: T): (error: unknown) => T {
  return (error) => {
    if (isError(error) && 'code' in error && (error.code === 'ENOENT' || error.code === 'ENOTDIR')) return value;
    throw error;
  };
}
