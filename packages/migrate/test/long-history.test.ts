// A long history is read with the few descriptors that a process has to spare.
import { readdirSync } from 'node:fs';
import { setImmediate } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { readFolder } from '../src/folder/read-folder.js';
import { makeScratch } from './scratch.js';

const descriptors = (): number => readdirSync('/dev/fd').length;

/** The most descriptors that are open beside those from before, while `work` is under way. */
async function mostOpen(work: Promise<unknown>): Promise<number> {
  const before = descriptors();
  let isOver = false;
  const ended = work.finally(() => {
    isOver = true;
  });
  let most = 0;
  while (!isOver) {
    most = Math.max(most, descriptors() - before);
    await setImmediate();
  }
  await ended;
  return most;
}

test.runIf(process.platform !== 'win32')('300 migrations are read with less than a hundred open files', async () => {
  await using scratch = await makeScratch();
  const tags = Array.from({ length: 300 }, (_, index) => `${String(index).padStart(4, '0')}_next`);
  await scratch.write(tags.map((tag) => ({ tag, up: 'SELECT 1;', down: 'SELECT 1;' })));
  const reading = readFolder(scratch.folder);
  expect(await mostOpen(reading)).toBeLessThan(100);
  expect((await reading).map(({ version }) => version)).toEqual(tags);
});
