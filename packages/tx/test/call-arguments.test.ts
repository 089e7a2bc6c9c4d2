// Wrong use is a TypeError that names the call or the option, before anything is done.
import { describe, expect, it } from 'vitest';
import { createErrorHandler, openTransactionManager } from '../src/index.js';
import { restoreFile } from '../src/restore.js';
import { beginRolledBack, rollBackEach, rolledBack } from '../src/testing.js';
import { items, names, openTarget, type TestManager } from './target.js';

const work = async (): Promise<number> => 1;
const loneSurrogate = 'a\ud800';
const wrong = (value: unknown): never => value as never;

describe('openTransactionManager', () => {
  it.each<[string, object | null]>([
    ['schema', { schema: 5 }],
    ['schema', { schema: null }],
    ['schema', { schema: [] }],
    ['pragmas', { pragmas: null }],
    ['pragmas', { pragmas: [] }],
    ['pragmas', { pragmas: 'wal' }],
    ['pragmas.cache_size', { pragmas: { cache_size: null } }],
    ['authToken', { authToken: 5 }],
    ['encryptionKey', { encryptionKey: loneSurrogate }],
    ['encryptionKey', { encryptionKey: null }],
    ['readOnly', { readOnly: 'yes' }],
    ['readers', { readers: null }],
    ['readers', { readers: Number.NaN }],
    ['statementCacheSize', { statementCacheSize: -1 }],
    ['acquireTimeoutMs', { acquireTimeoutMs: '5' }],
    ['transactionTimeoutMs', { transactionTimeoutMs: 0 }],
    ['maxOpenTransactions', { maxOpenTransactions: 1.5 }],
    ['outcomeTtlMs', { outcomeTtlMs: -1 }],
    ['syncIntervalMs', { syncIntervalMs: null }],
    ['onSyncProgress', { onSyncProgress: 5 }],
    ['retry', { retry: null }],
    ['retry', { retry: [] }],
    ['logger', { logger: 5 }],
    ['casing', { casing: 'x' }],
    ['url', { url: 5 }],
    ['url', { url: `file:${loneSurrogate}.db` }],
    ['url', { url: undefined }],
  ])('refuses a wrong %s', async (name, options) => {
    const opening = openTransactionManager({ url: ':memory:', ...options } as never);
    await expect(opening).rejects.toThrow(TypeError);
    await expect(opening).rejects.toThrow(name);
  });

  it.each([undefined, null, 5, 'file:x.db', []])('refuses %o for its options', async (options) => {
    await expect(openTransactionManager(options as never)).rejects.toThrow(/options must be an object/);
  });
});

/** What holds its values elsewhere, and would pass for options that say nothing. */
const hidden: readonly [string, object][] = [
  ['a Map', new Map([['timeoutMs', 5]])],
  ['a Date', new Date(0)],
  ['an AbortSignal', new AbortController().signal],
  ['a promise', Promise.resolve({ timeoutMs: 5 })],
  [
    'an instance with getters',
    new (class Options {
      get timeoutMs(): number {
        return 5;
      }
    })(),
  ],
  ['an object that inherits', Object.create({ timeoutMs: 5 }) as object],
];

describe.each(hidden)('%s for options', (_, options) => {
  it.each<[string, (manager: TestManager) => unknown]>([
    ['openTransactionManager', () => openTransactionManager(wrong(options))],
    ['pragmas', () => openTransactionManager({ url: ':memory:', pragmas: wrong(options) })],
    ['schema', () => openTransactionManager({ url: ':memory:', schema: wrong(options) })],
    ['retry', () => openTransactionManager({ url: ':memory:', retry: wrong(options) })],
    ['transaction', (m) => m.transaction(work, wrong(options))],
    ['read', (m) => m.read(work, wrong(options))],
    ['getConnection', (m) => m.getConnection(wrong(options))],
    ['offload', (m) => m.offload(work, wrong(options))],
    ['backup', (m) => m.backup('a', wrong(options))],
    ['close', (m) => m.close(wrong(options))],
    ['createErrorHandler', (m) => createErrorHandler(m, wrong(options))],
    ['restoreFile', () => restoreFile(wrong(options))],
    ['rolledBack', (m) => rolledBack(m, work, wrong(options))],
  ])('is refused by %s', async (_name, use) => {
    const manager = await openTarget('file');
    const called = (async () => use(manager))();
    await expect(called).rejects.toThrow(TypeError);
    await expect(called).rejects.toThrow(/must be an object/);
  });
});

it.each([
  {},
  Object.create(null) as object,
  new (class {
    timeoutMs = 5_000;
  })(),
])('takes options whose values are their own, and none: %o', async (options) => {
  const manager = await openTarget('file');
  expect(await manager.transaction(work, options)).toBe(1);
  expect(await manager.read(work, options)).toBe(1);
});

it('runs work that returns no promise, and nothing too, as a transaction like any other', async () => {
  const manager = await openTarget('file');
  for (const value of [undefined, null, 0, '', false, 'x', {}]) {
    const plain = (): never => wrong(value);
    expect(await manager.transaction(plain)).toBe(value);
    expect(await manager.read(plain)).toBe(value);
    expect(await manager.transaction((tx) => tx.savepoint(plain))).toBe(value);
    expect(await manager.transaction(() => manager.transaction(plain))).toBe(value);
  }
});

type Use = (manager: TestManager) => unknown;

describe('a manager', () => {
  it.each<[string, RegExp, Use]>([
    ['transaction(5)', /transaction: the first argument/, (m) => m.transaction(wrong(5))],
    ['transaction(w, null)', /transaction: the options/, (m) => m.transaction(work, wrong(null))],
    ['transaction(w, [])', /transaction: the options/, (m) => m.transaction(work, wrong([]))],
    ['an unknown propagation', /propagation must be one of/, (m) => m.transaction(work, { propagation: wrong('x') })],
    ['a propagation of null', /propagation must be one of/, (m) => m.transaction(work, { propagation: wrong(null) })],
    ['an unknown mode', /mode must be/, (m) => m.transaction(work, { mode: wrong('x') })],
    ['a timeoutMs of NaN', /timeoutMs must be/, (m) => m.transaction(work, { timeoutMs: Number.NaN })],
    ['a wrong signal', /signal must be/, (m) => m.transaction(work, { signal: wrong({}) })],
    ['a wrong retry', /retry/, (m) => m.transaction(work, { retry: wrong(5) })],
    ['a retry of true', /retry/, (m) => m.transaction(work, { retry: wrong(true) })],
    ['a wrong retry of a joined block', /retry/, (m) => m.transaction(() => m.transaction(work, { retry: wrong(5) }))],
    ['read(5)', /the first argument/, (m) => m.read(wrong(5))],
    ['read(w, [])', /the options must be an object/, (m) => m.read(work, wrong([]))],
    ['read(w, 5)', /the options must be an object/, (m) => m.read(work, wrong(5))],
    ['read(w, null)', /the options must be an object/, (m) => m.read(work, wrong(null))],
    ['getConnection([])', /getConnection: the options/, (m) => m.getConnection(wrong([]))],
    ['getConnection({ mode })', /getConnection: mode/, (m) => m.getConnection({ mode: wrong('x') })],
    ['batch(5)', /batch: the first argument/, (m) => m.batch(wrong(5))],
    ['batch(undefined)', /batch: the first argument/, (m) => m.batch(wrong(undefined))],
    ['offload(5)', /offload: the first argument/, (m) => m.offload(wrong(5), { timeoutMs: 1 })],
    ['offload(null)', /offload: the first argument/, (m) => m.offload(wrong(null), { timeoutMs: 1 })],
    ['offload without options', /offload: the options/, (m) => m.offload(work, wrong(undefined))],
    ['offload without timeoutMs', /offload: timeoutMs/, (m) => m.offload(work, wrong({}))],
    ['backup(5)', /backup: the first argument/, (m) => m.backup(wrong(5))],
    ['a backup to a lone surrogate', /backup: the first argument/, (m) => m.backup(loneSurrogate)],
    ['a backup to NUL', /backup: the first argument/, (m) => m.backup('a\0b')],
    ['backup(p, [])', /backup: the options/, (m) => m.backup('a', wrong([]))],
    ['a wrong onProgress', /backup: onProgress/, (m) => m.backup('a', { onProgress: wrong(5) })],
    ['a wrong checksum', /backup: checksum/, (m) => m.backup('a', { checksum: wrong('yes') })],
    ['a wrong signal of a backup', /backup: signal/, (m) => m.backup('a', { signal: wrong(5) })],
    ['subscribe(5)', /subscribe: the listener/, (m) => m.subscribe(wrong(5))],
    ['close({ drainMs: -1 })', /drainMs/, (m) => m.close({ drainMs: -1 })],
    ['close({ drainMs: NaN })', /drainMs/, (m) => m.close({ drainMs: Number.NaN })],
    ['close({ drainMs: null })', /drainMs/, (m) => m.close({ drainMs: wrong(null) })],
    ['close([])', /close: the options/, (m) => m.close(wrong([]))],
    ['savepoint(5)', /savepoint: the first argument/, (m) => m.transaction((tx) => tx.savepoint(wrong(5)))],
    ['afterCommit(5)', /afterCommit: the first/, (m) => m.transaction(async (tx) => tx.afterCommit(wrong(5)))],
    [
      'afterRollback(null)',
      /afterRollback: the first/,
      (m) => m.transaction(async (tx) => tx.afterRollback(wrong(null))),
    ],
    [
      'afterUnknown()',
      /afterUnknown: the first/,
      (m) => m.transaction(async (tx) => tx.afterUnknown(wrong(undefined))),
    ],
    ['execute(5)', /must be an SQL text/, (m) => m.db.$client.execute(wrong(5))],
    ['execute(null)', /must be an SQL text/, (m) => m.db.$client.execute(wrong(null))],
    ['execute({})', /must be an SQL text/, (m) => m.db.$client.execute(wrong({}))],
    ['a batch of 5', /batch: the first argument/, (m) => m.db.$client.batch(wrong(5))],
    ['a batch of [5]', /must be an SQL text/, (m) => m.db.$client.batch(wrong([5]))],
    ['migrate(5)', /migrate: the first argument/, (m) => m.db.$client.migrate(wrong(5))],
    ['migrate([null])', /must be an SQL text/, (m) => m.db.$client.migrate(wrong([null]))],
    ['executeMultiple(5)', /executeMultiple: the script/, (m) => m.db.$client.executeMultiple(wrong(5))],
    ['a client transaction of 5', /transaction mode/, (m) => m.db.$client.transaction(wrong(5))],
    ['createErrorHandler(5)', /no transaction manager/, () => createErrorHandler(wrong(5))],
    ['createErrorHandler(null)', /no transaction manager/, () => createErrorHandler(wrong(null))],
    ['a wrong timeoutMs', /timeoutMs/, (m) => createErrorHandler(m, { timeoutMs: Number.NaN })],
    ['a wrong folder', /backupFolder/, (m) => createErrorHandler(m, { backupFolder: wrong(5) })],
    ['a wrong restore', /restore/, (m) => createErrorHandler(m, { backupFolder: '.', restore: wrong('yes') })],
    ['a wrong clock', /now/, (m) => createErrorHandler(m, { now: wrong(5) })],
    ['a wrong onRecovery', /onRecovery/, (m) => createErrorHandler(m, { onRecovery: wrong(5) })],
    ['run(5)', /run: the first argument/, (m) => createErrorHandler(m).run(wrong(5))],
    ['restoreFile()', /restoreFile: the options/, () => restoreFile(wrong(undefined))],
    ['restoreFile({})', /restoreFile: database/, () => restoreFile(wrong({}))],
    ['a wrong copy', /restoreFile: backup/, () => restoreFile({ database: 'a', backup: loneSurrogate })],
    ['a wrong inspect', /inspect/, () => restoreFile({ database: 'a', backup: 'b', inspect: wrong(5) })],
    ['rolledBack(m, 5)', /rolledBack: the second/, (m) => rolledBack(m, wrong(5))],
    ['rolledBack(5)', /no transaction manager/, () => rolledBack(wrong(5), work)],
    ['rolledBack(m, w, [])', /rolledBack: the options/, (m) => rolledBack(m, work, wrong([]))],
    ['a wrong timeoutMs of a test', /timeoutMs/, (m) => beginRolledBack(m, { timeoutMs: -1 })],
    ['wrong hooks', /beforeEach/, (m) => rollBackEach(m, wrong({}))],
  ])('refuses %s', async (_, message, use) => {
    const manager = await openTarget('file');
    const called = (async () => use(manager))();
    await expect(called).rejects.toThrow(TypeError);
    await expect(called).rejects.toThrow(message);
  });

  it('closes after the transaction that is open, with a drainMs of Infinity', async () => {
    const manager = await openTarget('file');
    let closing: Promise<void> = Promise.resolve();
    await manager.transaction(async () => {
      closing = manager.close({ drainMs: Number.POSITIVE_INFINITY });
      await new Promise((resolve) => setTimeout(resolve, 20));
      await manager.db.insert(items).values({ name: 'kept' });
    });
    await closing;
  });
});

describe('an idempotencyKey', () => {
  it.each(['a\ud800', 'a\udfff', 'a\0', '\0', '', 'a'.repeat(201), 5, null, ['a'], {}])(
    'is refused where it could be taken for another: %j',
    async (key) => {
      const manager = await openTarget('file');
      const run = (): Promise<unknown> =>
        manager.transaction(() => manager.db.insert(items).values({ name: 'ran' }), { idempotencyKey: wrong(key) });
      await expect(run()).rejects.toThrow(/idempotencyKey must be a text/);
      await expect(manager.transaction(run)).rejects.toThrow(/idempotencyKey must be a text/);
      expect(await names(manager)).toEqual([]);
    },
  );

  it('is one of its own for each text, whatever it looks like', async () => {
    const manager = await openTarget('file');
    const keys = [
      '1',
      '1.0',
      '01',
      ' 1',
      '1 ',
      'a',
      'A',
      '\ufffd',
      '\ud83d\ude00',
      'e\u0301',
      '\u00e9',
      "'",
      '%',
      '\n',
    ];
    for (const key of keys) expect(await manager.transaction(async () => key, { idempotencyKey: key })).toBe(key);
    for (const key of keys) {
      const again = manager.transaction(async () => 'ran again', { idempotencyKey: key });
      expect(await again).toBe(key);
    }
  });
});
