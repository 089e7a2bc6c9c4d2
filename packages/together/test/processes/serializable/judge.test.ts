// The judge of serializable.test.ts, on histories made by hand: it hears of everything that can be wrong, and of nothing else.
import { expect, test } from 'vitest';
import type { Call, History, Step } from './history.js';
import { faultsOf, type TimeLine } from './judge.js';

interface Made {
  readonly steps?: readonly Step[];
  /** Values that it tried to append, where it did not come to say so. */
  readonly tried?: readonly string[];
  readonly state?: Call['state'];
  readonly at: readonly [begun: number, ended: number];
  readonly process?: string;
}

function historyOfCalls(made: Readonly<Record<string, Made>>, list: readonly string[], undone: string[] = []): History {
  const writers = new Map<string, Call>();
  const calls = Object.entries(made).map(([name, { steps = [], tried = [], state = 'done', at, process = name }]) => {
    const call: Call = { name, process, kind: 'transaction', begun: at[0], ended: at[1], state, steps };
    for (const value of tried) writers.set(value, call);
    for (const [what, , value] of steps) if (what === 'append') writers.set(value, call);
    return call;
  });
  return { calls, writers, undone: new Set(undone), lists: new Map([[1, list]]), complaints: [] };
}

const append = (value: string): Step => ['append', 1, value];
const read = (...list: string[]): Step => ['read', 1, list];
const all: TimeLine = () => 'all';

test.each<[title: string, faults: string, history: History]>([
  [
    'a write that was acknowledged and is gone',
    'acknowledged, and a is not in list 1',
    historyOfCalls({ one: { steps: [append('a')], at: [0, 1] } }, []),
  ],
  [
    'a write that failed and is there',
    'failed, and a is in list 1',
    historyOfCalls({ one: { tried: ['a'], state: 'failed', at: [0, 1] } }, ['a']),
  ],
  [
    'a write that took effect twice',
    'twice',
    historyOfCalls({ one: { steps: [append('a')], at: [0, 1] } }, ['a', 'a']),
  ],
  [
    'a savepoint that was rolled back and is there',
    'rolled back to a savepoint',
    historyOfCalls({ one: { tried: ['a'], at: [0, 1] } }, ['a'], ['a']),
  ],
  [
    'a read of what was rolled back',
    'read b in list 1',
    historyOfCalls(
      {
        one: { steps: [append('a')], at: [0, 1] },
        two: { tried: ['b'], state: 'failed', at: [2, 5] },
        reader: { steps: [read('a', 'b')], at: [3, 4] },
      },
      ['a'],
    ),
  ],
  [
    'a read without what the reader wrote itself',
    'had appended a,b',
    historyOfCalls({ one: { steps: [append('a'), append('b'), read('a')], at: [0, 1] } }, ['a', 'b']),
  ],
  [
    'a read in the middle of a transaction',
    'cannot have run one after another',
    historyOfCalls(
      { one: { steps: [append('a'), append('b')], at: [0, 9] }, reader: { steps: [read('a')], at: [1, 2] } },
      ['a', 'b'],
    ),
  ],
  [
    'a write that was lost under another',
    'cannot have run one after another',
    historyOfCalls(
      {
        one: { steps: [read(), append('a')], at: [0, 9] },
        two: { steps: [read(), append('b')], at: [1, 8] },
      },
      ['a', 'b'],
    ),
  ],
  [
    'a read of what was before somebody else had ended',
    'cannot have run one after another',
    historyOfCalls({ one: { steps: [append('a')], at: [0, 1] }, reader: { steps: [read()], at: [2, 3] } }, ['a']),
  ],
])('it hears of %s', (_title, fault, history) => {
  const faults = faultsOf(history, [all]);
  expect(faults).toHaveLength(1);
  expect(faults[0]).toContain(fault);
});

test('what nobody knows the end of may have happened or not, and may happen late', () => {
  const made = {
    one: { tried: ['a'], state: 'unknown', at: [0, Number.POSITIVE_INFINITY] },
    two: { tried: ['b'], state: 'unknown', at: [0, Number.POSITIVE_INFINITY] },
    early: { steps: [read()], at: [1, 2] },
    late: { steps: [read('a')], at: [3, 4] },
  } as const;
  expect(faultsOf(historyOfCalls(made, ['a']), [all])).toEqual([]);
});

test('a read of another process may be old where that is allowed, and not in the process that wrote', () => {
  const writer = { steps: [append('a')], at: [0, 1] } as const;
  const old = { steps: [read()], at: [2, 3] } as const;
  const ofProcess: TimeLine = ({ process }) => process;
  expect(faultsOf(historyOfCalls({ writer, old }, ['a']), [ofProcess])).toEqual([]);
  const own = historyOfCalls({ writer: { ...writer, process: 'p' }, old: { ...old, process: 'p' } }, ['a']);
  expect(faultsOf(own, [ofProcess])).toHaveLength(1);
});
