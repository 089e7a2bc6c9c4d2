// What an error becomes: a line for people on standard error, and with --json the document on standard output.
import { isDatabaseError } from '@cc/tx/errors';
import { CommanderError } from 'commander';
import { paintOf } from './colours.js';
import { LibraryNotReady } from './library.js';
import { NoSuchModel } from './model-reference.js';
import type { Output } from './output.js';
import { visible } from './terminal.js';

/** A command cannot do what was asked; the message says why, and what can be done. */
export class Refused extends Error {
  override readonly name: string = 'Refused';
}

/** How much of an error is told. */
export interface FailureFlags {
  /** Stack traces and causes, on standard error. Default false. */
  readonly verbose?: boolean;
}

/** How the commands that mend something are called. */
export interface FailureContext {
  readonly program: string;
}

/** Tells an error. Commander has told its own to people already. */
export function tellFailure(
  error: unknown,
  output: Output,
  { verbose = false, program }: FailureFlags & FailureContext,
): void {
  const message = messageOf(error, program);
  const hint = isDatabaseError(error) ? error.hint : null;
  if (output.json) output.answer({ error: { code: codeOf(error), message, hint } }, () => []);
  const { wrong } = paintOf(output.colours?.stderr ?? false);
  if (!(error instanceof CommanderError)) output.note(`${wrong('candy:')} ${message}`);
  if (verbose) for (const line of traceOf(error)) output.note(line);
}

/** What happened, in the words of whoever runs the program: which statement found out does not matter to them. */
function messageOf(error: unknown, program: string): string {
  if (isDatabaseError(error) && error.type === 'connection')
    return `The library cannot be reached: ${visible(error.reason)}. ${error.hint}`;
  if (isDatabaseError(error) && error.type === 'full')
    return `The disk is full [${error.code}]. Free some space, then run the same command again: what was committed is whole`;
  if (isDatabaseError(error) && error.code === 'REPLICA_COPY')
    return `${visible(error.reason)}. Set CANDY_SYNC_URL to the URL of that server`;
  if (isDatabaseError(error) && error.code === 'SQLITE_READONLY')
    return `The library can only be read [${error.code}]: this user may not write to its file or folder`;
  if (isDatabaseError(error) && error.code === 'BACKUP_EXISTS') return `${visible(error.reason)}. ${error.hint}`;
  if (isDatabaseError(error) && error.type === 'lock')
    return "Another program is writing to the library and did not finish in time. Wait for it or end it (`lsof` on the library's file names it), then try again";
  if (isDatabaseError(error) && error.type === 'integrity') {
    // A broken index is mended, and the rows are sound; else only a backup helps.
    const mend = error.code === 'SQLITE_CORRUPT_VTAB' ? 'verify --mend' : 'restore <backup> --yes';
    return `${error.message}: \`${program} ${mend}\``;
  }
  if (error instanceof CommanderError) return error.message.replace(/^error: /, '');
  if (error instanceof Error && 'path' in error && typeof error.path === 'string') {
    const fault = systemFault(error);
    if (fault !== null) return `${visible(error.path)} cannot be used: ${fault}`;
  }
  return error instanceof Error ? error.message : String(error);
}

/** What an error of the file system means for a path; null where it is another error, or there are no better words for it. */
export function systemFault(error: unknown): string | null {
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  const words = Object.hasOwn(systemFaults, code) ? systemFaults[code] : undefined;
  return words === undefined ? null : `${words} [${code}]`;
}

const systemFaults: Readonly<Record<string, string>> = Object.freeze({
  ENOENT: 'it is not there, or its folder is not',
  ENOTDIR: 'a part of the path is a file and no folder',
  EISDIR: 'it is a folder and no file',
  EACCES: 'this user may not',
  EPERM: 'this user may not',
  EROFS: 'its disk can only be read',
  ENOSPC: 'the disk is full',
  EDQUOT: 'the disk has no more room for this user',
  ENAMETOOLONG: 'the name is too long',
  ELOOP: 'it is a link that leads back to itself',
  EMFILE: 'too many files are open',
});

/** Names that scripts can rely on: those of the database's errors, of the system's, and four of our own. */
function codeOf(error: unknown): string | null {
  if (isDatabaseError(error)) return error.code;
  if (error instanceof CommanderError) return 'WRONG_USE';
  if (error instanceof NoSuchModel) return 'NO_SUCH_MODEL';
  if (error instanceof LibraryNotReady) return 'LIBRARY_NOT_READY';
  if (error instanceof Refused || error instanceof TypeError) return 'REFUSED';
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : null;
}

function traceOf(error: unknown): readonly string[] {
  const lines: string[] = [];
  const seen = new Set<unknown>();
  for (let at = error; at !== undefined && at !== null && !seen.has(at); ) {
    seen.add(at);
    const trace = at instanceof Error ? (at.stack ?? at.message) : String(at);
    lines.push(seen.size === 1 ? trace : `caused by ${trace}`);
    at = at instanceof Error ? at.cause : undefined;
  }
  return lines;
}
