// Everything that can happen to the file: misses and events, never an error, never an entry that is not the one that was kept.
import { execFileSync, spawnSync } from 'node:child_process';
import {
  chmodSync,
  closeSync,
  cpSync,
  mkdirSync,
  openSync,
  readdirSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { isRoot } from '@cc/testkit/child';
import { temporaryFolder } from '@cc/testkit/temporary-folder';
import Libsql from 'libsql';
import { describe, expect, it, onTestFinished } from 'vitest';
import { countKept, entryOf, fill, newPath, openTested, textIn, turn } from './disk.js';

const entries = 2_000;

async function closedFile(): Promise<string> {
  const path = await newPath();
  const { tier } = await openTested(path);
  fill(tier, entries);
  tier.close();
  return path;
}

/** Turns bits of every seventh page, from `first` on. */
function flip(path: string, first: number): void {
  const { size } = statSync(path);
  const file = openSync(path, 'r+');
  for (let page = first; page * 4_096 < size; page += 7) {
    writeSync(file, Buffer.alloc(64, 0xa5), 0, 64, page * 4_096 + 1_000 + ((page * 131) % 2_500));
  }
  closeSync(file);
}

describe.each([
  ['every seventh page from the first flipped', (path: string) => flip(path, 0)],
  ['every seventh page from the second flipped', (path: string) => flip(path, 1)],
  ['every seventh page from the third flipped', (path: string) => flip(path, 2)],
  ['every seventh page from the fourth flipped', (path: string) => flip(path, 3)],
  ['its head overwritten', (path: string) => writeOver(path, 0, 100)],
  ['its head cut off after the letters', (path: string) => writeOver(path, 16, 84)],
  ['half of it cut off', (path: string) => truncateSync(path, Math.floor(statSync(path).size / 2 / 4_096) * 4_096)],
  ['cut in the middle of a page', (path: string) => truncateSync(path, 50_000)],
  ['no bytes', (path: string) => truncateSync(path, 0)],
  ['random bytes in place of it', (path: string) => writeFileSync(path, Buffer.alloc(100_000, 7))],
  ['nothing in place of it', (path: string) => rmSync(path)],
])('a file with %s', (_, harm) => {
  it('is not believed while it is closed', async () => {
    const path = await closedFile();
    harm(path);
    const { tier } = await openTested(path);
    expect(countKept(tier, entries)).toBeLessThanOrEqual(entries);
    await works(tier);
  });

  it('is not believed while it is open', async () => {
    const path = await closedFile();
    const { tier, told } = await openTested(path);
    expect(textIn(tier, 'space', '0')).toBeDefined();
    await turn();
    harm(path);
    expect(countKept(tier, entries)).toBe(0);
    expect(told.length).toBeGreaterThan(0);
    await works(tier);
  });
});

/** It keeps what it is given from now on, also for the next one. */
async function works(tier: Awaited<ReturnType<typeof openTested>>['tier']): Promise<void> {
  for (let round = 0; round < 3; round += 1) {
    await turn();
    tier.set('space', 'new', entryOf('new'));
    tier.flush();
  }
  expect(textIn(tier, 'space', 'new')).toBe('new');
}

function writeOver(path: string, from: number, bytes: number): void {
  const file = openSync(path, 'r+');
  writeSync(file, Buffer.alloc(bytes, 0x5a), 0, bytes, from);
  closeSync(file);
}

it('an older copy over the open file brings nothing back', async () => {
  const path = await closedFile();
  const copy = `${path}.copy`;
  cpSync(path, copy);
  const { tier } = await openTested(path);
  tier.set('space', '0', entryOf('0 xnew'));
  tier.delete('space', '1');
  tier.flush();
  await turn();
  cpSync(copy, path);
  expect([textIn(tier, 'space', '0'), textIn(tier, 'space', '1')]).toEqual([undefined, undefined]);
});

it('a lost log is noticed', async () => {
  const path = await newPath();
  const { tier } = await openTested(path);
  tier.set('space', 'key', entryOf('1'));
  tier.flush();
  await turn();
  rmSync(`${path}-wal`);
  expect(textIn(tier, 'space', 'key')).toBeUndefined();
  await works(tier);
});

it('keeps at most one damaged file aside', async () => {
  const path = await newPath();
  for (let i = 0; i < 3; i += 1) {
    const { tier } = await openTested(path);
    fill(tier, 100);
    tier.close();
    writeOver(path, 0, 100);
  }
  await openTested(path);
  expect(readdirSync(dirname(path)).filter((name) => name.includes('damaged'))).toHaveLength(1);
});

it('a database of somebody else in its place is left alone', async () => {
  const path = await newPath();
  const other = new Libsql(path);
  other.exec('create table books (title); insert into books values (1)');
  other.close();
  chmodSync(path, 0o644);
  const { tier, told } = await openTested(path);
  tier.set('space', 'key', entryOf('1'));
  tier.flush();
  expect(textIn(tier, 'space', 'key')).toBeUndefined();
  expect(told.join()).toMatch(/another database/);
  expect(statSync(path).mode & 0o777).toBe(0o644);
  expect(new Libsql(path).prepare('select title from books').raw().get([])).toEqual([1]);
});

it('works without it when a folder is in its place or its folder is not there', async () => {
  const path = await newPath();
  mkdirSync(path);
  for (const place of [path, `${path}/no/such/folder`]) {
    const { tier, told } = await openTested(place);
    tier.set('space', 'key', entryOf('1'));
    tier.clear();
    tier.flush();
    expect(tier.get('space', 'key')).toBeUndefined();
    expect(told.length).toBeGreaterThan(0);
    expect([tier.bytes, tier.entries]).toEqual([0, 0]);
  }
});

it('one at a time has the file; the next one works without it, and with it later on', async () => {
  const path = await newPath();
  const first = await openTested(path);
  fill(first.tier, 10);
  let clock = 0;
  const second = await openTested(path, { now: () => clock });
  expect(second.told.join()).toMatch(/another process/);
  second.tier.set('space', '1', entryOf('1 x'));
  expect(second.tier.get('space', '1')).toBeUndefined();
  expect(countKept(first.tier, 10)).toBe(10);
  first.tier.close();
  clock = 10_000;
  second.tier.set('space', '2', entryOf('2 x'));
  expect([1, 2].map((key) => textIn(second.tier, 'space', String(key)))).toEqual([undefined, '2 x']);
});

/** Root in a container may not mount either. */
const mayMount = process.platform === 'linux' && isRoot && spawnSync('unshare', ['--mount', 'true']).status === 0;

describe.runIf(mayMount)('on a disk of two mebibytes', () => {
  it('goes on without entries when the disk is full, and with them when there is room again', async () => {
    const folder = await smallDisk();
    let clock = 0;
    const { tier, told } = await openTested(join(folder, 'c'), { maxBytes: 2 ** 24, now: () => clock });
    fill(tier, 3_000, 2_000);
    tier.flush();
    expect(told.join()).toMatch(/cannot be used now/);
    expect(countKept(tier, 3_000)).toBeLessThan(3_000);
    writeFileSync(join(folder, 'other'), Buffer.alloc(2 ** 20));
    clock = 1_000_000;
    fill(tier, 100);
    tier.flush();
    expect(countKept(tier, 100)).toBe(100);
  });

  it('does not bring back what was dropped while nothing could be written', async () => {
    const folder = await smallDisk();
    const { tier } = await openTested(join(folder, 'c'));
    tier.set('space', 'key', entryOf('old'));
    tier.flush();
    try {
      writeFileSync(join(folder, 'other'), Buffer.alloc(2 ** 21));
    } catch {
      // As full as it gets.
    }
    tier.delete('space', 'key');
    tier.flush();
    tier.close();
    rmSync(join(folder, 'other'));
    const next = await openTested(join(folder, 'c'));
    expect(textIn(next.tier, 'space', 'key')).toBeUndefined();
  });

  it('works without it on a disk that is read only', async () => {
    const folder = await smallDisk();
    cpSync(await closedFile(), join(folder, 'c'));
    execFileSync('mount', ['-o', 'remount,ro', folder]);
    for (const name of ['c', 'new']) {
      const { tier, told } = await openTested(join(folder, name));
      fill(tier, 10);
      tier.clear();
      tier.flush();
      expect([countKept(tier, 10), told.length > 0]).toEqual([0, true]);
    }
  });
});

/** A folder that is a disk of its own, until the test ends. */
async function smallDisk(): Promise<string> {
  const folder = await temporaryFolder();
  execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=2m', 'tmpfs', folder]);
  // Lazily: the driver lets go of a closed file when it likes.
  onTestFinished(() => void execFileSync('umount', ['-l', folder]));
  return folder;
}
