// The option readOnly: what it refuses on every target, and that it makes no file.
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { placeIn } from '@cc/testkit/targets';
import { describe, expect, it, onTestFinished } from 'vitest';
import { openTransactionManager } from '../src/index.js';
import { items, schema, targets, temporaryFolder } from './target.js';

describe.each(targets.filter((name) => name !== ':memory:'))('%s opened with readOnly', (target) => {
  it('reads, and refuses what writes', async () => {
    const place = await placeIn(await temporaryFolder(), target);
    const writer = await openTransactionManager({ ...place, schema });
    onTestFinished(() => writer.close({ drainMs: 0 }));
    await writer.db.run('create table items (id integer primary key, name text not null unique, amount integer)');
    await writer.db.insert(items).values({ name: 'a', amount: 1 });
    const reader = await openTransactionManager({ ...place, schema, readOnly: true });
    onTestFinished(() => reader.close({ drainMs: 0 }));
    expect(reader.capabilities.readOnly).toBe(true);
    expect(writer.capabilities.readOnly).toBe(false);
    if (target === 'replica') await reader.sync();
    const names = (): Promise<unknown[]> => reader.db.values('select name from items');
    expect(await names()).toEqual([['a']]);
    expect(await reader.transaction(names)).toEqual([['a']]);
    const refused = { type: 'readonly', code: 'SQLITE_READONLY', outcome: 'none' };
    await expect(reader.db.insert(items).values({ name: 'b', amount: 1 })).rejects.toMatchObject(refused);
    await expect(reader.transaction(({ db }) => db.delete(items))).rejects.toMatchObject(refused);
    await expect(reader.transaction(names, { mode: 'write' })).rejects.toMatchObject(refused);
    await expect(reader.db.$client.migrate(['create table u (a)'])).rejects.toMatchObject(refused);
    await writer.db.insert(items).values({ name: 'b', amount: 1 });
    if (target === 'replica') await reader.sync();
    expect(await names()).toEqual([['a'], ['b']]);
  });
});

it('a backup has the rows of tables with generated columns too', async () => {
  const folder = await temporaryFolder();
  const url = pathToFileURL(join(folder, 'x.db')).href;
  const writer = await openTransactionManager({ url });
  await writer.db.run(`create table t (a text check (a <> ''), b text generated always as (lower(a)) virtual)`);
  await writer.db.run(`alter table t add column c text generated always as (iif(a = '', 'none', a)) virtual`);
  await writer.db.run(`insert into t (a) values ('Ada')`);
  await writer.close();
  const reader = await openTransactionManager({ url, readOnly: true });
  onTestFinished(() => reader.close({ drainMs: 0 }));
  const path = join(folder, 'copy.db');
  await reader.backup(path);
  const copy = await openTransactionManager({ url: pathToFileURL(path).href });
  onTestFinished(() => copy.close({ drainMs: 0 }));
  expect(await copy.db.values('select a, b, c from t')).toEqual([['Ada', 'ada', 'Ada']]);
});

it('a file that is not there is not made', async () => {
  const folder = await temporaryFolder();
  const url = pathToFileURL(join(folder, 'missing.db')).href;
  const opening = openTransactionManager({ url, readOnly: true });
  await expect(opening).rejects.toMatchObject({ type: 'connection', code: 'SQLITE_CANTOPEN' });
  await expect(opening).rejects.toThrow(`There is no file ${join(folder, 'missing.db')}`);
  const ofFolder = openTransactionManager({ url: `file:${folder}`, readOnly: true });
  await expect(ofFolder).rejects.toThrow(`${folder} is no file`);
  expect(await readdir(folder)).toEqual([]);
});

it('readOnly is true or false', async () => {
  await expect(openTransactionManager({ url: ':memory:', readOnly: 'yes' as never })).rejects.toThrow(TypeError);
});
