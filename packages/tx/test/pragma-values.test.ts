// Pragmas of the options are what they say, or refused: SQLite itself passes over what it does not know.
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { describe, expect, it } from 'vitest';
import { openTransactionManager, type Pragmas } from '../src/index.js';
import { open as openAlone, valuesOf } from './driver-alone.js';
import { temporaryFolder } from './target.js';

const open = (pragmas: Pragmas) => openTransactionManager({ url: ':memory:', pragmas });

describe('refused is', () => {
  it.each<[Pragmas, string]>([
    [{ jounal_mode: 'DELETE' }, "pragmas: unknown option 'jounal_mode'; did you mean 'journal_mode'?"],
    [{ Foreign_Keys: true }, "did you mean 'foreign_keys'?"],
    [{ foreign_keys: 'yess' }, 'pragmas.foreign_keys must be true or false'],
    [{ foreign_keys: 2 }, 'pragmas.foreign_keys must be true or false'],
    [{ journal_mode: 'wall' }, "pragmas.journal_mode must be 'WAL', 'DELETE', 'TRUNCATE', 'PERSIST', 'MEMORY'"],
    [{ journal_mode: 'off' }, 'pragmas.journal_mode OFF leaves nothing to roll back with'],
    [{ synchronous: 'FUL' }, "pragmas.synchronous must be 'OFF', 'NORMAL', 'FULL', 'EXTRA', 0, 1, 2, 3"],
    [{ synchronous: 7 }, 'pragmas.synchronous must be'],
    [{ synchronous: true }, 'pragmas.synchronous must be'],
    [{ temp_store: 'ram' }, 'pragmas.temp_store must be'],
    [{ cache_size: 'big' }, 'pragmas.cache_size must be a whole number'],
    [{ cache_size: 1.5 }, 'pragmas.cache_size must be a whole number'],
    [{ mmap_size: -1 }, 'pragmas.mmap_size must be a whole number of at least 0'],
    [{ page_size: 1_000 }, 'pragmas.page_size must be 512, 1024'],
    [{ locking_mode: 'EXCLUSIVE' }, 'pragmas.locking_mode cannot be set'],
    [{ query_only: true }, "pragmas.query_only is set by this package; use the option 'readOnly' instead"],
    [{ constructor: 1 }, "pragmas: unknown option 'constructor'"],
  ])('%j', async (pragmas, message) => {
    const opening = open(pragmas);
    await expect(opening).rejects.toBeInstanceOf(TypeError);
    await expect(opening).rejects.toThrow(message);
  });
});

it.each<[Pragmas, string, unknown]>([
  [{ synchronous: 'full' }, 'synchronous', 2],
  [{ synchronous: 3 }, 'synchronous', 3],
  [{ foreign_keys: 'off' }, 'foreign_keys', 0],
  [{ recursive_triggers: 1 }, 'recursive_triggers', 1],
  [{ cache_size: '-2000' }, 'cache_size', -2_000],
  [{ auto_vacuum: 'incremental' }, 'auto_vacuum', 2],
  [{ secure_delete: 'fast' }, 'secure_delete', 2],
  [{ user_version: 7 }, 'user_version', 7],
])('%j is set', async (pragmas, name, value) => {
  await using manager = await open(pragmas);
  expect(await manager.db.values(`pragma ${name}`)).toEqual([[value]]);
});

it.each<Pragmas>([
  { page_size: 16_384, auto_vacuum: 'INCREMENTAL' },
  { auto_vacuum: 2, page_size: 16_384 },
  { journal_mode: 'DELETE', auto_vacuum: 'incremental', page_size: '16384' },
])('a new file is made with %j', async (pragmas) => {
  const path = join(await temporaryFolder(), 'new.db');
  const manager = await openTransactionManager({ url: pathToFileURL(path).href, pragmas });
  await manager.db.run('create table t (a)');
  await manager.close();
  const alone = openAlone(path);
  expect(valuesOf(alone, 'pragma page_size')).toEqual([[16_384n]]);
  expect(valuesOf(alone, 'pragma auto_vacuum')).toEqual([[2n]]);
});

it('a file that is only read is not given what would be written to it', async () => {
  const path = join(await temporaryFolder(), 'read.db');
  const alone = openAlone(path);
  alone.exec('pragma application_id = 1; pragma user_version = 2; create table t (a)');
  const pragmas = { application_id: 10, user_version: 20, page_size: 512, auto_vacuum: 'FULL', journal_mode: 'WAL' };
  const manager = await openTransactionManager({ url: pathToFileURL(path).href, readOnly: true, pragmas });
  expect(await manager.db.values('select count(*) from t')).toEqual([[0]]);
  const apart = manager.offload(() => manager.db.values('select count(*) from t'), { timeoutMs: 60_000 });
  expect(await apart).toEqual([[0]]);
  await manager.close();
  const kept = ['application_id', 'user_version', 'journal_mode'].map((name) => valuesOf(alone, `pragma ${name}`));
  expect(kept).toEqual([[[1n]], [[2n]], [['delete']]]);
});
