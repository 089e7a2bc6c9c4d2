// Tells a person that a command waits for another program's lock, and how to find out whose it is; without it a command would
// stand still for as long as a minute without a word.
import type { TransactionManager } from '@cc/tx';
import type { Output } from './output.js';
import { visible } from './terminal.js';

/** How long a wait may last without a word, and after which pause another one has begun. */
const patienceMs = 1_000;

/** Writes a line on standard error for each long wait. `path` is that of the library's file, where it is one. */
export function tellWaits(
  transactions: Pick<TransactionManager, 'subscribe'>,
  path: string | undefined,
  output: Pick<Output, 'note'>,
): void {
  const wait = { since: Number.NEGATIVE_INFINITY, last: Number.NEGATIVE_INFINITY, isTold: false };
  const who = path === undefined ? '' : `: \`lsof ${visible(path)}\` names it`;
  transactions.subscribe((event) => {
    if (event.type !== 'retry' || event.error.type !== 'lock') return;
    const now = performance.now();
    if (now - wait.last > patienceMs) Object.assign(wait, { since: now, isTold: false });
    wait.last = now;
    if (wait.isTold || now - wait.since < patienceMs) return;
    wait.isTold = true;
    output.note(`candy: Another program is writing to the library, and this waits for it${who}`);
  });
}
