// examples/remote-server.ts on a real server, over both protocols.
import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { startSqld } from '@cc/testkit/sqld';
import { describeWithSqld } from '@cc/testkit/targets';
import { expect, it, onTestFinished } from 'vitest';

const run = promisify(execFile);
const program = fileURLToPath(new URL('../../../../examples/dist/remote-server.js', import.meta.url));

describeWithSqld('remote-server', () => {
  it('pays once, whoever asks and however often', async () => {
    const server = await startSqld();
    onTestFinished(() => server.close());
    for (const url of [server.url.http, server.url.ws]) {
      const { stdout } = await run(process.execPath, [program], {
        env: { ...process.env, LIBSQL_URL: url },
      });
      expect(stdout.split('\n')).toEqual(['on a remote database', '{ paid: 250 }', '{ paid: 250 }', '1', '']);
    }
  });
});
