// A replica whose file comes from another server than the one it follows: nothing of the file goes without a word.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { type Sqld, startSqld } from '@cc/testkit/sqld';
import { describeWithSqld } from '@cc/testkit/targets';
import { openTransactionManager } from '@cc/tx';
import { createClient } from '@libsql/client';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { MigrationManager } from '../src/index.js';
import { type Opened, openedOn, writeFolder } from './scratch.js';

const start = {
  tag: '0000_parts',
  up: 'CREATE TABLE parts (id integer PRIMARY KEY, name text);',
  down: 'DROP TABLE parts;',
};
const next = { tag: '0001_tags', up: 'CREATE TABLE tags (id integer PRIMARY KEY);', down: 'DROP TABLE tags;' };
let path: string;
let folder: string;
let old: Sqld;
let fresh: Sqld;

describeWithSqld('a replica that is moved', () => {
  beforeEach(async () => {
    path = await mkdtemp(join(tmpdir(), 'cc-moved-'));
    folder = join(path, 'drizzle');
    await writeFolder(folder, [start, next]);
    [old, fresh] = await Promise.all([startSqld(), startSqld()]);
  });
  afterEach(async () => {
    await Promise.all([old.close(), fresh.close()]);
    await rm(path, { recursive: true, force: true });
  });

  async function at<T>(server: Sqld, work: (opened: Opened) => Promise<T>, name = 'replica.db'): Promise<T> {
    const url = pathToFileURL(join(path, name)).href;
    await using transactions = await openTransactionManager({ url, syncUrl: server.url.http });
    return await work(openedOn(transactions, folder));
  }

  async function namesOn(server: Sqld): Promise<readonly unknown[]> {
    const client = createClient({ url: server.url.http });
    const { rows } = await client.execute(`SELECT name FROM sqlite_schema WHERE type = 'table'`);
    client.close();
    return rows.map(({ name }) => name);
  }

  const filled = (opened: Opened): Promise<void> =>
    opened.migrations.applyMigrations().then(() => opened.run(`INSERT INTO parts VALUES (1, 'only here')`));
  const parts = ({ rows }: Opened): Promise<readonly unknown[]> => rows('SELECT name FROM parts');

  const calls: readonly [string, (migrations: MigrationManager) => Promise<unknown>][] = [
    ['applyMigrations', (migrations) => migrations.applyMigrations()],
    ['applyMigrations in a dry run', (migrations) => migrations.applyMigrations({ dryRun: true })],
    [
      'applyMigrations with everything allowed',
      (migrations) => migrations.applyMigrations({ allowDataLoss: true, allowOutOfOrder: true }),
    ],
    ['rollbackMigration', (migrations) => migrations.rollbackMigration({ allowDataLoss: true })],
    ['baseline', (migrations) => migrations.baseline()],
    ['repair', (migrations) => migrations.repair()],
  ];

  test('to an empty server is told by status and plan, and changes neither', async () => {
    await at(old, filled);
    await at(fresh, async (opened) => {
      for (const asked of [
        opened.migrations.status(),
        opened.migrations.plan(),
        opened.migrations.plan({ direction: 'down' }),
      ]) {
        const { problems } = await asked;
        expect(problems).toMatchObject([{ kind: 'other_server', version: '0001_tags' }]);
        expect(problems[0]?.message).toContain('replica.db holds 0001_tags from another server');
      }
      for (const [call, run] of calls)
        expect({ call, code: await run(opened.migrations).catch((error: { code?: unknown }) => error.code) }).toEqual({
          call,
          code: 'MIGRATION_OTHER_SERVER',
        });
      expect(await parts(opened)).toEqual([{ name: 'only here' }]);
    });
    expect(await namesOn(fresh)).toEqual([]);
    await at(old, async (opened) => {
      expect((await opened.migrations.status()).problems).toEqual([]);
      expect(await parts(opened)).toEqual([{ name: 'only here' }]);
    });
    // What the hint says: a file that begins anew.
    const anew = await at(fresh, ({ migrations }) => migrations.applyMigrations(), 'anew.db');
    expect(anew.current).toBe('0001_tags');
  });

  test('to a server with rows takes what that has when it is opened; a history that drizzle alone wrote is told of an empty one, too', async () => {
    await at(old, filled);
    await at(fresh, ({ migrations }) => migrations.applyMigrations({ steps: 1 }), 'other.db');
    expect(await at(fresh, ({ migrations }) => migrations.status())).toMatchObject({
      current: '0000_parts',
      pending: [{ version: '0001_tags' }],
      problems: [],
    });
    expect(await at(old, parts)).toEqual([{ name: 'only here' }]);
    await at(old, ({ run }) => run('DROP TABLE __cc_migrations'));
    const third = await startSqld();
    try {
      expect((await at(third, ({ migrations }) => migrations.plan())).problems[0]?.kind).toBe('other_server');
    } finally {
      await third.close();
    }
  });

  test('nowhere is no problem: an empty file, one that lags behind what others did, and a server that is away', async () => {
    await at(old, filled);
    await at(old, async (lagging) => {
      await at(
        old,
        async ({ migrations }) => {
          await migrations.rollbackMigration({ allowDataLoss: true });
          await migrations.applyMigrations();
          await migrations.rollbackMigration({ allowDataLoss: true });
        },
        'second.db',
      );
      expect((await lagging.migrations.status()).problems).toEqual([]);
      expect((await lagging.migrations.applyMigrations()).current).toBe('0001_tags');
      await old.close();
      expect(await lagging.migrations.status()).toMatchObject({ current: '0001_tags', problems: [] });
    });
  });
});
