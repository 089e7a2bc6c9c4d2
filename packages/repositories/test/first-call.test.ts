// Parts that are made with the first call that needs them.
import { expect, test } from 'vitest';
import { methodsOnFirstCall, onFirstCall } from '../src/first-call.js';

test('a function is made with its first call, once', () => {
  let made = 0;
  const add = onFirstCall(() => {
    made += 1;
    return (a: number, b: number) => a + b;
  });
  expect(made).toBe(0);
  expect([add(1, 2), add(3, 4), made]).toEqual([3, 7, 1]);
});

test('methods are made together with the first call of any, once, and hand on what they return and throw', () => {
  let made = 0;
  const calls = methodsOnFirstCall({ add: true, fail: true }, () => {
    made += 1;
    return {
      add: (a: number, b: number) => a + b,
      fail: (): never => {
        throw new RangeError('refused');
      },
    };
  });
  expect([Object.keys(calls), made]).toEqual([['add', 'fail'], 0]);
  expect(() => calls.fail()).toThrow(new RangeError('refused'));
  expect([calls.add(1, 2), made]).toEqual([3, 1]);
});

test('what could not be made is tried again with the next call', () => {
  let isReady = false;
  const answer = onFirstCall(() => {
    if (!isReady) throw new Error('not yet');
    return () => 42;
  });
  expect(() => answer()).toThrow('not yet');
  isReady = true;
  expect(answer()).toBe(42);
});
