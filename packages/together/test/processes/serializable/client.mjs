// A process whose clients append to lists and read them, by everything with which that can be done, until it is told to end or
// is killed. Argument: JSON of `{ place, name, seed, keys, clients, folder, broken }`. It prints what history.ts reads. `broken` makes it
// lie, for the tests of the judge: `stale` keeps what it has read, `torn` reads several lists in no transaction.
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep, setImmediate as turn } from 'node:timers/promises';
import { openCacheManager } from '@cc/cache';
import { isDatabaseError, openTransactionManager } from '@cc/tx';
import { asc, eq, sql } from 'drizzle-orm';
import { integer, sqliteTable, text } from 'drizzle-orm/sqlite-core';
import Database from 'libsql';

const { place, name, seed, keys, clients, folder, broken } = JSON.parse(process.argv[2]);

// The lists of even keys are one text each, those of odd ones a row to a value.
const texts = sqliteTable('texts', { key: integer('key').primaryKey(), list: text('list').notNull() });
const rows = sqliteTable('rows', {
  number: integer('number').primaryKey({ autoIncrement: true }),
  key: integer('key').notNull(),
  value: text('value').notNull(),
});
const isText = (key) => key % 2 === 0;

let state = seed >>> 0;
const random = () => {
  state = (state + 0x6d2b79f5) >>> 0;
  let mixed = Math.imul(state ^ (state >>> 15), state | 1);
  mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
  return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
};
const below = (limit) => Math.floor(random() * limit);
const chance = (share) => random() < share;

const say = (call, event, more) => {
  const at = Number(process.hrtime.bigint() / 1_000n);
  process.stdout.write(`${JSON.stringify({ at, call, event, ...more })}\n`);
};
for (const event of ['uncaughtException', 'unhandledRejection']) {
  process.on(event, (error) => say(name, 'complains', { why: `${event}: ${error?.stack ?? error}` }));
}

const transactions = await opened();
const cache = await openCacheManager({ transactions });
const region = cache.region('lists');
const { db } = transactions;
const keyOf = sql.placeholder('key');
const preparedText = db.select({ list: texts.list }).from(texts).where(eq(texts.key, keyOf)).prepare();
const preparedRows = db
  .select({ value: rows.value })
  .from(rows)
  .where(eq(rows.key, keyOf))
  .orderBy(asc(rows.number))
  .prepare();

/** Whoever finds its server away tries again, as programs do that are started anew. */
async function opened() {
  for (;;) {
    try {
      return await openTransactionManager({ ...place, schema: { texts, rows } });
    } catch (error) {
      if (!isDatabaseError(error) || !error.recoverable) throw error;
      await sleep(50);
    }
  }
}

async function readList(key, on = db) {
  const isPrepared = on === db && chance(0.5);
  if (isText(key)) {
    const query = on.select({ list: texts.list }).from(texts).where(eq(texts.key, key));
    const row = isPrepared ? await preparedText.get({ key }) : await query.get();
    return row === undefined ? [] : row.list.split(',');
  }
  const query = on.select({ value: rows.value }).from(rows).where(eq(rows.key, key)).orderBy(asc(rows.number));
  const found = isPrepared ? await preparedRows.all({ key }) : await query;
  return found.map(({ value }) => value);
}

const appended = sql`${texts.list} || ',' || excluded.list`;
function appending(key, value, on = db) {
  if (!isText(key)) return on.insert(rows).values({ key, value });
  return on
    .insert(texts)
    .values({ key, list: value })
    .onConflictDoUpdate({ target: texts.key, set: { list: appended } });
}

const pause = () => {
  const kind = random();
  if (kind < 0.5) return undefined;
  return kind < 0.8 ? turn() : sleep(below(kind < 0.97 ? 4 : 40));
};

class Undone extends Error {}

/** One call: what it does, its steps, and what it says of them. */
class Call {
  steps = [];
  #values = 0;

  constructor(id) {
    this.id = id;
  }

  newValue() {
    const value = `${this.id}.${this.#values}`;
    this.#values += 1;
    say(this.id, 'appends', { value });
    return value;
  }

  async read(on, steps = this.steps, key = below(keys)) {
    steps.push(['read', key, await readList(key, on)]);
  }

  /** Several lists, which a server is asked for together. */
  async readSome(on) {
    const some = Array.from({ length: 2 + below(3) }, () => below(keys));
    const found = await Promise.all(some.map((key) => readList(key, on)));
    this.steps.push(...found.map((list, i) => ['read', some[i], list]));
  }

  async step(on, steps = this.steps) {
    const key = below(keys);
    const kind = random();
    if (kind < 0.4) return this.read(on, steps, key);
    // Reads, and writes what it has computed of it: what nobody may come between.
    const computes = kind < 0.55 && isText(key);
    if (computes) await this.read(on, steps, key);
    const before = computes ? steps.at(-1)[2] : [];
    const value = this.newValue();
    if (before.length === 0) await appending(key, value, on);
    else
      await on
        .update(texts)
        .set({ list: [...before, value].join(',') })
        .where(eq(texts.key, key));
    steps.push(['append', key, value]);
    await pause();
  }
}

/** Statements of a client, with a way to commit them: begun, and ended whatever comes. */
async function byHand(call, { execute, commit }) {
  const key = 2 * below(keys / 2);
  const value = call.newValue();
  const found = await execute({ sql: 'SELECT list FROM texts WHERE key = ?', args: [key] });
  call.steps.push(['read', key, found.rows.length === 0 ? [] : String(found.rows[0].list).split(',')]);
  await pause();
  const append = `INSERT INTO texts VALUES (?, ?) ON CONFLICT DO UPDATE SET list = list || ',' || excluded.list`;
  await execute({ sql: append, args: [key, value] });
  call.steps.push(['append', key, value]);
  await commit();
}

const kinds = {
  async transaction(call) {
    const undoes = chance(0.12);
    const controller = chance(0.05) ? new AbortController() : undefined;
    if (controller) setTimeout(() => controller.abort(), below(25));
    const limits = {
      ...(chance(0.06) && { timeoutMs: 1 + below(30) }),
      ...(controller && { signal: controller.signal }),
    };
    let commits = 0;
    await transactions.transaction(async (tx) => {
      // It may run again.
      call.steps = [];
      tx.afterCommit(() => {
        commits += 1;
      });
      for (let i = 1 + below(4); i > 0; i -= 1) {
        const kind = random();
        const on = chance(0.3) ? tx.db : db;
        if (kind < 0.15) await savepoint(call, tx);
        else if (kind < 0.2) await transactions.transaction(() => call.step(db), { propagation: 'nested' });
        else if (kind < 0.25) await transactions.transaction(() => call.step(db));
        else if (kind < 0.35) await call.readSome(on);
        else await call.step(on);
      }
      if (undoes) throw new Undone();
    }, limits);
    if (commits !== 1) say(call.id, 'complains', { why: `afterCommit ran ${commits} times` });
  },
  async read(call) {
    const work = async () => {
      // It may run again.
      call.steps = [];
      for (let i = 2 + below(3); i > 0; i -= 1) {
        await (chance(0.3) ? call.readSome(db) : call.read(db));
        await pause();
      }
    };
    await (broken === 'torn' ? work() : transactions.read(work));
  },
  select: (call) => call.read(db),
  async insert(call) {
    const [key, value] = [below(keys), call.newValue()];
    call.steps.push(['append', key, value]);
    await appending(key, value);
  },
  async batch(call) {
    const steps = Array.from({ length: 1 + below(4) }, () => ['append', below(keys), call.newValue()]);
    call.steps = steps;
    const queries = steps.map(([, key, value]) => appending(key, value));
    await (chance(0.5) ? transactions.batch(queries) : db.batch(queries));
  },
  async cached(call) {
    const key = below(keys);
    const load = async () => (await readList(key)).join();
    const list = broken === 'stale' ? await kept(key, load) : await region.getOrLoad(String(key), load);
    call.steps.push(['read', key, list === '' ? [] : list.split(',')]);
  },
  async drizzle(call) {
    await db.transaction(async (tx) => {
      call.steps = [];
      await call.step(tx);
      await call.step(tx);
      if (chance(0.3)) await tx.transaction((inner) => call.step(inner));
    });
  },
  async client(call) {
    const transaction = await db.$client.transaction('write');
    try {
      await byHand(call, {
        execute: (statement) => transaction.execute(statement),
        commit: () => transaction.commit(),
      });
    } finally {
      transaction.close();
    }
  },
  async keyed(call) {
    const [key, value] = [below(keys), call.newValue()];
    call.steps.push(['append', key, value]);
    const once = () =>
      transactions.transaction(
        async () => {
          await pause();
          await appending(key, value);
          return { value };
        },
        { idempotencyKey: call.id },
      );
    const results = await Promise.allSettled([once(), once()]);
    const failed = results.filter(({ status }) => status === 'rejected').map(({ reason }) => reason);
    // One of them may fail, and the other take effect.
    if (failed.length === 2) throw failed.find(({ outcome }) => outcome !== 'none') ?? failed[0];
    for (const { status, value: result } of results)
      if (status === 'fulfilled' && result.value !== value) say(call.id, 'complains', { why: 'another result' });
  },
  async offload(call) {
    const found = await transactions.offload(db.select().from(texts), { timeoutMs: 60_000 });
    const lists = new Map(found.map(({ key, list }) => [key, list.split(',')]));
    for (let key = 0; key < keys; key += 2) call.steps.push(['read', key, lists.get(key) ?? []]);
  },
  async lease(call) {
    const lease = await transactions.getConnection();
    const { client } = lease;
    try {
      await client.execute('BEGIN IMMEDIATE');
      const commit = () => (chance(0.5) ? client.execute('COMMIT') : client.executeMultiple('-- done\n commit;'));
      await byHand(call, { execute: (statement) => client.execute(statement), commit });
    } finally {
      lease.release();
    }
  },
  async backup(call) {
    const path = join(folder, `${call.id}.db`);
    await transactions.backup(path);
    const copy = new Database(path);
    const all = (statement) => copy.prepare(statement).raw(true).all();
    const lists = new Map(all('SELECT key, list FROM texts').map(([key, list]) => [key, list.split(',')]));
    for (const [key, value] of all('SELECT key, value FROM rows ORDER BY number')) {
      lists.set(key, [...(lists.get(key) ?? []), value]);
    }
    copy.close();
    rmSync(path);
    for (let key = 0; key < keys; key += 1) call.steps.push(['read', key, lists.get(key) ?? []]);
  },
};

async function savepoint(call, tx) {
  const steps = [];
  try {
    await tx.savepoint(async () => {
      for (let i = 1 + below(2); i > 0; i -= 1) await call.step(chance(0.5) ? tx.db : db, steps);
      if (chance(0.5)) throw new Undone();
    });
    call.steps.push(...steps);
  } catch (error) {
    if (!(error instanceof Undone)) throw error;
    for (const [what, , value] of steps) if (what === 'append') say(call.id, 'undoes', { value });
    // What was read before anything was appended is as true as before.
    const first = steps.findIndex(([what]) => what === 'append');
    call.steps.push(...(first < 0 ? steps : steps.slice(0, first)));
  }
}

const stale = new Map();
async function kept(key, load) {
  if (!stale.has(key)) stale.set(key, await load());
  return stale.get(key);
}

const isFile = place.url.startsWith('file:') && place.syncUrl === undefined;
const shares = Object.entries({
  ...{
    transaction: 40,
    read: 14,
    select: 12,
    insert: 10,
    batch: 6,
    cached: 11,
    drizzle: 2,
    client: 2,
    keyed: 2,
    offload: 1,
  },
  // Servers refuse BEGIN as a text, and copying them again and again takes all the time there is.
  ...(isFile && { lease: 2, backup: 0.5 }),
});
const total = shares.reduce((sum, [, share]) => sum + share, 0);
function anyKind() {
  let rest = random() * total;
  return shares.find(([, share]) => (rest -= share) < 0)?.[0] ?? 'transaction';
}

let calls = 0;
async function makeCall() {
  const call = new Call(`${name}.${calls}`);
  calls += 1;
  const kind = anyKind();
  // The cache asks the database once in each callback of the event loop: what others have committed in this one is not seen.
  if (kind === 'cached') await turn();
  say(call.id, 'begins', { kind });
  try {
    await kinds[kind](call);
    say(call.id, 'done', { steps: call.steps });
  } catch (error) {
    if (error instanceof Undone) return say(call.id, 'fails', { outcome: 'none', error: 'undone' });
    const { outcome = 'none', code } = error;
    if (outcome === 'committed') return say(call.id, 'done', { steps: call.steps });
    say(call.id, 'fails', { outcome, error: String(code ?? error.name) });
    if (!isDatabaseError(error) && error.name !== 'AbortError') say(call.id, 'complains', { why: String(error.stack) });
    // Not thousands of times, while a server is away.
    await sleep(below(20));
  }
}

let isOver = false;
process.stdin.once('data', () => {
  isOver = true;
});
await Promise.all(
  Array.from({ length: clients }, async () => {
    while (!isOver) await makeCall();
  }),
);
await cache.close();
await transactions.close();
process.exit();
