// client.transaction('read'): it reads on every target, and nobody waits for it.
import { describe, expect, it } from 'vitest';
import { items, names, openTarget, targets } from './target.js';

describe.each(targets)("client.transaction('read') on %s", (target) => {
  it('refuses whatever writes, and goes on reading', async () => {
    const manager = await openTarget(target);
    await manager.db.insert(items).values({ name: 'kept' });
    const reading = await manager.db.$client.transaction('read');
    const refused = { type: 'readonly', code: 'TX_READ_ONLY' };
    const insert = `insert into items (name) values ('written')`;
    for (const text of [insert, `${insert} returning id`, 'drop table items', 'pragma user_version = 4'])
      await expect(reading.execute(text)).rejects.toMatchObject(refused);
    await expect(reading.batch(['select 1', insert])).rejects.toMatchObject(refused);
    await expect(reading.executeMultiple(`select 1; ${insert}`)).rejects.toMatchObject(refused);
    expect((await reading.execute('select name from items')).rows.map((row) => row['name'])).toEqual(['kept']);
    expect((await reading.batch(['select count(*) from items']))[0]?.rows[0]?.[0]).toBe(1);
    await reading.commit();
    expect(await names(manager)).toEqual(['kept']);
  });
});

// In memory there is one connection, so there others do wait for it.
describe.each(targets.filter((target) => target !== ':memory:'))("client.transaction('read') on %s", (target) => {
  it('sees one state, and keeps no writer waiting', async () => {
    const manager = await openTarget(target);
    const count = 'select count(*) from items';
    const reading = await manager.db.$client.transaction('read');
    expect((await reading.execute(count)).rows[0]?.[0]).toBe(0);
    await manager.db.insert(items).values({ name: 'beside' });
    await manager.transaction(() => manager.db.insert(items).values({ name: 'in a transaction' }));
    expect((await reading.execute(count)).rows[0]?.[0]).toBe(0);
    await reading.rollback();
    expect(await names(manager)).toEqual(['beside', 'in a transaction']);
  });
});
