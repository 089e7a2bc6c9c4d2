// Which database a command works on.
import { statSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { visible } from './terminal.js';

/** The URL of the library: `--url`, else `CANDY_URL`, else a file in the git-ignored folder `.candy`. */
export function libraryUrl(flag: string | undefined, env: NodeJS.ProcessEnv, folder: string): string {
  return flag ?? (env['CANDY_URL'] || pathToFileURL(join(folder, '.candy', 'library.db')).href);
}

/** What a server or a replica needs besides its URL: `CANDY_AUTH_TOKEN` and `CANDY_SYNC_URL`. Empty values count as absent. */
export function serverAccess(env: NodeJS.ProcessEnv): { readonly authToken?: string; readonly syncUrl?: string } {
  const { CANDY_AUTH_TOKEN: authToken, CANDY_SYNC_URL: syncUrl } = env;
  return { ...(authToken && { authToken }), ...(syncUrl && { syncUrl }) };
}

/** Makes the folder of a database file, which is made on first use itself. */
export async function makeFolderOf(url: string): Promise<void> {
  const path = pathOf(url);
  if (path === undefined) return;
  try {
    await mkdir(dirname(path), { recursive: true });
  } catch (cause) {
    throw new FolderNotMade(dirname(path), cause);
  }
}

/** The folder of a database cannot be made. */
class FolderNotMade extends Error {
  override readonly name = 'FolderNotMade';
  /** As the system calls it, such as `EACCES`. */
  readonly code: string;

  constructor(folder: string, cause: unknown) {
    const code = cause instanceof Error && 'code' in cause ? String(cause.code) : 'UNKNOWN';
    super(`The folder ${visible(folder)} cannot be made (${code}): name another place with --url or CANDY_URL`, {
      cause,
    });
    this.code = code;
  }
}

/**
 * Where the file of a database lies that is not there yet; null for one that is, for servers and for memory.
 *
 * @throws Error of the file system where this user may not look: it may well be there
 */
export function missingFile(url: string): string | null {
  const path = pathOf(url);
  return path === undefined || isThere(path) ? null : path;
}

function isThere(path: string): boolean {
  try {
    return statSync(path, { throwIfNoEntry: false }) !== undefined;
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOTDIR') return false;
    throw error;
  }
}

/** The path of a database file; undefined for anything else, and for a URL that opening will refuse. */
export function pathOf(url: string): string | undefined {
  if (!isFile(url)) return undefined;
  try {
    const path = url.startsWith('file://') ? fileURLToPath(url) : decodeURIComponent(url.slice('file:'.length));
    return path === '' || path.includes('\0') ? undefined : path;
  } catch {
    // Whoever opens the database says what is wrong with its URL.
    return undefined;
  }
}

/** Options behind a question mark are refused when it is opened. */
function isFile(url: string): boolean {
  return url.startsWith('file:') && url !== 'file::memory:' && !url.includes('?');
}
