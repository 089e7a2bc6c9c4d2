// What a closed manager leaves: no files that were made for reading only, and no hold on a file that is to be replaced.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import Database from 'libsql';
import { beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import { openTransactionManager } from '../src/index.js';
import { restoreFile } from '../src/restore.js';
import { temporaryFolder } from './target.js';

let folder: string;
let path: string;
let url: string;

beforeEach(async () => {
  folder = await temporaryFolder();
  path = join(folder, 'x.db');
  url = pathToFileURL(path).href;
  const manager = await openTransactionManager({ url });
  await manager.db.run('create table t (n integer)');
  await manager.db.run('insert into t values (1)');
  await manager.close();
});

/** Makes old what is young, as time does in a program that runs for long. */
function age(): void {
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as (options: { readonly type: 'minor' }) => void;
  for (let round = 0; round < 4; round += 1) collect({ type: 'minor' });
}

describe('a library that was only read', () => {
  it.each(['at once', 'long ago'])('is one file again when what was prepared %s is closed', async (when) => {
    const before = await stat(path);
    const reader = await openTransactionManager({ url, readOnly: true });
    expect(await reader.db.values('select n from t')).toEqual([[1]]);
    await reader.read(() => reader.db.values('select n from t'));
    if (when === 'long ago') age();
    await reader.close();
    expect(await readdir(folder)).toEqual(['x.db']);
    expect((await stat(path)).mtimeMs).toBe(before.mtimeMs);
  });

  it('is one file again when the last of several readers closes', async () => {
    const readers = [
      await openTransactionManager({ url, readOnly: true }),
      await openTransactionManager({ url, readOnly: true }),
    ];
    for (const reader of readers) await reader.db.values('select n from t');
    for (const reader of readers) await reader.close();
    expect(await readdir(folder)).toEqual(['x.db']);
  });

  it('keeps the log of a process that has it open', async () => {
    const program = `const database = new (require('libsql'))(process.argv[1]);
      database.exec('insert into t values (2)'); process.stdout.write('ready'); setInterval(() => undefined, 1000);`;
    const child = spawn(process.execPath, ['-e', program, path], { cwd: import.meta.dirname });
    onTestFinished(() => void child.kill('SIGKILL'));
    await once(child.stdout, 'data');
    const reader = await openTransactionManager({ url, readOnly: true });
    expect(await reader.db.values('select n from t')).toEqual([[1], [2]]);
    await reader.close();
    const { size } = await stat(`${path}-wal`);
    expect(size).toBeGreaterThan(0);
  });
});

describe('a library that was closed long after its statements were prepared', () => {
  it('is restored in the process that had it open', async () => {
    const manager = await openTransactionManager({ url });
    const copy = join(await temporaryFolder(), 'copy.db');
    await manager.backup(copy);
    await manager.db.run('insert into t values (2)');
    expect(await manager.db.values('select n from t')).toEqual([[1], [2]]);
    age();
    await manager.close();
    await restoreFile({ database: path, backup: copy });
    const restored = await openTransactionManager({ url });
    onTestFinished(() => restored.close());
    expect(await restored.db.values('select n from t')).toEqual([[1]]);
  });

  it('is restored after a handle of another client, too', async () => {
    const copy = join(await temporaryFolder(), 'copy.db');
    const stock = new Database(path);
    stock.exec(`vacuum into '${copy}'`);
    stock.prepare('select n from t').all();
    age();
    stock.close();
    await expect(restoreFile({ database: path, backup: copy })).resolves.toMatchObject({ database: path });
  });
});
