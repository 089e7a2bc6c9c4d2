// Tests with a transaction around them and their fixtures, under vitest.
import { rolledBack } from '@cc/tx/testing';
import { afterAll, aroundEach, beforeEach, expect, test } from 'vitest';
import { add, close, failure, names, transactions } from './library.mjs';

aroundEach((runTest) => rolledBack(transactions, runTest));
beforeEach(() => add('fixture'));
afterAll(close);

test('sees its fixture and its own rows', async () => {
  await add('one');
  expect(await names()).toEqual(['kept', 'fixture', 'one']);
});
test('sees no rows of the test before', async () => {
  expect(await names()).toEqual(['kept', 'fixture']);
  await add('two');
  throw new Error('red on purpose');
});

let wake;
const asleep = new Promise((resolve) => (wake = resolve));
let late;
test('takes too long', { timeout: 500 }, async () => {
  await add('three');
  late = asleep.then(() => failure(add('late')));
  await late;
});
test('goes on after it, and refuses its late work', async () => {
  wake();
  expect(await late).toBe('TX_CLOSED');
  expect(await names()).toEqual(['kept', 'fixture']);
});
