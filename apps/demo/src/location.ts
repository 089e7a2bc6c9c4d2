// Which database a command works on.
import { mkdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

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
  if (!url.startsWith('file:') || url === 'file::memory:') return;
  let path: string;
  try {
    path = url.startsWith('file://') ? fileURLToPath(url) : decodeURIComponent(url.slice('file:'.length));
  } catch {
    // Whoever opens the database says what is wrong with its URL.
    return;
  }
  await mkdir(dirname(path), { recursive: true });
}
