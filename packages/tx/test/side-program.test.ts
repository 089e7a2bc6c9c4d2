import { once } from 'node:events';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { temporaryFolder } from '@cc/testkit/temporary-folder';
import { expect, onTestFinished, test } from 'vitest';
import { openTransactionManager } from '../src/index.js';
import { databaseFileOf, startSideProgram } from '../src/side-program.js';

test('a program runs beside this process and opens the file of a manager with its key', async () => {
  const path = join(await temporaryFolder(), 'secret.db');
  const manager = await openTransactionManager({ url: pathToFileURL(path).href, encryptionKey: 'a key' });
  onTestFinished(() => manager.close({ drainMs: 0 }));
  await manager.db.run('create table t as select 7 as n');
  const program = `
    const Database = process.getBuiltinModule('node:module').createRequire(process.argv[3])(process.argv[3]);
    process.on('message', ({ path, encryptionKey }) => {
      process.send(new Database(path, { encryptionKey }).prepare('select n from t').raw(true).get());
    });`;
  const child = startSideProgram(program, '@cc/tx/test');
  child.send(databaseFileOf(manager) ?? {});
  expect((await once(child, 'message'))[0]).toEqual([7]);
  child.kill('SIGKILL');
  await once(child, 'exit');
});

test('a database in memory has no file, and what is no manager is refused', async () => {
  const manager = await openTransactionManager({ url: ':memory:' });
  onTestFinished(() => manager.close({ drainMs: 0 }));
  expect(databaseFileOf(manager)).toBeNull();
  expect(() => databaseFileOf({ url: ':memory:' })).toThrow(TypeError);
});
