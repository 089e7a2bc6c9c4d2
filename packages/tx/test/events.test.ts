// What is heard beyond subscribe(): the diagnostics channels.
import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { expect, it, onTestFinished } from 'vitest';
import { Events } from '../src/events.js';
import { items, openTarget } from './target.js';

function hear(name: string): unknown[] {
  const heard: unknown[] = [];
  const listener = (message: unknown): void => void heard.push(message);
  subscribe(name, listener);
  onTestFinished(() => void unsubscribe(name, listener));
  return heard;
}

it('queries, transactions and waits are published on the channels cc:db:…', async () => {
  const manager = await openTarget('file');
  const queries = hear('cc:db:query');
  const transactions = hear('cc:db:transaction');
  const pool = hear('cc:db:pool');
  const insert = (name: string) => manager.transaction(() => manager.db.insert(items).values({ name }));
  await Promise.all([insert('a'), insert('b')]);
  expect(queries).toMatchObject([
    { type: 'query', mode: 'write', rowsAffected: 1 },
    { type: 'query', mode: 'write', rowsAffected: 1 },
  ]);
  expect(transactions.map((event) => (event as { phase: string }).phase)).toEqual([
    'begin',
    'commit',
    'begin',
    'commit',
  ]);
  expect(pool).toMatchObject([{ type: 'pool', action: 'wait', mode: 'write' }]);
});

it('transactions of all managers of the process are told apart by their ids', async () => {
  const managers = [await openTarget('file'), await openTarget(':memory:')];
  const heard = hear('cc:db:transaction') as { readonly phase: string; readonly id: string }[];
  const ids: string[] = [];
  for (let round = 0; round < 2; round += 1)
    for (const manager of managers) await manager.transaction(async (tx) => void ids.push(tx.id));
  expect(new Set(ids).size).toBe(4);
  expect(heard.filter(({ phase }) => phase === 'commit').map(({ id }) => id)).toEqual(ids);
});

it('nobody listening costs no event', async () => {
  const events = new Events();
  expect(events.active).toBe(false);
  const stop = events.subscribe(() => undefined);
  expect(events.active).toBe(true);
  stop();
  expect(events.active).toBe(false);
});

it('statements of a labelled call carry its label, also those that start where they are awaited', async () => {
  const manager = await openTarget('file');
  const labels: (string | undefined)[] = [];
  manager.subscribe((event) => {
    if (event.type === 'query') labels.push(event.label);
  });
  await manager.labelled('add', () => manager.db.insert(items).values({ name: 'a' }));
  await manager.labelled('outer', () => manager.labelled('inner', () => manager.db.select().from(items)));
  await manager.labelled('outer', () => manager.transaction(() => manager.db.select().from(items), { label: 'own' }));
  await manager.db.select().from(items);
  await expect(manager.labelled('fails', () => manager.db.run('select * from nowhere'))).rejects.toThrow(
    'no such table',
  );
  expect(labels).toEqual(['add', 'outer', 'own', undefined, 'fails']);
});

it('a labelled call ends as its work does, and one without a listener starts as it does with one', async () => {
  const manager = await openTarget('file');
  void manager.labelled('add', () => manager.db.insert(items).values({ name: 'a' }));
  // It has begun, so this comes behind it in the queue of writers.
  await nextTurn();
  expect(await manager.transaction(() => manager.db.$count(items))).toBe(1);
  const broken = (): never => {
    throw new RangeError('broken');
  };
  await expect(manager.labelled('add', broken)).rejects.toThrow(RangeError);
  for (const label of ['', 'x'.repeat(101), 'a\0', 5, undefined])
    await expect(manager.labelled(label as string, async () => 1)).rejects.toThrow(/labelled: label must be a text/);
  await expect(manager.labelled('add', 5 as never)).rejects.toThrow(/work must be a function/);
});
