// What a failure of the file means, and how it is told.
import { isError } from '../realms.js';

/** The file is of somebody else: it is left as it is. */
export class ForeignFileError extends Error {
  override readonly name = 'ForeignFileError';
}

/** The file is ours, and not as we have written it. */
export class DamagedFileError extends Error {
  override readonly name = 'DamagedFileError';
}

/** What an error means in a file that is ours: statements that do not fit it, because a bit of what it says of its tables was flipped. */
export function misfitOf(error: unknown): unknown {
  if (!isError(error) || Reflect.get(error, 'code') !== 'SQLITE_ERROR') return error;
  return new DamagedFileError(error.message);
}

/** Whether the file is not as we have written it. */
export function isDamage(error: unknown): boolean {
  return (
    error instanceof DamagedFileError ||
    ['SQLITE_NOTADB', 'SQLITE_CORRUPT'].some((code) => codeOf(error).startsWith(code))
  );
}

/** Returns the reason that an event gives. */
export function reasonOf(error: unknown): string {
  if (error instanceof ForeignFileError) return `${error.message}; give disk another path`;
  if (isDamage(error)) return `it is damaged and was put aside: ${messageOf(error)}`;
  if (/^SQLITE_(BUSY|LOCKED)/.test(codeOf(error))) return 'another process has it open, so this one works without it';
  return `it cannot be used now: ${messageOf(error)}`;
}

function codeOf(error: unknown): string {
  const code: unknown = typeof error === 'object' && error !== null ? Reflect.get(error, 'code') : undefined;
  return typeof code === 'string' ? code : '';
}

/** Returns the message of anything that was thrown. */
export function messageOf(error: unknown): string {
  return isError(error) ? error.message : String(error);
}
