// Two tests at once on one manager.
import { rolledBack } from '@cc/tx/testing';
import { afterAll, aroundEach, test } from 'vitest';
import { add, close, transactions } from './library.mjs';

aroundEach((runTest) =>
  rolledBack(transactions, runTest).catch((error) => {
    refused();
    throw error;
  }),
);
afterAll(close);

let refused;
const both = new Promise((resolve) => (refused = resolve));
test.concurrent('the first', async () => {
  await add('one');
  await both;
});
test.concurrent('the second', () => add('two'));
