// drizzle.config.* as far as cc-migrate takes from it: folder, database, names of files. Loaded as drizzle-kit loads it, by the
// loader that came with it. place.ts asks, and lays the flags over it.
import { readFile, stat } from 'node:fs/promises';
import { basename, dirname, extname, isAbsolute, join, relative, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { types } from 'node:util';
import { isError } from '@cc/tx/errors';
import type { FolderStyle } from '../contract/generate.js';
import { migrationError } from '../errors.js';
import { type EmbeddedDriver, embeddedDrivers } from '../folder/embedded.js';
import { drizzleTable } from '../sql/bookkeeping.js';
import { heedDotEnv } from './dot-env.js';
import { EndedProcess, loadForeign } from './foreign-code.js';

const { createRequire } = process.getBuiltinModule('node:module');

/** What a configuration says. */
export interface ProjectConfig {
  /** Its path, from the current folder. */
  readonly path: string;
  /** `out`: path of the migrations folder. Default `drizzle`, as drizzle-kit has it. */
  readonly folder: string;
  /** `schema`, as it is written. */
  readonly schema: readonly string[];
  /** `dbCredentials.url`; undefined without one. */
  readonly url: string | undefined;
  readonly authToken: string | undefined;
  /** `tablesFilter`; null without `dbCredentials`, with which drizzle-kit could reach no database either. */
  readonly tablesFilter: readonly string[] | null;
  readonly prefix: FolderStyle['prefix'];
  readonly breakpoints: boolean;
  /** `driver`; undefined where nothing says so. */
  readonly driver: EmbeddedDriver | 'd1-http' | undefined;
  /** `migrations.table`: name of drizzle's table; undefined where nothing says so. */
  readonly table: string | undefined;
}

/** What flags say instead: such values are not looked at. */
export interface Overridden {
  readonly url: boolean;
  readonly folder: boolean;
}

/** The names that are looked for: those that drizzle-kit knows come first, as it would take them. */
const configNames = ['ts', 'js', 'json', 'mts', 'mjs', 'cts', 'cjs'].map((ending) => `drizzle.config.${ending}`);

/** The path of the configuration in `cwd`; null without one. */
export async function findConfig(cwd: string): Promise<string | null> {
  for (const name of configNames) if (await isFile(join(cwd, name))) return name;
  return null;
}

/**
 * Reads the configuration at `path`.
 *
 * @throws DatabaseError `MIGRATION_CONFIG` that names the value and what to write
 */
export async function readConfig(cwd: string, path: string, overridden: Overridden): Promise<ProjectConfig> {
  const file = resolve(cwd, path);
  const shown = isAbsolute(path) ? path : relative(cwd, file) || basename(file);
  if (!(await isFile(file)))
    throw configError(`${shown} does not exist`, 'Name the file: --config <path>; or leave it out: --no-config');
  const said = new Said(shown, await load(cwd, file, shown));
  said.oneOf('dialect', ['sqlite', 'turso'], true);
  said.oneOf('casing', ['snake_case', 'camelCase']);
  const driver = said.oneOf('driver', [...embeddedDrivers, 'd1-http']);
  const breakpoints = said.flag('breakpoints') ?? true;
  // Of push and pull alone; drizzle-kit reads no configuration in which they are of another type.
  said.flag('verbose');
  const tablesFilter = said.texts('tablesFilter');
  const migrations = said.part('migrations');
  const prefix = migrations.oneOf('prefix', ['index', 'timestamp', 'supabase', 'unix', 'none']) ?? 'index';
  const credentials = said.part('dbCredentials');
  const url = overridden.url ? undefined : credentials.text('url');
  return {
    path: shown,
    folder: (overridden.folder ? undefined : said.text('out')) ?? 'drizzle',
    schema: said.texts('schema'),
    url: url === undefined ? undefined : withScheme(url),
    authToken: url === undefined ? undefined : credentials.text('authToken'),
    tablesFilter: credentials.isGiven ? tablesFilter : null,
    prefix,
    breakpoints,
    driver,
    table: migrations.text('table'),
  };
}

function configError(reason: string, hint: string, cause?: unknown): Error {
  return migrationError('config', reason, { operation: 'read the configuration', hint, cause });
}

async function isFile(path: string): Promise<boolean> {
  return (await stat(path).catch(() => null))?.isFile() ?? false;
}

/** drizzle-kit takes a plain path for a file. */
export function withScheme(url: string): string {
  return url === ':memory:' || /^[a-z][a-z+.-]*:/i.test(url) ? url : `file:${url}`;
}

/**
 * Passes unless `url` is the address of a server with a slip in it, and a secret: taken for a path, it would be repeated in every
 * message. @throws TypeError
 */
export function refuseSlip(url: string): void {
  const path = url.replace(/^file:/i, '');
  const isSound = path === url && /^[a-z]+:\/\//i.test(url);
  if (isSound || !/^\/*(?:https?|wss?|libsql)[:/].*(?:@|token=)/i.test(path)) return;
  throw new TypeError(
    'The url reads as the address of a server with a slip in it. Write it as libsql://<host> or https://<host>, and the token as CC_AUTH_TOKEN',
  );
}

/** What the file exports, which drizzle-kit takes as it is: it neither calls nor awaits it. */
async function load(cwd: string, file: string, shown: string): Promise<object> {
  const module = await loadModule(cwd, file, shown);
  const exported = isObject(module) ? (module['default'] ?? module) : module;
  if (isObject(exported) && !types.isPromise(exported)) return exported;
  throw configError(
    `${shown} exports a ${types.isPromise(exported) ? 'promise' : typeof exported}, which drizzle-kit does not take`,
    `Write export default { dialect: 'sqlite', … }: the object itself`,
  );
}

async function loadModule(cwd: string, file: string, shown: string): Promise<unknown> {
  try {
    if (extname(file) === '.json') return JSON.parse((await readFile(file, 'utf8')).replace(/^\uFEFF/, ''));
    heedDotEnv(cwd);
    const loader = loaderOf(dirname(file)) ?? loaderOf(cwd);
    return await loadForeign(() =>
      loader ? loader.require(file, import.meta.url) : import(`${pathToFileURL(file).href}?${Date.now()}`),
    );
  } catch (cause) {
    if (cause instanceof EndedProcess)
      throw configError(
        `${shown} ends the program: ${cause.message}`,
        'Take the call out: the file is only to say where schema, folder and database are',
        cause,
      );
    // The line behind a colon says what it is.
    const said = isError(cause) ? cause.message.split('\n') : [String(cause)];
    const why = said.slice(0, said[0]?.endsWith(':') ? 2 : 1).join(' ');
    const isAbsent = /Cannot find (?:module|package) 'drizzle-kit'|^Unknown file extension/.test(String(why));
    throw configError(
      isAbsent ? `${shown} needs drizzle-kit, which is not installed` : `${shown} cannot be read: ${why}`,
      isAbsent
        ? 'Install it: npm install --save-dev drizzle-kit; or do without the file: --no-config with --url and --folder'
        : 'Mend the file, or do without it: --no-config with --url and --folder',
      cause,
    );
  }
}

/** What drizzle-kit itself reads TypeScript with; null where it is not installed. */
function loaderOf(cwd: string): { require(path: string, from: string): unknown } | null {
  try {
    const kit = createRequire(join(cwd, 'package.json')).resolve('drizzle-kit');
    const loader: unknown = createRequire(kit)('tsx/cjs/api');
    return isLoader(loader) ? loader : null;
  } catch (error) {
    if (isError(error) && 'code' in error && error.code === 'MODULE_NOT_FOUND') return null;
    throw error;
  }
}

function isLoader(value: unknown): value is { require(path: string, from: string): unknown } {
  return typeof value === 'object' && value !== null && 'require' in value && typeof value.require === 'function';
}

/** Also what has its values from a class. */
function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null;
}

/** Values of a configuration, refused by name where they cannot be used. */
class Said {
  readonly #file: string;
  readonly #values: Readonly<Record<string, unknown>>;
  readonly #within: string;
  readonly isGiven: boolean;

  constructor(file: string, values: unknown, within = '') {
    this.#file = file;
    this.#values = isObject(values) ? values : {};
    this.#within = within;
    this.isGiven = values !== undefined;
  }

  part(name: string): Said {
    const value = this.#values[name];
    if (value !== undefined && !isObject(value)) throw this.#wrong(name, `${name}: { … }`);
    return new Said(this.#file, value, `${name}.`);
  }

  text(name: string): string | undefined {
    const value = this.#values[name];
    if (value === undefined) return undefined;
    if (typeof value === 'string' && value !== '') return value;
    throw this.#wrong(name, `${name}: '${examples[name] ?? '…'}'`);
  }

  texts(name: string): readonly string[] {
    const value = this.#values[name];
    if (value === undefined) return [];
    if (typeof value === 'string') return [value];
    if (Array.isArray(value) && value.every((each) => typeof each === 'string')) return value;
    throw this.#wrong(name, `${name}: ['${examples[name] ?? '…'}']`);
  }

  flag(name: string): boolean | undefined {
    const value = this.#values[name];
    if (value === undefined || typeof value === 'boolean') return value;
    throw this.#wrong(name, `${name}: true or ${name}: false`);
  }

  oneOf<T extends string>(name: string, known: readonly T[], isNeeded = false): T | undefined {
    const value = this.#values[name];
    if (value === undefined && !isNeeded) return undefined;
    const found = known.find((each) => each === value);
    if (found !== undefined) return found;
    throw this.#wrong(name, known.map((each) => `${name}: '${each}'`).join(' or '));
  }

  #wrong(name: string, right: string): Error {
    const value = this.#values[name];
    // A wrong credential may be a secret.
    const is =
      value === undefined ? 'is missing' : `cannot be ${isTold(this.#within, value) ? `'${value}'` : kindOf(value)}`;
    return configError(`${this.#within}${name} of ${this.#file} ${is}`, `Write ${right}`);
  }
}

const examples: Readonly<Record<string, string>> = {
  out: './drizzle',
  url: 'file:./app.db',
  schema: './src/schema.ts',
  table: drizzleTable,
  tablesFilter: '!__cc_*',
};

function isTold(within: string, value: unknown): value is string {
  return typeof value === 'string' && value !== '' && within !== 'dbCredentials.';
}

function kindOf(value: unknown): string {
  if (value === '') return 'empty';
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'a list';
  return typeof value === 'object' ? 'an object' : `a ${typeof value}`;
}
