// baseline: adopts a database that has the schema of some migrations and no record of them. Compares (replay.ts), then records.

import { join } from 'node:path';
import { isDatabaseError } from '@cc/tx/errors';
import { describeDifferences } from '../check/differences.js';
import { type Picture, type PictureSource, takePicture } from '../check/picture.js';
import { replay, schemaOf } from '../check/replay.js';
import type { BaselineOptions, MigrationBaseline, SchemaDifference } from '../contract/care.js';
import { migrationError, refuse } from '../errors.js';
import type { Origin } from '../folder/origin.js';
import { type FolderMigration, migrationOf } from '../folder/read-folder.js';
import { replaceFile } from '../folder/write-folder.js';
import { findVersion } from '../run/choose.js';
import { compareSchemas } from '../schema/compare-schemas.js';
import { isOfVirtual, type Schema } from '../schema/schema.js';
import { outrun, record, rowChanges } from './record.js';

const operation = 'baseline';

/** Records migrations as applied without running them. @throws DatabaseError and TypeError as `MigrationCare.baseline` */
export async function baseline(
  source: PictureSource,
  origin: Origin,
  { targetVersion, dryRun = false, fromDatabase = false }: BaselineOptions,
): Promise<MigrationBaseline> {
  if (fromDatabase && targetVersion !== undefined)
    throw new TypeError(
      'baseline: give targetVersion or fromDatabase, not both: only the first migration can be written',
    );
  const folder = fromDatabase ? origin.folder('baseline({ fromDatabase: true })') : null;
  for (let attempt = 1; attempt <= source.maxAttempts; attempt += 1) {
    const picture = await takePicture(source);
    refuseUnfit(picture);
    const { ledger } = picture.standing;
    const own = folder === null ? null : await fromSchema(picture.schema, picture.standing.pending, folder);
    const pending = own ? [own.file] : picture.standing.pending;
    const chosen = await choose(picture.schema, pending, targetVersion);
    const files = pending.slice(0, pending.indexOf(chosen.file) + 1);
    const answer = {
      version: chosen.file.version,
      dryRun,
      recorded: files.map((file) => file.version),
      alsoFits: chosen.alsoFits,
      reordered: chosen.reordered,
      rewritten: own?.path ?? null,
      differences: own?.differences ?? [],
    };
    if (dryRun) return answer;
    // Before it is recorded: a crash in between leaves a file that is as the database, which is recorded next time.
    if (own) await replaceFile(own.path, own.file.upSql);
    const lines = files.map((file) => ({ ...file, direction: 'baseline' }));
    const recording = { lines, changes: files.map(rowChanges.insert), rows: files };
    if (await record(source.connection, recording, { ledger, schemaText: picture.schemaText, by: source.by }))
      return answer;
  }
  throw outrun(operation, source.maxAttempts);
}

function refuseUnfit({ standing, schemaText }: Picture): void {
  const { applied, pending, problems } = standing;
  const [first] = applied;
  if (first) {
    throw migrationError('applied', `${first.version} is applied already: this database is under migrations`, {
      operation,
      hint: `Nothing needs adopting: ${first.version}.sql and what else is recorded is listed by cc-migrate status. If that is wrong: cc-migrate repair`,
    });
  }
  refuse(problems, operation);
  if (pending.length === 0) {
    throw migrationError('folder', 'The folder holds no migrations', {
      operation,
      hint: 'Generate the first one from the schema code, then adopt the database: cc-migrate generate, cc-migrate baseline',
    });
  }
  if (schemaText !== '') return;
  throw migrationError('drift', 'The database is empty', {
    operation,
    hint: 'There is nothing to adopt: apply the migrations instead: cc-migrate up',
  });
}

/** The only migration, with the CREATE statements of `schema` in place of its own. */
interface Own {
  readonly file: FolderMigration;
  readonly path: string;
  readonly differences: readonly SchemaDifference[];
}

async function fromSchema(schema: Schema, files: readonly FolderMigration[], folder: string): Promise<Own> {
  const [first, second] = files;
  if (!first || second) {
    throw migrationError(
      'folder',
      `The folder has ${files.length} migrations, and a database can be written into one`,
      {
        operation,
        hint: `Begin with a folder that has one migration (drizzle-kit pull, or cc-migrate generate --name start), then: cc-migrate baseline --from-database`,
      },
    );
  }
  const { tables, virtualTables, indexes, views, triggers } = schema;
  const objects = [tables, virtualTables, indexes, views, triggers].flatMap((each) => [...each.values()]);
  const { version, createdAt } = first;
  const upSql = `-- The schema of the database that this migration was adopted from.
${objects.map(({ sql }) => `${sql};`).join('\n--> statement-breakpoint\n')}\n`;
  return {
    file: migrationOf({ version, createdAt, upSql, downSql: null }),
    path: join(folder, `${version}.sql`),
    differences: await differencesOf(schema, first),
  };
}

/** How `schema` differs from what `file` makes; nothing when that does not run: it makes nothing that could be compared. */
async function differencesOf(schema: Schema, file: FolderMigration): Promise<readonly SchemaDifference[]> {
  try {
    const { differences } = comparison(schema, await schemaOf([file]));
    // drizzle-kit pull takes a virtual table, and those behind it, for ordinary ones.
    return differences.filter(({ kind, object, name }) => {
      const isNamedInCode = kind === 'missing' && object === 'table' && isOfVirtual(schema, name);
      return !isNamedInCode;
    });
  } catch (error) {
    if (isDatabaseError(error)) return [];
    throw error;
  }
}

interface Chosen {
  readonly file: FolderMigration;
  readonly alsoFits: readonly string[];
  readonly reordered: readonly string[];
}

async function choose(schema: Schema, files: readonly FolderMigration[], wanted: string | undefined): Promise<Chosen> {
  if (wanted === undefined) return await newestFit(schema, files);
  const file = findVersion(files, wanted);
  const tried = { file, ...comparison(schema, await schemaOf(files.slice(0, files.indexOf(file) + 1))) };
  if (tried.differences.length === 0) return { ...tried, alsoFits: [] };
  throw differs(`The schema of the database is not that of ${file.version}`, tried.differences, file, files.length);
}

async function newestFit(schema: Schema, files: readonly FolderMigration[]): Promise<Chosen> {
  const tried = await compareAll(schema, files);
  const fitting = tried.filter(({ differences }) => differences.length === 0);
  // The order of columns does not matter to what the schema code does, but it tells one version from another.
  const inOrder = fitting.filter(({ reordered }) => reordered.length === 0);
  const best = inOrder.length > 0 ? inOrder : fitting;
  const newest = best.at(-1);
  if (newest) return { ...newest, alsoFits: best.slice(0, -1).map(({ file }) => file.version) };
  const nearest = tried.reduce((a, b) => (b.differences.length <= a.differences.length ? b : a));
  const reason = 'The schema of the database is that of no migration';
  throw differs(`${reason}. Nearest is ${nearest.file.version}`, nearest.differences, nearest.file, files.length);
}

interface Tried {
  readonly file: FolderMigration;
  /** The order of columns left out. */
  readonly differences: readonly SchemaDifference[];
  readonly reordered: readonly string[];
}

async function compareAll(schema: Schema, files: readonly FolderMigration[]): Promise<readonly Tried[]> {
  const tried: Tried[] = [];
  for await (const { version, schema: expected } of replay(files)) {
    const file = files.find((each) => each.version === version);
    if (file) tried.push({ file, ...comparison(schema, expected) });
  }
  return tried;
}

function comparison(schema: Schema, expected: Schema): Omit<Tried, 'file'> {
  const differences = compareSchemas(schema, expected, { columnOrder: false });
  const others = compareSchemas(schema, expected).filter(({ name }) => !differences.some((each) => each.name === name));
  return { differences, reordered: others.map(({ name }) => name) };
}

function differs(
  reason: string,
  differences: readonly SchemaDifference[],
  { version }: FolderMigration,
  count: number,
): Error {
  const same = `Change the database, or add a migration that makes what it has (cc-migrate create), until they are the same as after ${version}.sql; then: cc-migrate baseline`;
  const own = `. If another tool made the database and it is right as it is, let ${version}.sql have its statements: cc-migrate baseline --from-database`;
  return migrationError('drift', `${reason}:\n${describeDifferences(differences)}`, {
    operation,
    hint: count === 1 ? `${same}${own}` : same,
  });
}
