// What the suites of `changes` look with, and the other process that writes.
import { startProgram } from '@cc/testkit/program';
import { expect } from 'vitest';
import type { TransactionManager } from '../../src/index.js';

/** A look that has to tell: a server is asked first, a replica fetches. */
export async function toldNow(manager: Pick<TransactionManager, 'changes' | 'capabilities' | 'sync'>): Promise<number> {
  if (manager.capabilities.sync) await manager.sync();
  expect(await manager.changes.ask()).toBe(true);
  const number = manager.changes.look();
  if (number === undefined) throw new Error('a look does not tell');
  return number;
}

/** Another process that has the database of `url` open. */
export interface OtherProcess {
  /** Resolves when `sql`, of one line, is committed and the other process has said so. */
  write(sql: string): Promise<void>;
  /** Resolves when it has closed the database and is gone. */
  end(): Promise<void>;
}

/** Starts it, and waits until it has the database open. */
export async function otherProcess(url: string): Promise<OtherProcess> {
  const child = startProgram(new URL('other-writer.mjs', import.meta.url), [url]);
  expect(await child.line()).toBe('open');
  return {
    write: async (sql) => {
      child.send(sql);
      expect(await child.line()).toBe('done');
    },
    end: async () => {
      child.send('end');
      expect(await child.ended()).toMatchObject({ code: 0 });
    },
  };
}
