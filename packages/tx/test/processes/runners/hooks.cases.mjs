// One set of cases for the hooks of both runners.
import assert from 'node:assert/strict';
import { rollBackEach } from '@cc/tx/testing';
import { add, close, failure, names, transactions } from './library.mjs';

/** Registers the cases with a runner. */
export function cases({ test, beforeEach, afterEach, after }) {
  rollBackEach(() => transactions, { beforeEach, afterEach });
  beforeEach(async () => {
    await add('fixture');
  });
  after(close);

  void test('sees its fixture and its own rows', async () => {
    await add('one');
    assert.deepEqual(await names(), ['kept', 'fixture', 'one']);
  });
  void test('sees no rows of the test before', async () => {
    assert.deepEqual(await names(), ['kept', 'fixture']);
    await add('two');
    throw new Error('red on purpose');
  });
  void test('sees no rows of the failed test', async () => {
    assert.deepEqual(await names(), ['kept', 'fixture']);
    assert.equal(await failure(Promise.all([add('kept'), add('three')])), 'SQLITE_CONSTRAINT_UNIQUE');
    await add('four');
  });
  void test('leaves work behind', async () => {
    void add('five').catch(() => undefined);
    void transactions.transaction(() => new Promise(() => undefined)).catch(() => undefined);
  });
  void test('sees no rows of the work that was left behind', async () => {
    assert.deepEqual(await names(), ['kept', 'fixture']);
  });

  let wake;
  const asleep = new Promise((resolve) => (wake = resolve));
  let late;
  void test('takes too long', { timeout: 500 }, async () => {
    await add('six');
    late = asleep.then(() => failure(add('late')));
    await late;
  });
  void test('is refused, because the one before may still run', async () => {
    wake();
    assert.fail(`reached; the late work got ${await late}`);
  });
}
