// What outlives a process: entries of which the database itself says that they are still true, and nothing else.
import { copyFileSync, existsSync, mkdirSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { countKept, entryOf, fill, newPath, openTested, textIn, turn } from './disk.js';

it('goes on with its entries while the proof is the same', async () => {
  const path = await newPath();
  const { tier } = await openTested(path);
  fill(tier, 300);
  tier.close();
  const next = await openTested(path);
  expect(countKept(next.tier, 300)).toBe(300);
  expect(next.tier.entries).toBe(300);
  expect(next.told).toEqual([]);
});

const counted = existsSync('/proc/self/io');
/** Bytes that this process has read, wherever the system has them from. */
const bytesRead = (): number => Number(/^rchar: (\d+)$/m.exec(readFileSync('/proc/self/io', 'utf8'))?.[1]);

it.skipIf(!counted)(
  `reads little of a large file when it is opened${counted ? '' : ' (skipped: only Linux counts what is read)'}`,
  async () => {
    const path = await newPath();
    const { tier } = await openTested(path, { maxBytes: 2 ** 24 });
    fill(tier, 2_000, 3_000);
    tier.close();
    const before = bytesRead();
    const next = await openTested(path, { maxBytes: 2 ** 24 });
    expect(bytesRead() - before).toBeLessThan(statSync(path).size / 8);
    expect(next.tier.entries).toBe(2_000);
  },
);

it('keeps its file where it was when the process changes its folder', async () => {
  const path = await newPath();
  const folder = dirname(path);
  const before = process.cwd();
  onTestFinished(() => process.chdir(before));
  process.chdir(folder);
  const { tier, told } = await openTested(basename(path));
  fill(tier, 100);
  tier.flush();
  mkdirSync('below');
  process.chdir('below');
  await turn();
  fill(tier, 200);
  tier.flush();
  tier.close();
  expect(told).toEqual([]);
  expect(readdirSync(join(folder, 'below'))).toEqual([]);
  const next = await openTested(path);
  expect(countKept(next.tier, 200)).toBe(200);
});

it.each([
  ['the database has changed', 'P', 'Q'],
  ['nobody could tell when it was written', undefined, 'P'],
  ['nobody can tell now', 'P', undefined],
  ['nobody could ever tell', undefined, undefined],
])('begins empty when %s', async (_, before, now) => {
  const path = await newPath();
  const { tier } = await openTested(path, { proof: () => before });
  fill(tier, 300);
  tier.close();
  const next = await openTested(path, { proof: () => now });
  expect(countKept(next.tier, 300)).toBe(0);
  expect(next.tier.entries).toBe(0);
  expect(next.told).toHaveLength(1);
});

it('brings nothing back that was dropped at once, nor what was dropped after what began empty', async () => {
  const path = await newPath();
  const first = await openTested(path);
  fill(first.tier, 100);
  first.tier.close();
  const second = await openTested(path, { proof: () => 'Q' });
  second.tier.set('space', '1', entryOf('1 x'));
  second.tier.set('other', '1', entryOf('a', ['red']));
  second.tier.set('other', '2', entryOf('b'));
  second.tier.flush();
  second.tier.deleteTag('red');
  second.tier.clear('space');
  second.tier.close();
  const third = await openTested(path, { proof: () => 'Q' });
  expect(countKept(third.tier, 100)).toBe(0);
  expect([textIn(third.tier, 'other', '1'), textIn(third.tier, 'other', '2')]).toEqual([undefined, 'b']);
});

it('is proven by nothing from the first change on until the change is written with its proof', async () => {
  const path = await newPath();
  const { tier } = await openTested(path);
  tier.set('space', 'key', entryOf('old'));
  tier.flush();
  tier.delete('space', 'key');
  // As a kill would leave it: the file and its log, what waits in memory lost.
  const killed = `${path}.killed`;
  copyFileSync(path, killed);
  if (existsSync(`${path}-wal`)) copyFileSync(`${path}-wal`, `${killed}-wal`);
  const next = await openTested(killed);
  expect(textIn(next.tier, 'space', 'key')).toBeUndefined();
});

it('asks for the proof only after writes, and again while there is none', async () => {
  const path = await newPath();
  const known: string[] = [];
  let asked = 0;
  const ask = () => {
    asked += 1;
    return known[0];
  };
  const { tier } = await openTested(path, { proof: ask });
  tier.set('space', 'key', entryOf('value'));
  expect(asked).toBe(0);
  while (asked < 2) await turn();
  known.push('P');
  const before = asked;
  while (asked === before) await turn();
  const copy = `${path}.copy`;
  copyFileSync(path, copy);
  copyFileSync(`${path}-wal`, `${copy}-wal`);
  const next = await openTested(copy);
  expect(textIn(next.tier, 'space', 'key')).toBe('value');
});

it('what is dropped while the proof is asked for is not in what it proves', async () => {
  const path = await newPath();
  const { tier } = await openTested(path, {
    proof: () => {
      tier.clear();
      return 'P';
    },
  });
  fill(tier, 10);
  tier.close();
  const next = await openTested(path);
  expect(countKept(next.tier, 10)).toBe(0);
});

it('is sealed with the proof of the closed database, by who had it last', async () => {
  const path = await newPath();
  const { tier } = await openTested(path, { proof: () => undefined });
  fill(tier, 10);
  tier.close();
  tier.seal('closed');
  const next = await openTested(path, { proof: () => 'closed' });
  expect(countKept(next.tier, 10)).toBe(10);
  next.tier.set('space', '1', entryOf('1 xx'));
  next.tier.close();
  // The first one has been overtaken.
  tier.seal('later');
  const last = await openTested(path, { proof: () => 'later' });
  expect(countKept(last.tier, 10)).toBe(0);
});

it('may be sealed while it is open, and asks nobody afterwards', async () => {
  const path = await newPath();
  const { tier } = await openTested(path, { proof: () => undefined });
  fill(tier, 10);
  tier.seal('closed');
  tier.close();
  const next = await openTested(path, { proof: () => 'closed' });
  expect(countKept(next.tier, 10)).toBe(10);
});

it('is for the eyes of its owner, and one file when it is closed', async () => {
  const path = await newPath();
  const { tier } = await openTested(path);
  fill(tier, 10);
  tier.flush();
  expect([path, `${path}-wal`].map((file) => statSync(file).mode & 0o777)).toEqual([0o600, 0o600]);
  tier.close();
  expect(existsSync(`${path}-wal`)).toBe(false);
});

it('begins anew when it is larger than it may be now, and gives its room back', async () => {
  const path = await newPath();
  const { tier } = await openTested(path, { maxBytes: 2 ** 23 });
  fill(tier, 1_000, 5_000);
  tier.close();
  const next = await openTested(path, { maxBytes: 2 ** 20 });
  expect(countKept(next.tier, 1_000)).toBe(0);
  fill(next.tier, 10);
  expect(countKept(next.tier, 10)).toBe(10);
  expect(next.tier.bytes).toBeLessThan(2 ** 20);
  expect(existsSync(`${path}.damaged`)).toBe(false);
  expect(next.told).toEqual(['begins empty: the file was larger than maxBytes allows']);
});
