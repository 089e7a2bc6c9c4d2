// candy backup: a copy of the library that was read back and found sound.
import type { BackupOptions } from '@cc/tx';
import { isDatabaseError } from '@cc/tx/errors';
import { exitCodes } from '../exit-codes.js';
import { Refused } from '../failure.js';
import type { Library } from '../library.js';
import type { Output } from '../output.js';
import { showProgress, showSteps } from '../progress.js';
import { bytes, visible } from '../terminal.js';

/** Writes the copy. Returns 130, and leaves nothing behind, when the signal ended it. */
export async function backupCommand(
  library: Library,
  path: string,
  output: Output,
  signal: AbortSignal,
): Promise<number> {
  const progress = showProgress(output, { doing: 'Copying', things: '', amount: bytes, onTerminalOnly: true });
  const steps = showSteps(output, 'Backing up');
  const onProgress = stepsOf({
    growing: (done, total) => {
      steps.end();
      progress.show(done, total);
    },
    grown: () => {
      progress.end();
      steps.step('reading the copy back');
    },
  });
  // Both: a copy that was read back at once ends while it is still said to grow.
  const end = (): void => {
    progress.end();
    steps.end();
  };
  try {
    const info = await library.transactions.backup(path, { signal, onProgress });
    end();
    output.answer(info, () => [
      `${visible(info.path)}: ${bytes(info.bytes)}, read back and sound`,
      ...info.brokenRules.map((rule) => `  as in the library, rows break a rule: ${visible(rule)}`),
    ]);
    return exitCodes.ok;
  } catch (error) {
    end();
    if (signal.aborted) {
      output.answer({ interrupted: true }, () => ['Interrupted: no backup was written.']);
      return exitCodes.interrupted;
    }
    if (!isDatabaseError(error)) throw error;
    if (mayNot.test(error.code)) {
      throw new Refused(`The backup cannot be written to ${visible(path)}: this user may not write there`, {
        cause: error,
      });
    }
    // The library answers: it is the place of the copy that cannot be reached.
    if (error.type !== 'connection') throw error;
    throw new Refused(`The backup cannot be written to ${visible(path)}: ${visible(error.reason)}`, { cause: error });
  }
}

const mayNot = /^(?:EACCES|EPERM|EROFS)$/;

/** A copy is packed, so it may end before the size that was foretold: then it does not grow any more while it is read back. */
function stepsOf(told: {
  readonly growing: (done: number, total: number) => void;
  readonly grown: () => void;
}): NonNullable<BackupOptions['onProgress']> {
  let [last, still] = [-1, 0];
  return ({ bytesDone, bytesTotal }) => {
    still = bytesDone === last && bytesDone > bytesTotal / 2 ? still + 1 : 0;
    last = bytesDone;
    if (still === 3 || (bytesDone === bytesTotal && still === 0)) told.grown();
    else if (still < 3 && bytesDone < bytesTotal) told.growing(bytesDone, bytesTotal);
  };
}
