// What a contract suite is made of: cases that know the interfaces only, and what runs them.
import type { ModelInput } from '@cc/schema/validation';
import type { Repositories } from '../repositories.js';

/** `describe` and `test` of the runner: those of vitest, node:test and jest fit. */
export interface ContractRunner {
  readonly describe: (title: string, suite: () => void) => unknown;
  readonly test: (title: string, run: () => Promise<void>) => unknown;
}

/** An implementation with an empty library of its own for one case, disposed of after it. */
export interface Opened extends Repositories, AsyncDisposable {
  /** Runs `work` in one transaction that all repositories join. */
  readonly transaction: <T>(work: () => Promise<T>) => Promise<T>;
}

/** Opens an implementation for one case. */
export type OpenForContract = () => Promise<Opened>;

/** One fact that an interface promises. */
export interface ContractCase {
  readonly title: string;
  readonly run: (opened: Opened) => Promise<void>;
}

/** Gives each of `cases` to the runner under `title`, on a library of its own. */
export function runCases(
  { describe, test }: ContractRunner,
  title: string,
  cases: readonly ContractCase[],
  open: OpenForContract,
): void {
  describe(title, () => {
    for (const { title: fact, run } of cases) {
      test(fact, async () => {
        await using opened = await open();
        await run(opened);
      });
    }
  });
}

/** Returns the input of a file that no other call has returned; `n` tells the files of a case apart. */
export function newFile(n: number, fields: Partial<ModelInput> = {}): ModelInput {
  return {
    name: `part ${n}`,
    format: 'stl',
    fileName: `part ${n}.stl`,
    filePath: `/contract/part ${n}.stl`,
    fileHash: n.toString(16).padStart(64, '0'),
    fileSize: 1_000 + n,
    ...fields,
  };
}

/** A model id that no library has. */
export const absentId = '00000000-0000-7000-8000-00000000dead';

/** For `assert.rejects`: a DatabaseError of this code. */
export function withCode(code: string): (error: unknown) => boolean {
  return (error) => typeof error === 'object' && error !== null && Reflect.get(error, 'code') === code;
}
