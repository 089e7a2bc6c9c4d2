// Replaces a damaged database file by its newest sound backup, unless making its indexes anew mends it. The damaged one is moved
// aside, never deleted, and nothing is moved before the damage is confirmed and a copy of a backup has been verified.
import { existsSync, statSync } from 'node:fs';
import { readdir, realpath, stat } from 'node:fs/promises';
import { basename, extname, join } from 'node:path';
import { flush, verify } from '../backup/backup-file.js';
import { asyncDispose } from '../dispose.js';
import { isDatabaseError } from '../errors.js';
import { type SideProcess, startSideProcess } from '../side-process/side-process.js';
import type { Schema } from '../types.js';
import { answers, type RepairContext } from './repairs.js';
import { asideName, copyBeside, type Draft, exchange, hasLog, shareAs } from './replace-file.js';

/** Restores the newest sound backup. False, and nothing touched, when there is none. */
export async function restoreBackup<S extends Schema>(
  context: RepairContext<S>,
  backups: string,
  now: () => number,
): Promise<boolean> {
  const { inside, timeoutMs, transactions } = context;
  const { target } = inside;
  const encryptionKey = inside.encryptionKey();
  if (target.kind !== 'local') return false;
  const path = await realpath(target.path);
  const found = inodeOf(path);
  const side = startSideProcess();
  let draft: Draft | undefined;
  try {
    const damaged = !(await isSound(side, path, encryptionKey));
    if (damaged) {
      if (await mendIndexes(context, side, path)) return await answers(transactions);
      const known = await tablesIn(side, path, encryptionKey).catch(() => []);
      for (const candidate of await candidates(path, backups)) {
        draft = await draftOf(candidate, { path, known }, side, encryptionKey);
        if (draft) break;
      }
      if (!draft) return false;
    }
    // Its connection to the damaged file must be gone before the file is.
    await side.kill();
    // When the file is sound, it was a connection that had lost track; or it has been restored before.
    const replace = async (): Promise<void> => {
      const aside = await asideName(path, 'corrupt', now());
      // Another handler may have restored it meanwhile: what was written since then is in the file that is there now.
      if (draft && inodeOf(path) === found) await exchange(path, draft.path, aside);
    };
    await inside.exclusively(replace, { closed: true, timeoutMs });
    return await answers(transactions);
  } finally {
    await side.kill();
    await draft?.[asyncDispose]();
  }
}

/** Indexes that do not agree with their tables: how many rows each lacks, and whether that is all that is said of it. */
const ofIndexes = `SELECT substr(integrity_check, instr(integrity_check, ' index ') + 7) AS name,
  sum(integrity_check GLOB 'row * missing from index *') AS missing,
  min(integrity_check GLOB 'row * missing from index *' OR integrity_check GLOB 'wrong # of entries in index *') AS is_all
  FROM pragma_integrity_check(2147483647) GROUP BY name`;

/**
 * Makes the indexes anew where they lack rows and nothing else is wrong: no row is lost by that, as all since the backup would be.
 * Where an index knows a row that its table does not have, it is the table that has lost one.
 */
async function mendIndexes<S extends Schema>(
  { inside, timeoutMs }: RepairContext<S>,
  side: SideProcess,
  path: string,
): Promise<boolean> {
  const settings = { path, encryptionKey: inside.encryptionKey(), pragmas: {}, readOnly: false };
  const all = async (sql: string): Promise<readonly (readonly unknown[])[]> =>
    (await side.run({ settings, sql, args: [] })).rows;
  try {
    for (const [name, missing, isAll] of await all(ofIndexes)) {
      if (Number(isAll) !== 1) return false;
      const index = `'${String(name).replaceAll("'", "''")}'`;
      const [[table] = []] = await all(`SELECT tbl_name FROM sqlite_schema WHERE type = 'index' AND name = ${index}`);
      const [quotedIndex, quotedTable] = [name, table].map((each) => `"${String(each).replaceAll('"', '""')}"`);
      // Of an index of some rows only, this is refused. A count(*) would count the table whatever is asked for.
      const [[entries, rows] = []] = await all(`SELECT (SELECT total(1) FROM ${quotedTable} INDEXED BY ${quotedIndex}),
        (SELECT total(1) FROM ${quotedTable} NOT INDEXED)`);
      if (Number(entries) + Number(missing) !== Number(rows)) return false;
    }
    await inside.exclusively(() => all('REINDEX'), { closed: false, timeoutMs });
  } catch (error) {
    // An index with a function of the application's own, or a rule that its rows break.
    if (isDatabaseError(error) && ['integrity', 'syntax', 'constraint'].includes(error.type)) return false;
    throw error;
  }
  return await isSound(side, path, settings.encryptionKey);
}

function inodeOf(path: string): bigint {
  return statSync(path, { bigint: true }).ino;
}

/** Whether the file can be read as a whole. @throws DatabaseError when that cannot be told, as for a lock */
async function isSound(side: SideProcess, path: string, encryptionKey: string | undefined): Promise<boolean> {
  try {
    await verify(side, path, encryptionKey, 'recovery');
    return true;
  } catch (error) {
    if (isDatabaseError(error) && error.type === 'integrity') return false;
    throw error;
  }
}

/**
 * Copies `backup` beside the damaged file and returns the copy; undefined, and no copy, when it is not sound, or of another
 * database. `known`: the tables of the damaged one, as far as they can be read.
 */
async function draftOf(
  backup: string,
  { path, known }: { readonly path: string; readonly known: readonly string[] },
  side: SideProcess,
  encryptionKey: string | undefined,
): Promise<Draft | undefined> {
  // What is verified is the copy that will be used.
  const draft = await copyBeside(backup, path);
  try {
    const tables = (await isSound(side, draft.path, encryptionKey))
      ? await tablesIn(side, draft.path, encryptionKey)
      : [];
    if (tables.some((table) => known.length === 0 || known.includes(table))) {
      await flush(draft.path);
      await shareAs(path, draft.path);
      return draft;
    }
  } catch (error) {
    await draft[asyncDispose]();
    throw error;
  }
  await draft[asyncDispose]();
  return undefined;
}

/** The names of the tables that an application has made, in hexadecimal: those of a damaged file may be any bytes. */
async function tablesIn(side: SideProcess, path: string, encryptionKey: string | undefined): Promise<string[]> {
  const settings = { path, encryptionKey, pragmas: {}, readOnly: true };
  // Migration tools keep their own in every database.
  const sql = `SELECT hex(name) FROM sqlite_schema WHERE type = 'table' AND substr(name, 1, 2) <> '__' AND name NOT LIKE 'sqlite~_%' ESCAPE '~'`;
  return (await side.run({ settings, sql, args: [] })).rows.map(([name]) => String(name));
}

/** The files that may be backups of `path`, newest first: those whose name begins with its name, that nothing has put aside, and nobody works on. */
async function candidates(path: string, folder: string): Promise<string[]> {
  const stem = basename(path, extname(path));
  const named = (name: string): boolean =>
    name.startsWith(stem) &&
    !/^[\p{L}\p{N}]/u.test(name.slice(stem.length)) &&
    !/\.(?:corrupt|before-restore)-/.test(name) &&
    !/-(wal|shm|journal)$/.test(name) &&
    // A link may lead to one that is gone.
    existsSync(join(folder, name));
  const found: { path: string; writtenMs: number }[] = [];
  for (const name of (await readdir(folder)).filter(named)) {
    const candidate = await realpath(join(folder, name));
    const stats = await stat(candidate);
    if (stats.isFile() && candidate !== path && !(await hasLog(candidate)))
      found.push({ path: candidate, writtenMs: stats.mtimeMs });
  }
  return found.sort((a, b) => b.writtenMs - a.writtenMs).map((candidate) => candidate.path);
}
