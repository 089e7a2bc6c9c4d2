// The commands of cc-migrate that write files and need no database: generate, generate --missing-downs, create, bundle.
import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { isError } from '@cc/tx/errors';
import type { AskRename, CreateOptions, FolderStyle, RenameQuestion } from '../contract/generate.js';
import { writeEmbedded } from '../folder/embedded.js';
import { toJson } from '../folder/json-text.js';
import { writeBundle } from '../folder/write-bundle.js';
import { createFrom } from '../generate/create-migration.js';
import { generateMigration } from '../generate/generate-migration.js';
import { writeMissingDowns } from '../generate/write-missing-downs.js';
import type { Surroundings } from './commands.js';
import type { ProjectConfig } from './config.js';
import { exitCodes } from './exit-codes.js';
import { showBundle, showCreated, showDowns, showGenerated } from './show-generated.js';

/** Flags of `generate`, `create` and `bundle` as commander gives them. */
export interface GenerateFlags {
  readonly name?: string;
  readonly config?: string | undefined;
  readonly folder?: string;
  /** How names of files begin. */
  readonly prefix?: FolderStyle['prefix'];
  readonly breakpoints?: boolean;
  readonly driver?: ProjectConfig['driver'];
  /** True with `--no-config`. */
  readonly isLeftOut?: boolean;
  readonly rename?: readonly string[];
  readonly drop?: readonly string[];
  readonly missingDowns?: boolean;
  readonly irreversible?: readonly string[] | boolean;
  readonly up?: string;
  readonly down?: string;
  readonly dryRun?: boolean;
  readonly json?: boolean;
  readonly out?: string;
  readonly check?: boolean;
}

type GenerateSurroundings = Pick<Surroundings, 'print' | 'choose' | 'progress'>;

/** `generate`: the next migration from the schema code, or the down files that are missing. */
export async function generate(flags: GenerateFlags, surroundings: GenerateSurroundings): Promise<number> {
  const { print } = surroundings;
  const { json = false, dryRun = false, folder } = flags;
  const irreversible = Array.isArray(flags.irreversible) ? flags.irreversible : [];
  if (flags.missingDowns || irreversible.length > 0) {
    const made = [flags.name, flags.rename, flags.drop].some((flag) => flag !== undefined);
    if (made)
      throw new TypeError('--missing-downs completes a folder: it takes --folder, --irreversible and --dry-run');
    const { progress } = surroundings;
    const onProgress = ({ version, done, total }: { version: string; done: number; total: number }): void =>
      progress?.(`${version}  ${done + 1} of ${total}`);
    const shows = progress && !json ? { onProgress } : {};
    const downs = await writeMissingDowns(folder ?? './drizzle', { irreversible, dryRun, ...shows }).finally(() =>
      progress?.(''),
    );
    print(json ? toJson(downs) : showDowns(downs));
    return downs.some(({ kind }) => kind === 'draft') ? exitCodes.refused : exitCodes.ok;
  }
  if (flags.isLeftOut)
    throw new TypeError(
      'generate finds the schema code through the configuration: leave --no-config out, or name the file: --config <path>',
    );
  const { choose } = surroundings;
  const migration = await generateMigration({
    ...(flags.name !== undefined && { name: flags.name }),
    ...(flags.config !== undefined && { config: flags.config }),
    ...(folder !== undefined && { folder }),
    renames: flags.rename ?? [],
    drops: flags.drop ?? [],
    ask: choose && !json ? askWith(choose) : null,
    dryRun,
  });
  print(json ? toJson(migration) : showGenerated(migration, dryRun));
  return exitCodes.ok;
}

function askWith(choose: NonNullable<Surroundings['choose']>): AskRename {
  return async ({ kind, gone, candidates }: RenameQuestion) => {
    const dropped = `${gone} is dropped`;
    const renamed = candidates.map((name) => `${gone} was renamed to ${name}`);
    const answer = await choose(`What became of the ${kind} ${gone}?`, [dropped, ...renamed]);
    return candidates[renamed.indexOf(answer)] ?? null;
  };
}

/** `create`: a migration of custom SQL. */
export async function create(flags: GenerateFlags, { print }: GenerateSurroundings): Promise<number> {
  const { name = 'custom', folder = './drizzle', up, down, json = false } = flags;
  const given: CreateOptions = {
    name,
    ...(flags.prefix && { prefix: flags.prefix }),
    ...(flags.breakpoints !== undefined && { breakpoints: flags.breakpoints }),
    ...(up !== undefined && { upSql: await readSql('--up', up) }),
    ...(down !== undefined && { downSql: await readSql('--down', down) }),
    ...(flags.irreversible === true && { irreversible: true }),
  };
  const sources = { up: up ?? `${name}.sql`, down: down ?? `${name}.down.sql` };
  const created = await createFrom(resolve(folder), given, sources);
  const migration = { ...created, files: [...created.files, ...(await writeEmbedded(resolve(folder), flags.driver))] };
  print(json ? toJson(migration) : showCreated(migration));
  return migration.down === 'draft' ? exitCodes.refused : exitCodes.ok;
}

async function readSql(flag: string, path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8');
  } catch (cause) {
    const why = isError(cause) && 'code' in cause && cause.code === 'ENOENT' ? 'does not exist' : 'cannot be read';
    throw new TypeError(`${flag} names the file ${path}, which ${why}`, { cause });
  }
}

/** `bundle`: the folder as a module. */
export async function bundle(flags: GenerateFlags, { print }: GenerateSurroundings): Promise<number> {
  const { folder = './drizzle', out = '', check = false, json = false } = flags;
  const written = await writeBundle(resolve(folder), resolve(out), { check });
  print(json ? toJson(written) : showBundle(written, check));
  return check && !written.isCurrent ? exitCodes.pendingOrDrift : exitCodes.ok;
}
