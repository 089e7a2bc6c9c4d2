// A program that does nothing but wait for a side process goes on when that has ended.
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { expect, it } from 'vitest';
import { databaseWith } from './database.js';

it('a program whose last wait is a backup ends well', async () => {
  const { url, path } = await databaseWith('create table t (x)');
  const entry = pathToFileURL(join(import.meta.dirname, '..', '..', 'dist', 'index.js')).href;
  const program = `const { openTransactionManager } = await import('${entry}');
    const manager = await openTransactionManager({ url: '${url}' });
    await manager.backup('${path}.copy');
    console.log('done');`;
  const { status, stdout, stderr } = spawnSync(process.execPath, ['--input-type=module', '-e', program], {
    encoding: 'utf8',
  });
  expect({ status, stdout, stderr }).toEqual({ status: 0, stdout: 'done\n', stderr: '' });
});
