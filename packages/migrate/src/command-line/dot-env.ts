// `.env` of the current folder, which drizzle-kit reads before a configuration: that may have its database from there. What the
// environment says already stays as it is.
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { parseEnv } from 'node:util';
import { isError } from '@cc/tx/errors';

/** What `.env` in `cwd` says; nothing without one. */
export function readDotEnv(cwd: string): Readonly<Record<string, string | undefined>> {
  try {
    return parseEnv(readFileSync(resolve(cwd, process.env['DOTENV_CONFIG_PATH'] ?? '.env'), 'utf8'));
  } catch (error) {
    // A folder of that name, or a file of somebody else's: drizzle-kit passes over them, too.
    if (isError(error) && 'code' in error) return {};
    throw error;
  }
}

/** Gives it to configurations, which read the environment of the process. */
export function heedDotEnv(cwd: string): void {
  for (const [name, value] of Object.entries(readDotEnv(cwd))) process.env[name] ??= value;
}
