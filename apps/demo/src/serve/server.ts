// Opens everything that serving a library takes, listens, and closes it again in the order in which nothing is lost.

import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdir, readdir, rm, stat } from 'node:fs/promises';
import type { IncomingMessage, Server } from 'node:http';
import { isIP } from 'node:net';
import { join } from 'node:path';
import type { Duplex } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { createAdaptorServer } from '@hono/node-server';
import { Refused } from '../failure.js';
import type { Library } from '../library.js';
import { createApp } from './app.js';
import { type Feed, openFeed } from './feed.js';
import { openImportQueue } from './import-queue.js';
import { openJobQueue } from './job-queue.js';
import { pageFiles } from './page-files.js';
import { createSecurity } from './security.js';
import type { PictureOf, Serving } from './serving.js';

/** Options of `serveLibrary`. */
export interface ServeOptions {
  /** Where uploads and backups go: the folder `.candy`. */
  readonly folder: string;
  /** Default 127.0.0.1. Any other than a loopback address has a token. */
  readonly address?: string | undefined;
  /** Default 7330; 0 takes a free one. */
  readonly port?: number | undefined;
  /** At least 16 characters. Default: none on loopback, elsewhere one is made. */
  readonly token?: string | undefined;
  /** Names that the server is called by, besides its addresses. */
  readonly hosts?: readonly string[] | undefined;
  /** Where files can be uploaded. Default true. */
  readonly uploads?: boolean | undefined;
  /** The built page. Default: that of this build. */
  readonly page?: string | undefined;
  readonly pictures?: PictureOf | undefined;
  /** How long the body of a request may take that is no upload. Default 60,000. */
  readonly bodyTimeoutMs?: number | undefined;
  /** Hears of what went wrong here. */
  readonly onError?: ((error: unknown) => void) | undefined;
}

/** A server that listens. */
export interface LibraryServer extends AsyncDisposable {
  /** Where the page is, without the token. */
  readonly url: string;
  /** Null where none is asked for. */
  readonly token: string | null;
  readonly feed: Feed;
  /** Ends the events, lets requests and the batch of an import end, then closes. */
  close(): Promise<void>;
}

/** The server cannot be started as it was asked to; the message says what to do. */
export class CannotServe extends Refused {
  override readonly name = 'CannotServe';
}

/** Serves a library. @throws CannotServe for a port or address that cannot be had, and for a token that is too short */
export async function serveLibrary(library: Library, options: ServeOptions): Promise<LibraryServer> {
  const { address = '127.0.0.1', port = 7330, folder, bodyTimeoutMs = 60_000 } = options;
  const token = options.token ?? (isLoopback(address) ? null : randomBytes(24).toString('base64url'));
  if (token !== null && token.length < 16)
    throw new CannotServe(
      'The token is too short: give one of at least 16 characters, or leave it out to have one made.',
    );
  const feed = openFeed(library);
  const folders = {
    uploads: options.uploads === false ? null : join(folder, 'uploads'),
    backups: join(folder, 'backups'),
  };
  if (folders.uploads !== null) await removeParts(folders.uploads);
  const serving: Serving = {
    ...{ library, feed, folders },
    imports: openImportQueue(library, feed),
    jobs: openJobQueue(library, feed, folders.backups),
    pictures: options.pictures ?? (async () => null),
  };
  const app = createApp(serving, {
    security: createSecurity({ token, hosts: options.hosts ?? [] }),
    page: await pageFiles(options.page ?? builtPage()),
    onError: options.onError ?? (() => {}),
  });
  const server = createAdaptorServer({ fetch: app.fetch }) as Server;
  // A large upload takes as long as it takes; its headers do not, nor what else is sent.
  server.on('request', (incoming: IncomingMessage) => endLateBody(incoming, bodyTimeoutMs));
  server.requestTimeout = 0;
  server.headersTimeout = 20_000;
  // Longer than proxies and programs keep a connection: one that is closed while a request is on its way loses that.
  server.keepAliveTimeout = 75_000;
  server.on('clientError', refuseUnreadable);
  await listenOn(server, address, port);
  const unsubscribe = tellOfHealth(library, feed);
  const close = async (): Promise<void> => {
    unsubscribe();
    feed.close();
    const closed = once(server, 'close');
    server.close();
    server.closeIdleConnections();
    const last = setTimeout(() => server.closeAllConnections(), drainMs).unref();
    await Promise.all([serving.imports.close(), serving.jobs.close()]);
    await closed;
    clearTimeout(last);
  };
  return { url: urlOf(server, address), token, feed, close, [Symbol.asyncDispose]: close };
}

/** Bundled into dist/main.js or a chunk beside it; from sources, the build of the package. */
function builtPage(): string {
  const isBundled = !import.meta.url.endsWith('.ts');
  return fileURLToPath(new URL(isBundled ? './page' : '../../dist/page', import.meta.url));
}

/** Whoever begins a request and sends no more, a laptop that was closed too, would keep its connection for ever. */
function endLateBody(incoming: IncomingMessage, timeoutMs: number): void {
  if (incoming.complete || incoming.url?.startsWith('/api/uploads') === true) return;
  const late = setTimeout(() => {
    if (!incoming.complete) incoming.socket.destroy();
  }, timeoutMs).unref();
  incoming.once('close', () => clearTimeout(late));
}

/** What is no HTTP is answered in the same form as everything else, and the connection is closed. */
function refuseUnreadable(error: NodeJS.ErrnoException, socket: Duplex): void {
  if (error.code === 'ECONNRESET' || !socket.writable) {
    socket.destroy();
    return;
  }
  const [status, line, detail] =
    error.code === 'HPE_HEADER_OVERFLOW'
      ? [431, 'Request Header Fields Too Large', 'The headers are too long: send fewer or shorter ones.']
      : error.code === 'ERR_HTTP_REQUEST_TIMEOUT'
        ? [408, 'Request Timeout', 'The request did not come in time: send it again.']
        : [400, 'Bad Request', 'The request is no HTTP that can be read.'];
  const body = JSON.stringify({ type: 'about:blank', title: line, status, detail, code: 'INVALID' });
  socket.end(
    `HTTP/1.1 ${status} ${line}\r\nconnection: close\r\ncontent-type: application/problem+json\r\n` +
      `x-content-type-options: nosniff\r\ncontent-length: ${Buffer.byteLength(body)}\r\n\r\n${body}`,
  );
}

const drainMs = 3_000;

async function listenOn(server: Server, address: string, port: number): Promise<void> {
  server.listen({ port, host: address });
  try {
    await once(server, 'listening');
  } catch (cause) {
    const code = cause instanceof Error && 'code' in cause ? String(cause.code) : '';
    throw new CannotServe(
      `${reasons[code] ?? 'The server cannot listen there'}: ${whatToDo[code] ?? 'choose another --listen or --port'}.`,
      { cause },
    );
  }
}

const reasons: Readonly<Record<string, string>> = {
  EADDRINUSE: 'The port is in use',
  EACCES: 'The port is not for you',
  EADDRNOTAVAIL: 'The address is none of this machine',
  ENOTFOUND: 'The address is none of this machine',
};

const whatToDo: Readonly<Record<string, string>> = {
  EADDRINUSE: 'end the program that has it, or choose another one with --port, or --port 0 for a free one',
  EACCES: 'choose one above 1023 with --port',
};

/** Whether only this machine can reach an address. */
export function isLoopback(address: string): boolean {
  return address === 'localhost' || address === '::1' || (isIP(address) === 4 && address.startsWith('127.'));
}

function urlOf(server: Server, address: string): string {
  const bound = server.address();
  const port = typeof bound === 'object' && bound !== null ? bound.port : 0;
  const isAny = address === '0.0.0.0' || address === '::';
  const host = isAny ? 'localhost' : isIP(address) === 6 ? `[${address}]` : address;
  return `http://${host}:${port}/`;
}

/** Tells pages when the status is another, or an alert is. Returns what ends it. */
function tellOfHealth({ health }: Library, feed: Feed): () => void {
  const tell = (): void => {
    const { status, reasons: words } = health.getCurrentHealthStatus();
    feed.publish('health', { status, reasons: [...words] });
  };
  let told = health.getCurrentHealthStatus().status;
  const timer = setInterval(() => {
    const { status } = health.getCurrentHealthStatus();
    if (status !== told) tell();
    told = status;
  }, 5_000).unref();
  const silence = health.onAlert(tell);
  return () => {
    clearInterval(timer);
    silence();
  };
}

const hourMs = 3_600_000;

/** What uploads have left that were cut off with a server before this one. One that is written to is of another that runs. */
async function removeParts(folder: string): Promise<void> {
  await mkdir(folder, { recursive: true });
  for (const name of (await readdir(folder)).filter((each) => /^\.[\da-f-]{36}\.part$/.test(each))) {
    const path = join(folder, name);
    const look = await stat(path).catch(() => null);
    if (look && Date.now() - look.mtimeMs > hourMs) await rm(path, { force: true });
  }
}
