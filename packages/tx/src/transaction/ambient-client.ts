// `db.$client`: the `Client` interface of @libsql/client in the ambient transaction of a manager.
import type { TransactionMode } from '@libsql/client';
import type { ConnectionSource } from '../connection-source.js';
import { type ClientRoute, RoutedClient } from '../drizzle/client.js';
import type { Engine } from './engine.js';

/** A client whose statements go to the ambient transaction, or run on their own. */
export function ambientClient(engine: Engine, source: ConnectionSource, close: () => void): RoutedClient {
  let closed = false;
  const route: ClientRoute = {
    owner: engine.owner,
    execute: (sql, args) => engine.execute(sql, args, false),
    atomically: (mode, run) =>
      engine.transaction(
        (frame) =>
          run(
            (sql, args) => engine.execute(sql, args, false),
            source.pipelines ? (statements) => engine.executeAllIn(frame, statements) : undefined,
          ),
        {
          propagation: 'nested',
          // Deferred is what a batch is when nothing is asked for; where nothing is written it may read.
          ...(mode !== 'deferred' && { mode }),
        },
      ),
    detached: {
      migrate: async (statements, onStatement) => {
        engine.assertFree('write');
        return source.detached.migrate(statements, onStatement);
      },
      executeMultiple: async (sql) => {
        engine.assertFree('write');
        return source.detached.executeMultiple(sql);
      },
      transaction: async (mode?: TransactionMode) => {
        engine.assertFree(mode === 'read' ? 'read' : 'write');
        return source.detached.transaction(mode ?? 'write');
      },
    },
    sync: source.sync?.bind(source),
    get closed() {
      return closed;
    },
    close: () => {
      closed = true;
      close();
    },
  };
  return new RoutedClient(route, source.protocol);
}
