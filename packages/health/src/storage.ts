// Figures of the database file, read through a read connection of the pool. Only PRAGMAs and stat(): EXPLAIN would leave
// a statement open on the connection of the application, and opening the file here would drop the locks of this process.
import { stat } from 'node:fs/promises';
import type { ConnectionLease } from '@cc/tx';
import { type DatabaseErrorType, toDatabaseError } from '@cc/tx/errors';
import type { HealthSource } from './source.js';

/** Figures of the database file at one moment, or why they could not be read. */
export type StorageReport =
  | {
      readonly readable: true;
      readonly pageCount: number;
      readonly pageSize: number;
      /** Pages that a VACUUM would give back. */
      readonly freePages: number;
      readonly journalMode: string;
      /** Size of the database: `pageCount * pageSize`. */
      readonly bytes: number;
      /** Size of the write-ahead log beside the file; null for a database in memory. */
      readonly walBytes: number | null;
    }
  | { readonly readable: false; readonly errorType: DatabaseErrorType; readonly message: string };

/** Ends the text of every statement of the monitor, so that it does not count itself. */
export const ownStatementMark = '/* @cc/health */';

/** Reads the figures. Never rejects: what fails is part of the report. */
export async function readStorage(source: HealthSource): Promise<StorageReport> {
  let lease: ConnectionLease | undefined;
  try {
    lease = await source.getConnection({ mode: 'read', timeoutMs: longestWaitMs });
    const pageCount = Number(await pragma(lease, 'page_count'));
    const pageSize = Number(await pragma(lease, 'page_size'));
    const freePages = Number(await pragma(lease, 'freelist_count'));
    const journalMode = String(await pragma(lease, 'journal_mode'));
    const file = await pragma(lease, 'database_list', 'file');
    const walBytes = typeof file === 'string' && file !== '' ? await sizeOf(`${file}-wal`) : null;
    return { readable: true, pageCount, pageSize, freePages, journalMode, bytes: pageCount * pageSize, walBytes };
  } catch (error) {
    const { type, message } = toDatabaseError(error, 'reading the figures of the database file');
    return { readable: false, errorType: type, message };
  } finally {
    lease?.release();
  }
}

const longestWaitMs = 1_000;

/** The first row's `column` (default: its only one). */
async function pragma(lease: ConnectionLease, name: string, column?: string): Promise<unknown> {
  const { rows } = await lease.client.execute(`PRAGMA ${name} ${ownStatementMark}`);
  return column === undefined ? rows[0]?.[0] : rows[0]?.[column];
}

/** 0 for a file that is not there: a log that nothing was written to yet. */
async function sizeOf(path: string): Promise<number> {
  try {
    return (await stat(path)).size;
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return 0;
    throw error;
  }
}
