// The driver opened by itself beside a manager, in one process: the two come to the file through different layers of the engine
// (native-driver.ts), and still have one set of locks. What a third process may do tells.
import { execFileSync } from 'node:child_process';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import Database from 'libsql';
import { expect, it } from 'vitest';
import { openTransactionManager } from '../src/index.js';
import { temporaryFolder } from './target.js';

const driver = createRequire(import.meta.url).resolve('libsql');

/** Writes from another process, without waiting. */
function writeElsewhere(path: string): string {
  const program = `try { new (require(process.argv[1]))(process.argv[2]).exec('insert into t values (7)'); console.log('written') }
    catch (error) { console.log(error.code) }`;
  return execFileSync(process.execPath, ['-e', program, driver, path], { encoding: 'utf8' }).trim();
}

it.each(['WAL', 'DELETE'])(
  'a handle that comes and goes takes no lock away, with journal_mode %s',
  async (journal_mode) => {
    const path = join(await temporaryFolder(), 'x.db');
    const manager = await openTransactionManager({ url: pathToFileURL(path).href, pragmas: { journal_mode } });
    await manager.db.run('create table t (a)');
    await manager.transaction(async () => {
      await manager.db.run('insert into t values (1)');
      const beside = new Database(path);
      expect(() => beside.exec('begin immediate')).toThrow(expect.objectContaining({ code: 'SQLITE_BUSY' }));
      beside.close();
      expect(writeElsewhere(path)).toBe('SQLITE_BUSY');
    });
    const beside = new Database(path);
    beside.exec('insert into t values (2)');
    beside.close();
    await manager.db.run('insert into t values (3)');
    expect(writeElsewhere(path)).toBe('written');
    expect(await manager.db.values('select a from t')).toEqual([[1], [2], [3], [7]]);
    await manager.close();
  },
);
