// A random program: calls of every kind, drawn one after another from one seed.
import type { Random } from '@cc/testkit/random';
import type { Call } from './call.js';
import { settle } from './picture.js';
import { drawBatch, drawClientBatch, drawScript } from './steps/batches.js';
import { inSomeForm } from './steps/forms.js';
import { drawPrepared } from './steps/prepared.js';
import { drawExecute, drawRaw } from './steps/raw.js';
import { drawRead } from './steps/reads.js';
import { drawRelational } from './steps/relational.js';
import { drawClientTransaction, drawTransaction } from './steps/transactions.js';
import { drawWrite } from './steps/writes.js';

/** The next call, one of `odd` now and then. */
export function drawCall(random: Random, odd: readonly Call[]): Call {
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
    [1, () => drawTogether(random)],
    [odd.length === 0 ? 0 : 1, () => random.pick(odd)],
  ])();
}

/** Several reads, or several writes, that are started at once. */
function drawTogether(random: Random): Call {
  const draw = random.pick([drawRead, drawWrite]);
  const calls = random.some(2, 4, () => inSomeForm(random, draw(random)));
  return {
    label: `together [${calls.map(({ label }) => label).join('; ')}]`,
    run: async (scope) => {
      const outcomes = await Promise.all(calls.map((call) => settle(() => call.run(scope))));
      scope.played.push(...calls.map((call, index) => ({ call, outcome: outcomes[index] ?? { value: 'nothing' } })));
    },
  };
}
