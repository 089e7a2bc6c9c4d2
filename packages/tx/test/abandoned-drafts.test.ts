// What a backup or a restore that was killed has left beside a database, which nobody else would ever take away.
import { mkdir, readdir, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { expect, it } from 'vitest';
import { restoreFile } from '../src/restore.js';
import { openAt } from './broken-database.js';
import { temporaryFolder } from './target.js';

const abandoned = [
  '.library.db.0123456789ab.restore',
  '.library.db.0123456789ab.restore-wal',
  '.copy of monday.db.ba9876543210.partial',
  '.copy of monday.db.ba9876543210.partial-journal',
];
const others = [
  '.library.db.restore',
  '.notes.0123456789ab.partial.txt',
  'library.db.0123456789ab.restore',
  'x.partial',
];
const twoDaysMs = 2 * 24 * 3_600_000;

async function putOld(folder: string, names: readonly string[]): Promise<void> {
  const then = new Date(Date.now() - twoDaysMs);
  for (const name of names) {
    await writeFile(join(folder, name), 'left');
    await utimes(join(folder, name), then, then);
  }
}

it('is taken away by the next one, once nobody has written to it for a day', async () => {
  const folder = await temporaryFolder();
  const library = await openAt(pathToFileURL(join(folder, 'library.db')).href);
  await library.db.run('create table t (n integer)');
  const left = async (): Promise<readonly string[]> =>
    (await readdir(folder)).filter((name) => abandoned.includes(name));

  await putOld(folder, [...abandoned, ...others]);
  const young = ['.library.db.aaaaaaaaaaaa.restore', '.library.db.aaaaaaaaaaaa.partial'];
  for (const name of young) await writeFile(join(folder, name), 'of somebody who is at work');
  await mkdir(join(folder, '.folder.0123456789ab.partial'));
  await library.backup(join(folder, 'copy.db'));
  expect(await left()).toEqual([]);

  await library.close();
  await putOld(folder, abandoned);
  await restoreFile({ database: join(folder, 'library.db'), backup: join(folder, 'copy.db') });
  expect(await left()).toEqual([]);
  expect(await readdir(folder)).toEqual(expect.arrayContaining([...others, ...young, '.folder.0123456789ab.partial']));
});
