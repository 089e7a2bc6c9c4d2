// Which database a command works on.
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

/** The URL of the library: `--url`, else `CANDY_URL`, else a file in the git-ignored folder `.candy`. */
export function libraryUrl(flag: string | undefined, env: NodeJS.ProcessEnv, folder: string): string {
  return flag ?? env['CANDY_URL'] ?? pathToFileURL(join(folder, '.candy', 'library.db')).href;
}
