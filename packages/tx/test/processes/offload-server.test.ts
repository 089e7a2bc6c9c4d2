import { startProgram } from '@cc/testkit/program';
import { startSqld } from '@cc/testkit/sqld';
import { describeWithSqld } from '@cc/testkit/targets';
import { expect, it, onTestFinished } from 'vitest';

describeWithSqld('a read that is offloaded to a server', () => {
  it.each(['http', 'ws'] as const)(
    'over %s ends with its time, and close() and the process with it',
    async (protocol) => {
      const sqld = await startSqld();
      onTestFinished(() => sqld.close());
      const program = startProgram(new URL('offload-server.mjs', import.meta.url), [sqld.url[protocol]]);
      expect(await program.line()).toBe('timeout OFFLOAD_TIMEOUT');
      expect((await program.ended()).code).toBe(0);
    },
  );
});
