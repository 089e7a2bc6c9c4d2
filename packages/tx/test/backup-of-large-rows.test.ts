// A backup of a server whose rows are large: it sends no more than 10 MB in one answer, and takes 5 MB to a row.
import { join } from 'node:path';
import { startSqld } from '@cc/testkit/sqld';
import { describeWithSqld } from '@cc/testkit/targets';
import { createClient } from '@libsql/client';
import { expect, it, onTestFinished } from 'vitest';
import { backupFromServer } from '../src/backup/server-backup.js';
import { temporaryFolder } from './target.js';

describeWithSqld('a backup of a server', () => {
  it.each(['http', 'ws'] as const)('over %s has rows of any size, also behind many small ones', async (protocol) => {
    await using server = await startSqld();
    const { url } = server;
    const client = createClient({ url: url.http });
    onTestFinished(() => client.close());
    await client.execute('create table t (id integer primary key, data blob, more text)');
    await client.execute(`insert into t with recursive c(n) as (values (1) union all select n + 1 from c where n < 660)
      select n, zeroblob(case when n > 640 then 4000000 when n > 600 then 300000 else 10 end), null from c`);
    await client.execute('create table keyed (k primary key, data blob) without rowid');
    await client.execute(`insert into keyed values (-9e999, zeroblob(300000)), (1, zeroblob(300000)), (9e999, zeroblob(300000)),
      ('a', zeroblob(300000)), (x'01', null)`);
    const destination = join(await temporaryFolder(), 'copy.db');
    expect(await backupFromServer({ url: url[protocol], destination })).toMatchObject({ verified: true });
    const copy = createClient({ url: `file:${destination}` });
    onTestFinished(() => copy.close());
    const rowsOf = async (sql: string) => (await copy.execute(sql)).rows.map((row) => Object.values(row));
    expect(await rowsOf('select count(*), sum(length(data)) from t')).toEqual([[660, 92_006_000]]);
    const keys = `select iif(typeof(k) = 'real', k > 0, quote(k)) from keyed`;
    expect(await rowsOf(keys)).toEqual([[0], ['1'], [1], ["'a'"], ["X'01'"]]);
  });

  it('goes on behind a key that is infinite, where a page ends with it', async () => {
    await using server = await startSqld();
    const client = createClient({ url: server.url.http });
    onTestFinished(() => client.close());
    const rows = [49, 499];
    for (const count of rows) {
      await client.execute(`create table keyed${count} (k primary key) without rowid`);
      await client.execute(`insert into keyed${count} with recursive n(i) as (values (1) union all select i + 1 from n where i < ${count})
        select i from n`);
      await client.execute(`insert into keyed${count} values (9e999), ('a'), ('b')`);
    }
    const destination = join(await temporaryFolder(), 'copy.db');
    await backupFromServer({ url: server.url.http, destination });
    const copy = createClient({ url: `file:${destination}` });
    onTestFinished(() => copy.close());
    for (const count of rows)
      expect((await copy.execute(`select count(*) as n from keyed${count}`)).rows[0]?.['n']).toBe(count + 3);
  });
});
