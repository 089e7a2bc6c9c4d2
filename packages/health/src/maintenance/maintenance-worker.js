// The program of run-maintenance.ts: one task on a file, in steps that each give the write lock back.
// It runs from its text, because a bundle has no files beside it: no imports, neither as a module nor as CommonJS.
// @ts-check
const { createRequire } = process.getBuiltinModule('node:module');
const { statSync } = process.getBuiltinModule('node:fs');

/** @typedef {import('./run-maintenance.js').UpkeepRequest} Request */
/** @typedef {import('./run-maintenance.js').UpkeepAnswer} Answer */
/** @typedef {import('libsql').Database} Database */

const driver = process.argv.at(-1) ?? '';
// Waiting here blocks nobody.
const busyTimeoutMs = 5_000;
const pagesAtOnce = 500;

process.on('message', (message) => {
  try {
    process.send?.({ result: carryOut(/** @type {Request} */ (message)) });
  } catch (error) {
    const { message: reason, code = '' } = /** @type {Error & { code?: string }} */ (error);
    process.send?.({ error: { message: reason, code } });
  }
});

/**
 * @param {Request} request
 * @returns {Answer}
 */
function carryOut({ path, encryptionKey, task }) {
  /** @type {typeof import('libsql')} */
  const Driver = createRequire(driver)(driver);
  // The driver takes an encryption key that its declarations do not know.
  const options = { timeout: busyTimeoutMs, ...(encryptionKey !== undefined && { encryptionKey }) };
  const database = new Driver(path, options);
  database.exec('PRAGMA synchronous = NORMAL');
  if (task === 'analyze') return analyze(database);
  return task === 'checkpoint' ? checkpoint(database) : vacuum(database);
}

/**
 * @param {Database} database
 * @param {string} sql
 */
function ask(database, sql) {
  const row = /** @type {unknown[] | undefined} */ (database.prepare(sql).raw(true).get());
  return row ?? [];
}

/**
 * PRAGMA optimize looks at what its own connection has read, and this one has read nothing.
 * @param {Database} database
 * @returns {Answer}
 */
function analyze(database) {
  // Enough for the planner, and a few milliseconds for a table of any size.
  database.exec('PRAGMA analysis_limit = 1000');
  const before = statistics(database);
  const tables = database
    .prepare(
      `SELECT name FROM pragma_table_list WHERE schema = 'main' AND type = 'table' AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\'`,
    )
    .raw(true)
    .all();
  for (const row of tables) database.exec(`ANALYZE ${quoted(/** @type {[string]} */ (row)[0])}`);
  const after = statistics(database);
  const changed = after.filter((line) => !before.includes(line)).length;
  // Connections read the statistics with the schema: a table that comes and goes makes them read it again.
  if (changed > 0) database.exec('BEGIN IMMEDIATE; CREATE TABLE __cc_reread (a); DROP TABLE __cc_reread; COMMIT');
  return { tables: after.length, changed };
}

/** @param {Database} database */
function statistics(database) {
  const [exists] = ask(database, `SELECT count(*) FROM sqlite_schema WHERE name = 'sqlite_stat1'`);
  if (Number(exists) === 0) return [];
  const rows = database.prepare('SELECT tbl, idx, stat FROM sqlite_stat1').raw(true).all();
  return rows.map((row) => JSON.stringify(row));
}

/**
 * @param {Database} database
 * @returns {Answer}
 */
function vacuum(database) {
  const modes = /** @type {const} */ (['none', 'full', 'incremental']);
  const mode = modes[Number(ask(database, 'PRAGMA auto_vacuum')[0])] ?? 'none';
  const pageSize = Number(ask(database, 'PRAGMA page_size')[0]);
  const free = () => Number(ask(database, 'PRAGMA freelist_count')[0]);
  const before = free();
  if (mode !== 'incremental') return { mode, freeBytes: before * pageSize, freedBytes: 0 };
  let left = before;
  while (left > 0) {
    database.exec(`PRAGMA incremental_vacuum(${pagesAtOnce})`);
    const now = free();
    // Others use and free pages meanwhile.
    if (now >= left) break;
    left = now;
  }
  return { mode, freeBytes: left * pageSize, freedBytes: Math.max(0, before - left) * pageSize };
}

/**
 * @param {Database} database
 * @returns {Answer}
 */
function checkpoint(database) {
  const journal = String(ask(database, 'PRAGMA journal_mode')[0]);
  if (journal !== 'wal') return { journal, bytesBefore: 0, bytesAfter: 0, pagesLeft: 0 };
  // What it was opened by may be an address.
  const [file] = ask(database, "SELECT file FROM pragma_database_list WHERE name = 'main'");
  const size = () => statSync(`${String(file)}-wal`, { throwIfNoEntry: false })?.size ?? 0;
  const bytesBefore = size();
  // Moves what it can and waits for nobody. To empty the log needs the writer's lock and no reader: tried once, because
  // whoever waits for that keeps others from writing.
  const [, logged, moved] = ask(database, 'PRAGMA wal_checkpoint(PASSIVE)').map(Number);
  database.exec('PRAGMA busy_timeout = 0');
  const [busy] = ask(database, 'PRAGMA wal_checkpoint(TRUNCATE)').map(Number);
  const pagesLeft = busy === 0 ? 0 : Math.max(0, (logged ?? 0) - (moved ?? 0));
  return { journal, bytesBefore, bytesAfter: size(), pagesLeft };
}

/** @param {string} name */
function quoted(name) {
  return `"${name.replaceAll('"', '""')}"`;
}
