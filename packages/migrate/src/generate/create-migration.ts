// `create`: a migration of custom SQL, for what drizzle cannot express. Its up is tried, its down tried or drafted.

import { noRenames } from '../change/renames.js';
import type { CreatedMigration, CreateOptions } from '../contract/generate.js';
import { migrationError } from '../errors.js';
import { formatDownHeader, markOf } from '../folder/down-file.js';
import { type FolderMigration, readFolderIfAny } from '../folder/read-folder.js';
import { readLastSnapshot, writeMigration } from '../folder/write-folder.js';
import { brokenObjects } from '../scratch/broken-objects.js';
import { openPast, type Past } from '../scratch/past.js';
import { tryMigration } from '../scratch/round-trip.js';
import { tryFile } from '../scratch/run-file.js';
import { splitStatements } from '../sql/statements.js';
import { checkCreateOptions } from './options.js';
import { draftDown } from './write-missing-downs.js';

/**
 * Writes a migration of custom SQL into `folder`, as `drizzle-kit generate --custom` does, with its way back. Given SQL
 * is tried on a database in memory first, in both directions.
 *
 * @throws DatabaseError `MIGRATION_UNPROVEN` when up fails, or when down does not give the schema from before;
 * `MIGRATION_STATEMENT`, `MIGRATION_FOLDER`, `MIGRATION_LOCK_LOST` when another command changed the folder meanwhile; TypeError
 * for wrong options
 */
export async function createMigration(folder: string, options: CreateOptions): Promise<CreatedMigration> {
  return await createFrom(folder, options, { up: `${options.name}.sql`, down: `${options.name}.down.sql` });
}

/** Where given SQL comes from, for messages. */
interface Sources {
  readonly up: string;
  readonly down: string;
}

/** `createMigration` of SQL that stands in other files. */
export async function createFrom(folder: string, options: CreateOptions, sources: Sources): Promise<CreatedMigration> {
  checkCreateOptions(options);
  const { name, upSql = placeholder, prefix = 'index', breakpoints = true, now = Date.now } = options;
  const before = await readFolderIfAny(folder);
  const { kind, downSql, notes } = options.upSql === undefined ? noDown : await downOf(before, upSql, options, sources);
  const snapshot = await readLastSnapshot(folder);
  const added = { name, upSql, downSql, snapshot, renames: noRenames, before };
  const written = await writeMigration(folder, added, { prefix, breakpoints }, now());
  return { ...written, down: kind, notes };
}

// With a statement, because drizzle's migrator fails on a file of comments only.
const placeholder = '-- Custom SQL migration file: write its statements in place of the next line.\nSELECT 1;\n';

type Down = {
  readonly kind: CreatedMigration['down'];
  readonly downSql: string | null;
  readonly notes: readonly string[];
};

const noDown: Down = { kind: null, downSql: null, notes: ['Write the SQL, then: cc-migrate generate --missing-downs'] };

async function downOf(
  before: readonly FolderMigration[],
  upSql: string,
  options: CreateOptions,
  sources: Sources,
): Promise<Down> {
  const { name, downSql, irreversible = false } = options;
  await using past = await openPast(before);
  const up = statementsOf(upSql, sources.up);
  await refuseFailing(past, [
    { sql: upSql, source: sources.up },
    ...(downSql === undefined ? [] : [{ sql: downSql, source: sources.down }]),
  ]);
  if (irreversible) {
    await prove({ past, up, down: null });
    return {
      kind: 'irreversible',
      downSql: `${formatDownHeader({ kind: 'irreversible', of: markOf(upSql), losses: [] })}\n`,
      notes: [],
    };
  }
  if (downSql !== undefined) {
    await prove({ past, up, down: statementsOf(downSql, sources.down) });
    return { kind: 'manual', downSql, notes: [] };
  }
  await prove({ past, up, down: null });
  const migration = { version: name, createdAt: 0, upSql, downSql: null, hash: '', hashes: [] };
  return await draftDown(past, migration);
}

/** Runs files one after the other. @throws DatabaseError `MIGRATION_UNPROVEN` that names file, line and statement */
async function refuseFailing(
  past: Past,
  files: readonly { readonly sql: string; readonly source: string }[],
): Promise<void> {
  const found = await past.trying(async (scratch) => {
    for (const { sql, source } of files) {
      const failure = await tryFile(scratch, sql, source);
      if (failure) return { source, failure };
    }
    return null;
  });
  if (!found) return await refuseBroken(past, files[0]?.sql ?? '', files[0]?.source ?? '');
  const { source, failure } = found;
  const { fault, reason, hint, cause } = failure;
  throw migrationError(fault === 'statement' ? fault : 'unproven', reason, {
    operation: 'create',
    hint: fault === 'statement' ? hint : `Nothing was written. Mend ${source}, then: cc-migrate create`,
    cause,
  });
}

/** SQLite takes a view or a trigger that names what is not there, and tells when it is used. @throws DatabaseError `MIGRATION_UNPROVEN` */
async function refuseBroken(past: Past, sql: string, source: string): Promise<void> {
  const before = await past.trying(brokenObjects);
  const after = await past.trying(async (scratch) => {
    await scratch.run(statementsOf(sql, source));
    return await brokenObjects(scratch);
  });
  const broken = after.filter(
    ({ kind, name, reason }) =>
      // What an application or a server brings along is not here.
      !/no such (?:function|module)/.test(reason) && !before.some((each) => each.kind === kind && each.name === name),
  );
  if (broken.length === 0) return;
  const names = broken.map(({ name }) => name).join(', ');
  throw migrationError(
    'unproven',
    broken.map(({ kind, name, reason }) => `After ${source} the ${kind} ${name} does not work: ${reason}`).join('; '),
    {
      operation: 'create',
      hint: `Nothing was written. Mend ${names}, or drop and make anew there what this SQL breaks, in ${source}; then: cc-migrate create`,
    },
  );
}

function statementsOf(sql: string, source: string): readonly string[] {
  return splitStatements(sql, source).map((statement) => statement.sql);
}

async function prove(trial: Pick<Parameters<typeof tryMigration>[0], 'past' | 'up' | 'down'>): Promise<void> {
  const { faults } = await tryMigration({
    ...trial,
    expected: null,
    renames: noRenames,
    isUpGiven: true,
    rowsMayChange: true,
  });
  if (faults.length === 0) return;
  throw migrationError('unproven', faults.join('; '), {
    operation: 'create',
    hint: 'Nothing was written. Mend the SQL, then: cc-migrate create',
  });
}
