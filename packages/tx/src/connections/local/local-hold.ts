// A local connection in the hands of one caller, and how it waits there for the locks of others.
import type { TransactionMode } from '@libsql/client';
import type { Held } from '../../connection-source.js';
import type { Awaitable } from '../../waiting/awaitable.js';
import type { Connection } from './connection.js';

/** A local connection that is held, and how to begin on it. */
export interface LocalHold extends Held<Connection> {
  /** Begins a transaction; `write` and `deferred` take the write lock of the file. */
  begin(mode: TransactionMode): Promise<void>;
  /** Whether its lease was released: the connection belongs to somebody else. */
  readonly lost?: boolean;
  commit(): Awaitable<void>;
  /** Runs a read outside any transaction. */
  read<T>(run: (connection: Connection) => T): Awaitable<T>;
  /** Runs what takes no transaction of ours, once the locks of others let it. */
  patient<T>(run: (connection: Connection) => T): Promise<T>;
}
