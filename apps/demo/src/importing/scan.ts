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
    return entries.every((entry) => 'name' in entry && rules.isClutter(entry.name));
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

/** `real` is the key of the folder's real path, which is known of what lies in a folder and is no link: asking takes a turn for each. */
async function* walk(folder: string, real: string, seen: Seen, around: IgnoreRules): AsyncGenerator<readonly Found[]> {
  if (seen.folders.has(real)) return;
  seen.folders.add(real);
  let entries: Awaited<ReturnType<typeof entriesOf>>;
  try {
    entries = await entriesOf(folder);
  } catch (error) {
    yield [{ path: folder, problem: reasonOf(error) }];
    return;
  }
  let found: Found[] = [];
  const rules = entries.some((entry) => 'name' in entry && entry.name === '.candyignore')
    ? await rulesIn(folder, around)
    : around;
  for (const entry of entries) {
    if ('problem' in entry) {
      found.push(entry);
      continue;
    }
    const path = join(folder, entry.name);
    if (rules.ignores(path, entry.isDirectory())) seen.onIgnored(path, null);
    else if (entry.isSymbolicLink()) seen.links.push({ path, rules });
    else if (entry.isDirectory()) {
      yield found;
      found = [];
      yield* walk(path, join(real, keyOf(entry.name)), seen, rules);
    } else if (entry.isFile() && !seen.files.has(path)) {
      if (isArchive(path)) found.push(...(await filesAt(path, seen, rules)));
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
  const isLikeModel = isArchive(path) || formatOf(basename(path), new Uint8Array()) !== null;
  const what = kind.isFIFO() ? 'pipe' : kind.isSocket() ? 'socket' : 'device';
  onIgnored(path, isLikeModel ? `it is a ${what} and no file` : null);
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

/** The entries of a folder by name. A name that is no UTF-8 cannot be stored byte for byte, so it is a problem of its own. */
async function entriesOf(folder: string): Promise<(Dirent | { readonly path: string; readonly problem: string })[]> {
  const entries = await readdir(folder, { withFileTypes: true, encoding: 'buffer' });
  const named = entries.map((entry) => {
    const name = entry.name.toString('utf8');
    if (Buffer.from(name, 'utf8').equals(entry.name)) return Object.assign(entry, { name }) as unknown as Dirent;
    return { path: join(folder, name), problem: 'its name is not UTF-8; rename it to import it' };
  });
  return named.sort((a, b) => compare('name' in a ? a.name : a.path, 'name' in b ? b.name : b.path));
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
