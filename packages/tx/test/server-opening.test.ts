// Opening at an address where no server is, or none that answers: it ends within its own limit, and says what was met.
import { once } from 'node:events';
import { createServer } from 'node:http';
import { createServer as createLine, type Server, type Socket } from 'node:net';
import { join } from 'node:path';
import { setImmediate as turn } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';
import { afterEach, describe, expect, it, onTestFinished, vi } from 'vitest';
import { firstAnswer } from '../src/connections/remote/first-answer.js';
import { DatabaseError } from '../src/errors.js';
import { Events } from '../src/events.js';
import { openTransactionManager, type TransactionManagerOptions } from '../src/index.js';
import { deferred, patient, temporaryFolder } from './target.js';

const failure = (options: TransactionManagerOptions): Promise<unknown> =>
  openTransactionManager(options).then(
    (manager) => manager.close().then(() => 'opened'),
    (error: unknown) => error,
  );

/** The port of `server`, which ends with its test and cuts what is open then. */
async function listening(server: Server): Promise<number> {
  const open = new Set<Socket>();
  server.on('connection', (socket: Socket) => {
    open.add(socket.on('error', () => undefined).on('close', () => open.delete(socket)));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => {
    for (const socket of open) socket.destroy();
    server.close();
  });
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('the server has no port');
  return address.port;
}

const answering = (status: number): Promise<number> =>
  listening(createServer((_, response) => response.writeHead(status).end()));

afterEach(() => {
  vi.restoreAllMocks();
});

describe('opening', () => {
  it.each(['http', 'ws'])('at a server that never answers ends with its own limit over %s', async (protocol) => {
    const url = `${protocol}://127.0.0.1:${await listening(createLine())}`;
    const met = await failure({ url, acquireTimeoutMs: 200, transactionTimeoutMs: Number.POSITIVE_INFINITY });
    expect(met).toMatchObject({ type: 'timeout', code: 'SERVER_SILENT', operation: 'open', recoverable: true });
    expect(met).toMatchObject({ message: expect.stringContaining('did not answer within 200 ms') });
  });

  it('at a server that is busy leaves no attempt behind that would keep the program running', async () => {
    const url = `http://127.0.0.1:${await answering(429)}`;
    vi.spyOn(Math, 'random').mockReturnValue(0.5);
    const retry = { baseDelayMs: 1e9, maxDelayMs: 2e9 };
    const timers = (): number => process.getActiveResourcesInfo().filter((name) => name === 'Timeout').length;
    expect(await failure({ url, acquireTimeoutMs: 1_000, retry })).toMatchObject({ code: 'TOO_MANY_REQUESTS' });
    // Those of others pass.
    while (timers() > 0) await turn();
  });

  it('a replica where no server of replicas is tells what is there', async () => {
    const folder = await temporaryFolder();
    const met = [404, 403, 500].map(async (status) => {
      const url = pathToFileURL(join(folder, `${status}.db`)).href;
      return failure({ url, syncUrl: `http://127.0.0.1:${await answering(status)}`, ...patient });
    });
    expect(await Promise.all(met)).toMatchObject([
      { type: 'connection', code: 'NOT_FOUND' },
      { type: 'auth', code: 'FORBIDDEN' },
      { type: 'unknown', code: 'SERVER_ERROR' },
    ]);
  });

  it('says what the last attempt was answered when the time is up between two of them', async () => {
    const events = new Events();
    const error = new DatabaseError('too many', { type: 'overload', code: 'TOO_MANY_REQUESTS', operation: 'open' });
    const aborted = deferred();
    const asking = firstAnswer({ timeoutMs: 10, events, operation: 'open' }, (signal) => {
      signal.addEventListener('abort', () => aborted.resolve());
      events.emit({ type: 'retry', attempt: 1, delayMs: 1, error });
      return deferred().promise;
    });
    await expect(asking).rejects.toBe(error);
    await aborted.promise;
  });
});
