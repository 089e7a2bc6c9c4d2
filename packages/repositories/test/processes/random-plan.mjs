// What a process that is killed does, from a seed and the number of the work alone: the process and the test that kills it
// make the same plan, and the same library from it. Used by crash-writer.mjs and crash-loop.ts.
import { randomOfRound } from '@cc/testkit/random';
import { apply, batchesOfMany, kinds, replaceKinds, searchKinds, words } from '../random-operations.mjs';

const writes = [...kinds, ...replaceKinds];
const endings = ['alone', 'alone', 'alone', 'commit', 'rollback', 'savepoint'];

/** Returns a clock and ids that depend on the number of the work only. */
export function repeatable() {
  let n = 0;
  let ids = 0;
  return {
    /** Work `number` begins. */
    begin: (number) => {
      n = number;
      ids = 0;
    },
    now: () => Date.UTC(2024, 0, 1) + n * 1_000,
    newId: () => {
      ids += 1;
      return `${n.toString(16).padStart(8, '0')}-0000-7000-8000-${String(ids).padStart(12, '0')}`;
    },
  };
}

/** Returns the steps of work `n` and how they end: each on its own, or in a transaction that is committed or undone. */
export function planOf(seed, n) {
  const random = randomOfRound(seed, n);
  const ending = random.pick(endings);
  const count = ending === 'alone' ? 1 : random.whole(1, 6);
  const steps = Array.from({ length: count }, (_, i) => ({
    kind: random.pick(random.chance(0.85) ? writes : searchKinds),
    n: `${n}-${i}`,
    at: random.below(400),
    word: random.pick(words),
  }));
  return { ending, steps };
}

/** In how many commits the work can be cut: a killed process leaves the first few of them. */
export function commitsOf({ ending, steps }) {
  return ending === 'alone' && steps[0]?.kind === 'many' ? batchesOfMany : 1;
}

/** Does the work, or only the commit of it that is named. */
export async function perform(library, { ending, steps }, commit) {
  const all = async () => {
    for (const step of steps) await apply(library, step);
  };
  const undone = new Error('undone on purpose');
  const undoing = async () => {
    await all();
    throw undone;
  };
  const expectUndone = (error) => {
    if (error !== undone) throw error;
  };
  const { transactions } = library;
  if (ending === 'commit') await transactions.transaction(all);
  else if (ending === 'rollback') await transactions.transaction(undoing).catch(expectUndone);
  else if (ending === 'savepoint') {
    await transactions.transaction(async (tx) => {
      await apply(library, { kind: 'create', n: `${steps[0].n}-kept`, at: 1, word: 'kept' });
      await tx.savepoint(undoing).catch(expectUndone);
    });
  } else await apply(library, steps[0], commitsOf({ ending, steps }) > 1 ? commit : undefined);
}
