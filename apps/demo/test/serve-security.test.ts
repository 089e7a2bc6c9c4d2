// Who may ask a server for what: tables of hosts, origins and tokens, and the headers of whatever is answered.
import { once } from 'node:events';
import { type IncomingMessage, type RequestOptions, request } from 'node:http';
import { connect } from 'node:net';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { expect, it, onTestFinished } from 'vitest';
import { CannotServe, isLoopback, serveLibrary } from '../src/serve/server.js';
import { asking, askRaw, serving } from './serving.js';

const served = serving({ hosts: ['models.example'] });

it('answers to its own names and to addresses, and to no name that others can point at it', async () => {
  const { server } = served();
  for (const [host, status] of [
    ['localhost', 200],
    ['LOCALHOST:7330', 200],
    ['127.0.0.1:1', 200],
    ['[::1]:7330', 200],
    ['192.168.1.7', 200],
    ['models.example', 200],
    ['evil.example', 421],
    ['localhost.evil.example', 421],
    ['127.0.0.1.evil.example:7330', 421],
    ['models.example.evil', 421],
    ['1', 421],
  ] as const) {
    for (const path of ['/api/library', '/', '/healthz'])
      expect([host, path, (await askRaw(server.url, path, { host })).status]).toEqual([host, path, status]);
  }
});

it('takes writes from its own page and from programs only, in a form that other pages cannot send', async () => {
  const { ask, server, library } = served();
  const own = server.url.slice(0, -1);
  const json = { 'content-type': 'application/json' };
  let made = 0;
  for (const [headers, status] of [
    [json, 201],
    [{ ...json, origin: own }, 201],
    [{ ...json, origin: own, 'sec-fetch-site': 'same-origin' }, 201],
    [{ ...json, origin: 'http://evil.example' }, 403],
    [{ ...json, origin: 'null' }, 403],
    [{ ...json, origin: `${own}.evil.example` }, 403],
    [{ ...json, origin: own.replace(/:\d+$/, ':1') }, 403],
    [{ ...json, 'sec-fetch-site': 'cross-site' }, 403],
    [{ ...json, 'sec-fetch-site': 'same-site' }, 403],
    [{ 'content-type': 'text/plain' }, 415],
    [{ 'content-type': 'application/x-www-form-urlencoded' }, 415],
    [{ 'content-type': 'multipart/form-data; boundary=x' }, 415],
    [{ 'content-type': 'text/plain; a=application/json' }, 415],
  ] as const) {
    made += 1;
    const response = await fetch(new URL('/api/collections', server.url), {
      method: 'POST',
      headers,
      body: JSON.stringify({ name: `Box ${made}` }),
    });
    expect([headers, response.status]).toEqual([headers, status]);
  }
  expect(await library.repositories.collections.list()).toHaveLength(3);
  const post = (headers: Record<string, string>) =>
    askRaw(server.url, '/api/health/alerts/x/acknowledge', headers, 'POST');
  expect((await post({})).status).toBe(415);
  expect((await post({ 'x-candy': '1' })).status).toBe(404);
  expect((await post({ 'x-candy': '1', origin: 'http://evil.example' })).status).toBe(403);
  for (const headers of [{ 'sec-fetch-site': 'cross-site' }, { origin: 'http://evil.example' }]) {
    expect((await ask('/api/library', { headers })).status).toBe(403);
    expect((await ask('/metrics', { headers })).status).toBe(403);
  }
  // A link from elsewhere opens the page.
  expect((await ask('/models/1', { headers: { 'sec-fetch-site': 'cross-site' } })).status).toBe(200);
  const preflight = await ask('/api/edits', { method: 'OPTIONS', headers: { origin: 'http://evil.example' } });
  expect([preflight.status, preflight.headers.get('access-control-allow-origin')]).toEqual([403, null]);
});

it('lets a browser do nothing but what the page is made of, whatever is answered', async () => {
  const { ask } = served();
  for (const path of [
    '/',
    '/api/library',
    '/api/nothing',
    '/api/models?x=1',
    '/healthz',
    '/metrics',
    '/nothing.js',
    '/api/openapi.json',
  ]) {
    const { headers } = await ask(path);
    const policy = headers.get('content-security-policy') ?? '';
    if (path !== '/metrics')
      expect([path, policy]).toEqual([path, expect.stringMatching(/^default-src 'none'; .*frame-ancestors 'none'/)]);
    if (path !== '/metrics') expect(policy).not.toMatch(/unsafe|\*|https?:/);
    expect(Object.fromEntries(headers)).toMatchObject({
      'x-content-type-options': 'nosniff',
      'referrer-policy': 'no-referrer',
      'cross-origin-opener-policy': 'same-origin',
      'cross-origin-resource-policy': 'same-origin',
    });
    expect(headers.get('x-powered-by')).toBeNull();
  }
});

it('asks for a token where others can reach it, and takes it once for a cookie', async () => {
  const { library, place } = served();
  const folder = join(place.folder, '.candy');
  const open = await serveLibrary(library, { folder, address: '0.0.0.0', port: 0 });
  onTestFinished(() => open.close());
  const token = open.token ?? '';
  expect(token.length).toBeGreaterThanOrEqual(32);
  const ask = asking(open.url);
  expect((await askRaw(open.url, '//api/library')).body).not.toContain('models');
  for (const [path, status] of [
    ['/', 200],
    ['/models/1', 200],
    ['/healthz', 200],
    ['/readyz', 200],
    ['/metrics', 401],
    ['/api/library', 401],
    ['/api/openapi.json', 401],
    ['/api/events', 401],
    ['/api/nothing', 401],
    ['/%61pi/library', 401],
  ] as const) {
    expect([path, (await ask(path)).status]).toEqual([path, status]);
  }
  for (const authorization of ['Bearer ', 'Bearer x', `Basic ${token}`, `Bearer ${token}x`, token])
    expect((await ask('/api/library', { headers: { authorization } })).status).toBe(401);
  expect((await ask('/api/library', { headers: { authorization: `Bearer ${token}` } })).status).toBe(200);
  const logIn = (given: string) => ask('/api/login', { body: { token: given } });
  expect((await logIn('wrong')).status).toBe(401);
  const response = await logIn(token);
  expect(response.status).toBe(204);
  const given = response.headers.get('set-cookie') ?? '';
  expect(given).toMatch(/; Path=\/; HttpOnly; SameSite=Strict$/);
  expect(given).not.toContain(token);
  const cookie = given.split(';')[0] ?? '';
  expect((await ask('/api/library', { headers: { cookie } })).status).toBe(200);
  expect((await ask('/api/library', { headers: { cookie: `${cookie}x` } })).status).toBe(401);
});

it.skipIf(process.platform !== 'linux')(
  'lets nobody guess on and on, and locks out no other address for it',
  async () => {
    const { library, place } = served();
    const folder = join(place.folder, '.candy');
    await using open = await serveLibrary(library, { folder, address: '0.0.0.0', port: 0 });
    const { port } = new URL(open.url);
    const from = async (localAddress: string, path: string, options: RequestOptions, body = ''): Promise<number> => {
      const sent = request({ ...options, host: '127.0.0.1', port, path, localAddress }).end(body);
      const [response] = (await once(sent, 'response')) as [IncomingMessage];
      response.resume();
      return response.statusCode ?? 0;
    };
    const ask = (localAddress: string, token: string) =>
      from(localAddress, '/api/library', { headers: { authorization: `Bearer ${token}` } });
    const logIn = (localAddress: string, token: string) =>
      from(
        localAddress,
        '/api/login',
        { method: 'POST', headers: { 'content-type': 'application/json' } },
        JSON.stringify({ token }),
      );
    const right = open.token ?? '';
    for (let attempts = 0; attempts < 5; attempts += 1) {
      expect(await ask('127.0.0.2', `${right}x`)).toBe(401);
      expect(await logIn('127.0.0.2', 'wrong')).toBe(401);
    }
    expect([await ask('127.0.0.2', right), await logIn('127.0.0.2', right)]).toEqual([429, 429]);
    expect([await ask('127.0.0.3', right), await logIn('127.0.0.3', right)]).toEqual([200, 204]);
  },
);

it('lets one browser into two servers of a machine', async () => {
  const { library, place } = served();
  const folder = join(place.folder, '.candy');
  const serve = () => serveLibrary(library, { folder, port: 0, token: 'a token of thirty letters here' });
  await using first = await serve();
  await using second = await serve();
  // As browsers do: by name, whatever the port is.
  const jar = new Map<string, string>();
  for (const { url, token } of [first, second]) {
    const { headers } = await asking(url)('/api/login', { body: { token } });
    const [name = '', value = ''] = (headers.get('set-cookie')?.split(';')[0] ?? '').split('=');
    jar.set(name, value);
  }
  const cookie = [...jar].map(([name, value]) => `${name}=${value}`).join('; ');
  for (const { url } of [first, second])
    expect((await asking(url)('/api/library', { headers: { cookie } })).status).toBe(200);
});

it('says what is wrong with a port, an address or a token', async () => {
  const { library, place, server } = served();
  const folder = join(place.folder, '.candy');
  const port = Number(new URL(server.url).port);
  for (const [options, words] of [
    [{ port }, /port is in use: .* --port/],
    [{ port: 0, address: '203.0.113.1' }, /address is none of this machine/],
    [{ port: 0, token: 'short' }, /token is too short/],
  ] as const)
    await expect(serveLibrary(library, { folder, ...options })).rejects.toThrow(words);
  await expect(serveLibrary(library, { folder, port })).rejects.toBeInstanceOf(CannotServe);
  expect(['127.0.0.1', '127.9.9.9', '::1', 'localhost'].every(isLoopback)).toBe(true);
  expect(['0.0.0.0', '::', '10.0.0.1', '127.0.0.1.evil', 'example'].some(isLoopback)).toBe(false);
});

it('takes no more than it has room for', async () => {
  const { ask } = served();
  const body = { edits: [{ id: '0190f5a0-0000-7000-8000-000000000000', set: { description: 'x'.repeat(9_000_000) } }] };
  expect(await ask('/api/edits', { body })).toMatchObject({ status: 413, json: { code: 'TOO_LARGE' } });
  const huge = { 'content-type': 'application/octet-stream', 'content-length': String(2 ** 40) };
  expect(
    (await askRaw(served().server.url, '/api/uploads?name=x.stl', huge, 'POST').catch(() => ({ status: 413 }))).status,
  ).toBe(413);
});

it('keeps a connection longer than proxies do, which send the next request on it after a minute', async () => {
  const { headers } = await fetch(new URL('/healthz', served().server.url));
  expect(headers.get('keep-alive')).toBe('timeout=75');
});

it('ends a request whose body does not come, as no upload takes its time', async () => {
  const { library, place } = served();
  const options = { folder: join(place.folder, '.candy'), port: 0, bodyTimeoutMs: 50 };
  await using server = await serveLibrary(library, options);
  const { port, hostname } = new URL(server.url);
  const begin = (path: string, type: string) => {
    const socket = connect(Number(port), hostname);
    socket.write(
      `POST ${path} HTTP/1.1\r\nhost: ${hostname}\r\ncontent-type: ${type}\r\ncontent-length: 4\r\nconnection: close\r\n\r\n{`,
    );
    return socket;
  };
  const upload = begin('/api/uploads?name=slow.stl', 'application/octet-stream');
  for (const path of ['/api/login', '/api/edits', '/nothing'])
    expect(await text(begin(path, 'application/json'))).toBeTypeOf('string');
  upload.write('"}\n');
  expect(await text(upload)).toMatch(/^HTTP\/1.1 201 /);
});

it('answers what is no HTTP with a problem as well, and closes', async () => {
  const { port, hostname } = new URL(served().server.url);
  for (const [sent, status] of [
    ['nonsense\r\n\r\n', 400],
    [`GET / HTTP/1.1\r\nhost: ${hostname}\r\nx: ${'a'.repeat(70_000)}\r\n\r\n`, 431],
  ] as const) {
    const socket = connect(Number(port), hostname);
    socket.end(sent);
    const answer = await text(socket);
    expect(answer).toMatch(new RegExp(`^HTTP/1.1 ${status} `));
    expect(JSON.parse(answer.split('\r\n\r\n')[1] ?? '')).toMatchObject({ status, code: 'INVALID' });
  }
});
