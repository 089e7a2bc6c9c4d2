import { expect, it } from 'vitest';
import { rotation } from '../harness/rotation.js';

const contenders = ['a', 'b', 'c', 'd'];

it('runs every contender once in every trial', () => {
  for (let trial = 0; trial < 12; trial += 1) {
    expect([...rotation(contenders, trial)].sort()).toEqual(contenders);
  }
});

it('reverses every second trial and moves on by one with every two', () => {
  expect([0, 1, 2, 3].map((trial) => rotation(contenders, trial).join(''))).toEqual(['abcd', 'dcba', 'bcda', 'adcb']);
});

it('puts each contender first, last, and before each other one', () => {
  const orders = Array.from({ length: 8 }, (_, trial) => rotation(contenders, trial));
  expect(new Set(orders.map((order) => order[0])).size).toBe(4);
  expect(new Set(orders.map((order) => order[3])).size).toBe(4);
  const before = orders.filter((order) => order.indexOf('a') < order.indexOf('c')).length;
  expect(before).toBe(4);
});
