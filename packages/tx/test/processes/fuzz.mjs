// Calls everything with anything, in any order, also after closing. It must end by itself with code 0: an abort inside
// the native driver would take the process with it. Prints how many calls it made and what kinds of answers came.
import { openTransactionManager } from '@cc/tx';
import { sql } from 'drizzle-orm';
import fc from 'fast-check';

const [url, seedText, runsText] = process.argv.slice(2);
const seed = Number(seedText);
const runs = Number(runsText);
const answers = {};
let calls = 0;

/** Every answer is fine, as long as there is one: a value or an Error. */
async function call(what) {
  calls += 1;
  let late;
  const tooLate = new Promise((resolve) => {
    late = setTimeout(() => resolve('nothing'), 120_000);
  });
  const answer = await Promise.race([
    tooLate,
    (async () => what())().then(
      () => 'value',
      (error) => (error instanceof Error ? error.name : 'no error'),
    ),
  ]);
  clearTimeout(late);
  answers[answer] = (answers[answer] ?? 0) + 1;
}

const anything = fc.anything({
  withBigInt: true,
  withDate: true,
  withTypedArray: true,
  withNullPrototype: true,
  withMap: true,
  withSet: true,
});
// Texts and numbers only: a blob that becomes text may be no UTF-8, which the driver cannot read without aborting.
const word = fc.constantFrom(
  ...'select insert into update delete from t u where a b c rowid = < > + - || / % ( ) , , * ? ?1 ?2 :a @b $c null 1 -1 2.5 1e308 9223372036854775807 9223372036854775808'.split(
    ' ',
  ),
  ...`'x' '' "a" [b] 'it''s' 'ü' like glob in is not and or case when then else end exists distinct order by group having limit offset union all`.split(
    ' ',
  ),
  ...'values with as on join left natural using create table if not exists index view trigger drop alter add column rename to temp begin commit rollback savepoint release'.split(
    ' ',
  ),
  ...'pragma table_info user_version foreign_keys integrity_check explain query plan analyze reindex returning conflict do nothing set default primary key unique check'.split(
    ' ',
  ),
  ...'count(*) sum(a) max(b) min(c) abs(a) length(b) lower(c) upper(b) coalesce(a,b) typeof(a) random() date() json(b) json_each total(a) ; ; -- /* */ # ! ~ & |'.split(
    ' ',
  ),
);
const fragment = fc.array(word, { minLength: 1, maxLength: 12 }).map((words) => words.join(' '));
const text = fc.oneof({ weight: 5, arbitrary: fragment }, { weight: 1, arbitrary: fc.string({ maxLength: 40 }) });
const args = fc.oneof(fc.array(anything, { maxLength: 4 }), anything);
const options = fc.oneof(
  anything,
  fc.record(
    {
      mode: fc.oneof(fc.constantFrom('read', 'write', 'deferred'), anything),
      propagation: fc.oneof(fc.constantFrom('required', 'nested', 'requires_new', 'supports', 'never'), anything),
      timeoutMs: fc.oneof(fc.nat({ max: 50 }), anything),
      retry: fc.oneof(fc.constant(false), anything),
      signal: fc.oneof(fc.constant(AbortSignal.abort()), anything),
    },
    { requiredKeys: [] },
  ),
);

async function open() {
  const manager = await openTransactionManager({ url, acquireTimeoutMs: 50, transactionTimeoutMs: 200, retry: false });
  await manager.db.run('create table if not exists t (a integer, b text, c)');
  return manager;
}

let manager = await open();
let used = 0;
const ways = [
  (s, a) => manager.db.$client.execute({ sql: s, args: a }),
  (s, a) => manager.db.$client.execute(s, a),
  (s, a) => manager.db.$client.execute(a),
  (s, a) => manager.db.$client.batch([s, a, { sql: s, args: a }]),
  (s, a) => manager.db.$client.batch(a, a),
  (s) => manager.db.$client.executeMultiple(s),
  (s, a) => manager.db.$client.migrate([s, { sql: s, args: a }]),
  (s) => manager.db.run(sql.raw(s)),
  (s, a) => manager.db.all(sql`select ${a} as value, ${Array.isArray(a) ? a[0] : a}`),
  (s, a) => manager.db.get(a),
  (s, a) => manager.db.values(a),
  (s, a, o) => manager.transaction(() => manager.db.run(sql.raw(s)), o),
  (s, a, o) =>
    manager.transaction(async (tx) => tx.savepoint(async () => manager.db.$client.execute({ sql: s, args: a })), o),
  (s, a, o) => manager.transaction(a, o),
  (s, a, o) => manager.read(async (tx) => tx.db.all(sql.raw(s)), o),
  (s, a) => manager.transaction(async (tx) => tx.afterCommit(a)),
  () => manager.transaction(async () => Promise.reject(new TypeError('thrown by the work'))),
  (s, a) => manager.batch(a),
  (s, a) => manager.subscribe(a),
  (s, a, o) => manager.getConnection(o).then((lease) => lease.release()),
  async (s, a) => {
    const lease = await manager.getConnection();
    try {
      await lease.client.execute({ sql: s, args: a });
    } finally {
      lease.release();
      lease.release();
    }
  },
  async (s, a) => {
    const transaction = await manager.db.$client.transaction('write');
    try {
      await transaction.execute({ sql: s, args: a });
      await transaction.batch([s, a]);
      await transaction.commit();
    } finally {
      transaction.close();
      transaction.close();
    }
  },
  (s, a, o) => openTransactionManager(o),
  (s, a, o) => openTransactionManager({ url: ':memory:', ...o }).then((other) => other.close()),
  (s, a, o) => manager.close(o),
];

// Closes in the middle of everything, uses what is closed, and opens again.
async function closing(s, a) {
  const first = manager;
  const lease = await first.getConnection({ timeoutMs: 1_000 }).catch(() => undefined);
  const waiting = [1, 2].map(() => call(() => first.transaction(() => first.db.run(sql.raw(s)))));
  const reading = call(() => first.read(async () => new Promise((resolve) => setTimeout(resolve, 5))));
  const interactive = lease && (await lease.client.transaction('write').catch(() => undefined));
  const closed = [call(() => first.close({ drainMs: 0 })), call(() => first.close({ drainMs: 0 }))];
  await Promise.all([...waiting, reading, ...closed]);
  for (const late of [
    () => interactive?.execute({ sql: s, args: a }),
    () => interactive?.commit(),
    () => interactive?.close(),
    () => lease?.client.execute(s),
    () => lease?.client.close(),
    () => lease?.release(),
    () => first.db.run(sql.raw(s)),
    () => first.db.$client.close(),
    () => first.db.$client.execute(s),
    () => first.stats(),
    () => first.current(),
    () => first.getConnection(),
    () => first.transaction(async () => undefined),
    () => first.close(),
  ]) {
    await call(late);
  }
  manager = await open();
}

const property = fc.asyncProperty(fc.nat(), text, args, options, async (which, s, a, o) => {
  used += 1;
  const way = ways[which % ways.length];
  // A clean file now and then: a soup of words may have dropped or locked anything.
  await call(() => way(s, a, o));
  if (used % 50 === 0) await closing(s, a);
  else if (manager.stats().openTransactions > 20) manager = await open();
});
await fc.assert(property, { seed, numRuns: runs });
await manager.close({ drainMs: 0 });
process.stdout.write(`${JSON.stringify({ calls, answers })}\n`);
