// What a server refuses, and what it tells about its data, provoked on real ones.
import { createTokenIssuer, freePort, startSqld } from '@cc/testkit/sqld';
import { onTestFinished } from 'vitest';
import { type Driver, type Failure, thrownBy } from './failure.js';
import { begun, connect, reach, serve, write } from './serving.js';

const servers = ['http', 'ws'] as const;

export const refusals: readonly Failure[] = [
  {
    what: 'too many calls at once (429)',
    on: ['http'],
    type: 'overload',
    code: 'TOO_MANY_REQUESTS',
    recoverable: true,
    provoke: tooMany,
  },
  {
    what: 'too many calls at once: the server closes the socket',
    on: ['ws'],
    type: 'connection',
    code: 'CONNECTION_LOST',
    recoverable: true,
    provoke: tooMany,
  },
  {
    what: 'the token is missing, expired or for another server (401)',
    on: ['http'],
    type: 'auth',
    code: 'UNAUTHORIZED',
    provoke: wrongToken,
  },
  {
    what: 'the token is missing, expired or for another server',
    on: ['ws'],
    type: 'auth',
    code: 'UNAUTHORIZED',
    // The server says why and closes the socket at once; which of them is seen first is a race.
    otherwise: {
      ...{ type: 'connection', code: 'CONNECTION_LOST', recoverable: true },
      hint: 'Check that the token is there, that it is for this server, and that it has not expired',
    },
    provoke: wrongToken,
  },
  {
    what: 'sync() with a token for another server, or without a server (blocks for 3 s)',
    on: ['replica'],
    type: 'connection',
    code: 'SERVER_UNREACHABLE',
    recoverable: true,
    recorded: { replica: () => Object.assign(new Error('Replication(PrimaryHandshakeTimeout)'), { code: '' }) },
    provoke: async (driver) => {
      const server = await serve({ tokens: createTokenIssuer() });
      return thrownBy(async () => (await reach(driver, server, createTokenIssuer().token())).sync());
    },
  },
  {
    what: 'the token has characters that no header can carry',
    on: ['http'],
    type: 'auth',
    code: 'UNAUTHORIZED',
    provoke: async (driver) => {
      const server = await serve();
      return thrownBy(async () => (await reach(driver, server, 'top-secret\ntoken')).execute('select 1'));
    },
  },
  {
    what: 'a write with a token for reading (403)',
    on: ['http', 'replica'],
    type: 'auth',
    code: 'FORBIDDEN',
    provoke: readOnlyToken,
  },
  {
    what: 'a write with a token for reading: the server closes the socket',
    on: ['ws'],
    type: 'connection',
    code: 'CONNECTION_LOST',
    recoverable: true,
    provoke: readOnlyToken,
  },
  {
    what: 'the operator has blocked writing',
    on: [...servers, 'replica'],
    type: 'auth',
    code: 'BLOCKED',
    provoke: async (driver) => {
      const admin = `127.0.0.1:${await freePort()}`;
      const server = await serve({ args: ['--admin-listen-addr', admin] });
      const client = await reach(driver, server);
      if (driver === 'replica') await client.sync();
      await fetch(`http://${admin}/v1/namespaces/default/config`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ block_reads: false, block_writes: true, block_reason: 'the quota is used up' }),
      });
      return thrownBy(() => client.execute(write));
    },
  },
  {
    what: 'the full-text index does not match its table, or the file is damaged',
    on: servers,
    type: 'integrity',
    code: 'SQLITE_CORRUPT',
    provoke: async (driver) => {
      const client = await reach(driver, await serve());
      await client.migrate([
        'create table d (id integer primary key, body text)',
        `create virtual table f using fts5 (body, content = 'd', content_rowid = 'id')`,
        `insert into d values (1, 'first')`,
        `insert into f (f) values ('rebuild')`,
        `update d set body = 'second'`,
      ]);
      return thrownBy(() => client.execute(`insert into f (f, rank) values ('integrity-check', 1)`));
    },
  },
  {
    what: 'a constraint broken through a server that passes writes on to its primary',
    on: servers,
    type: 'constraint',
    code: 'SQLITE_CONSTRAINT_UNIQUE',
    constraint: { kind: 'unique', table: 'u', columns: ['a'], name: null },
    provoke: async (driver) => {
      const primary = await serve({ grpc: true });
      await (await reach('http', primary)).migrate(['create table u (a unique)', 'insert into u values (1)']);
      const replica = await startSqld({ primary });
      onTestFinished(() => replica.close());
      return thrownBy(async () => (await reach(driver, replica)).execute('insert into u values (1)'));
    },
  },
  {
    what: 'the client was closed',
    on: servers,
    type: 'closed',
    code: 'CONNECTION_CLOSED',
    provoke: async (driver) => {
      const client = await reach(driver, await serve());
      client.close();
      return thrownBy(() => client.execute('select 1'));
    },
  },
  {
    what: 'the transaction was ended before',
    on: servers,
    type: 'aborted',
    code: 'TRANSACTION_CLOSED',
    provoke: async (driver) => {
      const transaction = await begun(await reach(driver, await serve()));
      await transaction.commit();
      return thrownBy(() => transaction.execute(write));
    },
  },
];

async function tooMany(driver: Driver): Promise<unknown> {
  const server = await startSqld({ args: ['--max-concurrent-requests', '1', '--disable-intelligent-throttling'] });
  onTestFinished(() => server.close());
  const client = connect({ url: driver === 'ws' ? server.url.ws : server.url.http, concurrency: 0 });
  // Long enough that the next one comes before it has ended.
  const long =
    'with recursive c (i) as (select 1 union all select i + 1 from c where i < 1000000) select count(*) from c';
  const calls = await Promise.allSettled(Array.from({ length: 40 }, () => client.execute(long)));
  const refused = calls.find((call) => call.status === 'rejected');
  if (!refused) throw new Error('nothing failed');
  return refused.reason;
}

async function wrongToken(driver: Driver): Promise<unknown> {
  const server = await serve({ tokens: createTokenIssuer() });
  const call = (token?: string) => thrownBy(async () => (await reach(driver, server, token)).execute('select 1'));
  await call();
  await call(createTokenIssuer().token({ expires: 1_000 }));
  return call(createTokenIssuer().token());
}

async function readOnlyToken(driver: Driver): Promise<unknown> {
  const tokens = createTokenIssuer();
  const server = await serve({ tokens });
  const client = await reach(driver, server, tokens.token({ access: 'ro' }));
  if (driver === 'replica') await client.sync();
  await client.execute('select 1');
  return thrownBy(() => client.execute(write));
}
