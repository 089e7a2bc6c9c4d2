// What a failure of the file means, and how it is told.
import { DamagedFileError, ForeignFileError } from './disk-file.js';

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
  return error instanceof Error ? error.message : String(error);
}
