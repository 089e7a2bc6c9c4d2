// `.env` of the current folder, which drizzle-kit reads before a configuration: that may have its database from there. What the
// environment says already stays as it is.
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { parseEnv } from 'node:util';
import { isError } from '@cc/tx/errors';

/** What `.env` in `cwd` says; nothing without one. `onUnreadable` hears of one that is there. */
export function readDotEnv(
  cwd: string,
  onUnreadable: (path: string, code: string) => void = () => undefined,
): Readonly<Record<string, string | undefined>> {
  const path = process.env['DOTENV_CONFIG_PATH'] ?? '.env';
  try {
    // Behind a byte order mark the first name would be another one.
    return parseEnv(readFileSync(resolve(cwd, path), 'utf8').replace(/^\uFEFF/, ''));
  } catch (error) {
    // A folder of that name, or a file of somebody else's: drizzle-kit passes over them, too.
    if (!(isError(error) && 'code' in error)) throw error;
    if (!absent.has(String(error.code))) onUnreadable(path, String(error.code));
    return {};
  }
}

/** No such file. */
const absent: ReadonlySet<string> = new Set(['ENOENT', 'ENOTDIR', 'EISDIR']);

/** Gives it to configurations, which read the environment of the process. */
export function heedDotEnv(cwd: string): void {
  for (const [name, value] of Object.entries(readDotEnv(cwd))) process.env[name] ??= value;
}
