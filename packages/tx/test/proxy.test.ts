// Servers behind a proxy, as companies have it: what NODE_USE_ENV_PROXY tells Node holds for statements, too.
import { createServer, request as requestHttp } from 'node:http';
import type { AddressInfo } from 'node:net';
import { startSqld } from '@cc/testkit/sqld';
import { expect, it, onTestFinished, vi } from 'vitest';
import { openTransactionManager } from '../src/index.js';

const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
const isAble = (major === 22 && minor >= 21) || (major === 24 && minor >= 5) || major > 24;

/** A proxy that passes on what it is sent, and the addresses that it was asked for. */
async function startProxy(): Promise<{ readonly url: string; readonly asked: string[] }> {
  const asked: string[] = [];
  const proxy = createServer((incoming, outgoing) => {
    asked.push(incoming.url ?? '');
    const { method, headers } = incoming;
    const passed = requestHttp(incoming.url ?? '', { method, headers }, (answer) => {
      outgoing.writeHead(answer.statusCode ?? 502, answer.headers);
      answer.pipe(outgoing);
    });
    passed.on('error', () => outgoing.destroy());
    incoming.pipe(passed);
  });
  await new Promise<void>((resolve) => {
    proxy.listen(0, '127.0.0.1', resolve);
  });
  onTestFinished(() => {
    proxy.closeAllConnections();
    proxy.close();
  });
  return { url: `http://127.0.0.1:${(proxy.address() as AddressInfo).port}`, asked };
}

it.skipIf(!isAble)(
  `statements go through the proxy of the environment${isAble ? '' : ' (needs Node 22.21 or 24.5)'}`,
  async () => {
    await using server = await startSqld();
    const proxy = await startProxy();
    for (const [name, value] of [
      ['NODE_USE_ENV_PROXY', '1'],
      ['HTTP_PROXY', proxy.url],
      ['NO_PROXY', ''],
    ] as const)
      vi.stubEnv(name, value);
    onTestFinished(() => void vi.unstubAllEnvs());
    await using manager = await openTransactionManager({ url: server.url.http });
    await manager.db.run('create table t (a)');
    await manager.transaction((tx) => tx.db.run('insert into t values (1)'));
    expect(await manager.db.values('select a from t')).toEqual([[1]]);
    expect(proxy.asked.length).toBeGreaterThan(0);
    expect(proxy.asked.every((address) => address.startsWith(server.url.http))).toBe(true);
  },
);

it('nothing goes through a proxy that Node is not told to use', async () => {
  await using server = await startSqld();
  const proxy = await startProxy();
  vi.stubEnv('HTTP_PROXY', proxy.url);
  onTestFinished(() => void vi.unstubAllEnvs());
  await using manager = await openTransactionManager({ url: server.url.http });
  expect(await manager.db.values('select 1')).toEqual([[1]]);
  expect(proxy.asked).toEqual([]);
});
