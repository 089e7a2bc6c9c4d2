// The program of a side process (side-process.ts): runs one statement at a time on a connection of its own.
// It is killed to stop a statement: libsql's interrupt() waits for the statement that it should stop.
// It runs from its text, because a bundle has no files beside it: no imports, neither as a module nor as CommonJS.
// @ts-check
const { createRequire } = process.getBuiltinModule('node:module');

/** @typedef {import('./side-process.js').SideRequest} SideRequest */
/** @typedef {import('./side-process.js').SideSettings} SideSettings */
/** @typedef {typeof import('libsql')} Driver */

const rowsPerMessage = 256;
// Waiting here blocks nobody.
const busyTimeoutMs = 5_000;

const driver = process.argv.at(-1) ?? '';
/** @type {Driver} */
let Database;
/** @type {InstanceType<Driver> | undefined} */
let database;
let opened = '';

process.on('message', (message) => {
  if (message === 'more') more();
  else void answer(/** @type {SideRequest} */ (message));
});

try {
  Database = createRequire(driver)(driver);
  process.send?.({ ready: true });
} catch (error) {
  process.send?.({ ready: String(error) });
}

/** @type {() => void} */
let more = () => undefined;

/** @param {SideRequest} request */
async function answer({ settings, sql, args }) {
  try {
    const connection = open(settings);
    const statement = connection.prepare(sql);
    if (statement.columns().length === 0) {
      const { changes } = statement.run(args);
      process.send?.({ columns: [], rowsAffected: changes });
      return;
    }
    /** @type {unknown[][]} */
    let rows = [];
    for (const row of statement.raw(true).safeIntegers(true).iterate(args)) {
      rows.push(/** @type {unknown[]} */ (row));
      if (rows.length < rowsPerMessage) continue;
      await sendRows(rows);
      rows = [];
    }
    // Only a statement that has run was compared with the schema that others may have changed.
    const columns = statement.columns().map((column) => column.name);
    process.send?.({ rows, columns, rowsAffected: 0 });
  } catch (error) {
    // A statement that met BUSY stays active in the driver; so does one whose rows were not read to the end.
    close();
    const { message, code = '' } = /** @type {Error & { code?: string }} */ (error);
    process.send?.({ error: { message, code } });
  }
}

/** @param {SideSettings} settings */
function open(settings) {
  const wanted = JSON.stringify(settings);
  if (database && wanted === opened) return database;
  close();
  const { path, encryptionKey, pragmas, readOnly } = settings;
  // The driver takes an encryption key that its declarations do not know.
  const options = { timeout: busyTimeoutMs, ...(encryptionKey !== undefined && { encryptionKey }) };
  database = new Database(path, options);
  opened = wanted;
  for (const [name, value] of Object.entries(pragmas)) {
    database.exec(`PRAGMA ${name} = ${typeof value === 'boolean' ? Number(value) : value}`);
  }
  if (readOnly) database.exec('PRAGMA query_only = 1');
  return database;
}

function close() {
  database?.close();
  database = undefined;
}

/**
 * Sends rows and waits until the other side wants more: its event loop turns in between, and neither side piles them up.
 * @param {unknown[][]} rows
 * @returns {Promise<void>}
 */
function sendRows(rows) {
  return new Promise((resolve) => {
    more = resolve;
    process.send?.({ rows });
  });
}
