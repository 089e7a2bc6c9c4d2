// Servers for the rows of the error table, each ended with its test, and what stands between them and their clients.
import { once } from 'node:events';
import { createConnection, createServer as createLine, type Server as NetServer } from 'node:net';
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import { type Sqld, type SqldOptions, startSqld } from '@cc/testkit/sqld';
import { type Client, type Config, createClient } from '@libsql/client';
import { onTestFinished } from 'vitest';
import { temporaryFolder } from '../target.js';
import type { Driver } from './failure.js';

export const write = 'insert into t values (1)';

/** Starts a server with a table `t`. */
export async function serve(options: SqldOptions = {}): Promise<Sqld> {
  const server = await startSqld(options);
  onTestFinished(() => server.close());
  const authToken = options.tokens?.token();
  const client = createClient({ url: server.url.http, ...(authToken !== undefined && { authToken }) });
  await client.execute('create table t (a)');
  client.close();
  return server;
}

/** Opens a client. */
export function connect(config: Config): Client {
  const client = createClient(config);
  onTestFinished(() => client.close());
  return client;
}

/** A client of `server` as the driver is; a replica lies in a folder of its own. */
export async function reach(
  driver: Driver,
  server: { readonly url: Sqld['url'] },
  authToken?: string,
): Promise<Client> {
  const token = authToken === undefined ? {} : { authToken };
  if (driver === 'http' || driver === 'ws') return connect({ url: server.url[driver], ...token });
  return connect({ url: `file:${join(await temporaryFolder(), 'r.db')}`, syncUrl: server.url.http, ...token });
}

/**
 * A server that refuses: real answers over real sockets, where the server of the workspace cannot be made to give them. In a
 * thread of its own, because a replica that fetches keeps this one.
 */
export async function answering(
  status: number,
  body: string,
  headers: Readonly<Record<string, string>> = {},
): Promise<Sqld['url']> {
  const thread = new Worker(answer, { eval: true, workerData: { status, body, headers } });
  onTestFinished(async () => void (await thread.terminate()));
  const [port] = (await once(thread, 'message')) as [number];
  return { http: `http://127.0.0.1:${port}`, ws: `ws://127.0.0.1:${port}` };
}

/** Where more is promised than there is, the line ends in the middle. */
const answer = `
  const { createServer } = require('node:http');
  const { parentPort, workerData: { status, body, headers } } = require('node:worker_threads');
  const server = createServer((_, response) => {
    response.writeHead(status, headers);
    if ('content-length' in headers) response.write(body, () => response.destroy());
    else response.end(body);
  });
  server.listen(0, '127.0.0.1', () => parentPort.postMessage(server.address().port));
`;

/** Something that says `line` to whoever connects, and takes nothing. */
export async function saying(line: string): Promise<Sqld['url']> {
  const server = createLine((socket) => {
    socket.on('error', () => undefined).end(`${line}\r\n`);
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => void server.close());
  return urlsOf(server);
}

function urlsOf(server: NetServer): Sqld['url'] {
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  return { http: `http://127.0.0.1:${address.port}`, ws: `ws://127.0.0.1:${address.port}` };
}

/** A line to `server` that can be held: then what a client sends gets no further, and the promise tells that it was sent. */
export async function through(server: Sqld): Promise<{ readonly url: Sqld['url']; hold(): Promise<void> }> {
  let onHeld: (() => void) | undefined;
  const line = createLine((near) => {
    const far = createConnection({ host: '127.0.0.1', port: Number(new URL(server.url.http).port) });
    near.on('data', (chunk) => (onHeld ? onHeld() : far.write(chunk)));
    far.on('data', (chunk) => near.write(chunk));
    for (const socket of [near, far]) {
      socket.on('error', () => undefined);
      socket.on('close', () => [near, far].forEach((end) => void end.destroy()));
    }
  }).listen(0, '127.0.0.1');
  await once(line, 'listening');
  onTestFinished(() => void line.close());
  return { url: urlsOf(line), hold: () => new Promise((resolve) => (onHeld = resolve)) };
}

/** An open write transaction with one row. */
export async function begun(client: Client): Promise<Awaited<ReturnType<Client['transaction']>>> {
  const transaction = await client.transaction('write');
  await transaction.execute(write);
  return transaction;
}
