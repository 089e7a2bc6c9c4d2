// How the journal is replaced: where it lies, for those who could read and write it, or not at all, as on a full disk.
import { chmod, lstat, open, readdir, readFile, rename, stat, symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, onTestFinished, test, vi } from 'vitest';
import { createMigration } from '../../src/generate.js';
import { makeProject } from './project.js';

test('a migration whose journal cannot be written leaves no file', async () => {
  await using project = await makeProject();
  await createMigration(project.folder, { name: 'first', upSql: 'CREATE TABLE t (a);' });
  const before = await readdir(project.folder, { recursive: true });
  const handle = await open(join(project.folder, '0000_first.sql'));
  const methods = Object.getPrototypeOf(handle) as Pick<typeof handle, 'sync'>;
  await handle.close();
  const full = Object.assign(new Error('no space left on device'), { code: 'ENOSPC' });
  const sync = vi.spyOn(methods, 'sync').mockRejectedValue(full);
  onTestFinished(() => sync.mockRestore());
  await expect(createMigration(project.folder, { name: 'next', upSql: 'CREATE TABLE u (a);' })).rejects.toThrow(
    /ENOSPC/,
  );
  expect(await readdir(project.folder, { recursive: true })).toEqual(before);
  sync.mockRestore();
  const { version } = await createMigration(project.folder, { name: 'next', upSql: 'CREATE TABLE u (a);' });
  expect(version).toBe('0001_next');
});

test('a journal behind a link is replaced where it lies, with its mode', async () => {
  await using project = await makeProject();
  await createMigration(project.folder, { name: 'first', upSql: 'CREATE TABLE t (a);' });
  const journal = join(project.folder, 'meta', '_journal.json');
  const elsewhere = join(project.folder, '..', 'kept.json');
  await rename(journal, elsewhere);
  await symlink(elsewhere, journal);
  await chmod(elsewhere, 0o660);
  await createMigration(project.folder, { name: 'next', upSql: 'CREATE TABLE u (a);' });
  expect((await lstat(journal)).isSymbolicLink()).toBe(true);
  expect((await stat(elsewhere)).mode & 0o777).toBe(0o660);
  expect(await readFile(elsewhere, 'utf8')).toContain('0001_next');
});
