// A replica reads its own writes, also while its server packs the log that replicas are fed from: sqld does so at each 200 MB,
// and answers for seconds that it has no snapshot. A proxy answers as it does, because a test cannot wait for such a log.
import { once } from 'node:events';
import { createServer, request } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { startSqld } from '@cc/testkit/sqld';
import { describeWithSqld } from '@cc/testkit/targets';
import { temporaryFolder } from '@cc/testkit/temporary-folder';
import { expect, it, onTestFinished } from 'vitest';
import { openTransactionManager, type TransactionManager } from '../src/index.js';

describeWithSqld('a replica whose server packs its log', () => {
  it('has its own write when the transaction resolves, and so has one without a transaction', async () => {
    const { replica, packing, rows } = await opened();
    packing.answers = 3;
    await replica.transaction(() => replica.db.run('insert into t values (1)'));
    expect([packing.answers, await rows()]).toEqual([0, [{ a: 1 }]]);
    packing.answers = 1;
    await replica.db.run('insert into t values (2)');
    expect([packing.answers, await rows()]).toEqual([0, [{ a: 1 }, { a: 2 }]]);
  });
});

interface Opened {
  readonly replica: TransactionManager;
  /** How many of the next requests for the log are answered as by a server that packs it. */
  readonly packing: { answers: number };
  readonly rows: () => Promise<unknown>;
}

async function opened(): Promise<Opened> {
  const sqld = await startSqld();
  onTestFinished(() => sqld.close());
  const { hostname, port } = new URL(sqld.url.http);
  const packing = { answers: 0 };
  const proxy = createServer((asked, answer) => {
    const { method, url: path = '', headers } = asked;
    if (path.endsWith('/BatchLogEntries') && packing.answers > 0) {
      packing.answers -= 1;
      const status = { 'grpc-status': '14', 'grpc-message': 'snapshot not found', 'content-length': '0' };
      answer.writeHead(200, { 'content-type': 'application/grpc-web+proto', ...status }).end();
      return;
    }
    const passed = request({ ...{ hostname, port, method, path, headers } }, (answered) => {
      answer.writeHead(answered.statusCode ?? 502, answered.headers);
      answered.pipe(answer);
    });
    passed.on('error', () => answer.destroy());
    asked.pipe(passed);
  });
  proxy.listen(0, '127.0.0.1');
  await once(proxy, 'listening');
  onTestFinished(() => {
    proxy.closeAllConnections();
    proxy.close();
  });
  const replica = await openTransactionManager({
    url: pathToFileURL(join(await temporaryFolder(), 'replica.db')).href,
    syncUrl: `http://127.0.0.1:${(proxy.address() as AddressInfo).port}`,
    syncIntervalMs: Number.POSITIVE_INFINITY,
  });
  onTestFinished(() => replica.close({ drainMs: 0 }));
  await replica.db.run('create table t (a)');
  return { replica, packing, rows: () => replica.db.all('select a from t order by a') };
}
