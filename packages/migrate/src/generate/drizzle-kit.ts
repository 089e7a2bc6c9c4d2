// The project's own drizzle-kit: its command reads drizzle.config.ts and the schema code exactly as `drizzle-kit generate`
// does, its API turns snapshots into SQL. It is loaded only where migrations are generated or checked against the code.
import { execFile } from 'node:child_process';
import { mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join, relative, resolve } from 'node:path';
import { promisify } from 'node:util';
import { isError } from '@cc/tx/errors';
import { migrationError } from '../errors.js';
import { type EmbeddedDriver, embeddedDrivers } from '../folder/embedded.js';
import { emptySnapshot, parseSnapshot, type Snapshot } from '../folder/snapshot.js';

// Not imported: webpack would follow it, and warn of what it cannot tell.
const { createRequire } = process.getBuiltinModule('node:module');

/** What `drizzle.config.ts` and the schema code say. */
export interface SchemaCode {
  readonly snapshot: Snapshot;
  /** Absolute path of the migrations folder. */
  readonly folder: string;
  readonly breakpoints: boolean;
  /** How file names begin. */
  readonly prefix: 'index' | 'timestamp' | 'supabase' | 'unix' | 'none';
  /** For which drizzle-kit writes a module beside the migrations. */
  readonly driver: EmbeddedDriver | undefined;
}

/** Where the project is. */
export interface Project {
  /** Folder that paths in the configuration start from: the one drizzle-kit is run in. */
  readonly cwd: string;
  /** Path of the configuration, from `cwd`; by default drizzle.config.ts, .js or .json, as drizzle-kit looks for it. */
  readonly config?: string | undefined;
}

/** The names drizzle-kit looks for. */
const defaultConfigs = ['drizzle.config.ts', 'drizzle.config.js', 'drizzle.config.json'];

/**
 * Reads configuration and schema code by running `drizzle-kit generate` into an empty folder, where it has nothing to ask.
 *
 * @param meanwhile Called once drizzle-kit is under way
 * @throws DatabaseError `MIGRATION_SCHEMA_CODE` with what drizzle-kit said
 */
export async function readSchemaCode(project: Project, meanwhile: () => void = () => undefined): Promise<SchemaCode> {
  const { cwd } = project;
  const config = await findConfig(project);
  const kit = join(dirname(locate(cwd, 'drizzle-kit')), 'bin.cjs');
  const place = await mkdtemp(join(tmpdir(), 'cc-migrate-kit-'));
  try {
    const out = join(place, 'out');
    const said = join(place, 'config.json');
    // The user's configuration with another folder; what else it says comes back as JSON.
    await writeFile(
      join(place, 'config.cjs'),
      `const given = require(${JSON.stringify(config)});
const { dialect, schema, out, breakpoints, driver, migrations } = given.default ?? given;
const prefix = migrations?.prefix;
require('node:fs').writeFileSync(${JSON.stringify(said)}, JSON.stringify({ dialect, schema, out, breakpoints, driver, prefix }));
module.exports = Object.create(given.default ?? given, { out: { value: ${JSON.stringify(out)}, enumerable: true } });
`,
    );
    const shown = relative(cwd, config);
    const running = runKit(kit, ['generate', '--config', join(place, 'config.cjs'), '--name', 'current'], cwd, shown);
    const [output] = await Promise.all([running, Promise.resolve().then(meanwhile)]);
    const snapshot = await readSnapshotIn(join(out, 'meta'), output, shown);
    return { snapshot, ...settingsOf(JSON.parse(await readFile(said, 'utf8')), cwd, config) };
  } finally {
    await rm(place, { recursive: true, force: true });
  }
}

async function firstFile(cwd: string, names: readonly string[]): Promise<string | null> {
  for (const name of names) {
    const path = resolve(cwd, name);
    const found = await stat(path).catch(() => null);
    if (found?.isFile()) return path;
  }
  return null;
}

async function findConfig({ cwd, config }: Project): Promise<string> {
  const found = await firstFile(cwd, config === undefined ? defaultConfigs : [config]);
  if (found !== null) return found;
  throw schemaCodeError(
    config === undefined ? `There is no drizzle.config.ts in ${cwd}` : `${resolve(cwd, config)} does not exist`,
    'Run it in the folder of the configuration, or name the file: --config <path>; or write one: cc-migrate init',
  );
}

function schemaCodeError(reason: string, hint: string, cause?: unknown): Error {
  return migrationError('schema_code', reason, { operation: 'read the schema code', hint, cause });
}

/** Path of a module of the project's drizzle-kit, or else of the one that was installed beside this package. */
function locate(cwd: string, name: string): string {
  // Empty in a CommonJS bundle.
  const here: string | undefined = import.meta.url;
  for (const from of [join(cwd, 'package.json'), here]) {
    try {
      if (from !== undefined) return createRequire(from).resolve(name);
    } catch (error) {
      if (!(isError(error) && 'code' in error && error.code === 'MODULE_NOT_FOUND')) throw error;
    }
  }
  throw schemaCodeError('drizzle-kit is not installed', 'Install it: npm install --save-dev drizzle-kit');
}

async function runKit(kit: string, args: readonly string[], cwd: string, config: string): Promise<string> {
  const running = promisify(execFile)(process.execPath, [kit, ...args], { cwd, maxBuffer: 64 << 20 });
  let heard = '';
  let isDone = false;
  running.child.stdout?.on('data', (chunk) => {
    heard += String(chunk);
    if (isDone || !/Your SQL migration file|No schema changes/.test(heard)) return;
    isDone = true;
    // Schema code that opens a database, or waits for anything else, would keep it from ending.
    running.child.kill();
  });
  try {
    const { stdout, stderr } = await running;
    return stdout + stderr;
  } catch (error) {
    if (!(isError(error) && 'stdout' in error && 'stderr' in error)) throw error;
    if (isDone) return String(error.stdout) + String(error.stderr);
    throw unreadable(`${String(error.stdout)}\n${String(error.stderr)}`, config, error);
  }
}

function unreadable(output: string, config: string, cause?: unknown): Error {
  if (/schema: undefined|for path config \[\]/.test(output))
    return schemaCodeError(
      `${config} names no schema`,
      `Write schema: './src/schema.ts', then: cc-migrate generate`,
      cause,
    );
  // drizzle-kit pull leaves out the names of such indexes, and drizzle-kit generate does not read what has none.
  const [, table] = /"tables",\s+"([^"]+)",\s+"indexes",\s+"undefined",\s+"name"/.exec(output) ?? [];
  if (table !== undefined)
    return schemaCodeError(
      `An index of ${table} has no name`,
      `Give it one in the schema code: index('${table}_index').on(…), under the name that the database has it where it is there already; then: cc-migrate generate`,
      cause,
    );
  const hint = 'Mend the schema code or the configuration, then: cc-migrate generate';
  const wrong = /ZodError[^]*?"path": \[([^\]]*)\],\s*"message": "([^"]*)"/.exec(output);
  const words = wrong
    ? `${wrong[1]?.replaceAll(/[\s"]/g, '').replaceAll(',', '.')} of ${config}: ${wrong[2]}`
    : lastWords(output);
  return schemaCodeError(`drizzle-kit could not read it: ${words}`, hint, cause);
}

/** What a program said, without the colours and the stack behind it. */
function lastWords(output: string): string {
  const escape = String.fromCharCode(27);
  const lines = output.replaceAll(new RegExp(`${escape}\\[[\\d;]*m`, 'g'), '').split('\n');
  return lines
    .map((line) => line.trim())
    .filter((line) => line !== '' && !/^at |^Reading config|^[{}]$|^name: /.test(line))
    .slice(0, 8)
    .join('; ');
}

async function readSnapshotIn(meta: string, output: string, config: string): Promise<Snapshot> {
  const files = await readdir(meta).catch(() => null);
  if (files === null)
    throw schemaCodeError(
      `drizzle-kit made nothing: ${lastWords(output)}`,
      'Look at schema and out in the configuration, then: cc-migrate generate',
    );
  const name = files.find((file) => file.endsWith('_snapshot.json'));
  if (name === undefined) {
    // drizzle-kit ends well after an error in the schema code, too: a schema without tables must have been said.
    if (/No schema changes/.test(output)) return emptySnapshot;
    throw unreadable(output, config);
  }
  return parseSnapshot(JSON.parse(await readFile(join(meta, name), 'utf8')), name);
}

const prefixes = ['index', 'timestamp', 'supabase', 'unix', 'none'] as const;

function settingsOf(config: unknown, cwd: string, path: string): Omit<SchemaCode, 'snapshot'> {
  const { dialect, out, breakpoints, driver, prefix } = asRecord(config);
  if (dialect !== 'sqlite' && dialect !== 'turso')
    throw schemaCodeError(
      `${path} is for ${String(dialect)}`,
      `Set dialect to 'sqlite' (or 'turso'), then: cc-migrate generate`,
    );
  return {
    folder: resolve(cwd, typeof out === 'string' ? out : 'drizzle'),
    breakpoints: breakpoints !== false,
    prefix: prefixes.find((each) => each === prefix) ?? 'index',
    driver: embeddedDrivers.find((each) => each === driver),
  };
}

function asRecord(value: unknown): Record<string, unknown> {
  return typeof value === 'object' && value !== null ? { ...value } : {};
}

interface KitApi {
  generateSQLiteMigration(from: unknown, to: unknown): Promise<string[]>;
}

/** Loads what `migrationStatements` needs, which takes about as long as drizzle-kit itself: time well spent while that runs. */
export function loadDiffer(cwd: string): void {
  differ(cwd);
}

/** Returns drizzle-kit's statements from one snapshot to another. It asks where something may have been renamed: do not. */
export async function migrationStatements(cwd: string, from: Snapshot, to: Snapshot): Promise<readonly string[]> {
  const kit = differ(cwd);
  return await unheard(() => kit.generateSQLiteMigration(from, to));
}

function differ(cwd: string): KitApi {
  const path = locate(cwd, 'drizzle-kit/api');
  // By require: import would first search all of its text for names of exports.
  const api: Partial<KitApi> = createRequire(path)(path);
  if (api.generateSQLiteMigration) return { generateSQLiteMigration: api.generateSQLiteMigration };
  throw schemaCodeError(
    'This drizzle-kit has no generateSQLiteMigration',
    'Install drizzle-kit 0.31: npm install --save-dev drizzle-kit@0.31',
  );
}

/** What drizzle-kit prints meanwhile goes nowhere: standard output is for the answer, and what it warns of is proven anyway. */
async function unheard<T>(work: () => Promise<T>): Promise<T> {
  const { log } = console;
  Object.assign(console, { log: () => undefined });
  try {
    return await work();
  } finally {
    Object.assign(console, { log });
  }
}
