// candy verify: whether the file and the search index are sound, and an index that is not made anew.
import { sql } from 'drizzle-orm';
import { exitCodes } from '../exit-codes.js';
import type { Library } from '../library.js';
import type { Output } from '../output.js';
import { showProgress, showSteps } from '../progress.js';

/** How the library is looked at. */
export interface VerifyFlags {
  /** Whether an index that is wrong is made anew. */
  readonly mends: boolean;
}

/** Checks the file and the search index. Returns 2 when something is wrong at the end, 130 when the signal ended it. */
export async function verifyCommand(
  library: Library,
  { mends }: VerifyFlags,
  output: Output,
  signal: AbortSignal,
): Promise<number> {
  const steps = showSteps(output, 'Verifying');
  let file: readonly string[];
  let found: readonly string[];
  let index: readonly string[];
  let isMended = false;
  try {
    steps.step('the file');
    file = await problemsOfFile(library, signal);
    steps.step('the search index');
    found = await problemsOfIndex(library, output, signal, () => steps.end());
    if (mends && found.length > 0) {
      await mendIndex(library, output, signal);
      isMended = true;
    }
    index = isMended ? await problemsOfIndex(library, output, signal, () => steps.end()) : found;
  } catch (error) {
    if (!signal.aborted) throw error;
    steps.end();
    const how = isMended ? 'the search index is made anew, and not all was looked at' : 'not all was looked at';
    output.answer({ interrupted: true }, () => [`Interrupted: ${how}.`]);
    return exitCodes.interrupted;
  } finally {
    steps.end();
  }
  const problems = [...file, ...index];
  output.answer({ ok: problems.length === 0, problems, ...(mends && { mended: isMended ? found : [] }) }, () => [
    ...(isMended ? [...found.map((problem) => `was wrong: ${problem}`), 'The search index is made anew'] : []),
    ...problems,
    ...(problems.length === 0 ? ['The file and the search index are sound'] : []),
    ...(file.length > 0 ? ['The file is damaged: `restore <backup> --yes` puts a backup into its place'] : []),
    ...(index.length > 0 && !mends ? ['`verify --mend` makes the search index anew'] : []),
  ]);
  return problems.length === 0 ? exitCodes.ok : exitCodes.foundSomething;
}

/** What the engine says of the file; one beside this process reads it, where that is possible, so that Ctrl-C is heard. */
async function problemsOfFile({ transactions }: Library, signal: AbortSignal): Promise<readonly string[]> {
  const { db, capabilities } = transactions;
  signal.throwIfAborted();
  const read = db.values<[string]>(sql`select integrity_check from pragma_integrity_check`);
  const rows = capabilities.offload
    ? await transactions.offload(read, { timeoutMs: Infinity, signal })
    : (await db.$client.execute('PRAGMA integrity_check')).rows;
  signal.throwIfAborted();
  return rows.map((row) => String(row[0])).filter((line) => line !== 'ok');
}

async function mendIndex({ repositories }: Library, output: Output, signal: AbortSignal): Promise<void> {
  const progress = showProgress(output, { doing: 'Making the search index anew', things: 'steps' });
  try {
    await repositories.search.reindex({ signal, onProgress: ({ done, total }) => progress.show(done, total) });
  } finally {
    progress.end();
  }
}

async function problemsOfIndex(
  { repositories }: Library,
  output: Output,
  signal: AbortSignal,
  onModels: () => void,
): Promise<readonly string[]> {
  const progress = showProgress(output, { doing: 'Verifying', things: 'models', onTerminalOnly: true });
  const onProgress = ({ done, total }: { readonly done: number; readonly total: number }): void => {
    onModels();
    progress.show(done, total);
  };
  try {
    return (await repositories.search.verifyIndex({ signal, onProgress })).problems;
  } finally {
    progress.end();
  }
}
