// Runs the rounds of a seed, the loop around every test that kills processes: each round has random numbers of its own, some
// rounds share a ground, and what the round that failed has left is kept. Without vitest, for `npm run torture`.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Random, randomOfRound } from './random.js';

/** Which rounds to run, and what one does. */
export interface Rounds<Ground> {
  readonly seed: number;
  /** The first round. */
  readonly from: number;
  /** The option of `npm run torture` that takes the number of a round, for the error. */
  readonly option: string;
  /** Asked before each round. */
  goesOn(): boolean;
  /** Rounds on the same ground. */
  readonly roundsPerGround: number;
  /** Makes what the next rounds stand on, in an empty folder that is removed after them. */
  open(folder: string): Promise<Ground>;
  /** Closes it before its folder is removed or kept. Default: nothing is open. */
  close?(ground: Ground): PromiseLike<void>;
  run(ground: Ground, random: Random, round: number): Promise<void>;
}

/**
 * Runs them one after another. A round can be repeated from its seed and number; what processes do meanwhile cannot.
 *
 * @throws Error that says how to begin with the round that failed, why it did, and where its folder is
 */
export async function runRounds<Ground>(rounds: Rounds<Ground>): Promise<void> {
  const { seed, option, roundsPerGround } = rounds;
  for (let round = rounds.from; rounds.goesOn(); ) {
    const folder = await mkdtemp(join(tmpdir(), 'cc-rounds-'));
    try {
      const ground = await rounds.open(folder);
      try {
        for (const end = round + roundsPerGround; round < end && rounds.goesOn(); round += 1)
          await rounds.run(ground, randomOfRound(seed, round), round);
      } finally {
        await rounds.close?.(ground);
      }
    } catch (cause) {
      const reason = cause instanceof Error ? cause.message : String(cause);
      throw new Error(`--seed ${seed} ${option} ${round}, kept in ${folder}: ${reason}`, { cause });
    }
    await rm(folder, { recursive: true, force: true });
  }
}
