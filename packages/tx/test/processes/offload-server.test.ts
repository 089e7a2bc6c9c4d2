import { expect, it, onTestFinished } from 'vitest';
import { describeWithSqld, startSqld } from '../sqld.js';
import { start } from './program.js';

describeWithSqld('a read that is offloaded to a server', () => {
  it.each(['http', 'ws'] as const)(
    'over %s ends with its time, and close() and the process with it',
    async (protocol) => {
      const sqld = await startSqld();
      onTestFinished(() => sqld.close());
      const program = start('offload-server.mjs', [sqld.url[protocol]]);
      expect(await program.line()).toBe('timeout OFFLOAD_TIMEOUT');
      expect(await program.exited).toBe(0);
    },
  );
});
