// What the import notes about a file, to see at the next run without reading it whether it still is what was read.
// Size and time alone do not tell: two files that swap their names keep both, and a glTF is read from other files too.
import { dirname } from 'node:path';
import type { ModelStatus } from '@cc/schema';
import { textLimits } from '@cc/schema/validation';
import { type FileReading, fileBeside, readerVersion } from '../geometry/reader.js';

/** A stamp that can be told from others. */
export interface FileStamp {
  /** The version of the reader. */
  readonly reader: number;
  /** When the entry of the file changed (ctime), and its number on the disk. */
  readonly changed: number;
  readonly inode: number;
  /** Name, size, time and ctime of each other file that was read; null: too many to note. */
  readonly beside: readonly Beside[] | null;
  /** The refusal may have had other causes than the file. */
  readonly passing?: boolean | undefined;
  /** What the status was before the file vanished. */
  readonly was?: 'active' | 'archived' | undefined;
}

type Beside = readonly [name: string, size: number | null, modifiedMs: number | null, changedMs: number | null];

/** Returns the stamp in a text, or null when it is not one of this program. */
export function parseStamp(text: string | null): FileStamp | null {
  if (text === null) return null;
  try {
    const note: unknown = JSON.parse(text);
    return isStamp(note) ? note : null;
  } catch {
    // Another program's note.
    return null;
  }
}

function isStamp(note: unknown): note is FileStamp {
  if (typeof note !== 'object' || note === null) return false;
  const { reader, changed, inode, beside, passing, was }: Partial<Record<keyof FileStamp, unknown>> = note;
  return (
    [reader, changed, inode].every(isTime) &&
    (beside === null || (Array.isArray(beside) && beside.every(isBeside))) &&
    (passing === undefined || typeof passing === 'boolean') &&
    (was === undefined || was === 'active' || was === 'archived')
  );
}

function isBeside(row: unknown): row is Beside {
  if (!Array.isArray(row) || row.length !== 4) return false;
  const [name, ...rest]: unknown[] = row;
  return typeof name === 'string' && rest.every((value) => value === null || isTime(value));
}

function isTime(value: unknown): boolean {
  return typeof value === 'number';
}

/** The stamp of what was read. */
export function stampOf({ print, beside, result }: FileReading): string | null {
  if (print === null) return null;
  const passing = result.status === 'unparsed' && result.isPassing === true;
  const rows = beside.map(({ name, size, modifiedMs, changedMs }) => [name, size, modifiedMs, changedMs]);
  const { changedMs: changed, inode } = print;
  const whole = { reader: readerVersion, changed, inode, beside: rows, ...(passing && { passing }) };
  const text = JSON.stringify(whole);
  return text.length <= textLimits.path ? text : JSON.stringify({ ...whole, beside: null });
}

/** The stamp of a model whose file has vanished, with the status that it gets back. */
export function withFormerStatus(text: string | null, was: ModelStatus): string | null {
  const known = parseStamp(text);
  return known === null || was === 'missing' ? text : JSON.stringify({ ...known, was });
}

/** The status that a model had before its file vanished. */
export function formerStatus(text: string | null): ModelStatus {
  return parseStamp(text)?.was ?? 'active';
}

/** What the library knows of a file. */
export interface Stamped {
  readonly filePath: string;
  readonly fileSize: number;
  readonly fileModifiedAt: Date | null;
  readonly fileStamp: string | null;
  readonly parseStatus: 'pending' | 'parsed' | 'unparsed';
}

/** A file as the disk shows it. */
export interface FileLook {
  readonly size: number;
  readonly mtime: Date;
  readonly ctimeMs: number;
  /** The number of its entry on the disk; a file in an archive has none. */
  readonly ino?: number;
}

/** Whether a file need not be read again: it and all it is read from are as they were, and no reason to refuse it has gone. */
export function isAsRead(look: FileLook, known: Stamped, { retry }: { readonly retry: boolean }): boolean {
  if (look.size !== known.fileSize || look.mtime.getTime() !== known.fileModifiedAt?.getTime()) return false;
  const isRefused = known.parseStatus !== 'parsed';
  // Nearly all stamps are this one, and texts are compared faster than they are parsed.
  if (known.fileStamp === plainStamp(look)) return !(isRefused && retry);
  const note = parseStamp(known.fileStamp);
  if (note === null) return !isRefused;
  if (note.changed !== look.ctimeMs || note.beside === null) return false;
  if (isRefused && (retry || note.passing === true || note.reader !== readerVersion)) return false;
  return note.beside.every(([name, size, modifiedMs, changedMs]) => {
    const now = fileBeside(dirname(known.filePath), name);
    return now.size === size && now.modifiedMs === modifiedMs && now.changedMs === changedMs;
  });
}

/** The stamp of a file that was read alone by this reader, and has not changed since. */
function plainStamp({ ctimeMs, ino }: FileLook): string | null {
  return ino === undefined ? null : `{"reader":${readerVersion},"changed":${ctimeMs},"inode":${ino},"beside":[]}`;
}
