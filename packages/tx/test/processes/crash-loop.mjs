// Starts writers, readers and checkpointers on one file, kills them with SIGKILL at random moments, and compares what is
// in the file with what they acknowledged. Used by `npm run torture` and, for a few kills, by crash.test.ts.
import { spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath, pathToFileURL } from 'node:url';
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
const roundsPerFile = 50;

/**
 * Kills at least `kills` processes, or until `until` (milliseconds of the epoch), from round `from` of `seed` on.
 *
 * @param {{ kills: number, until?: number, seed: number, from?: number, onRound?: (summary: object) => void }} options
 * @returns {Promise<{ kills: number, rounds: number, acknowledged: number, present: number, seed: number, next: number }>}
 * @throws Error that says which round of which seed lost, tore or damaged something; the file is kept and named
 */
export async function crashLoop({ kills, until = Number.POSITIVE_INFINITY, seed, from = 0, onRound }) {
  const summary = { kills: 0, rounds: 0, acknowledged: 0, present: 0, seed, next: from };
  let folder;
  try {
    while (summary.kills < kills && Date.now() < until) {
      if (folder === undefined || summary.rounds % roundsPerFile === 0) {
        if (folder !== undefined) await rm(folder, { recursive: true, force: true });
        folder = await mkdtemp(join(tmpdir(), 'cc-torture-'));
        create(join(folder, 'x.db'));
      }
      const result = await round(join(folder, 'x.db'), summary.next, randomFrom(seed, summary.next));
      summary.kills += result.kills;
      summary.acknowledged += result.acknowledged;
      summary.present += result.present;
      summary.rounds += 1;
      summary.next += 1;
      onRound?.(summary);
    }
  } catch (cause) {
    throw new Error(`seed ${seed}, round ${summary.next}, file kept in ${folder}: ${cause.message}`, { cause });
  }
  if (folder !== undefined) await rm(folder, { recursive: true, force: true });
  return summary;
}

async function round(path, number, random) {
  const url = pathToFileURL(path).href;
  const synchronous = random() < 0.8 ? 'NORMAL' : 'FULL';
  const writers = Array.from({ length: 1 + Math.floor(random() * 3) }, (_, slot) => {
    const how = hows[Math.floor(random() * hows.length)];
    const id = String(number * 10 + slot);
    return { id, how, ...start('crash-writer.mjs', [url, id, how, synchronous]) };
  });
  const others = [];
  if (random() < 0.3) others.push(start('crash-reader.mjs', [url, 'reader']));
  if (random() < 0.3) others.push(start('crash-reader.mjs', [url, 'checkpointer']));
  const all = [...writers, ...others];
  try {
    await Promise.all(all.map(({ said }) => said(1)));
    const [victim, ...survivors] = [...writers].sort(() => random() - 0.5);
    await victim.said(1 + Math.floor(random() * 20));
    // From here on the kill falls anywhere in the work.
    await new Promise((resolve) => setTimeout(resolve, random() * 6));
    await victim.kill();
    // Whatever lock the victim held, the others go on.
    if (random() < 0.5) await Promise.all(survivors.map(({ lines, said }) => said(lines.length + 2)));
    await Promise.all([...survivors, ...others].map(({ kill }) => kill()));
  } finally {
    await Promise.all(all.map(({ kill }) => kill()));
  }
  for (const { lines } of others) {
    const torn = lines.find((line) => line !== 'ready');
    if (torn !== undefined) throw new Error(`a reader saw ${torn}`);
  }
  return { kills: all.length, ...check(path, writers) };
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

function start(program, args) {
  const child = spawn(process.execPath, [fileURLToPath(new URL(program, import.meta.url)), ...args]);
  const lines = [];
  let errors = '';
  let ended = false;
  const waiting = new Set();
  const wake = () => {
    for (const look of [...waiting]) look();
  };
  child.stderr.on('data', (chunk) => {
    errors += chunk;
  });
  const reader = createInterface({ input: child.stdout });
  reader.on('line', (line) => {
    lines.push(line);
    wake();
  });
  // Only when the pipe is empty too: what was acknowledged before the kill counts.
  const drained = new Promise((resolve) => reader.once('close', resolve));
  const exited = new Promise((resolve) => child.once('close', resolve));
  void exited.then(() => {
    ended = true;
    wake();
  });
  const said = (count) =>
    new Promise((resolve, reject) => {
      const look = () => {
        if (lines.length < count && !ended) return;
        waiting.delete(look);
        if (lines.length >= count) resolve();
        else reject(new Error(`${program} ${args.slice(1).join(' ')} ended by itself: ${errors}`));
      };
      waiting.add(look);
      look();
    });
  const kill = async () => {
    child.kill('SIGKILL');
    await Promise.all([exited, drained]);
  };
  return { lines, said, kill };
}

/** Mulberry32: a round can be repeated from its seed and number (what the processes do meanwhile cannot). */
function randomFrom(seed, number) {
  let state = (seed * 1_000_003 + number * 7_919) >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = state;
    t = Math.imul(t ^ (t >>> 15), t | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296;
  };
}
