// How many prepared statements a connection keeps: as many as the option says, and fewer of long texts. A list of 10,000 values
// takes SQLite 2 MB, and every other length of it is another text.
import { join } from 'node:path';
import { inArray } from 'drizzle-orm';
import Database from 'libsql';
import { afterEach, expect, it, onTestFinished, vi } from 'vitest';
import { openTransactionManager } from '../src/index.js';
import { items, temporaryFolder } from './target.js';

afterEach(() => vi.restoreAllMocks());

async function opened(statementCacheSize?: number) {
  const url = `file:${join(await temporaryFolder(), 'kept.db')}`;
  const manager = await openTransactionManager({ url, schema: { items }, statementCacheSize });
  onTestFinished(() => manager.close());
  await manager.db.run('create table items (id integer primary key, name text not null, amount integer)');
  const prepare = vi.spyOn(Database.prototype, 'prepare');
  const { db } = manager;
  const counted = (work: (values: number) => PromiseLike<unknown>) => async (values: number) => {
    prepare.mockClear();
    await work(values);
    return prepare.mock.calls.filter(([text]) => text.includes('items')).length;
  };
  const ids = (values: number) => inArray(items.id, [...Array(values).keys()]);
  return {
    read: counted((values) => db.select().from(items).where(ids(values))),
    write: counted((values) => db.delete(items).where(ids(values))),
  };
}

it('keeps as many long ones as short ones take the room of', async () => {
  const { read, write } = await opened();
  for (const run of [read, write]) {
    for (let values = 10_000; values < 10_020; values += 1) expect(await run(values)).toBe(1);
    // The last ones are there, the first ones had to go.
    expect([await run(10_019), await run(10_010), await run(10_000)]).toEqual([0, 0, 1]);
  }
});

it('keeps as many short ones as it is told', async () => {
  const { read } = await opened(20);
  for (let values = 1; values <= 20; values += 1) expect(await read(values)).toBe(1);
  for (let values = 1; values <= 20; values += 1) expect(await read(values)).toBe(0);
  expect([await read(21), await read(2), await read(1)]).toEqual([1, 0, 1]);
});

it('keeps none that is longer than all of them may be, and none when it is told so', async () => {
  const { read } = await opened(20);
  expect([await read(1), await read(10_000), await read(10_000), await read(1)]).toEqual([1, 1, 1, 0]);
  const without = await opened(0);
  expect([await without.read(1), await without.read(1)]).toEqual([1, 1]);
});
