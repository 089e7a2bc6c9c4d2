// The program of review-indexes.ts: explains statements on a connection of its own that changes nothing, and measures indexes.
// It runs from its text, because a bundle has no files beside it: no imports, neither as a module nor as CommonJS.
// @ts-check
const { createRequire } = process.getBuiltinModule('node:module');

/** @typedef {import('./review-indexes.js').PlansRequest} Request */
/** @typedef {import('./review-indexes.js').Plans} Plans */
/** @typedef {import('libsql').Database} Database */

const driver = process.argv.at(-1) ?? '';

process.on('message', (message) => {
  try {
    process.send?.({ result: explainAll(/** @type {Request} */ (message)) });
  } catch (error) {
    const { message: reason, code = '' } = /** @type {Error & { code?: string }} */ (error);
    process.send?.({ error: { message: reason, code } });
  }
});

/**
 * @param {Request} request
 * @returns {Plans}
 */
function explainAll({ path, encryptionKey, queries }) {
  /** @type {typeof import('libsql')} */
  const Driver = createRequire(driver)(driver);
  // The driver takes an encryption key that its declarations do not know.
  const options = { timeout: 5_000, ...(encryptionKey !== undefined && { encryptionKey }) };
  const database = new Driver(path, options);
  database.exec('PRAGMA query_only = 1');
  const sizes = /** @type {[string, number][]} */ (
    database.prepare('SELECT name, pgsize FROM dbstat WHERE aggregate = 1').raw(true).all()
  );
  /** @type {Set<string>} */
  const details = new Set();
  let failed = 0;
  for (const { sql, sets } of queries) {
    try {
      for (const set of sets.length === 0 ? [[]] : sets) explain(database, sql, set, details);
    } catch {
      // A statement about tables that are gone, or one with named placeholders, says nothing of the others.
      failed += 1;
    }
  }
  return { details: [...details], bytes: new Map(sizes), failed };
}

/**
 * @param {Database} database
 * @param {string} sql
 * @param {readonly unknown[]} set
 * @param {Set<string>} details
 */
function explain(database, sql, set, details) {
  // The driver knows no boolean values.
  const bound = set.map((value) => (typeof value === 'boolean' ? Number(value) : value));
  const rows = database.prepare(`EXPLAIN QUERY PLAN ${sql}`).raw(true).all(bound);
  for (const row of rows) details.add(String(/** @type {unknown[]} */ (row)[3]));
}
