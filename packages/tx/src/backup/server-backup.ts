// Copies a libSQL server's database into a new local file, out of one read transaction; server-copy.ts does the copying.
// Not from GET /dump, which is no faithful copy: it drops user_version and rowids, writes 5.0 as 5 and infinity as
// "inf", and does not quote virtual tables; and replaying it would run whatever statements a server sends.
import type { Client } from '@libsql/client';
import { createClient } from '@libsql/client/web';
import { isDatabaseError, toDatabaseError } from '../errors.js';
import type { BackupInfo } from '../types.js';
import { answered } from '../waiting/bounded.js';
import { createBackupFile, type Draft, type NewBackup } from './backup-file.js';
import { copyDatabase, ServerSource } from './server-copy.js';

/** Options of `backupFromServer`. */
export interface ServerBackupOptions extends NewBackup {
  /** `http:`, `https:`, `ws:`, `wss:` or `libsql:`. */
  readonly url: string;
  readonly authToken?: string | undefined;
  /** Longest wait for one answer. Default: Infinity. */
  readonly timeoutMs?: number | undefined;
}

/**
 * Copies a server's database as one read transaction sees it and verifies the copy. Rows come in small pages, so
 * neither side holds much of the database. A WebSocket is used where the server takes one: it is several times faster.
 *
 * @throws DatabaseError `connection`, `auth`, `aborted` (`BACKUP_EXISTS`, `ABORTED`), `integrity`, `full`
 */
export function backupFromServer(options: ServerBackupOptions): Promise<BackupInfo> {
  return createBackupFile(options, async (draft) => {
    const { client, source, pageSize } = await connect(options);
    try {
      await fill(draft, source, pageSize);
    } finally {
      // Ends the transaction too.
      client.close();
    }
  });
}

async function fill({ path, expect }: Draft, source: ServerSource, pageSize: number): Promise<void> {
  expect(((await source.pragma('page_count')) - (await source.pragma('freelist_count'))) * pageSize);
  await copyDatabase(source, path, pageSize);
}

interface Connected {
  readonly client: Client;
  readonly source: ServerSource;
  readonly pageSize: number;
}

/** Begins the read transaction: over a WebSocket, or else, where none opens, as the URL says. */
async function connect(options: ServerBackupOptions): Promise<Connected> {
  const { url, signal } = options;
  const socket = socketUrl(url);
  if (socket === url) return open(url, options);
  try {
    return await open(socket, options);
  } catch (error) {
    if (signal?.aborted || (isDatabaseError(error) && error.type === 'timeout')) throw error;
    return open(url, options);
  }
}

function socketUrl(url: string): string {
  const plain = /^libsql:.*[?&]tls=0\b/i.test(url);
  return url.replace(/^(https?|libsql):/i, (_, scheme: string) =>
    plain || scheme.toLowerCase() === 'http' ? 'ws:' : 'wss:',
  );
}

async function open(
  url: string,
  {
    authToken,
    signal,
    timeoutMs = Number.POSITIVE_INFINITY,
  }: Pick<ServerBackupOptions, 'authToken' | 'signal' | 'timeoutMs'>,
): Promise<Connected> {
  let client: Client | undefined;
  try {
    const opened = createClient({ url, intMode: 'bigint', ...(authToken !== undefined && { authToken }) });
    client = opened;
    const transaction = await answered(timeoutMs, 'BEGIN', () => opened.transaction('read'));
    const source = new ServerSource(transaction, { signal, timeoutMs });
    return { client, source, pageSize: await source.pragma('page_size') };
  } catch (error) {
    client?.close();
    throw toDatabaseError(error, 'backup');
  }
}
