// `settle`: history up to a migration is as its snapshot says. Writes that schema as a base file, from which every replay starts
// from then on, so that a file that ran once and does not run any more stands in nobody's way.

import { readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { isDatabaseError, isError } from '@cc/tx/errors';
import type { SettledHistory, SettleOptions } from '../contract/generate.js';
import { migrationError } from '../errors.js';
import { baseFile, sinceBase, sourceOf } from '../folder/base-file.js';
import { snapshotName } from '../folder/check-snapshots.js';
import { type FolderMigration, readFolder } from '../folder/read-folder.js';
import { emptySnapshot, parseSnapshot, type Snapshot, withoutExistingViews } from '../folder/snapshot.js';
import { writeBase } from '../folder/write-folder.js';
import { readSchema } from '../schema/read-schema.js';
import type { Schema } from '../schema/schema.js';
import { openReplayed } from '../scratch/past.js';
import { tryFile } from '../scratch/run-file.js';
import { openScratch, type ScratchDatabase } from '../scratch/scratch-database.js';
import { RefusedStatement, splitStatements, statementsLeft } from '../sql/statements.js';
import { foldName } from '../sql/words.js';
import { migrationStatements } from './drizzle-kit.js';
import { checkSettleOptions } from './options.js';

/**
 * Writes `<version>.base.sql` into `folder`: the schema that `targetVersion` and the migrations before it make, as its snapshot says,
 * and what custom SQL made beside it, as far as that still runs. generate, diff, verify, check and the planning of downs start
 * there; drizzle-kit and drizzle's migrator do not look at the file, and databases are migrated as before.
 *
 * @returns where the replay starts; `version` is null when none was given and every migration runs
 * @throws DatabaseError `MIGRATION_FOLDER` without a snapshot to start from; TypeError for an unknown version
 */
export async function settleHistory(folder: string, options: SettleOptions = {}): Promise<SettledHistory> {
  checkSettleOptions(options);
  const { targetVersion, cwd = process.cwd(), dryRun = false } = options;
  const migrations = await readFolder(folder);
  const settler = new Settler(resolve(folder), cwd, migrations);
  const base =
    targetVersion === undefined ? await settler.findBase() : await settler.baseAt(settler.indexOf(targetVersion));
  if (!base) return { version: null, path: null, baseSql: null, notes: [] };
  const settled = { ...base.migration, baseSql: base.baseSql };
  const failing = await firstFailure([settled, ...migrations.slice(migrations.indexOf(base.migration) + 1)]);
  const notes = failing === null ? base.notes : [...base.notes, failing.reason];
  const path = dryRun ? null : await writeBase(resolve(folder), settled.version, base.baseSql);
  return { version: settled.version, path, baseSql: base.baseSql, notes };
}

interface Base {
  readonly migration: FolderMigration;
  readonly baseSql: string;
  readonly notes: readonly string[];
}

class Settler {
  readonly #folder: string;
  readonly #cwd: string;
  readonly #migrations: readonly FolderMigration[];

  constructor(folder: string, cwd: string, migrations: readonly FolderMigration[]) {
    this.#folder = folder;
    this.#cwd = cwd;
    this.#migrations = migrations;
  }

  indexOf(wanted: string): number {
    const index = this.#migrations.findIndex(({ version }) => version === wanted || version.split('_')[0] === wanted);
    if (index !== -1) return index;
    const known = this.#migrations.map(({ version }) => version).join(', ');
    throw new TypeError(`'${wanted}' is no version here. Known: ${known}`);
  }

  /** The base behind the last migration that does not run; null when all run. */
  async findBase(): Promise<Base | null> {
    let base: Base | null = null;
    let rest = this.#migrations;
    for (;;) {
      const failing = await firstFailure(rest);
      // A base holds only what runs.
      if (failing === null || failing.version === base?.migration.version) return base;
      base = await this.baseAt(this.#migrations.findIndex(({ version }) => version === failing.version));
      const at = this.#migrations.indexOf(base.migration);
      rest = [{ ...base.migration, baseSql: base.baseSql }, ...this.#migrations.slice(at + 1)];
    }
  }

  /** The base of the migration at `index`, or of the next one behind it that has a snapshot. */
  async baseAt(index: number): Promise<Base> {
    for (const migration of this.#migrations.slice(index)) {
      const snapshot = await this.#readSnapshot(migration);
      if (snapshot) return await this.#describe(migration, snapshot);
    }
    throw migrationError(
      'folder',
      `Neither ${this.#migrations[index]?.version ?? ''} nor a migration behind it has a snapshot`,
      {
        operation: 'settle',
        hint: `Restore meta/ from version control, or write ${this.#migrations[index]?.version ?? ''}.base.sql by hand: the CREATE statements of a sound database`,
      },
    );
  }

  async #readSnapshot({ version }: FolderMigration): Promise<Snapshot | null> {
    const name = snapshotName(version);
    if (name === null) return null;
    try {
      return parseSnapshot(JSON.parse(await readFile(join(this.#folder, 'meta', name), 'utf8')), name);
    } catch (error) {
      if (isError(error) && 'code' in error && error.code === 'ENOENT') return null;
      throw migrationError('folder', `meta/${name} cannot be read: ${isError(error) ? error.message : ''}`, {
        operation: 'settle',
        hint: 'Restore the file from version control; one of an older drizzle-kit is renewed by drizzle-kit up',
        cause: error,
      });
    }
  }

  async #describe(migration: FolderMigration, snapshot: Snapshot): Promise<Base> {
    const notes: string[] = [];
    await using scratch = await openScratch();
    const made: string[] = [];
    const code = await migrationStatements(this.#cwd, emptySnapshot, withoutExistingViews(snapshot));
    for (const sql of splitStatements(code.join('\n--> statement-breakpoint\n'), 'the snapshot').map(
      (each) => each.sql,
    )) {
      if (await runs(scratch, sql)) made.push(sql);
      else
        notes.push(`Left out, because it does not run; write it as the database has it: ${sql.split('\n')[0] ?? ''}`);
    }
    const custom = await this.#customObjects(migration, await readSchema(scratch.connection));
    for (const sql of custom) if (await runs(scratch, sql)) made.push(sql);
    return { migration, baseSql: baseFile(migration.version, made), notes };
  }

  /** The CREATE statements of what custom SQL made beside the schema code, as far as its statements still run. */
  async #customObjects(until: FolderMigration, code: Schema): Promise<readonly string[]> {
    await using scratch = await openScratch();
    const known = new Set<string>();
    for (const migration of this.#migrations.slice(0, this.#migrations.indexOf(until) + 1)) {
      const snapshot = await this.#readSnapshot(migration).catch(() => null);
      for (const { name } of Object.values(snapshot?.tables ?? {})) known.add(foldName(name));
      for (const sql of statementsIn(migration)) await runs(scratch, sql);
    }
    const { tables, virtualTables, indexes, views, triggers } = await readSchema(scratch.connection);
    return [
      // A table that a snapshot names is the code's, also where a failed statement left it under an old name.
      ...[...tables].filter(([key]) => !code.tables.has(key) && !known.has(key) && !key.startsWith('__new_')),
      ...[...virtualTables].filter(([key]) => !code.virtualTables.has(key)),
      ...[...indexes].filter(([key]) => !code.indexes.has(key)),
      ...[...views].filter(([key]) => !code.views.has(key)),
      ...[...triggers].filter(([key]) => !code.triggers.has(key)),
    ].map(([, { sql }]) => sql);
  }
}

/** The statements of a file that may run; none of one that cannot be read as statements. */
function statementsIn({ version, upSql }: FolderMigration): readonly string[] {
  try {
    return statementsLeft(upSql, version).map(({ sql }) => sql);
  } catch (error) {
    if (error instanceof RefusedStatement) return [];
    throw error;
  }
}

async function runs(scratch: ScratchDatabase, sql: string): Promise<boolean> {
  try {
    await scratch.run([sql]);
    return true;
  } catch (error) {
    if (isDatabaseError(error)) return false;
    throw error;
  }
}

/** The first of `migrations` that does not run behind those before it, and why; null when all do. */
async function firstFailure(
  migrations: readonly FolderMigration[],
): Promise<{ readonly version: string; readonly reason: string } | null> {
  await using scratch = await openReplayed([]);
  for (const migration of sinceBase(migrations)) {
    const failure = await tryFile(scratch, migration.upSql, sourceOf(migration));
    if (failure) return { version: migration.version, reason: failure.reason };
  }
  return null;
}
