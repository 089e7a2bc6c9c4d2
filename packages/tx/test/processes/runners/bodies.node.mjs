// Tests whose bodies are rolled back, under node:test.
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { rolledBack } from '@cc/tx/testing';
import { add, close, failure, names, transactions } from './library.mjs';

after(close);
const inTransaction = (body) => (t) => rolledBack(transactions, () => body(t), { signal: t.signal });

void test(
  'sees its own rows',
  inTransaction(async () => {
    await add('one');
    assert.deepEqual(await names(), ['kept', 'one']);
  }),
);
void test(
  'sees no rows of the test before',
  inTransaction(async () => {
    assert.deepEqual(await names(), ['kept']);
    await add('two');
    throw new Error('red on purpose');
  }),
);

let wake;
const asleep = new Promise((resolve) => (wake = resolve));
let late;
void test(
  'takes too long',
  { timeout: 500 },
  inTransaction(async () => {
    await add('three');
    late = asleep.then(() => failure(add('late')));
    await late;
  }),
);
void test(
  'goes on after it, and refuses its late work',
  inTransaction(async () => {
    wake();
    assert.equal(await late, 'TX_CLOSED');
    assert.deepEqual(await names(), ['kept']);
  }),
);
