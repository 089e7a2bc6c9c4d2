// What a server can do to a migration: take its lock away after 5 s, lose the answer to COMMIT, go away. Whatever it is,
// the migration runs once or not at all, and no rejection is left that nobody hears.
import { setImmediate as turn } from 'node:timers/promises';
import { losingProxy } from '@cc/testkit/losing-proxy';
import { type Sqld, startSqld } from '@cc/testkit/sqld';
import { describeWithSqld } from '@cc/testkit/targets';
import { isDatabaseError } from '@cc/tx';
import { createClient } from '@libsql/client';
import { expect, type TestContext, test } from 'vitest';
import { createMigrationManager, type MigrationManager, type MigrationManagerOptions } from '../src/index.js';
import { codeOf, makeScratch, type Opened, overtaken, type Scratch, sendingBy } from './scratch.js';

const base = {
  tag: '0000_base',
  up: `CREATE TABLE speed (n integer); INSERT INTO speed VALUES (300000); CREATE TABLE runs (n integer);`,
  down: 'DROP TABLE runs; DROP TABLE speed;',
};
/**
 * Each takes a few hundredths of a second or more, until somebody sets the speed to 1: together far more than the 5 s of
 * the server on any machine.
 */
const inserts = 1_000;
const slow = Array.from(
  { length: inserts },
  () =>
    'INSERT INTO runs SELECT 1 FROM (WITH RECURSIVE c(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM c WHERE i < (SELECT n FROM speed)) SELECT count(*) FROM c);',
).join('\n');
const long = { tag: '0001_long', up: `CREATE TABLE made (x);\n${slow}`, down: 'DELETE FROM runs; DROP TABLE made;' };

interface Place {
  readonly server: Sqld;
  readonly scratch: Scratch;
  readonly opened: Opened;
  readonly unheard: readonly unknown[];
}

/** A server with `base` applied and `long` pending; `url` = the way to it. */
async function begin(
  { onTestFinished }: Pick<TestContext, 'onTestFinished'>,
  url: (server: Sqld) => string = (server) => server.url.http,
): Promise<Place> {
  const unheard: unknown[] = [];
  const listen = (error: unknown): void => void unheard.push(error);
  process.on('unhandledRejection', listen);
  const server = await startSqld();
  const scratch = await makeScratch();
  onTestFinished(async () => {
    await scratch[Symbol.asyncDispose]();
    await server.close();
    process.off('unhandledRejection', listen);
  });
  await scratch.write([base]);
  const opened = await scratch.open({ url: url(server) });
  await opened.migrations.applyMigrations();
  await scratch.write([base, long]);
  return { server, scratch, opened, unheard };
}

const managerOf = (
  { opened, scratch }: Place,
  options: Pick<MigrationManagerOptions, 'maxAttempts'>,
): MigrationManager => createMigrationManager(opened.transactions, { folder: scratch.folder, ...options });

/** Writes to `server` from the moment the migration holds the lock, and makes the next attempt quick. */
function rivalOf({ server }: Place): { readonly onProgress: () => void; readonly done: () => Promise<void> } {
  let writing: Promise<unknown> | undefined;
  const admin = createClient({ url: server.url.http });
  return {
    onProgress: () => {
      writing ??= admin.execute('UPDATE speed SET n = 1');
    },
    done: async () => {
      await writing;
      admin.close();
    },
  };
}

/** Rejections are told in a turn of their own. */
async function expectAllHeard({ unheard }: Place): Promise<void> {
  await turn();
  expect(unheard).toEqual([]);
}

describeWithSqld('a server with a rival writer', () => {
  test.concurrent.for(['http', 'ws'] as const)(
    'over %s ends a migration after 5 s: it fails clean, with what to do, and runs when called again',
    async (kind, context) => {
      const place = await begin(context, (server) => server.url[kind]);
      const rival = rivalOf(place);
      // The first call of it comes when the bookkeeping has run: the lock is held.
      let heard = 0;
      const onProgress = (): void => {
        heard += 1;
        if (heard > 1) rival.onProgress();
      };
      const failing = managerOf(place, { maxAttempts: 1 }).applyMigrations({ onProgress });
      const error: unknown = await failing.catch((thrown: unknown) => thrown);
      await rival.done();
      expect(isDatabaseError(error)).toBe(true);
      expect(error).toMatchObject({
        type: 'timeout',
        code: 'MIGRATION_TIMEOUT',
        outcome: 'none',
        recoverable: true,
        hint: expect.stringContaining('-- cc:chunk'),
      });
      const { migrations, rows } = place.opened;
      expect(await migrations.status()).toMatchObject({ current: '0000_base', problems: [] });
      expect(await rows(`SELECT count(*) AS n FROM sqlite_schema WHERE name = 'made'`)).toEqual([{ n: 0 }]);
      expect(await rows('SELECT count(*) AS n FROM runs')).toEqual([{ n: 0 }]);
      expect((await migrations.applyMigrations()).current).toBe('0001_long');
      expect(await rows('SELECT count(*) AS n FROM runs')).toEqual([{ n: inserts }]);
      await expectAllHeard(place);
    },
  );

  test.concurrent('ends one attempt; the next one runs by itself when the rival is gone', async (context) => {
    const place = await begin(context);
    const rival = rivalOf(place);
    let heard = 0;
    const onProgress = (): void => {
      heard += 1;
      if (heard > 1) rival.onProgress();
    };
    expect(await place.opened.migrations.applyMigrations({ onProgress })).toMatchObject({
      current: '0001_long',
      migrations: [{ version: '0001_long' }],
    });
    await rival.done();
    expect(await place.opened.rows('SELECT count(*) AS n FROM runs')).toEqual([{ n: inserts }]);
    await expectAllHeard(place);
  });
});

describeWithSqld('a server', () => {
  test.for(['before', 'after'] as const)(
    'that loses a COMMIT %s it took effect is asked again, and the migration runs once',
    async (when, context) => {
      const place = await begin(context);
      const proxy = await losingProxy(place.server);
      const through = await place.scratch.open({ url: proxy.url });
      await place.opened.run('UPDATE speed SET n = 1');
      const migrations = overtaken(through.transactions, place.scratch.folder, async () => proxy.loseCommit(when));
      const result = await migrations.applyMigrations();
      expect([result.current, result.migrations, proxy.lost()]).toMatchObject([
        '0001_long',
        [{ version: '0001_long' }],
        1,
      ]);
      expect(await place.opened.rows('SELECT count(*) AS n FROM runs')).toEqual([{ n: inserts }]);
      expect(await place.opened.rows('SELECT version FROM __cc_migrations')).toHaveLength(2);
      await expectAllHeard(place);
    },
  );

  test('that loses a COMMIT and is gone leaves the outcome unknown, and to run again is safe', async (context) => {
    const place = await begin(context);
    const proxy = await losingProxy(place.server);
    const through = await place.scratch.open({ url: proxy.url });
    await place.opened.run('UPDATE speed SET n = 1');
    const source = sendingBy(through.transactions, async (send) => {
      proxy.loseCommit('after');
      try {
        return await send();
      } finally {
        await place.server.kill();
      }
    });
    const migrations = createMigrationManager(source, { folder: place.scratch.folder, maxAttempts: 2 });
    await expect(migrations.applyMigrations()).rejects.toMatchObject({
      type: 'connection',
      outcome: 'unknown',
      hint: expect.stringContaining('To run it again is safe'),
    });
    await place.server.restart();
    const again = await place.opened.migrations.applyMigrations();
    expect([again.current, again.migrations]).toEqual(['0001_long', []]);
    expect(await place.opened.rows('SELECT count(*) AS n FROM runs')).toEqual([{ n: inserts }]);
    await expectAllHeard(place);
  });

  test('that goes away on the way leaves nothing, and the migration runs when it is back', async (context) => {
    const place = await begin(context);
    let heard = 0;
    let killed: Promise<void> | undefined;
    const onProgress = (): void => {
      heard += 1;
      if (heard > 1) killed ??= place.server.kill();
    };
    const code = await codeOf(managerOf(place, { maxAttempts: 2 }).applyMigrations({ onProgress }));
    expect(code).toMatch(/^(SERVER_UNREACHABLE|CONNECTION_LOST)$/);
    await killed;
    await place.server.restart();
    expect((await place.opened.migrations.status()).current).toBe('0000_base');
    await place.opened.run('UPDATE speed SET n = 1');
    expect((await place.opened.migrations.applyMigrations()).current).toBe('0001_long');
    await expectAllHeard(place);
  });
});
