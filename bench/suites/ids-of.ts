// The ids of the models that a phase of the suite `transactions` works on. Apart from transactions-inputs.ts, which chooses
// them: a measured process loads nothing that it does not measure.
import { readFile } from 'node:fs/promises';
import type { Job } from '../harness/suite.js';

/** Reads what `prepareTransactions` has written for the phase. */
export async function idsOf({ inputsPath }: Pick<Job, 'inputsPath'>): Promise<readonly string[]> {
  const { ids } = JSON.parse(await readFile(inputsPath, 'utf8')) as { readonly ids: readonly string[] };
  return ids;
}
