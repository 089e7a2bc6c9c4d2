// File handles that cannot be flushed, as Yarn's Plug'n'Play gives them to a program: backups are flushed all the same.
import { open } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it, onTestFinished, vi } from 'vitest';
import { openTransactionManager } from '../src/index.js';
import { temporaryFolder } from './target.js';

it('a backup needs no file handle that can be flushed', async () => {
  const folder = await temporaryFolder();
  const handle = await open(join(folder, 'any'), 'w');
  const methods = Object.getPrototypeOf(handle) as Pick<typeof handle, 'sync'>;
  const sync = vi.spyOn(methods, 'sync').mockRejectedValue(new Error('Method not implemented.'));
  onTestFinished(() => sync.mockRestore());
  await handle.close();
  await using manager = await openTransactionManager({ url: `file:${join(folder, 'library.db')}` });
  await manager.db.run('create table t (a)');
  await manager.db.run('insert into t values (1)');
  expect(await manager.backup(join(folder, 'copy.db'))).toMatchObject({ verified: true });
  await using copy = await openTransactionManager({ url: `file:${join(folder, 'copy.db')}` });
  expect(await copy.db.values('select a from t')).toEqual([[1]]);
});
