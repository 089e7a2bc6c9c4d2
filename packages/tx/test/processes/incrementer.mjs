// Adds one to a counter as often as it is told, reading and writing in one transaction. Tells which values it wrote and
// how long its event loop stood still at most. As `blocking` it waits for other processes inside SQLite (busy_timeout),
// as `control` it uses no database: both are there to compare with.
import { openTransactionManager } from '@cc/tx';
import { sql } from 'drizzle-orm';
import Database from 'libsql';

const [url, times, role = 'manager'] = process.argv.slice(2);
const turn = () => new Promise((resolve) => setImmediate(resolve));
const { increment, close } = await { manager: managed, blocking, control }[role]();

process.stdout.write('ready\n');
await new Promise((resolve) => process.stdin.once('data', resolve));
const gaps = [];
let last = performance.now();
const look = () => {
  const now = performance.now();
  gaps.push(now - last);
  last = now;
};
const ticking = setInterval(look, 1);
const values = [];
// The control goes on until it is told to stop.
let stopped = false;
process.stdin.once('data', () => {
  stopped = true;
});
let longestWaitMs = 0;
for (let i = 0; role === 'control' ? !stopped : i < Number(times); i += 1) {
  const asked = performance.now();
  values.push(await increment());
  longestWaitMs = Math.max(longestWaitMs, performance.now() - asked);
}
look();
clearInterval(ticking);
process.stdin.pause();
gaps.sort((a, b) => b - a);
const [longestGapMs] = gaps;
const p99GapMs = gaps[Math.floor(gaps.length / 100)];
const longGaps = gaps.filter((gap) => gap >= 20).length;
process.stdout.write(`${JSON.stringify({ longestGapMs, p99GapMs, longGaps, longestWaitMs, values })}\n`);
await close();

async function managed() {
  const manager = await openTransactionManager({ url, acquireTimeoutMs: 60_000 });
  // The first transaction of a process compiles its code; that is no wait for a lock.
  for (let i = 0; i < 20; i += 1) await manager.read(() => manager.db.get(sql`select n from counter`));
  return {
    increment: () =>
      manager.transaction(async () => {
        const { n } = await manager.db.get(sql`select n from counter`);
        await turn();
        await manager.db.run(sql`update counter set n = ${n + 1}`);
        return n + 1;
      }),
    close: () => manager.close(),
  };
}

async function blocking() {
  const database = new Database(new URL(url).pathname, { timeout: 60_000 });
  // As the manager does: else one would wait for the disk and the other not.
  database.exec('pragma synchronous = normal');
  const read = database.prepare('select n from counter').raw(true);
  const write = database.prepare('update counter set n = ?');
  return {
    increment: async () => {
      database.exec('begin immediate');
      const [n] = read.get([]);
      await turn();
      write.run([n + 1]);
      database.exec('commit');
      return n + 1;
    },
    close: () => database.close(),
  };
}

async function control() {
  return {
    increment: async () => {
      const until = performance.now() + 0.1;
      while (performance.now() < until);
      await turn();
      return 0;
    },
    close: () => undefined,
  };
}
