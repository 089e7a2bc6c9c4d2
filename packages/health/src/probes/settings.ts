// The settings of the connections and of the file, as SQLite tells them: one connection of the pool is asked, because all
// have the same, and they hold until it is opened with others.
import { totalmem } from 'node:os';
import { connectionSettings, sharedFileSystemOf } from '@cc/tx/own-connection';
import type { HealthSource } from '../source.js';
import type { StorageReport } from './storage.js';

/** Settings by the names of their PRAGMAs, numbers as SQLite tells them; NaN where it tells none. */
export interface DatabaseSettings {
  readonly journalMode: string;
  readonly synchronous: number;
  readonly pageSize: number;
  readonly pageCount: number;
  readonly cacheSize: number;
  readonly mmapSize: number;
  readonly autoVacuum: number;
  readonly busyTimeoutMs: number;
  readonly foreignKeys: number;
  readonly walAutocheckpoint: number;
  readonly tempStore: number;
  readonly journalSizeLimit: number;
  readonly inMemory: boolean;
  /** Writes the file anew. */
  readonly vacuumSql: string;
  /** Connections that the pool may have, each with a cache of its own. */
  readonly connections: number;
  /** What this process may have. */
  readonly memoryBytes: number;
  /** Such as `nfs`; null on a disk of this machine. */
  readonly sharedFileSystem: string | null;
}

/**
 * Reads the settings of a connection of the pool, without waiting for one. Null when none answers now; undefined where they
 * are somebody else's: on servers and replicas. `storage`: as it was read just now.
 */
export function readSettings(source: HealthSource, storage: StorageReport): DatabaseSettings | null | undefined {
  if (!storage.readable) return null;
  try {
    const values = connectionSettings(source, names);
    if (!values) return values === null ? undefined : null;
    const limit = process.constrainedMemory();
    return {
      // MEMORY and OFF are of the connection: the one that has read the storage has the journal of the file.
      journalMode: String(values.journal_mode).toLowerCase(),
      synchronous: Number(values.synchronous),
      pageSize: storage.pageSize,
      pageCount: storage.pageCount,
      cacheSize: Number(values.cache_size),
      // Where nothing can be mapped there is no answer.
      mmapSize: Number(values.mmap_size ?? 0),
      autoVacuum: Number(values.auto_vacuum),
      busyTimeoutMs: Number(values.busy_timeout),
      foreignKeys: Number(values.foreign_keys),
      walAutocheckpoint: Number(values.wal_autocheckpoint),
      tempStore: Number(values.temp_store),
      journalSizeLimit: Number(values.journal_size_limit),
      inMemory: source.capabilities?.target === 'memory',
      vacuumSql: storage.vacuumSql ?? 'VACUUM',
      connections: source.stats().readersOpen + 1,
      memoryBytes: limit > 0 ? Math.min(limit, totalmem()) : totalmem(),
      sharedFileSystem: sharedFileSystemOf(source),
    };
  } catch (error) {
    // What cannot be asked now is asked at the next reading; what has the shape of a manager, and is none, never answers.
    return error instanceof TypeError ? undefined : null;
  }
}

const names = [
  ...(['journal_mode', 'synchronous', 'cache_size', 'mmap_size', 'auto_vacuum', 'busy_timeout'] as const),
  ...(['foreign_keys', 'wal_autocheckpoint', 'temp_store', 'journal_size_limit'] as const),
] as const;
