// The way of @libsql/client to a server over HTTP: node:http with connections that are kept. The built-in fetch takes two
// to three times as long for the small requests that statements are (decision 8 has the figures).

import { Agent as HttpAgent, type IncomingMessage, request as requestHttp } from 'node:http';
import { Agent as HttpsAgent, request as requestHttps } from 'node:https';
import { performance } from 'node:perf_hooks';
import { clearTimeout, setTimeout } from 'node:timers';
import { promisify } from 'node:util';
import { gunzip } from 'node:zlib';
import { answered } from '../../waiting/bounded.js';
import { watchSleep } from '../../waiting/sleep-watch.js';
import { isNotFound, KeptStreams } from './kept-streams.js';

/** Requests to one server. */
export interface HttpWay {
  /** What @libsql/client calls as `fetch`. */
  readonly fetch: (request: Request) => Promise<Response>;
  /**
   * Ends the streams that were kept, and cuts every connection, also those that wait for an answer. Without streams it is done
   * when it returns.
   */
  close(): Promise<void>;
}

const unzip = promisify(gunzip);

/** How long a connection without a request is kept: below what servers and what stands before them keep it. */
const idleMs = 4_000;
const connectMs = 10_000;
/** How long the end of kept streams is waited for. */
const endMs = 500;
/** As many as the built-in fetch follows. */
const maxRedirects = 20;

/** How requests are sent, and who hears what was answered. */
export interface HttpWaySettings {
  readonly keepStreams: boolean;
  /** Called with the bytes of each answer, and when its request was sent, before anybody else has them. */
  readonly heard: (answer: Buffer, sentAt: number) => void;
}

interface Sent {
  readonly url: string;
  readonly method: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
}

/**
 * The proxies of the environment where Node is told to use them, as its own fetch and agents then do from 22.21 and 24.5 on
 * (https://nodejs.org/api/http.html#built-in-proxy-support).
 */
function proxies(): { readonly proxyEnv?: NodeJS.ProcessEnv } {
  const { NODE_USE_ENV_PROXY: use, NODE_OPTIONS: options = '' } = process.env;
  const isTold = use === '1' || [...process.execArgv, ...options.split(/\s+/)].includes('--use-env-proxy');
  return isTold ? { proxyEnv: process.env } : {};
}

/**
 * Opens a way to the server at `address`. Idle connections do not keep the process alive. With `keepStreams` statements on
 * their own share streams of the server (kept-streams.ts), which ends them some seconds after the last one.
 */
export function openHttpWay(address: string, { keepStreams, heard }: HttpWaySettings): HttpWay {
  const streams = keepStreams ? new KeptStreams() : undefined;
  const settings = { keepAlive: true, timeout: idleMs, ...proxies() };
  const agents = { 'http:': new HttpAgent(settings), 'https:': new HttpsAgent(settings) };
  // On the same machine there is nothing to gain by it.
  const zips = !/^\w+:\/\/(?:localhost|127\.|\[::1\])/.test(address);
  const hasSlept = watchSleep();
  const send = ({ url, method, headers, body }: Sent): Promise<IncomingMessage> =>
    new Promise((resolve, reject) => {
      // Nobody has told that the other side has closed them: a write would be lost on one, or not.
      if (hasSlept()) for (const agent of Object.values(agents)) endIdle(agent);
      const options = { method, headers: { ...headers, 'content-length': String(body.length) } };
      const sent = url.startsWith('https:')
        ? requestHttps(url, { ...options, agent: agents['https:'] }, resolve)
        : requestHttp(url, { ...options, agent: agents['http:'] }, resolve);
      sent.on('error', reject).on('socket', (socket) => {
        if (!socket.connecting) return;
        const late = Object.assign(new Error(`connect ETIMEDOUT ${new URL(url).host}`), { code: 'ETIMEDOUT' });
        const timer = setTimeout(() => sent.destroy(late), connectMs);
        socket.once('connect', () => clearTimeout(timer)).once('close', () => clearTimeout(timer));
      });
      sent.end(body);
    });
  const whole = async (sent: Sent) => {
    const answer = await send(sent);
    return { answer, bytes: await readAll(answer) };
  };
  const sendOn = async (first: Sent): Promise<{ readonly answer: IncomingMessage; readonly bytes: Buffer }> => {
    let sent = first;
    for (let redirects = 0; ; redirects += 1) {
      const sentAt = performance.now();
      unanswered += 1;
      const { answer, bytes } = await whole(sent).finally(() => {
        unanswered -= 1;
      });
      heard(bytes, sentAt);
      const next = redirected(sent, answer);
      if (next === undefined || redirects === maxRedirects) return { answer, bytes };
      sent = next;
    }
  };
  /** How statements on kept streams are sent. */
  let onStreams: Omit<Sent, 'body'> | undefined;
  let unanswered = 0;
  const endStreams = async (): Promise<void> => {
    const way = onStreams;
    // A server that owes an answer may never give one.
    if (!streams || !way || unanswered > 0) return;
    await answered(endMs, 'close', () => streams.end((body) => whole({ ...way, body }))).catch(() => undefined);
  };
  return {
    async fetch(request) {
      const { url, method } = request;
      const sent: Sent = {
        url,
        method,
        headers: { ...Object.fromEntries(request.headers), ...(zips && { 'accept-encoding': 'gzip' }) },
        body: Buffer.from(await request.arrayBuffer()),
      };
      let last: { readonly answer: IncomingMessage; readonly bytes: Buffer } | undefined;
      const alone = await streams?.send(sent.body, async (body) => {
        onStreams = { url, method, headers: sent.headers };
        last = await sendOn({ ...sent, body });
        return { status: last.answer.statusCode ?? 0, text: last.bytes.toString('utf8') };
      });
      const { answer, bytes } = last ?? (await sendOn(sent));
      return answerOf(answer.statusCode ?? 0, answer, bytes, alone?.json);
    },
    async close() {
      if (streams) await endStreams();
      for (const agent of Object.values(agents)) agent.destroy();
    },
  };
}

function endIdle({ freeSockets }: HttpAgent): void {
  for (const socket of Object.values(freeSockets).flat()) socket?.destroy();
}

/**
 * What is sent where the answer points to, by the rules of fetch (https://fetch.spec.whatwg.org/#http-redirect-fetch), which
 * itself loses the body on the way. Credentials are for the origin that they were given for.
 */
function redirected({ url, method, headers, body }: Sent, answer: IncomingMessage): Sent | undefined {
  const { statusCode = 0 } = answer;
  const { location } = answer.headers;
  if (![301, 302, 303, 307, 308].includes(statusCode) || location === undefined) return undefined;
  const target = new URL(location, url);
  if (target.protocol !== 'http:' && target.protocol !== 'https:') return undefined;
  const isSame = target.origin === new URL(url).origin;
  const own = isSame ? headers : Object.fromEntries(Object.entries(headers).filter(([name]) => !credentials.has(name)));
  const asksOnly = statusCode === 303 || (statusCode < 303 && method === 'POST');
  const { href } = target;
  return asksOnly
    ? { url: href, method: 'GET', headers: own, body: Buffer.alloc(0) }
    : { url: href, method, headers: own, body };
}

const credentials: ReadonlySet<string> = new Set(['authorization', 'proxy-authorization', 'cookie', 'host']);

async function readAll(answer: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of answer) chunks.push(chunk as Buffer);
  const bytes = Buffer.concat(chunks);
  return answer.headers['content-encoding'] === 'gzip' ? unzip(bytes) : bytes;
}

/** As much of a response as the client reads: making a real one takes as long as the request. */
function answerOf(status: number, { headers }: IncomingMessage, bytes: Buffer, read: unknown): Response {
  const text = async (): Promise<string> => bytes.toString('utf8');
  // The client leaves out what stands in the JSON of others than its own servers.
  const isPlain = status === 404 && isNotFound({ status, text: bytes.toString('utf8') });
  const told = isPlain ? { ...headers, 'content-type': 'text/plain' } : headers;
  const answer: Pick<Response, 'ok' | 'status' | 'json' | 'text' | 'arrayBuffer' | 'body'> & {
    readonly headers: Pick<Headers, 'get'>;
  } = {
    ok: status >= 200 && status < 300,
    status,
    headers: { get: (name) => told[name.toLowerCase()]?.toString() ?? null },
    json: async () => read ?? JSON.parse(await text()),
    text,
    arrayBuffer: async () => Uint8Array.from(bytes).buffer,
    body: null,
  };
  return answer as Response;
}
