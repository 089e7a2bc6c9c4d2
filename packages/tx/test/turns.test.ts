// Reads of a local database end at once; a loop of them must not keep the event loop to itself.
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { sql } from 'drizzle-orm';
import { expect, it } from 'vitest';
import { openTransactionManager } from '../src/index.js';
import { temporaryFolder } from './target.js';

it.each(['file', ':memory:'])('a loop of awaited reads lets others in on %s', async (target) => {
  const url = target === 'file' ? pathToFileURL(join(await temporaryFolder(), 'x.db')).href : target;
  await using manager = await openTransactionManager({ url });
  let turns = 0;
  let isReading = true;
  const count = (): void => {
    turns += 1;
    if (isReading) setImmediate(count);
  };
  setImmediate(count);
  for (let i = 0; i < 5_000; i += 1) await manager.db.all(sql`select ${i}`);
  isReading = false;
  expect(turns).toBeGreaterThanOrEqual(9);
});
