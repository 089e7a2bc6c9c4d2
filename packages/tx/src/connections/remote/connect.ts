// Makes the clients of one server: @libsql/client over HTTP by the way of http-fetch.ts, or over a WebSocket.
// remote.ts says which calls go through which.
// Without the part for files, which would load the native driver.
import { createClient } from '@libsql/client/web';
import { openHttpWay } from './http-fetch.js';
import type { AskingConnection, ServerChanges } from './server-changes.js';
import { type ServerClient, watchedClient } from './watched-client.js';

/** A client, and what cuts its connections. */
interface Connected extends AskingConnection {
  readonly client: ServerClient;
}

/** Opens connections to a server, over HTTP also where others go over WebSocket. */
export type Connect = (settings: { readonly keepStreams: boolean; readonly overHttp?: boolean }) => Connected;

/** What opens connections to `server`, of whose answers `changes` hears. */
export function connectTo(
  server: { readonly address: string; readonly authToken: string | undefined },
  changes: () => ServerChanges,
): Connect {
  const { authToken } = server;
  return ({ keepStreams, overHttp = false }) => {
    const address = overHttp ? server.address.replace(/^ws/i, 'http') : server.address;
    const way = openHttpWay(address, { keepStreams, heard: (answer, sentAt) => changes().heard(answer, sentAt) });
    const client = createClient({
      url: address,
      // Streams are gated by the source for their whole life; the client's own limit covers only their opening.
      concurrency: 0,
      intMode: 'bigint',
      fetch: (request: Request) => way.fetch(request),
      ...(authToken !== undefined && { authToken }),
    });
    const close = (): Promise<void> => {
      client.close();
      return way.close();
    };
    return { client: watchedClient(client, changes()), ping: () => client.execute('SELECT 1'), close };
  };
}
