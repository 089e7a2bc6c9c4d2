// PRAGMA incremental_vacuum has no columns and a step for each page: the driver takes the first for the end, and the statement
// would stay open, with the lock of the file.
import { statSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { sql } from 'drizzle-orm';
import { expect, it, onTestFinished } from 'vitest';
import { createErrorHandler, isDatabaseError, openTransactionManager, type TransactionManager } from '../src/index.js';
import { open, valuesOf } from './driver-alone.js';
import { patient, temporaryFolder } from './target.js';

type Options = Omit<Parameters<typeof openTransactionManager>[0], 'url'>;

/** A manager of a file with `pages` free pages or some more, which gives pages back when it is asked to. */
async function withFreePages(
  pages: number,
  options: Options = {},
): Promise<{ manager: TransactionManager; path: string }> {
  const path = join(await temporaryFolder(), 'app.db');
  const made = open(path);
  made.exec('pragma auto_vacuum = 2; pragma journal_mode = wal; create table t (a); create table kept (a)');
  made.exec(`insert into t with recursive c(n) as (values (1) union all select n + 1 from c where n < ${pages})
    select randomblob(3000) from c; delete from t`);
  made.close();
  const manager = await openTransactionManager({ ...patient, ...options, url: pathToFileURL(path).href });
  onTestFinished(() => manager.close({ drainMs: 0 }));
  return { manager, path };
}

const vacuum = 'PRAGMA main.incremental_vacuum -- all of it';
const ways: Readonly<Record<string, (manager: TransactionManager) => Promise<unknown>>> = {
  'db.run': ({ db }) => db.run(sql.raw(vacuum)),
  'db.all': ({ db }) => db.all(sql.raw(vacuum)),
  'db.get': ({ db }) => db.get(sql.raw(vacuum)),
  execute: ({ db }) => db.$client.execute(vacuum),
  executeMultiple: ({ db }) => db.$client.executeMultiple(vacuum),
  batch: ({ db }) => db.$client.batch([vacuum], 'write'),
  transaction: (manager) => manager.transaction(({ db }) => db.run(sql.raw(vacuum))),
};

it.each(Object.keys(ways))('by %s gives all free pages back, and everybody writes and reads on', async (name) => {
  const { manager, path } = await withFreePages(200);
  await ways[name]?.(manager);
  const other = open(path);
  expect(valuesOf(other, 'pragma freelist_count')).toEqual([[0n]]);
  other.exec('insert into kept values (1)');
  expect(await manager.db.values(sql`select a from kept`)).toEqual([[1]]);
  await manager.db.run(sql`insert into kept values (2)`);
  await manager.transaction(({ db }) => db.run(sql`insert into kept values (3)`));
  expect(valuesOf(other, 'select a from kept')).toEqual([[1n], [2n], [3n]]);
});

it('beside the loop it is refused, and everybody writes and reads on', async () => {
  const { manager, path } = await withFreePages(200);
  const limit = { timeoutMs: 60_000 };
  await expect(manager.offload(() => manager.db.run(sql.raw(vacuum)), limit)).rejects.toMatchObject({
    type: 'readonly',
  });
  open(path).exec('insert into kept values (1)');
  expect(await manager.offload(() => manager.db.values(sql`select a from kept`), limit)).toEqual([[1]]);
  expect(valuesOf(open(path), 'pragma wal_checkpoint(truncate)')).toEqual([[0n, 0n, 0n]]);
});

it('a database that was full is given room, in the file too, and is written on', async () => {
  const { manager, path } = await withFreePages(1, { pragmas: { max_page_count: 300 } });
  const fill = async (): Promise<unknown> => {
    for (;;) await manager.db.run(sql`insert into t values (randomblob(3000))`);
  };
  const full = await fill().catch((error: unknown) => error);
  expect(full).toSatisfy(isDatabaseError);
  await manager.db.run(sql`delete from t`);
  const before = statSync(path).size;
  expect(await createErrorHandler(manager).attemptRecovery(full as Error)).toBe(true);
  expect(statSync(path).size).toBeLessThan(before / 2);
  await manager.db.run(sql`insert into kept values (1)`);
  expect(valuesOf(open(path), 'select a from kept')).toEqual([[1n]]);
});
