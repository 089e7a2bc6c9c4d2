// The public interfaces of @cc/migrate: what createMigrationManager returns and what its methods take.
import type { MigrationCare, MigrationRepairKind } from './care/answers.js';
import type { MigrationData } from './folder/origin.js';
import type { CreatedMigration, CreateOptions, GeneratedMigration, GenerateOptions } from './generate/types.js';

/**
 * Name of a migration: the file name without `.sql`, as in the folder's journal. Where one is taken, its number alone
 * (`1` or `0001`) will do.
 */
export type MigrationVersion = string;

/** Which way a migration runs. */
export type MigrationDirection = 'up' | 'down';

/** A migration that is in the database. */
export interface AppliedMigration {
  /** `unknown-<createdAt>` when neither the folder nor the log knows its name. */
  readonly version: MigrationVersion;
  /** `when` of its journal entry, epoch ms: the order of migrations, not the time they ran. */
  readonly createdAt: number;
  /** SHA-256 of the file that was applied. */
  readonly hash: string;
  /** Null when it is unknown: drizzle's own migrator keeps no time, and `baseline` was not there. */
  readonly appliedAt: Date | null;
  /** Null where `appliedAt` is. */
  readonly durationMs: number | null;
  /** How it was recorded last. */
  readonly by: 'run' | 'baseline' | 'repair' | 'drizzle';
  /** Its way back is ready: in the folder, or stored when the migration was applied. */
  readonly reversible: boolean;
  readonly wayBack: WayBack;
}

/**
 * The way back of a migration:
 *
 * - `ready`: a down file written by hand or generated.
 * - `draft`: a down file of which a part is still to be written; it does not run.
 * - `irreversible`: a down file that says there is none. Restoring a backup is what is left.
 * - `none`: nothing says how.
 */
export type WayBack = 'ready' | 'draft' | 'irreversible' | 'none';

/** A migration of the folder that is not in the database. */
export interface PendingMigration {
  readonly version: MigrationVersion;
  readonly createdAt: number;
  readonly hash: string;
  /** Its way back is ready. */
  readonly reversible: boolean;
  readonly wayBack: WayBack;
}

/**
 * Something that keeps migrations from running:
 *
 * - `edited`: the file of an applied migration has other content now.
 * - `missing`: a migration is applied, and the folder does not have it.
 * - `renumbered`: the folder has it under another `when`.
 * - `duplicate`: the database holds it twice, as two racing drizzle migrators leave it.
 * - `out_of_order`: a pending migration is older than an applied one; drizzle's migrator would skip it silently.
 * - `journal_order`: `when` does not grow from entry to entry; drizzle's migrator would skip one silently.
 * - `no_down`: a migration cannot be taken back, because nothing says how or its down file says there is no way; or it
 *   changes rows, and nothing says how to undo that.
 * - `draft_down`: a part of its down file is still to be written.
 * - `stale_down`: its down file was generated for another text of its up file.
 * - `data_loss`: rows or values would go, and nobody agreed to it.
 * - `statement`: its file contains what cannot run inside a transaction, or what cannot run in slices and is marked so.
 */
export interface MigrationProblem {
  readonly kind:
    | 'edited'
    | 'missing'
    | 'renumbered'
    | 'duplicate'
    | 'out_of_order'
    | 'journal_order'
    | 'no_down'
    | 'draft_down'
    | 'stale_down'
    | 'data_loss'
    | 'statement';
  readonly version: MigrationVersion;
  readonly message: string;
  /** What to do about it. */
  readonly hint: string;
}

/** Folder and database side by side. */
export interface MigrationStatus {
  /** The newest applied migration; null when there is none. */
  readonly current: MigrationVersion | null;
  /** Oldest first. */
  readonly applied: readonly AppliedMigration[];
  /** In the order in which they would run. */
  readonly pending: readonly PendingMigration[];
  /** Empty when `applyMigrations()` may run. */
  readonly problems: readonly MigrationProblem[];
}

/** One run of one migration, or one that `baseline` or `repair` recorded without running it. */
export interface MigrationHistoryEntry {
  readonly version: MigrationVersion;
  /** Whether the migration counts as applied from here on. */
  readonly direction: MigrationDirection;
  /** `run`: its statements ran. */
  readonly kind: 'run' | 'baseline' | 'repair';
  /** What `repair` mended; null for the other kinds. */
  readonly repaired: MigrationRepairKind | null;
  readonly hash: string;
  /** By the clock of the database. Null for a run of drizzle's own migrator, which keeps no time. */
  readonly at: Date | null;
  readonly durationMs: number | null;
  /** Who ran it, as `user@host`. Null for what drizzle's own migrator ran. */
  readonly who: string | null;
}

/** Rows or values that a migration takes away. Named as they are before it. */
export interface DataLoss {
  readonly table: string;
  /** Null when whole rows go. */
  readonly column: string | null;
  /** Rows that go; for a column, rows whose value there is not kept. NULL and the column's constant default are none. */
  readonly rows: number;
  /** Key of one of them, such as `id = 7`; null when nothing tells it from others. */
  readonly key: string | null;
  /** Compared on the rows before and after. False = read from the statements: nothing follows the table or column. */
  readonly measured: boolean;
}

/**
 * What to know before a migration runs; it does not refuse it:
 *
 * - `rebuild`: a table is copied into a new one that takes its place; `rows` and `bytes` (indexes included) are its size.
 * - `long`: on this server it may run longer than a write lock lasts when another writer waits.
 * - `no_down`: nothing says how to take it back.
 * - `irreversible`: its down file says that there is no way back.
 * - `filled`: a column that becomes NOT NULL gets a value in rows that have none.
 * - `agreement`: it is agreed to lose a table or column that there is not.
 * - `unmeasured`: triggers may change rows of other tables while it runs in slices, and nothing measures those.
 */
export interface MigrationWarning {
  readonly kind: 'rebuild' | 'long' | 'no_down' | 'irreversible' | 'filled' | 'agreement' | 'unmeasured';
  readonly message: string;
  /** Null when it is about the whole migration. */
  readonly table: string | null;
  readonly rows: number | null;
  /** Absent where the database does not tell. */
  readonly bytes?: number;
}

/** One migration of a plan. */
export interface PlannedMigration {
  readonly version: MigrationVersion;
  readonly direction: MigrationDirection;
  /** SQL in the order in which it would run, without bookkeeping. */
  readonly statements: readonly string[];
  /** Whether it can be taken back afterwards. */
  readonly reversible: boolean;
  /** Rows to a slice for each statement, when it runs in slices (`-- cc:chunk`); null when it is one transaction. */
  readonly slices: readonly number[] | null;
  /**
   * What is certain before it runs: tables and columns that nothing follows, counted now. What becomes of all other values
   * is measured when it runs; with `measure`, on a copy. Without what was agreed to.
   */
  readonly losses: readonly DataLoss[];
  readonly warnings: readonly MigrationWarning[];
  /** What refuses this migration. `data_loss` is lifted by `allowDataLoss`. */
  readonly problems: readonly MigrationProblem[];
}

/** What a call would do. */
export interface MigrationPlan {
  readonly direction: MigrationDirection;
  readonly migrations: readonly PlannedMigration[];
  /** What refuses the whole plan. */
  readonly problems: readonly MigrationProblem[];
}

/** A migration that ran. */
export interface ExecutedMigration {
  readonly version: MigrationVersion;
  /** From inside its transaction, COMMIT excluded, slices included; null in a dry run. */
  readonly durationMs: number | null;
  /** What the plan said of it. */
  readonly warnings: readonly MigrationWarning[];
}

/** What a call did. */
export interface MigrationResult {
  readonly direction: MigrationDirection;
  readonly dryRun: boolean;
  /** In the order in which they ran, or would run. Migrations that another runner did meanwhile are not listed. */
  readonly migrations: readonly ExecutedMigration[];
  /** The newest applied migration after the call. */
  readonly current: MigrationVersion | null;
  /** Path of the copy that was made before; null when none was asked for or nothing ran. */
  readonly backup: string | null;
}

/** How far a call is. */
export interface MigrationProgress {
  readonly version: MigrationVersion;
  readonly direction: MigrationDirection;
  /** Which migration of the call it is, from 1. */
  readonly step: number;
  readonly steps: number;
  /** Statements of it that have run. */
  readonly statement: number;
  readonly statements: number;
  /** Rows that the slices of the running statement have changed; null when it does not run in slices. */
  readonly rows: number | null;
}

/** Options that `applyMigrations` and `rollbackMigration` share. */
export interface RunOptions {
  /**
   * Lets migrations lose rows and values: all of them with `true`, or those named, such as `['users.email', 'audit']`: a
   * column's values, or a table's rows. Names are those before the migration. Default false.
   */
  readonly allowDataLoss?: boolean | readonly string[];
  /** Makes every check and returns what would run, without writing. Default false. */
  readonly dryRun?: boolean;
  /**
   * Makes a verified copy of the database first, also of a server's: at this path, or with `true` beside the database
   * (that of a server or in memory in the current folder) under a name with version and time. Default none.
   */
  readonly backup?: string | true;
  /** Hears how far it is. On a server it costs a few round trips more. What it throws is ignored. */
  readonly onProgress?: (progress: MigrationProgress) => void;
}

/** Options of `applyMigrations`. Without `steps` and `targetVersion` everything pending is applied. */
export interface ApplyOptions extends RunOptions {
  /** The last migration to apply. */
  readonly targetVersion?: MigrationVersion;
  /** Most migrations to apply: a whole number from 1, or Infinity. */
  readonly steps?: number;
  /** Applies migrations that are older than applied ones, too, oldest first. Default false. */
  readonly allowOutOfOrder?: boolean;
}

/** Options of `rollbackMigration`. */
export interface RollbackOptions extends RunOptions {
  /** The migration to go back to: it stays applied. Null = before the first. */
  readonly targetVersion?: MigrationVersion | null;
  /** Migrations to take back: a whole number from 1, or Infinity. Default 1. */
  readonly steps?: number;
}

/** Options of `plan`: which call to describe. */
export interface PlanOptions {
  /** `up` (default): `applyMigrations`; `down`: `rollbackMigration`. */
  readonly direction?: MigrationDirection;
  /** As in the call; null only with `down`. */
  readonly targetVersion?: MigrationVersion | null;
  readonly steps?: number;
  /** As in `applyMigrations`. */
  readonly allowOutOfOrder?: boolean;
  /** As in the call. */
  readonly allowDataLoss?: boolean | readonly string[];
  /**
   * Runs the migrations on a copy of the database, and says what they lose there. The copy is a file in the temporary
   * folder, also of a server's database. Default false.
   */
  readonly measure?: boolean;
  /** Of the copy, when the database is encrypted. */
  readonly encryptionKey?: string;
}

/** Brings one database up and down the migrations of one drizzle-kit folder. */
export interface MigrationManager extends MigrationCare {
  /** The newest applied migration; null when there is none. Does not write. */
  getCurrentVersion(): Promise<MigrationVersion | null>;
  /** Compares folder and database. Does not write, not even on a database without any table. */
  status(): Promise<MigrationStatus>;
  /** Every run of a migration, oldest first. Does not write. */
  history(): Promise<readonly MigrationHistoryEntry[]>;
  /** Describes what `applyMigrations` or `rollbackMigration` would do, and what would refuse it. Does not write. */
  plan(options?: PlanOptions): Promise<MigrationPlan>;
  /**
   * Applies pending migrations in order, each in a transaction of its own with foreign keys off and checked before COMMIT.
   * Refuses, before anything is written, when `status()` or the plan has problems. What a migration loses is measured on
   * the rows before its COMMIT; what nobody agreed to takes it back.
   *
   * @throws DatabaseError with the code `MIGRATION_…` of the problem; `MIGRATION_DATA_LOSS` when it loses rows or values
   * that nobody agreed to; `MIGRATION_FOREIGN_KEY` when it would leave new
   * foreign key violations; `MIGRATION_LOCK_LOST` when other runners changed the database under this one;
   * `MIGRATION_TIMEOUT` when a server took the lock away for other writers at every attempt; `MIGRATION_FAILED` with
   * the database's own error as its cause for a failing statement. The failing migration leaves nothing behind, those before it stay.
   * @throws TypeError for an unknown version or option, or inside a transaction
   */
  applyMigrations(options?: ApplyOptions): Promise<MigrationResult>;
  /**
   * Takes applied migrations back, newest first, by their down files; by the stored down text where the folder no longer
   * has the migration.
   *
   * @throws DatabaseError and TypeError as `applyMigrations`; `MIGRATION_NO_DOWN` when nothing says how to go back
   */
  rollbackMigration(options?: RollbackOptions): Promise<MigrationResult>;
  /** `generateMigration` into the folder of this manager. @throws TypeError without a folder */
  generateMigration(options?: Omit<GenerateOptions, 'folder'>): Promise<GeneratedMigration>;
  /** `createMigration` into the folder of this manager. @throws TypeError without a folder */
  createMigration(options: CreateOptions): Promise<CreatedMigration>;
}

/** Options of `createMigrationManager`: `folder` or `migrations`, and how. */
export type MigrationManagerOptions = MigrationsOrigin & {
  /**
   * Runs of one migration in all, when other runners or the database's lock get in the way. Each waits as long as the
   * transaction manager's `acquireTimeoutMs`. Default 5.
   */
  readonly maxAttempts?: number;
};

/** Where the migrations are. */
export type MigrationsOrigin =
  | {
      /** Path of the drizzle-kit folder: `meta/_journal.json`, `NNNN_tag.sql`, and `NNNN_tag.down.sql` beside them. */
      readonly folder: string;
      readonly migrations?: never;
    }
  | {
      readonly folder?: never;
      /**
       * What `cc-migrate bundle` writes of a folder, for programs that have none beside them. `generateMigration`,
       * `createMigration`, `check` and `repair` of the journal need the folder and refuse; all else is the same.
       */
      readonly migrations: readonly MigrationData[];
    };
