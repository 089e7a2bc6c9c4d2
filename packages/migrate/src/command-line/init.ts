// `init`: what a project needs before its first migration. Writes only what is not there and says what it left alone.
// init-files.ts has the texts.
import { existsSync } from 'node:fs';
import { mkdir, readFile } from 'node:fs/promises';
import { basename, dirname, relative, resolve } from 'node:path';
import { isDatabaseError } from '@cc/tx/errors';
import { toJson } from '../folder/json-text.js';
import { replaceFile, writeNew } from '../folder/write-folder.js';
import { writing } from '../folder/writing.js';
import type { CommandFlags, Surroundings } from './commands.js';
import { findConfig, type ProjectConfig, readConfig, refuseSlip, withScheme } from './config.js';
import { exitCodes } from './exit-codes.js';
import { configText, exampleSchema, exampleTest, scripts } from './init-files.js';
import type { PlaceFlags } from './place.js';

/** Flags of `init`. */
export type InitFlags = CommandFlags & PlaceFlags & { readonly schema?: string };

/** What `init` did. */
interface Begun {
  readonly written: readonly string[];
  readonly leftAlone: readonly string[];
  /** Commands to go on with. */
  readonly next: readonly string[];
}

/** Writes the files. @throws DatabaseError `MIGRATION_CONFIG` for a configuration that is there and cannot be used */
export async function init(flags: InitFlags, surroundings: Surroundings): Promise<number> {
  const begun = await begin(process.cwd(), flags, surroundings);
  surroundings.print(flags.json ? toJson(begun) : show(begun));
  return exitCodes.ok;
}

async function begin(cwd: string, flags: InitFlags, surroundings: Surroundings): Promise<Begun> {
  const files = new Files(cwd);
  const path = typeof flags.config === 'string' ? flags.config : await findConfig(cwd);
  let present: ProjectConfig | null = null;
  try {
    if (path !== null && existsSync(resolve(cwd, path)))
      present = await readConfig(cwd, path, { url: false, folder: false });
  } catch (error) {
    if (!isDatabaseError(error) || isInstalled(cwd, 'drizzle-kit')) throw error;
    // What it says is known when what reads it is there.
    return {
      written: [],
      leftAlone: [`${path ?? ''}: it is read when drizzle-kit is installed`],
      next: ['npm install drizzle-orm drizzle-kit', 'npx cc-migrate init'],
    };
  }
  const chosen = present ? chosenBy(present) : await choose(cwd, flags, surroundings);
  if (present) files.leftAlone.push(`${present.path}: what it says was taken`);
  else await files.add(path ?? 'drizzle.config.ts', configText(chosen));
  await files.add(chosen.schema, exampleSchema);
  await addScripts(files, cwd);
  const test = 'test/migrations.test.mjs';
  await files.add(test, exampleTest(chosen.folder, await runnerOf(cwd)));
  const absent = ['drizzle-orm', 'drizzle-kit'].filter((name) => !isInstalled(cwd, name));
  return {
    written: files.written,
    leftAlone: files.leftAlone,
    next: [
      ...(absent.length === 0 ? [] : [`npm install ${absent.join(' ')}`]),
      ...(existsSync(resolve(cwd, chosen.folder, 'meta', '_journal.json')) ? goOn : start),
    ],
  };
}

const start = ['npx cc-migrate generate --name start', 'npx cc-migrate up', 'npx cc-migrate down --yes'];

/** In a folder that has migrations, perhaps of plain drizzle-kit. */
const goOn = ['npx cc-migrate generate --missing-downs', 'npx cc-migrate check', 'npx cc-migrate up'];

interface Chosen {
  readonly schema: string;
  readonly folder: string;
  readonly url: string;
  readonly table: string | undefined;
}

function chosenBy({ schema, folder, url, table }: ProjectConfig): Chosen {
  // A pattern names files that are there or will be; no example is written for it.
  const [first = defaults.schema] = schema;
  return { schema: first, folder, url: url ?? defaults.url, table };
}

const defaults = { schema: './src/schema.ts', folder: './drizzle', url: 'file:./app.db' };

/** Where schema code usually is. */
const usual = ['src/schema', 'src/db/schema', 'db/schema', 'schema'].flatMap((name) => [
  `./${name}.ts`,
  `./${name}/index.ts`,
  `./${name}.js`,
]);

async function choose(cwd: string, flags: InitFlags, { env, input }: Surroundings): Promise<Chosen> {
  const ask = flags.yes || flags.json ? null : (input ?? null);
  const answer = async (question: string, given: string | undefined, otherwise: string): Promise<string> =>
    given ?? (ask ? (await ask(question, otherwise)) || otherwise : otherwise);
  const found = usual.find((path) => existsSync(resolve(cwd, path))) ?? defaults.schema;
  const url = typeof flags.url === 'string' ? flags.url : env['CC_DATABASE_URL'] || undefined;
  if (url !== undefined) refuseUnusable(url);
  return {
    schema: await answer('Schema code', flags.schema, found),
    folder: await answer('Folder of the migrations', flags.folder, defaults.folder),
    url: refuseUnusable(await answer('Database', url, defaults.url)),
    table: flags.table,
  };
}

/** Returns `url`, unless no command could open it, or it holds a secret: the configuration is committed. @throws TypeError */
function refuseUnusable(url: string): string {
  refuseSlip(url);
  const [, scheme] = /^([a-z][a-z0-9+.-]*):/i.exec(withScheme(url)) ?? [];
  const isFile = scheme?.toLowerCase() === 'file';
  if (scheme !== undefined && !isFile && !/^(?:libsql|https?|wss?)$/i.test(scheme)) {
    throw new TypeError(
      `The url has the scheme '${scheme}:', which is none of libSQL. Give a file or a server: --url file:./app.db, --url libsql://<host>`,
    );
  }
  if (isFile && /[?#]/.test(url)) {
    throw new TypeError(
      "The url has a query or fragment, which files do not take. Where they belong to the name, write '?' as %3F and '#' as %23",
    );
  }
  const hasSecret = /[?&](?:auth_?)?token=/i.test(url) || /^[a-z+]+:\/\/[^/@]+@/i.test(withScheme(url));
  if (!hasSecret) return url;
  throw new TypeError(
    'The url holds a token, which does not belong into a file that is committed. Give the url without it, and the token as CC_AUTH_TOKEN',
  );
}

/** Files that are written where there are none. */
class Files {
  readonly written: string[] = [];
  readonly leftAlone: string[] = [];
  readonly #cwd: string;

  constructor(cwd: string) {
    this.#cwd = cwd;
  }

  async add(name: string, text: string): Promise<void> {
    const path = resolve(this.#cwd, name);
    const shown = relative(this.#cwd, path);
    if (existsSync(path) || /[*{[]/.test(name)) {
      this.leftAlone.push(`${shown}: it is there`);
      return;
    }
    await writing(path, () => mkdir(dirname(path), { recursive: true }));
    await writeNew(path, text);
    this.written.push(shown);
  }
}

async function addScripts(files: Files, cwd: string): Promise<void> {
  const path = resolve(cwd, 'package.json');
  if (!existsSync(path)) {
    const name =
      basename(cwd)
        .toLowerCase()
        .replaceAll(/[^a-z0-9._-]/g, '-')
        .replace(/^[._-]+/, '') || 'app';
    await files.add('package.json', `${toJson({ name, private: true, type: 'module', scripts })}\n`);
    return;
  }
  const text = await readFile(path, 'utf8');
  const manifest = manifestOf(text);
  if (manifest === null) {
    files.leftAlone.push('package.json: it is no JSON object');
    return;
  }
  const present = manifest.scripts ?? {};
  const fresh = Object.entries(scripts).filter(([name]) => !(name in present));
  const taken = Object.keys(scripts).filter((name) => name in present);
  if (taken.length > 0) files.leftAlone.push(`package.json: its scripts ${taken.join(', ')}`);
  if (fresh.length === 0) return;
  await replaceFile(path, `${toJson({ ...manifest, scripts: { ...present, ...Object.fromEntries(fresh) } })}\n`);
  files.written.push(`package.json: scripts ${fresh.map(([name]) => name).join(', ')}`);
}

interface Manifest {
  readonly scripts?: Readonly<Record<string, string>>;
  readonly dependencies?: object;
  readonly devDependencies?: object;
}

function manifestOf(text: string): Manifest | null {
  try {
    const value: unknown = JSON.parse(text.replace(/^\uFEFF/, ''));
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? value : null;
  } catch {
    return null;
  }
}

/** The program that runs the tests of the project. */
async function runnerOf(cwd: string): Promise<'node:test' | 'vitest'> {
  const text = await readFile(resolve(cwd, 'package.json'), 'utf8').catch(() => '{}');
  const { dependencies = {}, devDependencies = {} } = manifestOf(text) ?? {};
  return 'vitest' in { ...dependencies, ...devDependencies } ? 'vitest' : 'node:test';
}

function isInstalled(cwd: string, name: string): boolean {
  for (let folder = cwd; ; folder = dirname(folder)) {
    if (existsSync(resolve(folder, 'node_modules', name, 'package.json'))) return true;
    if (dirname(folder) === folder) return false;
  }
}

function show({ written, leftAlone, next }: Begun): string {
  const section = (title: string, lines: readonly string[]): readonly string[] =>
    lines.length === 0 ? [] : [title, ...lines.map((line) => `  ${line}`)];
  return [...section('Wrote:', written), ...section('Left alone:', leftAlone), ...section('Next:', next)].join('\n');
}
