// Whom a run waits for, as events: another process that has the lock of the file, and another call of the same program.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { afterEach, expect, test } from 'vitest';
import type { MigrationProgress, MigrationWait } from '../src/index.js';
import { library, makeScratch, type Scratch } from './scratch.js';

let scratch: Scratch;
afterEach(() => scratch[Symbol.asyncDispose]());

const script = `const { createClient } = require('@libsql/client');
const client = createClient({ url: process.argv[1] });
client.execute('CREATE TABLE held (x)')
  .then(() => client.transaction('write'))
  .then((held) => held.execute('INSERT INTO held VALUES (1)'))
  .then(() => { console.log('held'); setInterval(() => undefined, 1_000); });`;

test('another process that has the lock is named, and the run goes on when it is gone', async () => {
  scratch = await makeScratch();
  await scratch.write(library);
  const { migrations } = await scratch.open();
  const holder = spawn(process.execPath, ['-e', script, scratch.url], {
    cwd: import.meta.dirname,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  try {
    await once(holder.stdout, 'data');
    const waits: MigrationWait[] = [];
    const { current } = await migrations.applyMigrations({
      onProgress: ({ waiting }) => {
        if (!waiting) return;
        waits.push(waiting);
        holder.kill('SIGKILL');
      },
    });
    expect(current).toBe('0002_weight');
    expect(waits[0]).toMatchObject({ for: 'lock', sinceMs: 0 });
    if (process.platform === 'linux')
      expect(waits[0]?.holders).toEqual([{ pid: holder.pid, command: expect.stringContaining('node') }]);
  } finally {
    holder.kill('SIGKILL');
  }
});

test('a call of the same program that has the connection is told as such', async () => {
  scratch = await makeScratch();
  await scratch.write(library);
  const { transactions, migrations } = await scratch.open();
  let release = (): void => undefined;
  const held = new Promise<void>((resolve) => {
    release = resolve;
  });
  const holding = transactions.transaction(() => held);
  const told: MigrationProgress[] = [];
  const { current } = await migrations.applyMigrations({
    onProgress: (progress) => {
      told.push(progress);
      release();
    },
  });
  await holding;
  expect(current).toBe('0002_weight');
  expect(told[0]).toEqual({ waiting: { for: 'turn', holders: [], sinceMs: expect.any(Number) } });
  expect(told.at(-1)).toMatchObject({ version: '0002_weight', statement: 1 });
});

test('a listener that throws ends no wait', async () => {
  scratch = await makeScratch();
  await scratch.write(library);
  const { transactions, migrations } = await scratch.open();
  let release = (): void => undefined;
  const held = new Promise<void>((resolve) => {
    release = resolve;
  });
  const holding = transactions.transaction(() => held);
  const onProgress = (): void => {
    release();
    throw new Error('broken listener');
  };
  expect(await migrations.applyMigrations({ onProgress })).toMatchObject({ current: '0002_weight' });
  await holding;
});
