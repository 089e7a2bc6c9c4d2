// Where a command works: what its flags say, else the environment, else drizzle.config.*. database.ts opens what it finds.
import { resolve } from 'node:path';
import { isDatabaseError } from '@cc/tx/errors';
import type { FolderStyle } from '../contract/generate.js';
import { drizzleTable } from '../sql/bookkeeping.js';
import type { Surroundings } from './commands.js';
import { findConfig, type ProjectConfig, readConfig, refuseSlip } from './config.js';
import { readDotEnv } from './dot-env.js';

/** Flags that every command has. */
export interface PlaceFlags {
  /** False with `--no-url`. */
  readonly url?: string | false;
  readonly folder?: string | undefined;
  /** Name of drizzle's table. */
  readonly table?: string;
  /** False with `--no-config`. */
  readonly config?: string | false | undefined;
}

/** Where a command works. */
export interface Place {
  /** Undefined when nothing names a database. */
  readonly url: string | undefined;
  readonly authToken: string | undefined;
  /** Path of the migrations folder. */
  readonly folder: string;
  readonly prefix: FolderStyle['prefix'];
  /** Name of drizzle's table. */
  readonly table: string;
  /** Null without one. */
  readonly config: ProjectConfig | null;
  /** The schema code that the configuration names belongs to `folder`. */
  readonly isForFolder: boolean;
}

/** Finds out where to work. @throws DatabaseError `MIGRATION_CONFIG` for a configuration that is needed and cannot be used */
export async function placeOf(flags: PlaceFlags, surroundings: Surroundings): Promise<Place> {
  // Where the configuration is left out, so is what drizzle-kit reads beside it.
  const env = flags.config === false ? surroundings.env : { ...dotEnv(surroundings), ...surroundings.env };
  const named = flags.url === false ? undefined : (flags.url ?? (env['CC_DATABASE_URL'] || undefined));
  const config = await configOf(flags, named, surroundings);
  const folder = flags.folder ?? config?.folder ?? './drizzle';
  const url = flags.url === false ? undefined : (named ?? config?.url);
  if (url !== undefined) refuseSlip(url);
  // A token of the configuration is for its own database and no other.
  const token = env['CC_AUTH_TOKEN'] || (named === undefined ? config?.authToken : undefined);
  return {
    url,
    authToken: token,
    folder,
    prefix: config?.prefix ?? 'index',
    table: flags.table ?? config?.table ?? drizzleTable,
    config,
    isForFolder: config !== null && (typeof flags.config === 'string' || resolve(folder) === resolve(config.folder)),
  };
}

function dotEnv({ name, warn }: Surroundings): ReturnType<typeof readDotEnv> {
  return readDotEnv(process.cwd(), (path, code) =>
    warn(`${name ?? 'cc-migrate'}: ${path} cannot be read (${code}): what it says is left out`),
  );
}

async function configOf(
  flags: PlaceFlags,
  url: string | undefined,
  { name, warn }: Surroundings,
): Promise<ProjectConfig | null> {
  if (flags.config === false) return null;
  const path = flags.config ?? (await findConfig(process.cwd()));
  if (path === null) return null;
  const overridden = { url: url !== undefined || flags.url === false, folder: flags.folder !== undefined };
  try {
    return await readConfig(process.cwd(), path, overridden);
  } catch (error) {
    // Where a program is installed without its tools, flags say all that is needed.
    const isNeeded = typeof flags.config === 'string' || !overridden.url || !overridden.folder;
    if (isNeeded || !isDatabaseError(error)) throw error;
    warn(`${name ?? 'cc-migrate'}: ${error.message}. Left out, as the flags say where to work`);
    return null;
  }
}
