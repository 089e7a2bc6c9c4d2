// The file of a replica: shared by several who fetch into it, left behind half made, or made by somebody else.
import { realpath, rm, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { type Sqld, startSqld } from '@cc/testkit/sqld';
import { describeWithSqld, patient } from '@cc/testkit/targets';
import { temporaryFolder } from '@cc/testkit/temporary-folder';
import { sql } from 'drizzle-orm';
import { expect, it, onTestFinished } from 'vitest';
import { openTransactionManager, type TransactionManager, type TransactionManagerOptions } from '../src/index.js';
import { restoreFile } from '../src/restore.js';
import { open as openAlone, valuesOf } from './driver-alone.js';

async function open(options: TransactionManagerOptions): Promise<TransactionManager> {
  const manager = await openTransactionManager({ ...patient, ...options });
  onTestFinished(() => manager.close({ drainMs: 0 }));
  return manager;
}

/** A server with a table and two rows. */
async function serving(): Promise<Sqld> {
  const sqld = await startSqld();
  onTestFinished(() => sqld.close());
  const { db } = await open({ url: sqld.url.http });
  await db.run(sql`create table notes (id integer primary key, note text)`);
  await db.run(sql`insert into notes values (1, 'a'), (2, 'b')`);
  return sqld;
}

const count = async ({ db }: TransactionManager): Promise<unknown> =>
  (await db.values(sql`select count(*) from notes`))[0]?.[0];

describeWithSqld('the file of a replica', () => {
  it('never goes back, and holds the own writes of each, however many fetch into it', async () => {
    const sqld = await serving();
    const place = { url: pathToFileURL(join(await temporaryFolder(), 'shared.db')).href, syncUrl: sqld.url.http };
    const managers: TransactionManager[] = [];
    for (let i = 0; i < 4; i += 1) managers.push(await open(place));
    let most = 0;
    let watching = true;
    const falls: string[] = [];
    const [first] = managers;
    const watch = async (): Promise<void> => {
      while (watching && first) {
        const now = Number(await count(first));
        if (now < most) falls.push(`${most} → ${now}`);
        most = Math.max(most, now);
        await new Promise((resolve) => setTimeout(resolve, 1));
      }
    };
    const missing: number[] = [];
    const write = async (manager: TransactionManager, by: number): Promise<void> => {
      for (let i = 0; i < 30; i += 1) {
        const id = by * 1000 + i;
        await manager.transaction(async () => {
          await manager.db.run(sql`insert into notes values (${id}, hex(zeroblob(3000)))`);
          await manager.db.run(sql`update notes set note = hex(randomblob(8)) where id % 7 = ${i % 7}`);
        });
        if ((await manager.db.values(sql`select 1 from notes where id = ${id}`)).length === 0) missing.push(id);
      }
    };
    const watched = watch();
    await Promise.all(managers.map((manager, i) => write(manager, i + 1)));
    watching = false;
    await watched;
    expect({ missing, falls }).toEqual({ missing: [], falls: [] });
    expect(await first?.db.values(sql`pragma integrity_check`)).toEqual([['ok']]);
  });

  it.each([
    ['is empty', ['half.db']],
    ['was left by a first fetch that was ended early', ['half.db', 'half.db-incomplete']],
  ])('is made anew where it %s', async (_, files) => {
    const sqld = await serving();
    const folder = await temporaryFolder();
    for (const file of files) await writeFile(join(folder, file), '');
    const manager = await open({ url: pathToFileURL(join(folder, 'half.db')).href, syncUrl: sqld.url.http });
    expect(await count(manager)).toBe(2);
  });

  it('is refused when it is somebody’s own database, which stays as it is', async () => {
    const sqld = await serving();
    const url = pathToFileURL(join(await temporaryFolder(), 'own.db')).href;
    const own = await open({ url });
    await own.db.run(sql`create table notes (note text)`);
    await own.db.run(sql`insert into notes values ('own')`);
    await own.close();
    await expect(open({ url, syncUrl: sqld.url.http })).rejects.toMatchObject({
      type: 'integrity',
      code: 'NOT_A_REPLICA',
    });
    await sqld.stop();
    await expect(open({ url, syncUrl: sqld.url.http })).rejects.toMatchObject({ code: 'NOT_A_REPLICA' });
    expect(await (await open({ url })).db.values(sql`select note from notes`)).toEqual([['own']]);
  });

  it('is not given what pragmas would write to it, and is read beside the loop whatever they say', async () => {
    const sqld = await serving();
    const path = join(await temporaryFolder(), 'copy.db');
    const pragmas = { journal_mode: 'DELETE', user_version: 7, application_id: 8, auto_vacuum: 'FULL' };
    const replica = await open({ url: pathToFileURL(path).href, syncUrl: sqld.url.http, pragmas });
    const rows = () => replica.db.values<[number]>(sql`select count(*) from notes`);
    expect(await replica.offload(rows, { timeoutMs: 60_000 })).toEqual([[2]]);
    await replica.db.run(sql`insert into notes values (3, 'c')`);
    await replica.sync();
    expect(await replica.offload(rows, { timeoutMs: 60_000 })).toEqual([[3]]);
    await replica.close();
    const copy = openAlone(path);
    const said = ['user_version', 'application_id', 'journal_mode'].map((name) => valuesOf(copy, `pragma ${name}`));
    expect(said).toEqual([[[0n]], [[0n]], [['wal']]]);
  });

  it('is not written without its server: it would be acknowledged, and gone with the next fetch', async () => {
    const sqld = await serving();
    const folder = await realpath(await temporaryFolder());
    const path = join(folder, 'copy.db');
    const [url, syncUrl] = [pathToFileURL(path).href, sqld.url.http];
    await (await open({ url, syncUrl })).close();
    const link = join(folder, 'link.db');
    await symlink(path, link);
    const refusal = {
      type: 'readonly',
      code: 'REPLICA_COPY',
      hint: expect.stringContaining(`delete ${path}-client_wal_index`),
    };
    await expect(open({ url })).rejects.toMatchObject(refusal);
    await expect(open({ url: pathToFileURL(link).href })).rejects.toMatchObject(refusal);
    const backup = join(folder, 'backup.db');
    const reader = await open({ url, readOnly: true });
    expect(await count(reader)).toBe(2);
    await reader.backup(backup);
    await reader.close();
    await expect(restoreFile({ database: path, backup })).rejects.toMatchObject(refusal);
    const again = await open({ url, syncUrl });
    await again.db.run(sql`insert into notes values (3, 'c')`);
    expect(await count(again)).toBe(3);
    await again.close();
    await rm(`${path}-client_wal_index`);
    const own = await open({ url });
    await own.db.run(sql`insert into notes values (4, 'd')`);
    expect(await count(own)).toBe(4);
  });
});
