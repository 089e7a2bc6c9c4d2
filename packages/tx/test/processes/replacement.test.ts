// Connections whose prepared statements met another process's lock are replaced, thousands of times, and leave nothing behind.
import { startProgram } from '@cc/testkit/program';
import { expect, it } from 'vitest';
import { databaseWith } from './database.js';

interface Report {
  readonly codes: Readonly<Record<string, number>>;
  /** Pragmas of replaced connections that are not as they were set. */
  readonly odd: readonly string[];
  readonly connectionsReplaced: number;
  readonly memory: readonly { readonly rssBytes: number; readonly openFiles: number | null }[];
}

it('1,000 connections replaced after BUSY, and a reader that met it as often, keep their pragmas and do not grow the memory', async () => {
  const { url } = await databaseWith(`pragma journal_mode = delete; create table t (a, b);
    with recursive n(i) as (select 1 union all select i + 1 from n where i < 200)
    insert into t select i, hex(randomblob(50)) from n`);
  const { codes, odd, connectionsReplaced, memory } = JSON.parse(
    await startProgram(new URL('discards.mjs', import.meta.url), [url, '1000']).line(),
  ) as Report;
  expect(codes).toEqual({ SQLITE_BUSY: 2_000 });
  expect(odd).toEqual([]);
  // The reader is held when it meets the lock, and made sound again where it is.
  expect(connectionsReplaced).toBe(1_000);
  const [early, late] = [memory[1], memory.at(-1)];
  if (!early || !late) throw new Error('the program measured nothing');
  // A connection that stayed would keep its page cache and its lookaside memory: more than 100 kB each.
  expect(late.rssBytes - early.rssBytes).toBeLessThan(64 * 2 ** 20);
  // Closed handles are collected when there are many; 1,800 that stayed would have a file each.
  if (late.openFiles !== null) expect(late.openFiles).toBeLessThan(200);
});
