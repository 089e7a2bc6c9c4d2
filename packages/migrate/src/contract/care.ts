// What the methods that look after a folder and a database take and return: diff, check, baseline, repair, verify.
// create.ts joins them with the methods that run migrations.
import type {
  DataLoss,
  MigrationDirection,
  MigrationProblem,
  MigrationRepairKind,
  MigrationVersion,
} from './migration.js';

/** One thing that differs. */
export interface SchemaDifference {
  readonly object: 'table' | 'virtual_table' | 'index' | 'view' | 'trigger';
  readonly name: string;
  /** `missing` and `extra` are seen from the expected schema. */
  readonly kind: 'missing' | 'extra' | 'changed';
  /** The whole of it in one sentence without a full stop. */
  readonly message: string;
}

/** How a database's schema differs from the one that its applied migrations make. */
export interface MigrationDrift {
  /** The newest applied migration; null when there is none. */
  readonly current: MigrationVersion | null;
  /** Empty when they are the same. `missing` and `extra` are seen from the migrations: a `missing` table is not in the database. */
  readonly differences: readonly SchemaDifference[];
  /** What the journal has wrong meanwhile: an `edited` migration was compared as its file is now. */
  readonly problems: readonly MigrationProblem[];
}

/** Options of `baseline`. */
export interface BaselineOptions {
  /** The newest migration whose schema the database has. Default: the newest one for which that is so. */
  readonly targetVersion?: MigrationVersion | undefined;
  /** Compares and returns what would be recorded, without writing. Default false. */
  readonly dryRun?: boolean | undefined;
  /**
   * Writes the database's own CREATE statements into the file of the only migration of the folder first, in place of what it
   * has: for a database that another tool made, with types and clauses that drizzle does not write. That migration must be
   * applied nowhere else. A TypeError without a folder, or with `targetVersion`. Default false: no file is written.
   */
  readonly fromDatabase?: boolean | undefined;
}

/** What `baseline` recorded. */
export interface MigrationBaseline {
  readonly version: MigrationVersion;
  readonly dryRun: boolean;
  /** Oldest first; `version` is the last one. */
  readonly recorded: readonly MigrationVersion[];
  /**
   * Other versions with the same schema as `version`, when no `targetVersion` was given: what lies between them writes only rows, and
   * whether those are there cannot be told from the schema.
   */
  readonly alsoFits: readonly MigrationVersion[];
  /** Tables whose columns stand in another order than the migrations make, as `push` leaves them: `diff` goes on naming them. */
  readonly reordered: readonly string[];
  /** Path of the file that got the database's own CREATE statements; null without `fromDatabase`. */
  readonly rewritten: string | null;
  /**
   * With `fromDatabase`: how the database differs from what that file made before, which is what the schema code says. The
   * first migration that changes such a table in more than columns that it adds or drops makes it so; what is missing is made by
   * the next one, and what the code does not know stays. Empty when the file did not run.
   */
  readonly differences: readonly SchemaDifference[];
}

/** One change to what the database has recorded. */
export interface MigrationRepairAction {
  readonly kind: MigrationRepairKind;
  readonly version: MigrationVersion;
  /** What changes and why, in one sentence without a full stop. */
  readonly reason: string;
}

/** A `when` of the journal that was too low, epoch ms. */
export interface JournalTimeRaise {
  readonly version: MigrationVersion;
  readonly from: number;
  readonly to: number;
}

/** Options of `repair`. */
export interface RepairOptions {
  /** Compares and returns what would be mended, without writing. Default false. */
  readonly dryRun?: boolean | undefined;
  /**
   * Raises `when` in the folder's journal where it does not grow, for migrations that this database does not have. They must
   * not be applied to any other database either; a TypeError without a folder. Default false: the folder is not written.
   */
  readonly journal?: boolean | undefined;
}

/** What `repair` did. */
export interface MigrationRepair {
  readonly dryRun: boolean;
  /** In the order in which they were recorded. */
  readonly actions: readonly MigrationRepairAction[];
  /** Journal entries whose `when` was raised; only with `journal`. */
  readonly raised: readonly JournalTimeRaise[];
  /** What is left for people to decide. */
  readonly problems: readonly MigrationProblem[];
}

/**
 * Something that is wrong with a folder. Beside the kinds of `MigrationProblem`:
 *
 * - `no_file`: the journal names a migration whose file is not there.
 * - `unlisted`: a file is there, and the journal does not name its migration, so nothing ever runs it.
 * - `number`: numbers leave one out, come twice, or differ from the journal's own count.
 * - `no_snapshot`, `broken_snapshot`: drizzle-kit's record of the schema after a migration is missing or unreadable.
 * - `branches`: two migrations were generated from the same schema, as a merge of two branches leaves it.
 * - `snapshot_chain`: a snapshot does not follow the one before it.
 * - `replay`: a migration does not run on what those before it make of an empty database.
 * - `down_fails`, `down_differs`: a down file does not run, or leaves another schema than the one from before.
 * - `code_drift`: the schema code says something else than the newest snapshot; only where a configuration is given.
 * - `not_repeatable`: after its down file a migration does not run again, or makes something else.
 * - `broken_object`: a view or a trigger does not work on what all migrations make, because something that it names is not there.
 */
export interface CheckProblem {
  readonly kind:
    | MigrationProblem['kind']
    | 'no_file'
    | 'unlisted'
    | 'number'
    | 'no_snapshot'
    | 'broken_snapshot'
    | 'branches'
    | 'snapshot_chain'
    | 'replay'
    | 'down_fails'
    | 'down_differs'
    | 'not_repeatable'
    | 'broken_object'
    | 'code_drift';
  readonly version: MigrationVersion;
  readonly message: string;
  /** What to do about it. */
  readonly hint: string;
}

/** Options of `check`. */
export interface CheckOptions {
  /**
   * Also compares the schema code with the newest snapshot, through the project's drizzle-kit. Paths as for
   * `generateMigration`; `{}` = the drizzle.config.ts of the working directory.
   */
  readonly code?: { readonly cwd?: string | undefined; readonly config?: string | undefined } | undefined;
}

/** What `check` found. */
export interface MigrationCheck {
  /** Migrations in the journal. */
  readonly migrations: number;
  /** In the order of the folder; empty when all is well. */
  readonly problems: readonly CheckProblem[];
}

/** Options of `verify`. */
export interface VerifyOptions {
  /**
   * Migrations to take back and apply again, the newest first: a whole number from 1, or Infinity. Default: those that were
   * pending, or else one.
   */
  readonly steps?: number | undefined;
  /** Of the database, which its copy shares. */
  readonly encryptionKey?: string | undefined;
}

/** How one migration did. */
export interface VerifiedMigration {
  readonly version: MigrationVersion;
  /** What differs from what it must be, in sentences; empty when all is well. */
  readonly faults: readonly string[];
  /** What is worth knowing and may be meant: rows that its own statements change, a migration that has no way back. */
  readonly warnings: readonly string[];
  /** Rows that it takes away on the way up or down, as `allowDataLoss` would allow. Empty without a database. */
  readonly losses: readonly (DataLoss & { readonly direction: MigrationDirection })[];
  /**
   * What it ran on: a copy of the database, made-up rows, or tables without any, because it fails on every made-up row, which
   * rows of its own may not; `nothing` when it was not tried.
   */
  readonly triedOn: 'copy' | 'made-up rows' | 'empty tables' | 'nothing';
  /** Null for what was not tried. */
  readonly upMs: number | null;
  readonly downMs: number | null;
}

/** What `verify` found. */
export interface MigrationVerification {
  /** Whether no migration has a fault. */
  readonly ok: boolean;
  /** Oldest first. */
  readonly migrations: readonly VerifiedMigration[];
  /** The copy it was tried on; null when that was an empty database in memory with made-up rows. */
  readonly copy: { readonly bytes: number; readonly durationMs: number } | null;
  readonly durationMs: number;
}

/** Looks after the folder and the database, beside running migrations. */
export interface MigrationCare {
  /**
   * Compares the database with what the folder's applied migrations make on an empty one. Does not write.
   *
   * @throws DatabaseError `MIGRATION_MISSING` when a migration is applied that the folder does not have: nothing says then
   * what the schema should be; `MIGRATION_REPLAY` when a file does not run on an empty database
   */
  diff(): Promise<MigrationDrift>;
  /**
   * Checks the folder as a whole, also that every file runs forwards and backwards on an empty database, and that what the
   * database has recorded agrees with it. Pending migrations are no problem. Does not write.
   *
   * @throws DatabaseError `MIGRATION_FOLDER` when the journal cannot be read
   * @throws TypeError when the migrations were given as data: there is no folder
   */
  check(options?: CheckOptions): Promise<MigrationCheck>;
  /**
   * Records the migrations up to `version` as applied without running them, for a database that has their schema already.
   *
   * @throws DatabaseError `MIGRATION_APPLIED` when anything is applied; `MIGRATION_DRIFT` with the differences when the
   * schema is another one; `MIGRATION_LOCK_LOST` when other runners kept changing the database
   */
  baseline(options?: BaselineOptions): Promise<MigrationBaseline>;
  /**
   * Tries the migrations on a copy of the database in the temporary folder, which is removed afterwards: applies what is
   * pending, takes migrations back, and applies them again, comparing schema and rows at every stop. The database itself
   * is read only.
   *
   * @throws DatabaseError as `applyMigrations` for what `status()` finds wrong, and as `backup` of the transaction manager
   */
  verify(options?: VerifyOptions): Promise<MigrationVerification>;
  /**
   * Makes what is recorded agree with the folder, in one transaction, where the schema shows that it is so. Changes no
   * table but the two that record migrations.
   *
   * @throws DatabaseError `MIGRATION_DRIFT` with the differences when the schema would not be what is recorded afterwards
   */
  repair(options?: RepairOptions): Promise<MigrationRepair>;
}
