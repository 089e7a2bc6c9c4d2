// What may stand between a program and its server: something that packs answers, and something that sends requests elsewhere.
// A proxy before a real server does both, and loses answers; it notes what it was sent. Long, because it is one server and one proxy.
import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders, type IncomingMessage } from 'node:http';
import { gzipSync } from 'node:zlib';
import { startSqld } from '@cc/testkit/sqld';
import { describeWithSqld } from '@cc/testkit/targets';
import { createClient } from '@libsql/client';
import { sql } from 'drizzle-orm';
import { expect, it, onTestFinished } from 'vitest';
import { openTransactionManager } from '../src/index.js';

interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
}

/** A server on this machine that answers as `answer` says, and the headers that it was sent. */
async function serving(answer: (request: IncomingMessage, body: Buffer) => Promise<Answer>) {
  const seen: IncomingHttpHeaders[] = [];
  const server = createServer((request, response) => {
    void (async () => {
      const chunks: Buffer[] = [];
      for await (const chunk of request) chunks.push(chunk as Buffer);
      seen.push(request.headers);
      const { status, headers, body } = await answer(request, Buffer.concat(chunks));
      response.writeHead(status, headers).end(body);
    })();
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('the server has no port');
  return { port: address.port, seen };
}

/** Asks the real server. */
async function passedOn(
  url: string,
  { url: path = '/', method = 'GET' }: IncomingMessage,
  body: Buffer,
): Promise<Answer> {
  const answer = await fetch(new URL(path, url), { method, ...(method !== 'GET' && { body: Uint8Array.from(body) }) });
  const type = answer.headers.get('content-type') ?? 'text/plain';
  return { status: answer.status, headers: { 'content-type': type }, body: Buffer.from(await answer.arrayBuffer()) };
}

const authToken = 'a-token-that-is-nobody-elses';

describeWithSqld('a server behind others', () => {
  it('may pack its answers, errors too, which the program asks for unless both are on one machine', async () => {
    const sqld = await startSqld();
    onTestFinished(() => sqld.close());
    const proxy = await serving(async (request, body) => {
      const answer = await passedOn(sqld.url.http, request, body);
      return {
        ...answer,
        headers: { ...answer.headers, 'content-encoding': 'gzip' },
        body: gzipSync(answer.body),
      };
    });
    const long = 'ü'.repeat(100_000);
    for (const [host, asked] of [
      ['127.0.0.1', undefined],
      // The same machine by a name that does not say so.
      ['0.0.0.0', 'gzip'],
    ] as const) {
      const before = proxy.seen.length;
      await using manager = await openTransactionManager({ url: `http://${host}:${proxy.port}` });
      await manager.db.run(sql`create table if not exists t (a text)`);
      await manager.transaction(({ db }) => db.run(sql`insert into t values (${long})`));
      expect(await manager.db.values(sql`select a from t limit 1`)).toEqual([[long]]);
      await expect(manager.db.run(sql`select * from nowhere`)).rejects.toMatchObject({ code: 'SQLITE_ERROR' });
      expect(new Set(proxy.seen.slice(before).map((headers) => headers['accept-encoding']))).toEqual(new Set([asked]));
    }
    const judge = createClient({ url: sqld.url.http });
    expect((await judge.execute('select count(*) n, min(length(a)) l from t')).rows).toMatchObject([
      { n: 2, l: 100_000 },
    ]);
    judge.close();
  });

  it.each([307, 308])(
    'may send requests elsewhere (%i): the token does not follow to another origin',
    async (status) => {
      const sqld = await startSqld();
      onTestFinished(() => sqld.close());
      const other = await serving((request, body) => passedOn(sqld.url.http, request, body));
      const first = await serving(async (request) => ({
        status,
        headers: { location: `http://127.0.0.1:${other.port}${request.url ?? '/'}` },
        body: Buffer.alloc(0),
      }));
      await using manager = await openTransactionManager({ url: `http://127.0.0.1:${first.port}`, authToken });
      await manager.db.run(sql`create table t (a)`);
      await manager.transaction(({ db }) => db.run(sql`insert into t values (1)`));
      expect(await manager.db.values(sql`select a from t`)).toEqual([[1]]);
      expect(first.seen.length).toBeGreaterThan(0);
      expect(first.seen.every(({ authorization }) => authorization === `Bearer ${authToken}`)).toBe(true);
      expect(other.seen.length).toBeGreaterThan(0);
      expect(JSON.stringify(other.seen)).not.toContain(authToken);
    },
  );

  it('may send requests to another path of its own, and the token goes with them', async () => {
    const sqld = await startSqld();
    onTestFinished(() => sqld.close());
    const proxy = await serving(async (request, body) => {
      const { url = '/' } = request;
      if (!url.startsWith('/moved'))
        return { status: 308, headers: { location: `/moved${url}` }, body: Buffer.alloc(0) };
      request.url = url.slice('/moved'.length);
      return passedOn(sqld.url.http, request, body);
    });
    await using manager = await openTransactionManager({ url: `http://127.0.0.1:${proxy.port}`, authToken });
    await manager.db.run(sql`create table t (a)`);
    expect(await manager.db.values(sql`select count(*) from t`)).toEqual([[0]]);
    expect(proxy.seen.every(({ authorization }) => authorization === `Bearer ${authToken}`)).toBe(true);
  });

  it('gets statements on their own on streams that go on, which costs it no new connection for each', async () => {
    const { sqld, manager, batons } = await behindProxy();
    await manager.db.run(sql`create table t (a)`);
    for (let i = 0; i < 5; i += 1) await manager.db.run(sql`insert into t values (${i})`);
    expect(await manager.db.values(sql`select count(*) from t`)).toEqual([[5]]);
    // What a manager opens with has opened it; what changes a schema has one of its own.
    const went = batons.map((baton) => baton !== undefined);
    expect(went).toEqual([false, false, true, true, true, true, true, true]);
    expect(await rowsOf(sqld.url.http)).toEqual([0, 1, 2, 3, 4]);
  });

  it('that has ended such a stream meanwhile runs the statement once, on another one', async () => {
    const { sqld, manager } = await behindProxy();
    await manager.db.run(sql`create table t (a)`);
    await manager.db.run(sql`insert into t values (1)`);
    await sqld.restart();
    await manager.db.run(sql`insert into t values (2)`);
    await expect(manager.db.run(sql`insert into nowhere values (3)`)).rejects.toMatchObject({ code: 'SQLITE_ERROR' });
    await manager.db.run(sql`insert into t values (4)`);
    expect(await rowsOf(sqld.url.http)).toEqual([1, 2, 4]);
  });

  it('that does not find such a stream, as those of Turso say it, runs the statement once, on another one', async () => {
    const { sqld, manager, refuse } = await behindProxy();
    await manager.db.run(sql`create table t (a)`);
    await manager.db.run(sql`insert into t values (1)`);
    refuse(streamNotFound);
    for (const a of [2, 3, 4]) await manager.db.run(sql`insert into t values (${a})`);
    refuse({ status: 404, headers: {}, body: 'not found' });
    await expect(manager.db.run(sql`insert into t values (5)`)).rejects.toMatchObject({ name: 'DatabaseError' });
    refuse(undefined);
    await manager.db.run(sql`insert into t values (6)`);
    expect(await rowsOf(sqld.url.http)).toEqual([1, 2, 3, 4, 6]);
  });

  it('that does not find the stream of a transaction runs the transaction again, whole', async () => {
    const { sqld, manager, refuse } = await behindProxy();
    await manager.db.run(sql`create table t (a)`);
    let runs = 0;
    await manager.transaction(async ({ db }) => {
      runs += 1;
      await db.run(sql`insert into t values (1)`);
      // https://github.com/tursodatabase/libsql-client-go/issues/135
      refuse(runs === 1 ? streamNotFound : undefined);
      await db.run(sql`insert into t values (2)`);
    });
    expect([runs, await rowsOf(sqld.url.http)]).toEqual([2, [1, 2]]);
  });

  it.each([500, 502, 503, 504])(
    'may answer %i in the place of what a write was answered, which runs once',
    async (status) => {
      const { sqld, manager, lose } = await behindProxy();
      const { $client: client } = manager.db;
      await manager.db.run(sql`create table t (a)`);
      const writes: readonly (readonly [RegExp, (a: number) => Promise<unknown>])[] = [
        [/insert/, (a) => manager.db.run(sql`insert into t values (${a})`)],
        [/COMMIT/, (a) => manager.transaction(({ db }) => db.run(sql`insert into t values (${a})`))],
        [/COMMIT/, (a) => client.batch([`insert into t values (${a})`])],
        [/insert/, (a) => client.executeMultiple(`insert into t values (${a})`)],
      ];
      for (const [a, [part, write]] of writes.entries()) {
        lose(part, status);
        await expect(write(a)).rejects.toMatchObject({ outcome: 'unknown', recoverable: false });
      }
      lose(/COMMIT/, status);
      const keyed = { idempotencyKey: 'once' };
      await manager.transaction(async ({ db }) => void (await db.run(sql`insert into t values (4)`)), keyed);
      expect(await rowsOf(sqld.url.http)).toEqual([0, 1, 2, 3, 4]);
    },
  );

  it('answers what asks for the connection as it answers a new one', async () => {
    const { sqld, manager } = await behindProxy();
    const stock = createClient({ url: sqld.url.http });
    onTestFinished(() => stock.close());
    await manager.db.run(sql`create table t (id integer primary key)`);
    await manager.db.run(sql`insert into t values (7)`);
    await manager.db.run(sql`update t set id = 8`);
    const asked = 'select changes() c, total_changes() t, last_insert_rowid() l';
    const [row] = (await stock.execute(asked)).rows;
    expect((await manager.db.$client.execute(asked)).rows[0]).toEqual(row);
  });

  it('runs many statements at once, each once, and those that come later', async () => {
    const { sqld, manager } = await behindProxy();
    await manager.db.run(sql`create table t (a)`);
    for (const round of [0, 1, 2]) {
      await Promise.all(
        Array.from({ length: 12 }, (_, i) => manager.db.run(sql`insert into t values (${round * 12 + i})`)),
      );
    }
    expect((await rowsOf(sqld.url.http)).sort((a, b) => a - b)).toEqual(Array.from({ length: 36 }, (_, i) => i));
  });

  it('never keeps more than four of its streams open, however many statements come at once', async () => {
    const { manager, leftOpen } = await behindProxy();
    // Each takes a connection, of which the server has 128.
    for (let burst = 0; burst < 20; burst += 1) {
      await Promise.all(Array.from({ length: 12 }, (_, i) => manager.db.values(sql`select ${i}`)));
      expect(leftOpen.size).toBeLessThanOrEqual(4);
    }
  });
});

describeWithSqld('a manager that is closed', () => {
  it('leaves none of its streams at the server, which has connections for 128', async () => {
    const { manager, leftOpen } = await behindProxy();
    await Promise.all(Array.from({ length: 12 }, (_, i) => manager.db.values(sql`select ${i}`)));
    expect(leftOpen.size).toBeGreaterThan(0);
    await manager.close();
    expect(leftOpen.size).toBe(0);
  });

  it('leaves none of those over which it has asked a server behind a WebSocket', async () => {
    const sqld = await startSqld();
    onTestFinished(() => sqld.close());
    const writer = createClient({ url: sqld.url.http });
    await writer.execute('create table t (a)');
    writer.close();
    for (let opened = 0; opened < 150; opened += 1) {
      await using manager = await openTransactionManager({ url: sqld.url.ws });
      expect(await manager.changes.ask()).toBe(true);
    }
  });
});

/**
 * A manager that reaches a real server through a proxy, the baton of each request that the proxy has seen, and those of the
 * streams that wait at the server.
 */
async function behindProxy() {
  const sqld = await startSqld();
  const batons: (string | undefined)[] = [];
  const leftOpen = new Set<string>();
  let refusal: Refusal | undefined;
  let lost: { readonly part: RegExp; readonly status: number } | undefined;
  const batonIn = (body: Buffer) => (JSON.parse(String(body)) as { readonly baton?: string | null }).baton ?? undefined;
  const proxy = await serving(async (request, body) => {
    if (request.method !== 'POST') return passedOn(sqld.url.http, request, body);
    const baton = batonIn(body);
    batons.push(baton);
    if (baton !== undefined) leftOpen.delete(baton);
    if (baton !== undefined && refusal !== undefined) return { ...refusal, body: Buffer.from(refusal.body) };
    const answer = await passedOn(sqld.url.http, request, body);
    const status = lost?.part.test(String(body)) ? lost.status : undefined;
    if (status !== undefined) {
      lost = undefined;
      return { status, headers: { 'content-type': 'text/html' }, body: Buffer.from('<h1>Sorry</h1>') };
    }
    const next = answer.status === 200 ? batonIn(answer.body) : undefined;
    if (next !== undefined) leftOpen.add(next);
    return answer;
  });
  const manager = await openTransactionManager({ url: `http://127.0.0.1:${proxy.port}` });
  onTestFinished(async () => {
    await manager.close();
    await sqld.close();
  });
  /** What requests on streams that were kept are answered from here on. */
  const refuse = (answer: Refusal | undefined): void => {
    refusal = answer;
  };
  /** The next request that holds `part` reaches the server, and in the place of its answer comes a page with `status`. */
  const lose = (part: RegExp, status: number): void => {
    lost = { part, status };
  };
  return { sqld, manager, batons, leftOpen, refuse, lose };
}

interface Refusal {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** https://github.com/tursodatabase/libsql/issues/2083 */
const streamNotFound: Refusal = {
  status: 404,
  headers: { 'content-type': 'application/json' },
  body: '{"error":"stream not found: 1a:2b"}',
};

async function rowsOf(url: string): Promise<number[]> {
  const judge = createClient({ url });
  const { rows } = await judge.execute('select a from t order by rowid');
  judge.close();
  return rows.map((row) => Number(row['a']));
}
