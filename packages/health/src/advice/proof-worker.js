// The program of proof.ts: carries a statement out on a copy of the database, as it is and with each candidate index, and
// counts the steps of SQLite's virtual machine, which are the same on every machine and at every load.
// It runs from its text, because a bundle has no files beside it: no imports, neither as a module nor as CommonJS.
// @ts-check
const { createRequire } = process.getBuiltinModule('node:module');

/** @typedef {import('./proof.js').ProofRequest} Request */
/** @typedef {import('./proof.js').Proof} Proof */
/** @typedef {Proof['trials'][number]} Trial */
/** @typedef {Proof['before'][number]} Cost */
/** @typedef {import('libsql').Database} Database */

const driver = process.argv.at(-1) ?? '';

process.on('message', (message) => {
  try {
    process.send?.({ result: prove(/** @type {Request} */ (message)) });
  } catch (error) {
    const { message: reason, code = '' } = /** @type {Error & { code?: string }} */ (error);
    process.send?.({ error: { message: reason, code } });
  }
});

/**
 * @param {Request} request
 * @returns {Proof}
 */
function prove({ path, encryptionKey, from, sql, sets, candidates }) {
  /** @type {typeof import('libsql')} */
  const Driver = createRequire(driver)(driver);
  // The driver takes an encryption key that its declarations do not know.
  const options = { timeout: 5_000, ...(encryptionKey !== undefined && { encryptionKey }) };
  const open = (place = path) => new Driver(place, options);
  if (from !== null) {
    const source = open(from);
    source.prepare('VACUUM INTO ?').run([path]);
    source.close();
  }
  const database = open();
  database.exec('PRAGMA synchronous = OFF; PRAGMA foreign_keys = ON');
  /** @param {readonly Cost[]} [was] what it cost without the candidate */
  const all = (was) => sets.map((set, at) => costOf(database, sql, set, was?.[at]));
  database.exec('BEGIN');
  // Once before it counts, so that all find the pages read.
  all();
  const before = all();
  database.exec('ROLLBACK');
  const trials = candidates.map((candidate) => attempt(database, candidate, () => all(before)));
  database.close();
  // A connection that was asked for a plan can change no table afterwards.
  const asked = open();
  const plan = asked
    .prepare(`EXPLAIN QUERY PLAN ${sql}`)
    .raw(true)
    .all(sets[0] ?? []);
  return { before, trials, plan: /** @type {Proof['plan']} */ (plan) };
}

/**
 * @param {Database} database
 * @param {Request['candidates'][number]} candidate
 * @param {() => Cost[]} all
 * @returns {Trial}
 */
function attempt(database, { sql, name }, all) {
  database.exec('BEGIN');
  try {
    const pages = pageCount(database);
    database.exec(sql);
    const added = pageCount(database) - pages;
    const [size] = /** @type {[number]} */ (database.prepare('PRAGMA page_size').raw(true).get());
    // As it is right after CREATE INDEX, and as it is once the planner knows it.
    const fresh = all();
    database.exec(`ANALYZE "${name.replaceAll('"', '""')}"`);
    return { fresh, analyzed: all(), bytes: added * size };
  } catch (error) {
    return { failed: String(/** @type {Error} */ (error).message) };
  } finally {
    database.exec('ROLLBACK');
  }
}

/** @param {Database} database */
function pageCount(database) {
  const [count] = /** @type {[number]} */ (database.prepare('PRAGMA page_count').raw(true).get());
  return count;
}

/** A run that seems slow is repeated so often at most: on a busy machine something else may have had the time. */
const mostRuns = 4;

/**
 * @param {Database} database
 * @param {string} sql
 * @param {Request['sets'][number]} set
 * @param {Cost} [was]
 * @returns {Cost}
 */
function costOf(database, sql, set, was) {
  let cost = runOnce(database, sql, set);
  for (let run = 1; was && cost.cpuMs > 2 * was.cpuMs && run < mostRuns; run += 1) {
    const again = runOnce(database, sql, set);
    if (again.cpuMs < cost.cpuMs) cost = again;
  }
  return cost;
}

let runs = 0;

/**
 * @param {Database} database
 * @param {string} sql
 * @param {Request['sets'][number]} set
 * @returns {Cost}
 */
function runOnce(database, sql, set) {
  runs += 1;
  // What tells this run from the others in the list of statements.
  const text = `/* ${runs} */ ${sql}`;
  database.exec('SAVEPOINT run');
  try {
    const statement = database.prepare(text);
    const cpuMs = cpuTimeOf(() => {
      if (statement.columns().length === 0) statement.run(set);
      else for (const _row of statement.raw(true).iterate(set));
    });
    const [steps] = /** @type {[number]} */ (
      database.prepare('SELECT nstep FROM sqlite_stmt WHERE sql = ?').raw(true).get([text])
    );
    return { steps, cpuMs };
  } finally {
    // Also what it has written.
    database.exec('ROLLBACK TO run; RELEASE run');
  }
}

/**
 * The time of the process is also that of the threads in which the engine compiles and collects, and the time on the clock also
 * that of other processes: the smaller one is nearer.
 * @param {() => void} work
 * @returns {number}
 */
function cpuTimeOf(work) {
  const [began, at] = [process.cpuUsage(), performance.now()];
  work();
  const { user, system } = process.cpuUsage(began);
  return Math.min((user + system) / 1_000, performance.now() - at);
}
