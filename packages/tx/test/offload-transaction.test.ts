// A transaction that offloaded work begins is of one moment, as any other.
import { sql } from 'drizzle-orm';
import { describe, expect, it } from 'vitest';
import { openTransactionManager } from '../src/index.js';
import { openTarget, patient, targets } from './target.js';

describe.each(targets.filter((name) => name === 'file' || name === 'http'))('offload() on %s', (target) => {
  it('keeps the snapshot of a read() in its work', async () => {
    const manager = await openTarget(target);
    const { db } = manager;
    await db.run(sql`create table counters (value integer)`);
    await db.run(sql`insert into counters values (1)`);
    await using other = await openTransactionManager({ url: manager.url, ...patient });
    const read = () => db.values<[number]>(sql`select value from counters`);
    const seen = await manager.offload(
      async () => {
        const inside = await manager.read(async () => {
          const before = await read();
          await other.db.run(sql`update counters set value = value + 1`);
          return [before, await read()];
        });
        return [...inside, await read()];
      },
      { timeoutMs: 240_000 },
    );
    expect(seen).toEqual([[[1]], [[1]], [[2]]]);
  });
});
