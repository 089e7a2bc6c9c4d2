// Walks folders and names every file in them once: links are followed, loops and dangling links are reported.
import type { Dirent } from 'node:fs';
import { readdir, realpath, stat } from 'node:fs/promises';
import { join } from 'node:path';

/** A file to import, or a place that could not be looked into and why. */
export type Found =
  | { readonly path: string; readonly problem: null }
  | { readonly path: string; readonly problem: string };

/**
 * Yields the files below `folders` (a folder may also be a single file), folder by folder, in the order of their names.
 *
 * @throws Error of the file system when one of `folders` itself cannot be read
 */
export async function* scan(folders: readonly string[]): AsyncGenerator<Found> {
  const visited = new Set<string>();
  for (const folder of folders) {
    const root = await realpath(folder);
    const kind = await stat(root);
    if (kind.isDirectory()) yield* walk(root, visited);
    else yield { path: root, problem: null };
  }
}

async function* walk(folder: string, visited: Set<string>): AsyncGenerator<Found> {
  const real = await realpath(folder);
  // A folder that two links lead to is one folder; a link to a folder around it is a loop.
  if (visited.has(real)) return;
  visited.add(real);
  for (const entry of await entriesOf(folder)) {
    if ('problem' in entry) {
      yield entry;
      continue;
    }
    const path = join(folder, entry.name);
    const kind = entry.isSymbolicLink() ? await kindBehind(path) : entry;
    if (typeof kind === 'string') yield { path, problem: kind };
    else if (kind.isDirectory()) yield* walk(path, visited);
    else if (kind.isFile()) yield { path, problem: null };
  }
}

/** The entries of a folder by name. A name that is no UTF-8 cannot be stored byte for byte, so it is a problem of its own. */
async function entriesOf(folder: string): Promise<(Dirent | { readonly path: string; readonly problem: string })[]> {
  let entries: Dirent<Buffer>[];
  try {
    entries = await readdir(folder, { withFileTypes: true, encoding: 'buffer' });
  } catch (error) {
    return [{ path: folder, problem: reasonOf(error) }];
  }
  const named = entries.map((entry) => {
    const name = entry.name.toString('utf8');
    if (Buffer.from(name, 'utf8').equals(entry.name)) return Object.assign(entry, { name }) as unknown as Dirent;
    return { path: join(folder, name), problem: 'its name is not UTF-8; rename it to import it' };
  });
  return named.sort((a, b) => compare('name' in a ? a.name : a.path, 'name' in b ? b.name : b.path));
}

async function kindBehind(link: string): Promise<Awaited<ReturnType<typeof stat>> | string> {
  try {
    return await stat(link);
  } catch (error) {
    return reasonOf(error);
  }
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

/** Says in words why a file cannot be read. */
export function reasonOf(error: unknown): string {
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  return reasons[code] ?? (error instanceof Error ? error.message : String(error));
}

const reasons: Readonly<Record<string, string>> = {
  ENOENT: 'it does not exist, or it is a link to nothing',
  ELOOP: 'it is a link that leads back to itself',
  EACCES: 'reading it is not permitted',
  EPERM: 'reading it is not permitted',
  EISDIR: 'it is a folder',
  EBUSY: 'another program holds it',
  EIO: 'its disk reports an error',
};
