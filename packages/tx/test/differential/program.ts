// A random program: calls of every kind, drawn one after another from one seed.
import type { Call } from './call.js';
import type { Random } from './random.js';
import { drawBatch, drawClientBatch, drawScript } from './steps/batches.js';
import { inSomeForm } from './steps/forms.js';
import { drawPrepared } from './steps/prepared.js';
import { drawExecute, drawRaw } from './steps/raw.js';
import { drawRead } from './steps/reads.js';
import { drawRelational } from './steps/relational.js';
import { drawClientTransaction, drawTransaction } from './steps/transactions.js';
import { drawWrite } from './steps/writes.js';

/** The next call. */
export function drawCall(random: Random): Call {
  return random.weighed<() => Call>([
    [10, () => inSomeForm(random, drawRead(random))],
    [10, () => inSomeForm(random, drawWrite(random))],
    [5, () => drawRelational(random)],
    [6, () => drawRaw(random)],
    [6, () => drawExecute(random)],
    [7, () => drawPrepared(random)],
    [3, () => drawBatch(random)],
    [3, () => drawClientBatch(random)],
    [1, () => drawScript(random)],
    [5, () => drawTransaction(random)],
    [3, () => drawClientTransaction(random)],
  ])();
}
