// Backups of databases whose rows break rules that came later than they, as by ALTER TABLE … ALTER COLUMN of libSQL, which looks at
// none: without a copy nobody dares to mend them.
import { join } from 'node:path';
import { describeWithSqld } from '@cc/testkit/targets';
import { sql } from 'drizzle-orm';
import { expect, it } from 'vitest';
import { restoreFile } from '../src/restore.js';
import { open, valuesOf } from './driver-alone.js';
import { openTarget, temporaryFolder } from './target.js';

const weights = 'select id, weight, typeof(weight) from models order by id';
const kept = [
  [1n, 1, 'real'],
  [2n, null, 'null'],
  [3n, 3, 'real'],
];

it.each(['file', ':memory:'] as const)(
  'a backup of %s has such rows as they are, and names the rules',
  async (name) => {
    const manager = await openTarget(name);
    const { db } = manager;
    await db.run(sql`create table models (id integer primary key, weight real)`);
    await db.run(sql`insert into models values (1, 1), (2, null), (3, 3)`);
    const sound = await manager.backup(join(await temporaryFolder(), 'sound.db'));
    expect(sound.brokenRules).toEqual([]);
    await db.run(sql`alter table models alter column weight to weight real not null check (weight < 3)`);
    const backup = join(await temporaryFolder(), 'copy.db');
    expect(await manager.backup(backup)).toMatchObject({
      verified: true,
      brokenRules: ['NULL value in models.weight', 'CHECK constraint failed in models'],
    });
    expect(valuesOf(open(backup), weights)).toEqual(kept);
    const database = join(await temporaryFolder(), 'restored.db');
    await restoreFile({ database, backup });
    expect(valuesOf(open(database), weights)).toEqual(kept);
  },
);

describeWithSqld('a backup of a server', () => {
  it('has rows that break a CHECK as they are, and names the table', async () => {
    const manager = await openTarget('http');
    await manager.db.run(sql`create table t (a integer)`);
    await manager.db.run(sql`insert into t values (1), (9)`);
    await manager.db.run(sql`alter table t alter column a to a integer check (a < 5)`);
    const backup = join(await temporaryFolder(), 'copy.db');
    expect((await manager.backup(backup)).brokenRules).toEqual(['CHECK constraint failed in t']);
    expect(valuesOf(open(backup), 'select a from t')).toEqual([[1n], [9n]]);
  });

  it('has NULL in columns that are NOT NULL by now as it is, names them, and keeps the rule', async () => {
    const manager = await openTarget('http');
    const { db } = manager;
    await db.run(sql`create table t (a text check (a is not null or 1), b real not null default 1.5 check (b >= x'00' or 1),
      "not null" integer unique, primary key ("not null", b)) without rowid`);
    await db.run(sql`create table u (id integer primary key autoincrement, n integer, m text not null)`);
    await db.run(sql`create index u_n on u (n)`);
    await db.run(sql`insert into t values ('a', 2, 3), (null, 4, 5), ('c', 6, 7)`);
    await db.run(sql`insert into u (n, m) values (1, 'x'), (null, 'y'), (null, 'z'), (4, 'v')`);
    await db.run(
      sql`alter table t alter column a to a text constraint given not null on conflict fail check (a is not null or 1)`,
    );
    await db.run(sql`alter table u alter column n to n integer NOT /* never */ NULL`);
    const backup = join(await temporaryFolder(), 'copy.db');
    const { brokenRules } = await manager.backup(backup);
    expect(brokenRules.toSorted()).toEqual(['NULL value in t.a', 'NULL value in u.n']);
    const copy = open(backup);
    for (const asked of ['select * from t', 'select * from u', 'select name, sql from sqlite_schema order by name'])
      expect(numbersOf(backup, asked)).toEqual(await db.values(asked));
    expect(() => copy.exec(`insert into u (n, m) values (null, 'w')`)).toThrow('NOT NULL constraint failed: u.n');
    expect(() => copy.exec(`insert into t values (null, 8, 9)`)).toThrow('NOT NULL constraint failed: t.a');
    const database = join(await temporaryFolder(), 'restored.db');
    await restoreFile({ database, backup });
    expect(numbersOf(database, 'select * from u')).toEqual(await db.values('select * from u'));
  });
});

/** What the driver reads, with numbers as the manager has them. */
function numbersOf(path: string, asked: string): unknown[][] {
  const rows = valuesOf(open(path), asked) as unknown[][];
  return rows.map((row) => row.map((value) => (typeof value === 'bigint' ? Number(value) : value)));
}
