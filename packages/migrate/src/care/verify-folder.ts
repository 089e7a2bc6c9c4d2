// verify without a database: every migration of a folder goes up, down and up again on an empty database with made-up rows.
import { renamesIn } from '../change/renames.js';
import { parseDownHeader } from '../folder/down-file.js';
import { type FolderMigration, readFolder } from '../folder/read-folder.js';
import { readSchema } from '../schema/read-schema.js';
import { shapesOf } from '../schema/schema.js';
import { tryMigration } from '../scratch/round-trip.js';
import { openScratch } from '../scratch/scratch-database.js';
import { dataStatements } from '../sql/data-statements.js';
import { type Statement, splitStatements } from '../sql/statements.js';
import type { MigrationVerification, VerifiedMigration } from './answers.js';
import { runFile } from './replay.js';

/**
 * Tries every migration in `folder`.
 *
 * @throws DatabaseError `MIGRATION_FOLDER` when it cannot be read, `MIGRATION_REPLAY` or `MIGRATION_STATEMENT` for a file
 * that does not run
 */
export async function verifyFolder(folder: string): Promise<MigrationVerification> {
  const started = performance.now();
  const files = await readFolder(folder);
  const migrations: VerifiedMigration[] = [];
  await using scratch = await openScratch();
  for (const [index, file] of files.entries()) {
    const schema = await readSchema(scratch.connection);
    // Also tells a file that does not run at all, by name.
    await runFile(scratch, file.upSql, `${file.version}.sql`);
    migrations.push(await tryFile(file, files.slice(0, index), schema));
  }
  return {
    ok: migrations.every(({ faults }) => faults.length === 0),
    migrations,
    copy: null,
    durationMs: Math.round(performance.now() - started),
  };
}

async function tryFile(
  file: FolderMigration,
  before: readonly FolderMigration[],
  schema: Awaited<ReturnType<typeof readSchema>>,
): Promise<VerifiedMigration> {
  const { version, upSql } = file;
  const up = splitStatements(upSql, `${version}.sql`);
  const { down, faults, warnings } = wayBack(file);
  const present = new Set([...schema.tables.keys(), ...schema.virtualTables.keys()]);
  const rowsMayChange = dataStatements(up, present).length > 0;
  const tried = await tryMigration({
    before,
    up: textsOf(up),
    down: down && textsOf(down),
    expected: null,
    renames: renamesIn(up, shapesOf(schema)),
    isUpGiven: rowsMayChange,
    rowsMayChange,
  });
  const unseeded = tried.unseeded.map((table) => `table ${table} took no made-up row: it was tried empty`);
  return {
    version,
    faults: [...faults, ...tried.faults],
    warnings: [...warnings, ...tried.warnings, ...unseeded],
    losses: [],
    upMs: null,
    downMs: null,
  };
}

interface WayBack {
  /** Null when there is nothing to try. */
  readonly down: readonly Statement[] | null;
  readonly faults: readonly string[];
  readonly warnings: readonly string[];
}

function wayBack({ version, downSql }: FolderMigration): WayBack {
  if (downSql === null) return { down: null, faults: ['it has no down file'], warnings: [] };
  const kind = parseDownHeader(downSql)?.kind;
  if (kind === 'draft') return { down: null, faults: ['its down file is a draft'], warnings: [] };
  if (kind === 'irreversible')
    return { down: null, faults: [], warnings: ['it has no way back, as its down file says'] };
  return { down: splitStatements(downSql, `${version}.down.sql`), faults: [], warnings: [] };
}

function textsOf(statements: readonly Statement[]): readonly string[] {
  return statements.map(({ sql }) => sql);
}
