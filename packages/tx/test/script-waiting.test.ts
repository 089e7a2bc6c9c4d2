// Scripts and held connections that meet the write lock of another connection wait for it as every call does, and are sound
// afterwards. The other connection is libsql's own, and judges the rows.
import { setImmediate } from 'node:timers/promises';
import Database from 'libsql';
import { describe, expect, it, onTestFinished } from 'vitest';
import { openTarget, type TestManager } from './target.js';

async function openWith(journal_mode: string, acquireTimeoutMs = 60_000): Promise<TestManager> {
  return openTarget('file', { pragmas: { journal_mode }, acquireTimeoutMs, retry: false });
}

/** Another connection to the file of `manager`. */
function beside(manager: TestManager): Database.Database {
  const other = new Database(decodeURIComponent(new URL(manager.url).pathname));
  onTestFinished(() => void other.close());
  return other;
}

/** Whether `promise` is still waiting after some turns of the event loop. */
async function waits(promise: Promise<unknown>): Promise<boolean> {
  let settled = false;
  const settle = (): void => {
    settled = true;
  };
  promise.then(settle, settle);
  for (let turn = 0; turn < 500; turn += 1) await setImmediate();
  return !settled;
}

const namesOf = (other: Database.Database): unknown[] =>
  other.prepare('select name from items order by id').raw(true).all([]).flat();

/** Takes the write lock; with a rollback journal nobody can read meanwhile either. */
const lockOf = (journalMode: string): string => (journalMode === 'WAL' ? 'begin immediate' : 'begin exclusive');

describe.each(['WAL', 'DELETE', 'PERSIST'])('with journal_mode %s', (journalMode) => {
  it.each([
    `insert into items (name) values ('a'); insert into items (name) values ('b')`,
    `begin; insert into items (name) values ('a'); insert into items (name) values ('b'); commit`,
    `begin immediate; insert into items (name) values ('a'); insert into items (name) values ('b'); commit`,
    `create table more (a); pragma user_version = 7; insert into items (name) values ('a'), ('b')`,
  ])('a script waits for the lock of another connection: %s', async (script) => {
    const manager = await openWith(journalMode);
    const other = beside(manager);
    other.exec(`${lockOf(journalMode)}; insert into items (name) values ('theirs')`);
    const call = manager.db.$client.executeMultiple(script);
    expect(await waits(call)).toBe(true);
    other.exec('commit');
    await call;
    expect(namesOf(other)).toEqual(['theirs', 'a', 'b']);
  });

  it('a script stops waiting at the limit, and nothing of it is written', async () => {
    const manager = await openWith(journalMode, 50);
    const other = beside(manager);
    other.exec(lockOf(journalMode));
    const call = manager.db.$client.executeMultiple(`insert into items (name) values ('a'); select 1`);
    await expect(call).rejects.toMatchObject({ type: 'lock', recoverable: true, outcome: 'none' });
    other.exec('commit');
    expect(namesOf(other)).toEqual([]);
  });

  it.each([
    'pragma user_version = 7',
    'pragma user_version',
    'pragma table_info(items)',
    'pragma cache_size = 100',
    'explain query plan select 1 from items',
  ])('%s on a held connection waits for the lock of another connection', async (statement) => {
    const manager = await openWith(journalMode);
    const lease = await manager.getConnection();
    const other = beside(manager);
    other.exec(lockOf(journalMode));
    const call = lease.client.execute(statement);
    if (journalMode !== 'WAL' || statement.endsWith('= 7')) expect(await waits(call)).toBe(true);
    other.exec('commit');
    await call;
    await lease.client.execute(`insert into items (name) values ('a')`);
    expect(namesOf(other)).toEqual(['a']);
    lease.release();
  });

  it.each(['pragma user_version = 7', `begin; insert into items (name) values ('never')`])(
    'a held connection on which the lock of another was met for too long works afterwards, with what was set on it: %s',
    async (statements) => {
      const manager = await openWith(journalMode, 50);
      const lease = await manager.getConnection();
      await lease.client.execute('create temp table mine (a)');
      await lease.client.execute('insert into mine values (1)');
      const other = beside(manager);
      other.exec(`${lockOf(journalMode)}; insert into items (name) values ('first')`);
      const calls = async (): Promise<void> => {
        for (const statement of statements.split('; ')) await lease.client.execute(statement);
      };
      await expect(calls()).rejects.toMatchObject({ type: 'lock', recoverable: true, outcome: 'none' });
      other.exec('commit');
      // With a rollback journal BEGIN has met the lock already.
      if (statements.startsWith('begin') && journalMode === 'WAL') await lease.client.execute('rollback');
      other.exec(`insert into items (name) values ('second')`);
      expect((await lease.client.execute('select name from items')).rows).toMatchObject([
        { name: 'first' },
        { name: 'second' },
      ]);
      await lease.client.execute(`insert into items (name) select 'third' from mine`);
      expect(namesOf(other)).toEqual(['first', 'second', 'third']);
      expect(other.prepare('pragma user_version').raw(true).all([])).toEqual([[0]]);
      lease.release();
    },
  );
});

it('a script gives the event loop its turns', async () => {
  const manager = await openWith('WAL');
  let turns = 0;
  let going = true;
  const counting = (async () => {
    for (; going; turns += 1) await setImmediate();
  })();
  await manager.db.$client.executeMultiple(`insert into items (name) values (hex(randomblob(500)));`.repeat(2_000));
  going = false;
  await counting;
  expect(turns).toBeGreaterThan(2);
});
