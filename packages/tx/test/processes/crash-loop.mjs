// Starts writers, readers and checkpointers on one file, kills them with SIGKILL at random moments, and compares what is
// in the file with what they acknowledged. Used by `npm run torture` and, for a few kills, by crash.test.ts.
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { startChild } from '@cc/testkit/child';
import { runRounds } from '@cc/testkit/rounds';
import Database from 'libsql';

const hows = ['autocommit', 'transaction', 'savepoints', 'batch', 'lease', 'rollbacks', 'concurrent'];
const ddl = `
  pragma journal_mode = wal;
  create table accounts (id integer primary key, amount integer not null);
  insert into accounts values (1, 0), (2, 0);
  create table log (writer integer not null, seq integer not null, how text not null, primary key (writer, seq));
  create table parts (writer integer not null, seq integer not null, part integer not null,
    pad text not null default (hex(randomblob(100))), primary key (writer, seq, part));
  create index parts_by_pad on parts (pad);
  create trigger log_autocommit after insert on log when new.how = 'autocommit' begin
    insert into parts (writer, seq, part) values
      (new.writer, new.seq, 1), (new.writer, new.seq, 2), (new.writer, new.seq, 3), (new.writer, new.seq, 4), (new.writer, new.seq, 5);
  end;`;

/**
 * Kills at least `kills` processes, or until `until` (milliseconds of the epoch), from round `from` of `seed` on.
 *
 * @param {{ kills: number, until?: number, seed: number, from?: number, onRound?: (summary: object) => void }} options
 * @returns {Promise<{ kills: number, rounds: number, awaited: number, acknowledged: number, present: number, seed: number, next: number }>}
 *   `awaited`: for so many acknowledgements it has waited before its kills
 * @throws Error that says which round of which seed lost, tore or damaged something; the file is kept and named
 */
export async function crashLoop({ kills, until = Number.POSITIVE_INFINITY, seed, from = 0, onRound }) {
  const summary = { kills: 0, rounds: 0, awaited: 0, acknowledged: 0, present: 0, seed, next: from };
  await runRounds({
    seed,
    from,
    option: '--from',
    roundsPerGround: 50,
    goesOn: () => summary.kills < kills && Date.now() < until,
    open: async (folder) => {
      const path = join(folder, 'x.db');
      create(path);
      return path;
    },
    run: async (path, random, number) => {
      const result = await round(path, number, random);
      summary.kills += result.kills;
      summary.awaited += result.awaited;
      summary.acknowledged += result.acknowledged;
      summary.present += result.present;
      summary.rounds += 1;
      summary.next = number + 1;
      onRound?.(summary);
    },
  });
  return summary;
}

async function round(path, number, random) {
  const url = pathToFileURL(path).href;
  const synchronous = random.chance(0.8) ? 'NORMAL' : 'FULL';
  const writers = Array.from({ length: random.whole(1, 3) }, (_, slot) => {
    const how = random.pick(hows);
    const id = String(number * 10 + slot);
    return { id, how, ...start('crash-writer.mjs', [url, id, how, synchronous]) };
  });
  const others = [];
  if (random.chance(0.3)) others.push(start('crash-reader.mjs', [url, 'reader']));
  if (random.chance(0.3)) others.push(start('crash-reader.mjs', [url, 'checkpointer']));
  const all = [...writers, ...others];
  let awaited = 0;
  try {
    await Promise.all(all.map((child) => said(child, 1)));
    const [victim, ...survivors] = [...writers].sort(() => random.next() - 0.5);
    const heard = random.whole(1, 20);
    awaited = survivors.length + heard;
    await said(victim, heard);
    // From here on the kill falls anywhere in the work.
    await new Promise((resolve) => setTimeout(resolve, random.next() * 6));
    await victim.kill();
    // Whatever lock the victim held, the others go on.
    if (random.chance(0.5)) await Promise.all(survivors.map((child) => said(child, child.lines.length + 2)));
    await Promise.all([...survivors, ...others].map(({ kill }) => kill()));
  } finally {
    await Promise.all(all.map(({ kill }) => kill()));
  }
  for (const { lines } of others) {
    const torn = lines.find((line) => line !== 'ready');
    if (torn !== undefined) throw new Error(`a reader saw ${torn}`);
  }
  return { kills: all.length, awaited, ...check(path, writers) };
}

function start(program, args) {
  return startChild(new URL(program, import.meta.url), args);
}

/** Waits until a process has said `count` lines. */
function said({ until }, count) {
  return until(({ length }) => length >= count);
}

function create(path) {
  const database = new Database(path);
  database.exec(ddl);
  database.close();
}

/** @throws Error that says what is lost, torn, locked or damaged */
function check(path, writers) {
  const database = new Database(path);
  const rows = (sql, ...args) => database.prepare(sql).raw(true).all(args);
  try {
    // A lock that outlived its process would make this BUSY.
    database.exec('begin immediate; rollback');
    expect('integrity_check', rows('pragma integrity_check'), [['ok']]);
    expect('torn writes', rows(torn), []);
    expect('accounts', rows('select (select sum(amount) from accounts), (select amount from accounts where id = 2)'), [
      [0, rows(`select count(*) from log where how <> 'autocommit'`)[0][0]],
    ]);
    const counts = { acknowledged: 0, present: 0 };
    for (const { id, how, lines } of writers) {
      const acknowledged = lines.map(Number);
      const present = rows('select seq from log where writer = ?', Number(id)).map(([seq]) => seq);
      const lost = acknowledged.filter((seq) => !present.includes(seq));
      if (lost.length > 0) throw new Error(`${how}: acknowledged and lost: ${lost}`);
      const unasked = present.length - acknowledged.length;
      // Committed, and killed before it could say so.
      if (unasked > (how === 'concurrent' ? 4 : 1)) throw new Error(`${how}: ${unasked} writes without a word`);
      counts.acknowledged += acknowledged.length;
      counts.present += present.length;
    }
    return counts;
  } finally {
    database.close();
  }
}

const torn = `
  select 'log', writer, seq from log l
    where seq < 1 or (select count(*) from parts p where p.writer = l.writer and p.seq = l.seq) <> 5
  union all
  select 'parts', writer, seq from parts p
    where part < 1 or not exists (select 1 from log l where l.writer = p.writer and l.seq = p.seq)`;

function expect(what, found, wanted) {
  if (JSON.stringify(found) !== JSON.stringify(wanted)) {
    throw new Error(`${what}: ${JSON.stringify(found.slice(0, 10))}, not ${JSON.stringify(wanted)}`);
  }
}
