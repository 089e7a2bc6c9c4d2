// The program of full-text.ts: copies each full-text index of a file into a temporary one and lets FTS5 compare that with the
// rows. The file is only read, on one snapshot; the copies lie in a temporary file of SQLite.
// It runs from its text, because a bundle has no files beside it: no imports, neither as a module nor as CommonJS.
// @ts-check
const { createRequire } = process.getBuiltinModule('node:module');

/** @typedef {import('./full-text.js').FullTextRequest} Request */
/** @typedef {import('./full-text.js').FullTextAnswer[number]} Answer */
/** @typedef {Request['tables'][number]} Table */

const driver = process.argv.at(-1) ?? '';

process.on('message', (message) => {
  try {
    process.send?.({ result: compareAll(/** @type {Request} */ (message)) });
  } catch (error) {
    process.send?.({ error: described(error) });
  }
});

/** @param {Request} request */
function compareAll({ path, encryptionKey, tables }) {
  /** @type {typeof import('libsql')} */
  const Database = createRequire(driver)(driver);
  // The driver takes an encryption key that its declarations do not know.
  const options = { timeout: 5_000, ...(encryptionKey !== undefined && { encryptionKey }) };
  return tables.map((table) => {
    // A connection for each: a comparison that fails leaves a statement open in the driver.
    const database = new Database(path, options);
    try {
      return compare(database, table);
    } finally {
      database.close();
    }
  });
}

/**
 * @param {import('libsql').Database} database
 * @param {Table} table
 * @returns {Answer}
 */
function compare(database, table) {
  let compared = false;
  try {
    // The copy may be as large as the index.
    database.exec('PRAGMA temp_store = FILE; BEGIN');
    copy(database, table);
    compared = true;
    const name = quoted(table.name);
    const values =
      table.module === 'fts5'
        ? `(${name}, rank) VALUES ('integrity-check', 1)`
        : `(${name}) VALUES ('integrity-check')`;
    database.exec(`INSERT INTO temp.${name}${values}`);
    return null;
  } catch (error) {
    const { message, code } = described(error);
    // A copy that cannot be compared for want of space is no fault of the index.
    return { message, code, compared: compared && code.startsWith('SQLITE_CORRUPT') };
  }
}

/**
 * @param {import('libsql').Database} database
 * @param {Table} table
 */
function copy(database, { name, module, using, content }) {
  database.exec(`CREATE VIRTUAL TABLE temp.${quoted(name)} USING ${using}`);
  if (content !== null && content !== 'own') {
    const rows = quoted(content.table);
    database.exec(
      `CREATE TEMP VIEW ${rows} AS SELECT ${hasRowid(database, rows) ? 'rowid AS rowid, ' : ''}* FROM main.${rows}`,
    );
  }
  const shadows = database
    .prepare(`SELECT name FROM pragma_table_list WHERE schema = 'temp' AND type = 'shadow' AND name LIKE ? ESCAPE '\\'`)
    .all(`${name.replaceAll(/[\\%_]/g, '\\$&')}\\_%`);
  for (const shadow of shadows) {
    const part = quoted(/** @type {{ name: string }} */ (shadow).name);
    database.exec(`DELETE FROM temp.${part}; INSERT INTO temp.${part} SELECT * FROM main.${part}`);
  }
  if (module !== 'fts5') return;
  // FTS5 remembers the empty index it has made; it forgets that when something is rolled back.
  const table = quoted(name);
  database.exec(
    `SAVEPOINT forget; INSERT INTO temp.${table}(${table}, rank) VALUES ('pgsz', 600); ROLLBACK TO forget; RELEASE forget`,
  );
}

/**
 * @param {import('libsql').Database} database
 * @param {string} rows
 */
function hasRowid(database, rows) {
  try {
    database.prepare(`SELECT rowid FROM main.${rows} LIMIT 0`);
    return true;
  } catch {
    // A view, or a table without one: what the index calls its rows is a column then.
    return false;
  }
}

/** @param {string} name */
function quoted(name) {
  return `"${name.replaceAll('"', '""')}"`;
}

/** @param {unknown} error */
function described(error) {
  const { message, code = '' } = /** @type {Error & { code?: string }} */ (error);
  return { message, code };
}
