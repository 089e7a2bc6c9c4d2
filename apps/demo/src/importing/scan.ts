// Walks folders and names every file in them once, those in archives too. Links are followed, after everything that has a place of its own;
// links that lead nowhere are reported, and a link to a folder around it adds nothing.
import type { Dirent } from 'node:fs';
import { readdir, realpath, stat } from 'node:fs/promises';
import { basename, dirname, join, sep } from 'node:path';
import { ArchiveShelf } from '../archives/archive-shelf.js';
import { archivedFiles, type EntryLook } from '../archives/archived-files.js';
import { isArchive } from '../archives/entry-path.js';
import { formatOf } from '../geometry/format.js';
import { type IgnoreRules, ignoreRules, rulesIn } from './ignore-rules.js';

/** A file to import, or a place that could not be looked into and why. */
export type Found =
  | { readonly path: string; readonly problem: null; readonly look?: EntryLook }
  | { readonly path: string; readonly problem: string };

type OnIgnored = (path: string, reason: string | null) => void;

/** What a scan passes over. */
export interface ScanOptions {
  /** Patterns as in a `.candyignore`. Default none. */
  readonly ignore?: readonly string[] | undefined;
  /** Whether files and folders whose names begin with a dot count. Default false. */
  readonly hidden?: boolean | undefined;
  /** Hears of each file or folder that is passed over; `reason` says why where nobody has asked for it, and it looks like a model. */
  readonly onIgnored?: OnIgnored | undefined;
  /** Hears of each folder that was named and holds nothing. */
  readonly onEmptyRoot?: ((path: string) => void) | undefined;
}

/** A folder that was named on the command line cannot be looked into. */
export class FolderNotFound extends Error {
  override readonly name = 'FolderNotFound';
}

/**
 * Yields the files below `folders` (a folder may also be a single file), many at once, folder by folder, in the order of
 * their names, and those behind links last.
 *
 * @throws FolderNotFound when one of `folders` itself does not exist
 */
export async function* scan(folders: readonly string[], options: ScanOptions = {}): AsyncGenerator<readonly Found[]> {
  const { onIgnored = () => {} } = options;
  const seen: Seen = { folders: new Set(), files: new Set(), links: [], onIgnored, shelf: new ArchiveShelf() };
  for (const folder of folders) {
    const { root, kind } = await rootOf(folder);
    const rules = ignoreRules(root, options);
    if (kind.isDirectory()) {
      if (await isBare(root, rules)) options.onEmptyRoot?.(root);
      yield* walk(root, keyOf(root), seen, rules);
    } else if (!kind.isFile()) yield [{ path: root, problem: notRegular }];
    else if (!seen.files.has(root) && !seen.folders.has(keyOf(dirname(root)))) {
      seen.files.add(root);
      yield await filesAt(root, seen, rules);
    }
  }
  // A link must not take the place of what it leads to: the models keep their paths when somebody adds a link.
  for (const { path, rules } of seen.links) yield* follow(path, seen, rules);
}

/** The real paths of the folders, and files, that were named. */
export async function rootsOf(folders: readonly string[]): Promise<readonly { path: string; isFolder: boolean }[]> {
  const roots: { path: string; isFolder: boolean }[] = [];
  for (const folder of folders) {
    const { root, kind } = await rootOf(folder);
    roots.push({ path: root, isFolder: kind.isDirectory() });
  }
  return roots;
}

/** Whether there is nothing in a folder but clutter: the place of a disk that is not there looks like this. */
export async function isBare(folder: string, rules: IgnoreRules): Promise<boolean> {
  try {
    const entries = await entriesOf(folder);
    return entries.every(({ name }) => rules.isClutter(name));
  } catch {
    // The walk says why it cannot be looked into.
    return false;
  }
}

/** Passes when there is something at every one of `folders`. @throws FolderNotFound */
export async function findFolders(folders: readonly string[]): Promise<void> {
  for (const folder of folders) await rootOf(folder);
}

interface Seen {
  /** Real paths of the folders that were walked: one that two links lead to is one folder. */
  readonly folders: Set<string>;
  /** Files that were named on the command line. */
  readonly files: Set<string>;
  /** Found and not followed yet. */
  readonly links: { readonly path: string; readonly rules: IgnoreRules }[];
  readonly onIgnored: OnIgnored;
  readonly shelf: ArchiveShelf;
}

async function rootOf(folder: string): Promise<{ root: string; kind: Awaited<ReturnType<typeof stat>> }> {
  try {
    const root = await realpath(folder);
    return { root, kind: await stat(root) };
  } catch (cause) {
    throw new FolderNotFound(`${folder} cannot be imported: ${reasonOf(cause)}`, { cause });
  }
}

/** A folder that is walked, as far as it is. `real` is the key of its real path. */
interface OpenFolder {
  readonly path: string;
  readonly real: string;
  readonly rules: IgnoreRules;
  readonly entries: Iterator<Entry>;
}

/**
 * The real path is known of what lies in a folder and is no link: asking takes a turn for each. Folders wait in a list for
 * those in them, as deep as the system goes: generators that wait for one another end the program some thousand folders down.
 */
async function* walk(folder: string, real: string, seen: Seen, around: IgnoreRules): AsyncGenerator<readonly Found[]> {
  const open: OpenFolder[] = [];
  let found: Found[] = [];
  const enter = async (path: string, key: string, rules: IgnoreRules): Promise<void> => {
    if (seen.folders.has(key)) return;
    seen.folders.add(key);
    let looksAt = path;
    try {
      const entries = await entriesOf(path);
      const hasRules = entries.some(({ name }) => name === '.candyignore');
      if (hasRules) looksAt = join(path, '.candyignore');
      // Where its rules cannot be read nobody knows what of it is wanted.
      const inside = hasRules ? await rulesIn(path, rules) : rules;
      open.push({ path, real: key, rules: inside, entries: entries.values() });
    } catch (error) {
      found.push({ path: looksAt, problem: reasonOf(error) });
    }
  };
  await enter(folder, real, around);
  for (let at = open.at(-1); at !== undefined; at = open.at(-1)) {
    const { done, value: entry } = at.entries.next();
    if (done === true) {
      open.pop();
      yield found;
      found = [];
      continue;
    }
    const path = join(at.path, entry.name);
    if (at.rules.ignores(path, entry.isDirectory())) seen.onIgnored(path, null);
    else if (!entry.isExact) {
      // It cannot be looked at by this name.
      if (entry.isDirectory() || isLikeModel(path)) found.push({ path, problem: notUtf8 });
      else seen.onIgnored(path, null);
    } else if (entry.isSymbolicLink()) seen.links.push({ path, rules: at.rules });
    else if (entry.isDirectory()) {
      yield found;
      found = [];
      await enter(path, join(at.real, keyOf(entry.name)), at.rules);
    } else if (entry.isFile() && !seen.files.has(path)) {
      if (isArchive(path)) found.push(...(await filesAt(path, seen, at.rules)));
      else found.push({ path, problem: null });
    } else if (!entry.isFile()) passOver(path, entry, seen.onIgnored);
  }
  yield found;
}

/** A file, or those in an archive. */
async function filesAt(path: string, { onIgnored, shelf }: Seen, rules: IgnoreRules): Promise<readonly Found[]> {
  if (!isArchive(path)) return [{ path, problem: null }];
  return await archivedFiles(path, shelf, { ignores: (name, isFolder) => rules.ignores(name, isFolder), onIgnored });
}

/** A pipe, a socket or a device: it is told by its name whether somebody may take it for a model, and it is never opened. */
export function passOver(path: string, kind: Pick<Dirent, 'isFIFO' | 'isSocket'>, onIgnored: OnIgnored): void {
  const what = kind.isFIFO() ? 'pipe' : kind.isSocket() ? 'socket' : 'device';
  onIgnored(path, isLikeModel(path) ? `it is a ${what} and no file` : null);
}

function isLikeModel(path: string): boolean {
  return isArchive(path) || formatOf(basename(path), new Uint8Array()) !== null;
}

async function* follow(link: string, seen: Seen, rules: IgnoreRules): AsyncGenerator<readonly Found[]> {
  let real: string;
  try {
    const kind = await stat(link);
    if (kind.isFile()) yield await filesAt(link, seen, rules);
    else if (!kind.isDirectory()) passOver(link, kind, seen.onIgnored);
    if (!kind.isDirectory() || (await leadsAround(link))) return;
    real = await realKeyOf(link);
  } catch (error) {
    yield [{ path: link, problem: reasonOf(error) }];
    return;
  }
  yield* walk(link, real, seen, rules);
}

/** Whether a link to a folder leads to one that it lies in. Followed, `up -> /` would import the whole disk. */
async function leadsAround(link: string): Promise<boolean> {
  const [around, target] = [await realKeyOf(dirname(link)), await realKeyOf(link)];
  return around === target || around.startsWith(target.endsWith(sep) ? target : target + sep);
}

/** An entry of a folder. Not exact: its name is no UTF-8, so that it cannot be stored byte for byte, and this is what it looks like. */
type Entry = Dirent & { readonly isExact: boolean };

/** The entries of a folder by name. */
async function entriesOf(folder: string): Promise<Entry[]> {
  const entries = await readdir(folder, { withFileTypes: true, encoding: 'buffer' });
  const named = entries.map((entry) => {
    const name = entry.name.toString('utf8');
    const isExact = Buffer.from(name, 'utf8').equals(entry.name);
    return Object.assign(entry, { name, isExact }) as unknown as Entry;
  });
  return named.sort((a, b) => compare(a.name, b.name));
}

/** The real path as one character to a byte, so that names that are no UTF-8 stay apart. */
async function realKeyOf(path: string): Promise<string> {
  return (await realpath(path, { encoding: 'buffer' })).toString('latin1');
}

function keyOf(realPath: string): string {
  return Buffer.from(realPath, 'utf8').toString('latin1');
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

const notRegular = 'it is not a regular file';
const notUtf8 = 'its name is not UTF-8; rename it to import it';

/** Says in words why a file cannot be read. */
export function reasonOf(error: unknown): string {
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  return reasons[code] ?? (error instanceof Error ? error.message : String(error));
}

const reasons: Readonly<Record<string, string>> = {
  ENOENT: 'it does not exist, or it is a link to nothing',
  ENOTDIR: 'it does not exist, or it is a link to nothing',
  ELOOP: 'it is a link that leads back to itself',
  EACCES: 'reading it is not permitted',
  EPERM: 'reading it is not permitted',
  EISDIR: 'it is a folder',
  ENAMETOOLONG: 'its path is too long',
  EBUSY: 'another program holds it',
  EIO: 'its disk reports an error',
};
