// What can happen on the way to a server, and to a transaction that is open there, provoked on real ones.
import { setTimeout as sleep } from 'node:timers/promises';
import { refusingPort, type Sqld } from '@cc/testkit/sqld';
import { type Client, LibsqlBatchError, LibsqlError } from '@libsql/client';
import { toDatabaseError } from '../../src/errors.js';
import { type Driver, type Failure, thrownBy } from './failure.js';
import { answering, begun, connect, reach, saying, serve, through, write } from './serving.js';

const servers = ['http', 'ws'] as const;

export const serverFailures: readonly Failure[] = [
  {
    what: 'another connection wrote after this transaction had read',
    on: servers,
    type: 'lock',
    code: 'SQLITE_BUSY',
    recoverable: true,
    provoke: async (driver) => {
      const server = await serve();
      const client = await reach(driver, server);
      const transaction = await client.transaction('deferred');
      await transaction.execute('select * from t');
      await (await reach('http', server)).execute(write);
      return thrownBy(() => transaction.execute(write));
    },
  },
  {
    what: 'another writer waited for 5 s, so the server took the lock away',
    on: servers,
    type: 'aborted',
    code: 'TRANSACTION_LOST',
    recoverable: true,
    recorded: Object.fromEntries(servers.map((driver) => [driver, stolen])),
    provoke: async (driver) => {
      const server = await serve();
      const transaction = await begun(await reach(driver, server));
      await (await reach('http', server)).execute(write);
      return thrownBy(() => transaction.execute(write));
    },
  },
  {
    what: 'nothing was sent in an open transaction for 10 s',
    on: ['http'],
    type: 'aborted',
    code: 'TRANSACTION_LOST',
    recoverable: true,
    recorded: { http: expired },
    provoke: async (driver) => {
      const transaction = await (await reach(driver, await serve())).transaction('read');
      await transaction.execute('select 1');
      await sleep(13_000);
      return thrownBy(() => transaction.execute('select 1'));
    },
  },
  {
    what: 'the server was restarted in an open transaction',
    on: ['http'],
    type: 'aborted',
    code: 'TRANSACTION_LOST',
    recoverable: true,
    provoke: async (driver) => {
      const server = await serve();
      const transaction = await begun(await reach(driver, server));
      await server.restart();
      return thrownBy(() => transaction.execute(write));
    },
  },
  {
    what: 'the server was restarted in an open transaction',
    on: ['ws'],
    type: 'connection',
    code: 'CONNECTION_LOST',
    recoverable: true,
    provoke: async (driver) => {
      const server = await serve();
      const transaction = await begun(await reach(driver, server));
      await server.restart();
      return thrownBy(() => transaction.execute(write));
    },
  },
  {
    what: 'the server was killed before COMMIT: nothing was sent',
    on: ['http'],
    type: 'connection',
    code: 'SERVER_UNREACHABLE',
    recoverable: true,
    commit: 'none',
    provoke: commitAfterKill,
  },
  {
    what: 'the server was killed before COMMIT: nothing was sent',
    on: ['ws'],
    type: 'connection',
    code: 'CONNECTION_LOST',
    recoverable: true,
    commit: 'none',
    provoke: commitAfterKill,
  },
  {
    what: 'the server was killed while COMMIT was on its way: `outcome` is `unknown`',
    on: servers,
    type: 'connection',
    code: 'CONNECTION_LOST',
    commit: 'unknown',
    provoke: async (driver) => {
      const server = await serve();
      const line = await through(server);
      const transaction = await begun(await reach(driver, line));
      const sent = line.hold();
      const failed = thrownBy(() => transaction.commit());
      await sent;
      await server.kill();
      return failed;
    },
  },
  {
    what: 'the server was killed after COMMIT, and is asked again',
    on: [...servers, 'replica'],
    type: 'connection',
    code: 'SERVER_UNREACHABLE',
    recoverable: true,
    // Until the client has seen that the connection it kept is closed: on a busy machine the question may come first.
    otherwise: {
      ...{ type: 'connection', code: 'CONNECTION_LOST', recoverable: true },
      hint: 'Nothing was sent. Check the address and that the server runs, then try again',
    },
    provoke: askAfterKill,
  },
  {
    what: 'no server listens',
    on: [...servers, 'replica'],
    type: 'connection',
    code: 'SERVER_UNREACHABLE',
    recoverable: true,
    provoke: async (driver) => {
      const address = `127.0.0.1:${refusingPort}`;
      return thrownBy(async () =>
        (await reach(driver, { url: { http: `http://${address}`, ws: `ws://${address}` } })).execute('select 1'),
      );
    },
  },
  {
    what: 'the name of the host does not exist',
    on: servers,
    type: 'connection',
    code: 'SERVER_UNREACHABLE',
    recoverable: true,
    provoke: (driver) => thrownBy(() => connect({ url: `${driver}://localhost.invalid` }).execute('select 1')),
  },
  {
    what: 'a server with TLS is asked for, and it has none',
    on: servers,
    type: 'connection',
    code: 'TLS_FAILED',
    provoke: async (driver) => {
      const url = driver === 'ws' ? (await serve()).url.ws : (await serve()).url.http;
      return thrownBy(() => connect({ url: url.replace(/^(http|ws)/, '$1s') }).execute('select 1'));
    },
  },
  {
    what: 'the path or database in the URL is unknown to the server',
    on: servers,
    type: 'connection',
    code: 'NOT_FOUND',
    provoke: async (driver) => {
      const { url } = await serve();
      const config = { url: `${driver === 'ws' ? url.ws : url.http}/dev/missing` };
      return thrownBy(() => connect(config).execute('select 1'));
    },
  },
  {
    what: 'something else than a libSQL server answers',
    on: ['http', 'ws', 'replica'],
    type: 'connection',
    code: 'NOT_FOUND',
    provoke: async (driver) => asked(driver, await answering(200, '<html>')),
  },
  {
    what: 'another service answers with JSON of its own',
    on: ['http', 'replica'],
    type: 'connection',
    code: 'NOT_FOUND',
    provoke: async (driver) => asked(driver, await answering(200, '{"hello":1}')),
  },
  {
    what: 'another service answers with nothing (204)',
    on: ['http', 'replica'],
    type: 'connection',
    code: 'NOT_FOUND',
    provoke: async (driver) => asked(driver, await answering(204, '')),
  },
  {
    what: 'something that speaks no HTTP answers',
    on: servers,
    type: 'connection',
    code: 'NOT_FOUND',
    provoke: async (driver) => asked(driver, await saying('220 mail.example ESMTP')),
  },
  {
    what: 'the address has moved (301)',
    on: servers,
    type: 'connection',
    code: 'NOT_FOUND',
    provoke: async (driver) => asked(driver, await answering(301, '')),
  },
  {
    what: 'sync() is refused (401)',
    on: ['replica'],
    type: 'auth',
    code: 'UNAUTHORIZED',
    provoke: async (driver) => asked(driver, await answering(401, '')),
  },
  {
    what: 'the answer to sync() ends in its middle',
    on: ['replica'],
    type: 'connection',
    code: 'CONNECTION_LOST',
    recoverable: true,
    provoke: async (driver) => asked(driver, await answering(200, '{', { 'content-length': '100' })),
  },
  {
    what: 'a proxy has no server behind it (502, 504)',
    on: ['http'],
    type: 'connection',
    code: 'CONNECTION_LOST',
    recoverable: true,
    provoke: async () => thrownBy(async () => connect({ url: (await answering(502, '')).http }).execute('select 1')),
  },
  {
    what: 'a proxy has no server behind it (502, 504)',
    on: ['ws'],
    type: 'connection',
    code: 'SERVER_UNREACHABLE',
    recoverable: true,
    provoke: async () => thrownBy(async () => connect({ url: (await answering(502, '')).ws }).execute('select 1')),
  },
  {
    what: 'a COMMIT that the server, or a proxy that has lost it, answers with 503',
    on: ['http'],
    type: 'overload',
    code: 'TOO_MANY_REQUESTS',
    commit: 'unknown',
    provoke: async () => thrownBy(async () => connect({ url: (await answering(503, '')).http }).execute('select 1')),
  },
  {
    what: 'the server failed (500)',
    on: ['http'],
    type: 'unknown',
    code: 'SERVER_ERROR',
    provoke: async () => thrownBy(async () => connect({ url: (await answering(500, '')).http }).execute('select 1')),
  },
];

async function commitAfterKill(driver: Driver): Promise<unknown> {
  const server = await serve();
  const client = await reach(driver, server);
  const transaction = await begun(client);
  await server.kill();
  await untilRefused(client);
  return thrownBy(() => transaction.commit());
}

/** Until then the client may send on a connection that it kept and does not know to be closed. */
async function untilRefused(client: Client): Promise<void> {
  for (;;) {
    const thrown = await thrownBy(() => client.execute('select 1'));
    if (toDatabaseError(thrown, 'select 1').code === 'SERVER_UNREACHABLE') return;
  }
}

async function askAfterKill(driver: Driver): Promise<unknown> {
  const server = await serve();
  const client = await reach(driver, server);
  if (driver === 'replica') await client.sync();
  const transaction = await begun(client);
  await transaction.commit();
  await server.kill();
  return thrownBy(() => client.execute(write));
}

const said = (message: string, code: string): Error =>
  Object.assign(new Error(message), { name: 'ResponseError', code });

function stolen(): Error {
  const [message, code] = ['Transaction timed out', 'TRANSACTION_TIMEOUT'];
  return new LibsqlBatchError(`${code}: ${message}`, 0, code, undefined, undefined, said(message, code));
}

function expired(): Error {
  const [message, code] = ['The stream has expired due to inactivity', 'STREAM_EXPIRED'];
  return new LibsqlError(message, code, undefined, undefined, said(message, code));
}

/** What a first call meets; a replica that lies nowhere yet fetches when it is opened. */
function asked(driver: Driver, url: Sqld['url']): Promise<unknown> {
  return thrownBy(async () => {
    const client = await reach(driver, { url });
    await (driver === 'replica' ? client.sync() : client.execute('select 1'));
  });
}
