// What `changes.declared` tells of the COMMIT of a statement that is a transaction by itself, beside a stock connection that
// sees what is on disk.
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import Database from 'libsql';
import { describe, expect, it, onTestFinished } from 'vitest';
import { type ManagerEvent, openTransactionManager } from '../../src/index.js';
import { items, openTarget, schema, targets, temporaryFolder } from '../target.js';

const by = {};
const insert = `insert into items (name) values (hex(randomblob(8)))`;
const local = ['file', ':memory:'] as const;

describe('on a file', () => {
  it('nobody sees the row before it is told', async () => {
    const path = join(await temporaryFolder(), 'app.db');
    const manager = await openTransactionManager({ url: pathToFileURL(path).href, schema });
    onTestFinished(() => manager.close());
    await manager.db.run('create table items (id integer primary key, name text not null, amount integer default 0)');
    const beside = new Database(path);
    onTestFinished(() => void beside.close());
    const count = beside.prepare('select count(*) as n from items');
    let told = 0;
    const seenUntold: number[] = [];
    const watch = async (): Promise<void> => {
      // Far more turns than lie between a COMMIT and its answer; a loop without end would keep the statement from its own.
      for (let turn = 0; turn < 200; turn += 1) {
        const { n } = count.get([]) as { n: number };
        if (n > told) seenUntold.push(n);
        await Promise.resolve();
      }
    };
    for (let i = 0; i < 50; i += 1) {
      const writing = manager.changes.declared(
        by,
        () => manager.db.$client.execute(insert),
        () => {
          told += 1;
        },
      );
      await Promise.all([writing, watch()]);
    }
    expect(seenUntold).toEqual([]);
    expect(told).toBe(50);
  });
});

describe.each(local)('on %s', (target) => {
  it('says how many rows the statement has changed', async () => {
    const { db, changes } = await openTarget(target);
    const told: number[] = [];
    await changes.declared(
      by,
      async () => {
        await db.insert(items).values([{ name: 'one' }, { name: 'two' }]);
        await db.update(items).set({ amount: 1 });
        await db.run(`delete from items where name = 'nobody'`);
        await db.select().from(items);
      },
      (rowsAffected) => told.push(rowsAffected),
    );
    expect(told).toEqual([2, 2, 0]);
  });

  it('tells every block around the statement that has not ended', async () => {
    const { db, changes } = await openTarget(target);
    const told: string[] = [];
    let late = (): Promise<unknown> => Promise.resolve();
    await changes.declared(
      by,
      async () => {
        await changes.declared(
          {},
          async () => {
            late = () => db.run(insert).execute();
            await db.run(insert);
          },
          () => told.push('inner'),
        );
      },
      () => told.push('outer'),
    );
    await late();
    expect(told).toEqual(['inner', 'outer']);
  });

  it('tells nothing of a statement that fails', async () => {
    const { db, changes } = await openTarget(target);
    await db.insert(items).values({ name: 'one' });
    const told: number[] = [];
    const failing = changes.declared(
      by,
      () => db.insert(items).values({ name: 'one' }),
      (rowsAffected) => told.push(rowsAffected),
    );
    await expect(failing).rejects.toMatchObject({ type: 'constraint' });
    expect(told).toEqual([]);
  });

  it('lets the result stand when who is told throws, and says so', async () => {
    const events: ManagerEvent[] = [];
    const manager = await openTarget(target);
    manager.subscribe((event) => events.push(event));
    const broken = new Error('broken');
    const { rowsAffected } = await manager.changes.declared(
      by,
      () => manager.db.$client.execute(insert),
      () => {
        throw broken;
      },
    );
    expect(rowsAffected).toBe(1);
    expect(events.filter(({ type }) => type === 'hook_error')).toMatchObject([
      { hook: 'committed', transactionId: null, error: broken },
    ]);
  });
});

describe.each(targets)('on %s', (target) => {
  it('tells nothing in a transaction, whose hooks do', async () => {
    const manager = await openTarget(target);
    const told: number[] = [];
    await manager.transaction(() =>
      manager.changes.declared(
        by,
        () => manager.db.run(insert),
        (rowsAffected) => told.push(rowsAffected),
      ),
    );
    expect(told).toEqual([]);
  });
});
