// Two tests at once on one manager.
import { rolledBack } from '@cc/tx/testing';
import { afterAll, aroundEach, test } from 'vitest';
import { add, transactions } from './library.mjs';

aroundEach((runTest) => rolledBack(transactions, runTest));
afterAll(() => transactions.close());

let arrived;
const both = new Promise((resolve) => (arrived = resolve));
test.concurrent('the first', async () => {
  await add('one');
  await both;
});
test.concurrent('the second', async () => {
  await add('two');
});
// The second is refused before it begins, so somebody else has to let the first one go.
setTimeout(() => arrived(), 1_000);
