// Pragmas of the options are what they say, or refused: SQLite itself passes over what it does not know.
import { describe, expect, it } from 'vitest';
import { openTransactionManager, type Pragmas } from '../src/index.js';

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
