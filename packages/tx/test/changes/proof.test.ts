// Whether a proof is equal only while nobody has written: to a file that is open, and to one that was closed meanwhile, by
// this process and by others. The judge of "nobody has written" is what each case does.
import { execFileSync, spawnSync } from 'node:child_process';
import { copyFile, rename, rm, utimes } from 'node:fs/promises';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { startProgram } from '@cc/testkit/program';
import Database from 'libsql';
import { describe, expect, it, onTestFinished } from 'vitest';
import { openTransactionManager, type TransactionManager, type TransactionManagerOptions } from '../../src/index.js';
import { openTarget, targets, temporaryFolder } from '../target.js';
import { otherProcess } from './looks.js';

const table = 'create table if not exists t (a integer)';
const by = {};
const insert = 'insert into t values (1)';

interface Place {
  readonly path: string;
  readonly url: string;
}

async function library(): Promise<Place> {
  const path = join(await temporaryFolder(), 'app.db');
  const database = new Database(path);
  database.exec(`pragma journal_mode = wal; ${table}; ${insert}`);
  database.close();
  return { path, url: pathToFileURL(path).href };
}

async function opened(
  { url }: Place,
  options: Omit<TransactionManagerOptions, 'url'> = {},
): Promise<TransactionManager> {
  const manager = await openTransactionManager({ url, ...options });
  onTestFinished(() => manager.close({ drainMs: 0 }));
  return manager;
}

/** The proof of a file that nobody writes to, which takes its time after a write. */
async function provenBy(manager: TransactionManager): Promise<string> {
  await expect.poll(() => manager.changes.proof()).toBeTypeOf('string');
  return manager.changes.proof() ?? '';
}

/** What a manager tells at its end of what was kept from its beginning on. */
async function toldAtEnd(place: Place, work: (manager: TransactionManager) => Promise<unknown>): Promise<unknown> {
  const manager = await opened(place);
  const told: unknown[] = [];
  manager.changes.onClose((proof) => told.push(proof));
  await work(manager);
  await manager.close();
  expect(told).toHaveLength(1);
  return told[0];
}

const noWork = async (): Promise<void> => undefined;
const hasShell = spawnSync('sqlite3', ['--version']).status === 0;
const shell = (path: string, sql: string): string => execFileSync('sqlite3', [path, sql], { encoding: 'utf8' });

type Happening = (place: Place) => Promise<unknown>;

/** What happens to a closed file without writing to its rows. */
const harmless: Readonly<Record<string, Happening>> = {
  nothing: noWork,
  'it is opened, read and closed': async (place) => {
    const manager = await opened(place);
    await manager.db.all('select * from t');
    await manager.read(({ db }) => db.all('select * from t'));
    await manager.close();
  },
  'it is read by another process': async ({ url }) => {
    const other = await otherProcess(url);
    await other.write('select * from t');
    await other.end();
  },
  'a copy of it is made': ({ path }) => copyFile(path, `${path}.copy`),
  ...(hasShell && { 'it is read in the shell': async ({ path }: Place) => shell(path, 'select * from t') }),
};

/** What happens to a file so that what was read of it may be wrong, or may not be known to be right. */
const harmful: Readonly<Record<string, Happening>> = {
  'this process writes': async (place) => {
    const manager = await opened(place);
    await manager.db.run(insert);
    await manager.close();
  },
  'this process writes what it declares': async (place) => {
    const manager = await opened(place);
    await manager.changes.declared(by, () => manager.db.run(insert));
    await manager.close();
  },
  'another process writes': async ({ url }) => {
    const other = await otherProcess(url);
    await other.write('update t set a = a + 1');
    await other.end();
  },
  'another process writes and is killed': async ({ url }) => {
    const child = startProgram(new URL('other-writer.mjs', import.meta.url), [url]);
    await child.line();
    child.send('update t set a = a + 1');
    await child.line();
    await child.kill();
  },
  ...(process.platform !== 'win32' && {
    'a copy of another state takes its place with the times of the file': async ({ path }: Place) => {
      const old = `${path}.old`;
      execFileSync('cp', ['-p', path, old]);
      const database = new Database(path);
      database.exec('update t set a = a + 1');
      database.close();
      execFileSync('cp', ['-p', old, path]);
    },
  }),
  'it is moved aside and back by way of a copy': async ({ path }) => {
    await copyFile(path, `${path}.new`);
    await rm(path);
    await rename(`${path}.new`, path);
  },
  'a backup is put in its place': async (place) => {
    const manager = await opened(place);
    await manager.backup(`${place.path}.backup`);
    await manager.close();
    await rename(`${place.path}.backup`, place.path);
  },
  'its times are set back': ({ path }) => utimes(path, new Date(2020, 1, 1), new Date(2020, 1, 1)),
  ...(hasShell && {
    'the shell writes': async ({ path }: Place) => shell(path, 'update t set a = a + 1'),
  }),
};

describe('of a file that was closed', () => {
  it.each(Object.entries(harmless))('is what it was when it is opened again after %s', async (_, happens) => {
    const place = await library();
    const before = await toldAtEnd(place, noWork);
    expect(before).toBeTypeOf('string');
    await happens(place);
    expect(await provenBy(await opened(place))).toBe(before);
  });

  it.each(Object.entries(harmful))('is another one when %s', async (_, happens) => {
    const place = await library();
    const before = await toldAtEnd(place, noWork);
    expect(before).toBeTypeOf('string');
    await happens(place);
    expect(await provenBy(await opened(place))).not.toBe(before);
  });
});

describe('of a file that is open', () => {
  it.each(Object.entries(harmless))('stays when %s', async (_, happens) => {
    const place = await library();
    const manager = await opened(place);
    const before = await provenBy(manager);
    await happens(place);
    expect(await provenBy(manager)).toBe(before);
  });

  it('stays when another process opens it to read what lies in its log', async () => {
    const place = await library();
    const manager = await opened(place);
    await manager.db.run(insert);
    const before = await provenBy(manager);
    const other = await otherProcess(place.url);
    await other.write('select * from t');
    await other.end();
    expect(await provenBy(manager)).toBe(before);
  });

  it('is none right after a write, and another one later, also of what is declared and of no rows', async () => {
    const manager = await opened(await library());
    for (const write of [insert, 'update t set a = a + 1', 'create table u (a)', 'pragma user_version = 7']) {
      const before = await provenBy(manager);
      await manager.changes.declared(by, () => manager.db.run(write));
      const young = manager.changes.proof();
      expect(young).not.toBe(before);
      expect(await provenBy(manager)).not.toBe(before);
    }
  });

  it.each(['WAL', 'DELETE', 'TRUNCATE', 'PERSIST'])(
    'is another one after each of many quick commits of others, with journal_mode %s',
    async (mode) => {
      const place = await library();
      const manager = await opened(place, { pragmas: { journal_mode: mode } });
      const other = await otherProcess(place.url);
      const seen = new Set<string>();
      let commits = 0;
      for (let round = 0; round < 6; round += 1) {
        seen.add(await provenBy(manager));
        expect(seen.size).toBe(round + 1);
        for (let i = 0; i <= round; i += 1) {
          await other.write('update t set a = a + 1');
          commits += 1;
        }
      }
      expect(await manager.db.all('select a from t')).toEqual([{ a: 1 + commits }]);
    },
  );

  it('is none where it lies in memory', async () => {
    const manager = await openTarget(':memory:');
    expect(manager.changes.proof()).toBeUndefined();
  });
});

describe('at the end of a manager', () => {
  it.each<[string, (manager: TransactionManager, place: Place) => Promise<unknown>]>([
    ['wrote by itself', (manager) => manager.db.run(insert)],
    ['wrote and declared it', (manager) => manager.changes.declared(by, () => manager.db.run(insert))],
    ['heard of another that wrote', (_, { url }) => otherProcess(url).then((other) => other.write(insert))],
    [
      'was beside another that wrote and closed',
      async (_, place) => {
        const other = await opened(place);
        await other.db.run(insert);
        await other.close();
      },
    ],
  ])('there is no proof for what was kept before it %s, and one for what was kept after', async (_, work) => {
    const place = await library();
    const told: Record<string, unknown> = {};
    const manager = await opened(place);
    manager.changes.onClose((proof) => (told['before'] = proof));
    await work(manager, place);
    manager.changes.onClose((proof) => (told['after'] = proof));
    await manager.close();
    expect(told).toEqual({ before: undefined, after: expect.any(String) });
    expect(await provenBy(await opened(place))).toBe(told['after']);
  });

  it('there is one for who only read, rolled back and made checkpoints', async () => {
    const place = await library();
    const told = await toldAtEnd(place, async (manager) => {
      await manager.db.all('select * from t');
      await manager
        .transaction(async (tx) => {
          await tx.db.run(insert);
          tx.rollback();
        })
        .catch(() => undefined);
      await manager.db.run('pragma wal_checkpoint(truncate)');
    });
    expect(told).toBeTypeOf('string');
    expect(await provenBy(await opened(place))).toBe(told);
  });

  it('a registration that was ended, or made later, is not called, and a broken one keeps nobody from being', async () => {
    const manager = await opened(await library());
    const told: string[] = [];
    const end = manager.changes.onClose(() => told.push('ended'));
    manager.changes.onClose(() => {
      throw new Error('broken');
    });
    manager.changes.onClose(() => told.push('last'));
    end();
    await Promise.all([manager.close(), manager.close()]);
    manager.changes.onClose(() => told.push('late'));
    expect(told).toEqual(['last']);
    expect(() => manager.changes.onClose('no function' as never)).toThrow(TypeError);
  });

  it('there is none for what a caller wrote who did not end in time', async () => {
    const manager = await opened(await library());
    const told: unknown[] = [];
    const lease = await manager.getConnection();
    await lease.client.execute('begin immediate');
    manager.changes.onClose((proof) => told.push(proof));
    const closing = manager.close({ drainMs: 0 });
    await lease.client.execute(insert).catch(() => undefined);
    await lease.client.execute('commit').catch(() => undefined);
    await closing;
    const manager2 = await openTransactionManager({ url: manager.url });
    onTestFinished(() => manager2.close());
    const [row] = await manager2.db.all<{ n: number }>('select count(*) as n from t');
    if (row?.n !== 1) expect(told).toEqual([undefined]);
    expect(told).toHaveLength(1);
  });
});

it.each(targets.filter((target) => target === 'http' || target === 'ws' || target === ':memory:'))(
  'on %s there is none, and its end is told',
  async (target) => {
    const manager = await openTarget(target);
    const told: unknown[] = [];
    manager.changes.onClose((proof) => told.push(proof));
    expect(manager.changes.proof()).toBeUndefined();
    await manager.close();
    expect(told).toEqual([undefined]);
  },
);

it.runIf(targets.includes('replica'))(
  'the proof of a replica is another one after each sync that brings a change',
  async () => {
    const manager = await openTarget('replica');
    const before = await provenBy(manager);
    await manager.sync();
    expect(await provenBy(manager)).toBe(before);
    await manager.db.run("insert into items (name) values ('one')");
    expect(await provenBy(manager)).not.toBe(before);
  },
);
