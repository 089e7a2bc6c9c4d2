// candy backup leaves the terminal and the process as they were, whenever the copy says how far it is.
import type { BackupInfo } from '@cc/tx';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { backupCommand } from '../src/commands/backup.js';
import type { Library } from '../src/library.js';
import { createOutput } from '../src/output.js';

const total = 340;
const info: BackupInfo = { path: 'copy.db', bytes: 328, pages: 82, durationMs: 1, verified: true, brokenRules: [] };

/** A library whose copy is as far as `told` says, one after another. Its own speed decides that, which no test can. */
function copying(told: readonly number[], failure?: Error): Pick<Library, 'transactions'> {
  const backup: Library['transactions']['backup'] = async (_path, options) => {
    for (const bytesDone of told) options?.onProgress?.({ bytesDone, bytesTotal: total });
    if (failure) throw failure;
    // The last word of each copy that was written.
    options?.onProgress?.({ bytesDone: info.bytes, bytesTotal: info.bytes });
    return info;
  };
  return { transactions: { backup } as Library['transactions'] };
}

describe('the progress of a backup on a terminal', () => {
  beforeEach(() => {
    vi.useFakeTimers();
  });

  afterEach(() => {
    vi.useRealTimers();
  });

  const output = (): ReturnType<typeof createOutput> =>
    createOutput({ stdout: { write: () => true }, stderr: { write: () => true }, interactive: true });
  const signal = new AbortController().signal;

  it.each([
    ['a copy that is read back at once', [0, 328]],
    ['a copy that is read back for a while', [0, 328, 328, 328]],
    ['a copy that is read back for long', [0, 328, 328, 328, 328, 328]],
    ['a copy that never said how far it is', []],
  ])('ends with %s', async (_name, told) => {
    await backupCommand(copying(told) as Library, 'copy.db', output(), signal);
    expect(vi.getTimerCount()).toBe(0);
  });

  it('ends with every copy, written or failed', async () => {
    const sizes = fc.array(fc.constantFrom(0, 100, 171, 328, total), { maxLength: 9 });
    await fc.assert(
      fc.asyncProperty(sizes, fc.boolean(), async (told, fails) => {
        const failure = fails ? new Error('a fault') : undefined;
        const ended = backupCommand(copying(told, failure) as Library, 'copy.db', output(), signal);
        expect(await ended.catch((error: unknown) => error)).toBe(failure ?? 0);
        expect(vi.getTimerCount()).toBe(0);
      }),
    );
  });
});
