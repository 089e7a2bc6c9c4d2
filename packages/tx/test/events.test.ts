// What is heard beyond subscribe(): the diagnostics channels.
import { subscribe, unsubscribe } from 'node:diagnostics_channel';
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

it('nobody listening costs no event', async () => {
  const events = new Events();
  expect(events.active).toBe(false);
  const stop = events.subscribe(() => undefined);
  expect(events.active).toBe(true);
  stop();
  expect(events.active).toBe(false);
});
