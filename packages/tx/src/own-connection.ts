// For whoever watches the database (@cc/tx/own-connection): a connection of its own to the file of a manager, which holds
// nothing of the pool, and what SQLite has counted on the connections of the pool.
import { pathToFileURL } from 'node:url';
import { Connection } from './connections/local/connection.js';
import { sharedFileSystem } from './connections/local/file-system.js';
import { realPath } from './connections/local/real-path.js';
import { toDatabaseError } from './errors.js';
import { internalsOf } from './internals.js';
import { transactionManagerDefaults } from './options.js';
import { readStatement } from './statements/statement-text.js';
import type { TransactionManager } from './types.js';

/** An own connection. Its calls are synchronous and wait for no lock. */
export interface OwnConnection {
  /** Runs one statement, its parameters NULL, and returns its rows by column. @throws DatabaseError */
  all(sql: string): Readonly<Record<string, unknown>>[];
  /** A second call does nothing. */
  close(): void;
}

/**
 * Opens a connection to the file of `manager` that shares nothing with its pool. Null where there is none to open: a
 * database in memory, a server, a replica, a file that is only read.
 *
 * @throws DatabaseError `closed` when the manager is closed; `readonly` (`SQLITE_READONLY_DBMOVED`) when its file was moved,
 * deleted or replaced; `connection`, `integrity` when the file cannot be opened
 * @throws TypeError for anything that openTransactionManager did not return
 */
export function openOwnConnection(manager: Pick<TransactionManager, 'url'>): OwnConnection | null {
  const inside = internalsOf(manager);
  inside.assertOpen();
  // Another file at the path is not what the manager works with.
  inside.assertPlace('open');
  const { target } = inside;
  const encryptionKey = inside.encryptionKey();
  if (target.kind !== 'local' || target.readOnly) return null;
  const connection = new Connection({
    // Never makes a file where the library was moved away.
    path: `${pathToFileURL(realPath(target.path)).href}?mode=rw`,
    ...{ encryptionKey, readOnly: false, statementCacheSize: 10 },
    // The journal's mode is that of the file, and a watcher needs no cache of pages.
    pragmas: { synchronous: transactionManagerDefaults.pragmas.synchronous, temp_store: 'MEMORY', cache_size: -512 },
  });
  return {
    all(sql) {
      try {
        const { columns, rows } = connection.run(
          sql,
          readStatement(sql).parameters.map(() => null),
        );
        return rows.map((row) => Object.fromEntries(columns.map((name, i) => [name, row[i]])));
      } catch (error) {
        throw toDatabaseError(error, sql);
      }
    },
    close: () => connection.close(),
  };
}

/** What SQLite has counted about one statement text, since its statements were prepared. */
export interface ScanCount {
  readonly sql: string;
  /** Steps from row to row in scans of whole tables (`SQLITE_STMTSTATUS_FULLSCAN_STEP`). */
  readonly fullScanSteps: number;
}

/** One connection of the pool, to be asked. */
export interface CountingConnection {
  /** The same object for the same connection. */
  readonly key: object;
  /** Asks SQLite: synchronous, about 2 µs to a prepared statement. Null when the connection cannot be asked any more. */
  readonly scanCounts: () => readonly ScanCount[] | null;
}

/**
 * Returns the connections of the pool that no transaction is open on. SQLite counts for each statement while it is prepared:
 * what a statement had counted goes with it. Null on servers and replicas, and with a rollback journal.
 *
 * @throws TypeError for anything that openTransactionManager did not return
 */
export function countingConnections(manager: Pick<TransactionManager, 'url'>): readonly CountingConnection[] | null {
  const inside = internalsOf(manager);
  const connections = inside.quiet('read');
  if (connections === null) return null;
  return connections.map((key) => ({
    key,
    scanCounts() {
      if (inside.quiet('read')?.includes(key) !== true) return null;
      const { rows } = key.run(scanCountsSql, []);
      return rows.map(([sql, steps]) => ({ sql: String(sql), fullScanSteps: Number(steps) }));
    },
  }));
}

/** https://sqlite.org/stmt.html */
const scanCountsSql = 'SELECT sql, total(nscan) FROM sqlite_stmt WHERE nscan > 0 GROUP BY sql';

/**
 * Asks a connection of the pool, the writer where it is free, for its settings, by the names of their PRAGMAs: `names` are
 * those that are asked without an argument. Undefined when none is free; null on servers and replicas.
 *
 * @throws DatabaseError what SQLite says; TypeError for anything that openTransactionManager did not return
 */
export function connectionSettings<Name extends string>(
  manager: Pick<TransactionManager, 'url'>,
  names: readonly Name[],
): Readonly<Record<Name, unknown>> | null | undefined {
  const connections = internalsOf(manager).quiet('settings');
  if (connections === null) return null;
  const [connection] = connections;
  if (!connection) return undefined;
  const entries = names.map((name) => [name, connection.run(`PRAGMA ${name}`, []).rows[0]?.[0]] as const);
  return Object.fromEntries(entries) as Record<Name, unknown>;
}

/** The file system that the database lies on when other machines may write to it too, such as `nfs`; else null. */
export function sharedFileSystemOf(manager: Pick<TransactionManager, 'url'>): string | null {
  const { target } = internalsOf(manager);
  return target.kind === 'local' ? sharedFileSystem(target.path) : null;
}
