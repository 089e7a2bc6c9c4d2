// Questions to the database of a monitor: one statement each, away from the event loop where the target can. A value that
// cannot be decoded aborts Node in the driver, so whoever asks for text of unknown rows asks for blobs.
import { TextDecoder, types } from 'node:util';
import type { BackupInfo, Capabilities, OffloadOptions } from '@cc/tx';
import { DatabaseError, isDatabaseError } from '@cc/tx/errors';
import type { HealthSource } from './source.js';
import { ownStatementMark } from './statistics/own-statement.js';

/** What checks, digests and advice need of a transaction manager beyond what the monitor needs. */
export interface DatabaseSource extends HealthSource {
  readonly capabilities: Capabilities;
  /** The transaction of the calling context, if any. */
  current?(): unknown;
  readonly db: { values(sql: string): PromiseLike<unknown[][]> };
  offload<T>(query: () => PromiseLike<T>, options: OffloadOptions): Promise<T>;
  backup(path: string, options?: { readonly signal?: AbortSignal | undefined }): Promise<BackupInfo>;
}

/** Runs one statement that reads and returns its rows. @throws DatabaseError */
export type Ask = (sql: string) => Promise<readonly (readonly unknown[])[]>;

/**
 * Returns how to ask the database of `source`. A database in memory has one connection, and is asked on it; all others are
 * asked beside the event loop, with no limit of time but `signal`.
 */
export function askerOf(source: DatabaseSource, signal: AbortSignal | undefined): Ask {
  if (source.capabilities.target !== 'memory') {
    const bounds = { timeoutMs: Number.POSITIVE_INFINITY, signal };
    return (sql) => source.offload(() => source.db.values(marked(sql)), bounds);
  }
  return async (sql) => {
    refuseAborted(signal, sql);
    return leasedOrInside(
      source,
      async () => {
        using lease = await source.getConnection({ mode: 'read', ...(signal && { signal }) });
        const { rows, columns } = await lease.client.execute(marked(sql));
        return rows.map((row) => columns.map((_, index) => row[index]));
      },
      (db) => db.values(marked(sql)),
    );
  };
}

/** The part of a transaction manager that works in the transaction of the calling context. */
interface AmbientDatabase {
  all(sql: string): PromiseLike<unknown[]>;
  values(sql: string): PromiseLike<unknown[][]>;
}

/**
 * Runs `leased`, which waits for a connection; or `inside`, where the transaction around the call has the only one that
 * there is: in memory.
 */
export async function leasedOrInside<T>(
  source: HealthSource,
  leased: () => Promise<T>,
  inside: (db: AmbientDatabase) => PromiseLike<T>,
): Promise<T> {
  try {
    return await leased();
  } catch (error) {
    if (!isDatabaseError(error) || error.code !== 'WOULD_DEADLOCK' || !('db' in source)) throw error;
    return inside(source.db as AmbientDatabase);
  }
}

/** `sql` as a statement of the monitor, which does not count itself. */
export function marked(sql: string): string {
  return `${sql} ${ownStatementMark}`;
}

/** Ends a call whose signal has fired. @throws DatabaseError `aborted` (`ABORTED`) */
export function refuseAborted(signal: AbortSignal | undefined, operation: string): void {
  if (signal?.aborted) throw abortedError(signal, operation);
}

/** The error of a call whose signal has fired. */
export function abortedError(signal: AbortSignal | undefined, operation: string): DatabaseError {
  return new DatabaseError('The call was aborted by its signal', {
    type: 'aborted',
    code: 'ABORTED',
    operation,
    cause: signal?.reason,
  });
}

/** SQL for the text of `sql` as a blob that `decoded` reads: the mark in front tells the encoding of the database. */
export function asBytes(sql: string): string {
  return `CAST(char(65279) || ${sql} AS BLOB)`;
}

/** The text of a value that was asked for by `asBytes`: what cannot be decoded in it is replaced. */
export function decoded(value: unknown): string {
  return decode(value, { fatal: false });
}

/** Whether `decoded` has nothing to replace in a value that was asked for by `asBytes`. */
export function isDecodable(value: unknown): boolean {
  try {
    decode(value, { fatal: true });
    return true;
  } catch {
    return false;
  }
}

function decode(value: unknown, options: { readonly fatal: boolean }): string {
  const bytes = types.isArrayBuffer(value) ? new Uint8Array(value) : value;
  if (!types.isUint8Array(bytes)) return String(value);
  const encoding = bytes[0] === 0xff ? 'utf-16le' : bytes[0] === 0xfe ? 'utf-16be' : 'utf-8';
  return new TextDecoder(encoding, options).decode(bytes);
}

/** `name` as SQL takes any name. */
export function quoted(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}

/** `text` as an SQL literal. */
export function literal(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}
