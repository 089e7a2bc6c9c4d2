// candy copy: a library from any place to any other, proven row by row.
import type { Command } from 'commander';
import { CopyRefused, type CopyReport, type CopyStep, copyLibrary } from '../copy/copy-library.js';
import { draftOf, type Place, placeOf } from '../copy/place.js';
import { openLibrary } from '../library.js';
import { createOutput, type Output, type Streams } from '../output.js';
import { type Progress, showProgress } from '../progress.js';
import { columns, count, duration } from '../terminal.js';
import { withExamples } from './examples.js';
import type { CommonFlags } from './surroundings.js';

interface CopyFlags extends Omit<CommonFlags, 'url'> {
  readonly fromSync?: string;
  readonly toSync?: string;
}

/** What the command needs to know of the process. */
interface CopySurroundings extends Streams {
  readonly env: NodeJS.ProcessEnv;
  readonly workingFolder: string;
  readonly interruptible: () => AbortSignal;
}

/** Adds the command to the program. `ended` takes its exit code. */
export function addCopyCommand(
  program: Command,
  surroundings: CopySurroundings,
  ended: (exitCode: number) => void,
): void {
  const { env, workingFolder, interruptible } = surroundings;
  const command = program
    .command('copy')
    .description('copy a library to an empty place: a file, a libSQL server or a replica')
    .argument('<from>', 'a path, or a URL: file:, http:, https:, ws:, wss:, libsql:')
    .argument('<to>', 'the same; what is there must be empty')
    .option('--from-sync <url>', 'the server that the file <from> is a replica of')
    .option('--to-sync <url>', 'the server that the file <to> is a replica of')
    .option('--json', 'print one JSON document')
    .option('--jsonl', 'print JSON on one line')
    .option('--verbose', 'with an error also its causes and stack traces')
    .addHelpText(
      'after',
      '\nTokens: CANDY_FROM_TOKEN and CANDY_TO_TOKEN, else CANDY_AUTH_TOKEN for both.\nNothing may write to either of them meanwhile. When it is ended in the middle, the same command begins again.\nA server is named by its URL, such as http://127.0.0.1:8080.',
    );
  withExamples(command, 'copy .candy/library.db elsewhere.db').action(
    async (from: string, to: string, flags: CopyFlags) => {
      const token = env['CANDY_AUTH_TOKEN'] || undefined;
      const source = placeOf({
        text: from,
        syncUrl: flags.fromSync,
        authToken: env['CANDY_FROM_TOKEN'] || token,
        workingFolder,
      });
      const target = placeOf({
        text: to,
        syncUrl: flags.toSync,
        authToken: env['CANDY_TO_TOKEN'] || token,
        workingFolder,
      });
      const output = createOutput(surroundings, { ...program.opts<CommonFlags>(), ...flags });
      ended(await copy(source, target, output, interruptible()));
    },
  );
}

async function copy(source: Place, target: Place, output: Output, signal: AbortSignal): Promise<number> {
  const started = performance.now();
  if (source.url === target.url) throw new CopyRefused('Both are the same place: name another to copy to.');
  const reported = await between(source, target, output, signal);
  if (reported === null) {
    output.note('Interrupted: run the same command again, and it begins anew.');
    return 130;
  }
  const durationMs = Math.round(performance.now() - started);
  const answer = { from: source.shown, to: target.shown, ...reported, durationMs };
  output.answer(answer, () => [
    ...columns(reported.tables.map(({ table, rows, sha256 }) => [table, rows, sha256.slice(0, 16)])),
    `${count(reported.rows)} rows from ${source.shown} to ${target.shown} in ${duration(durationMs)}; both read again and equal, the search index made anew and sound`,
  ]);
  return 0;
}

/** Null when it was interrupted. */
async function between(source: Place, target: Place, output: Output, signal: AbortSignal): Promise<CopyReport | null> {
  // The source first: a slip in its name must not leave a file behind.
  await using from = await openLibrary(source.url, { create: false, server: source.server });
  if (source.server.syncUrl !== undefined) await from.transactions.sync();
  await using draft = await draftOf(source, target);
  const progress = progressOf(output);
  let report: CopyReport;
  {
    await using to = await openLibrary(draft.place.url, { create: true, server: draft.place.server });
    try {
      report = await copyLibrary(from, to, { signal, onProgress: progress.show });
    } catch (error) {
      if (signal.aborted) return null;
      throw error;
    } finally {
      progress.end();
    }
    if (target.server.syncUrl !== undefined) await to.transactions.sync();
    await draft.finish(to);
  }
  await draft.remove();
  return report;
}

/** What is shown of each step. */
function progressOf(output: Output): {
  readonly show: (step: CopyStep, done: number, total: number) => void;
  readonly end: () => void;
} {
  let at: { readonly step: CopyStep; readonly progress: Progress } | null = null;
  const end = (): void => {
    at?.progress.end();
    at = null;
  };
  return {
    show: (step, done, total) => {
      if (at?.step !== step) {
        end();
        at = { step, progress: showProgress(output, { doing: `Copying: ${step}`, things: things[step] }) };
      }
      at.progress.show(done, total);
    },
    end,
  };
}

const things: Readonly<Record<CopyStep, string>> = {
  copying: 'rows',
  indexing: 'steps',
  checking: 'models',
  comparing: 'rows',
};
