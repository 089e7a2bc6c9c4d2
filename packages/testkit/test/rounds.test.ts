// The rounds of a seed: which ground each stands on, and what is said and kept of one that fails.
import { existsSync } from 'node:fs';
import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { randomOfRound } from '../src/random.js';
import { runRounds } from '../src/rounds.js';

test('rounds take turns on a ground, each with the random numbers of its own number', async () => {
  const told: string[] = [];
  const folders: string[] = [];
  let rounds = 0;
  await runRounds<string>({
    seed: 5,
    from: 8,
    option: '--from',
    roundsPerGround: 2,
    goesOn: () => rounds < 3,
    open: async (folder) => {
      folders.push(folder);
      told.push('open');
      return folder;
    },
    close: async (folder) => {
      expect(existsSync(folder)).toBe(true);
      told.push('close');
    },
    run: async (folder, random, round) => {
      rounds += 1;
      expect(folder).toBe(folders.at(-1));
      expect(random.next()).toBe(randomOfRound(5, round).next());
      told.push(String(round));
    },
  });
  expect(told).toEqual(['open', '8', '9', 'close', 'open', '10', 'close']);
  expect(folders.map((folder) => existsSync(folder))).toEqual([false, false]);
});

test('a round that fails is named with what begins it again, and its folder stays', async () => {
  let kept = '';
  onTestFinished(() => rm(kept, { recursive: true, force: true }));
  let closed = 0;
  const failing = runRounds<string>({
    seed: 5,
    from: 8,
    option: '--library-from',
    roundsPerGround: 10,
    goesOn: () => true,
    open: async (folder) => {
      kept = folder;
      await writeFile(join(folder, 'app.db'), 'torn');
      return folder;
    },
    close: async () => void (closed += 1),
    run: async (_, __, round) => {
      if (round === 11) throw new Error('a row is gone');
    },
  });
  await expect(failing).rejects.toThrow('--seed 5 --library-from 11, kept in ');
  await expect(failing).rejects.toThrow(`kept in ${kept}: a row is gone`);
  expect(closed).toBe(1);
  expect(existsSync(join(kept, 'app.db'))).toBe(true);
});
