// verify without a database: every migration of a folder goes up, down and up again on an empty database with made-up rows.
import { performance } from 'node:perf_hooks';
import { renamesIn } from '../change/renames.js';
import type { MigrationVerification, VerifiedMigration } from '../contract/care.js';
import { settledIn } from '../folder/base-file.js';
import { parseDownHeader } from '../folder/down-file.js';
import { type FolderMigration, readFolder } from '../folder/read-folder.js';
import { shapesOf } from '../schema/schema.js';
import { openPast, type Past } from '../scratch/past.js';
import { tryMigration } from '../scratch/round-trip.js';
import { runFile } from '../scratch/run-file.js';
import { dataStatements } from '../sql/data-statements.js';
import { type Statement, splitStatements } from '../sql/statements.js';

/**
 * Tries every migration in `folder`.
 *
 * @throws DatabaseError `MIGRATION_FOLDER` when it cannot be read, `MIGRATION_REPLAY` or `MIGRATION_STATEMENT` for a file
 * that does not run
 */
export async function verifyFolder(folder: string): Promise<MigrationVerification> {
  const started = performance.now();
  const files = await readFolder(folder);
  const settled = settledIn(files);
  const migrations: VerifiedMigration[] = settled.map(({ version }) => ({ ...untried, version }));
  await using past = await openPast(settled);
  for (const file of files.slice(settled.length)) {
    // Also tells a file that does not run at all, by name.
    await past.trying((scratch) => runFile(scratch, file.upSql, `${file.version}.sql`));
    migrations.push(await tryFile(file, past));
    await past.advance(file);
  }
  return {
    ok: migrations.every(({ faults }) => faults.length === 0),
    migrations,
    copy: null,
    durationMs: Math.round(performance.now() - started),
  };
}

const untried: Omit<VerifiedMigration, 'version'> = {
  faults: [],
  warnings: ['it was not tried: a base file stands for it'],
  losses: [],
  triedOn: 'nothing',
  upMs: null,
  downMs: null,
};

async function tryFile(file: FolderMigration, past: Past): Promise<VerifiedMigration> {
  const { version, upSql, downSql } = file;
  const up = splitStatements(upSql, `${version}.sql`);
  const { down, faults, warnings } = downToTry(file);
  const schema = await past.schema();
  const rowsMayChange =
    dataStatements(up, new Set([...schema.tables.keys(), ...schema.virtualTables.keys()])).length > 0;
  const tried = await tryMigration({
    past,
    up: textsOf(up),
    down: down && textsOf(down),
    expected: null,
    renames: renamesIn(up, shapesOf(schema)),
    isUpGiven: rowsMayChange,
    rowsMayChange,
  });
  const unseeded = tried.unseeded.map((table) => `table ${table} took no made-up row: it was tried empty`);
  const said = downSql === null ? [] : (parseDownHeader(downSql)?.losses ?? []);
  const altered = tried.altered
    .filter((column) => !said.includes(column))
    .map((column) => `what ${column} holds may come back as other values`);
  // Such rows are made up: those of the database may be others.
  const failing = tried.warnings.map((fault) => `no made-up row fits, so nothing is known of rows: with them ${fault}`);
  const unusual = tried.unusual.map((fault) => `unusual made-up rows do not fit (numbers as text, doubles): ${fault}`);
  return {
    version,
    faults: [...faults, ...tried.faults],
    warnings: [...warnings, ...failing, ...unusual, ...altered, ...unseeded],
    losses: [],
    triedOn: failing.length > 0 ? 'empty tables' : 'made-up rows',
    upMs: null,
    downMs: null,
  };
}

interface DownToTry {
  /** Null when there is nothing to try. */
  readonly down: readonly Statement[] | null;
  readonly faults: readonly string[];
  readonly warnings: readonly string[];
}

function downToTry({ version, downSql }: FolderMigration): DownToTry {
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
