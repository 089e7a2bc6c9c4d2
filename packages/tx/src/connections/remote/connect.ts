// Makes the clients of one server: @libsql/client over HTTP by the way of http-fetch.ts, or over a WebSocket.
// remote.ts says which calls go through which.
// Without the part for files, which would load the native driver.
import { type Client, createClient } from '@libsql/client/web';
import { openHttpWay } from './http-fetch.js';
import { Lines } from './lines.js';
import type { AskingConnection, ServerChanges } from './server-changes.js';
import { type ServerClient, watchedClient } from './watched-client.js';

/** A client, and what cuts its connections. */
interface Connected extends AskingConnection {
  readonly client: ServerClient;
}

/** Opens connections to a server, over HTTP also where others go over WebSocket. */
export type Connect = (settings: { readonly keepStreams: boolean; readonly overHttp?: boolean }) => Connected;

/** A WebSocket that has said nothing for so long while calls wait is left for another one; a slow statement keeps its own. */
const quietMs = 5_000;

/** What opens connections to `server`, of whose answers `changes` hears. `timeoutMs`: how long callers wait for one. */
export function connectTo(
  server: { readonly address: string; readonly authToken: string | undefined; readonly timeoutMs: number },
  changes: () => ServerChanges,
): Connect {
  const { authToken, timeoutMs } = server;
  return ({ keepStreams, overHttp = false }) => {
    const address = overHttp ? server.address.replace(/^ws/i, 'http') : server.address;
    const way = openHttpWay(address, { keepStreams, heard: (answer, sentAt) => changes().heard(answer, sentAt) });
    const make = (): Client =>
      createClient({
        url: address,
        // Streams are gated by the source for their whole life; the client's own limit covers only their opening.
        concurrency: 0,
        intMode: 'bigint',
        fetch: (request: Request) => way.fetch(request),
        ...(authToken !== undefined && { authToken }),
      });
    // Over HTTP each request has a socket of its own as long as it is not answered.
    const isSocket = /^ws/i.test(address);
    const lines = new Lines(make, {
      quietMs: isSocket ? Math.min(quietMs, timeoutMs) : Number.POSITIVE_INFINITY,
      givenUpMs: timeoutMs,
    });
    const close = (): Promise<void> => {
      lines.close();
      return way.close();
    };
    const client = watchedClient(lines, changes());
    return { client, ping: () => lines.current.client.execute('SELECT 1'), close };
  };
}
