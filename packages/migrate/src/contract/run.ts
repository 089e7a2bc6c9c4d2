// The public interfaces of @cc/migrate: what createMigrationManager returns and what its methods take.
import type { MigrationCare } from './care.js';
import type { CreatedMigration, CreateOptions, GeneratedMigration, GenerateOptions } from './generate.js';
import type {
  DataLoss,
  MigrationData,
  MigrationDirection,
  MigrationHistoryEntry,
  MigrationProblem,
  MigrationStatus,
  MigrationVersion,
  MigrationWarning,
} from './migration.js';

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

/** A process that has a lock. */
export interface LockHolder {
  readonly pid: number;
  /** Its command line, shortened. */
  readonly command: string;
}

/** Who or what a call waits for. */
export interface MigrationWait {
  /**
   * - `lock`: the write lock, which another process has, or another client of the server.
   * - `turn`: a connection, which another call of the same transaction manager has: a run of migrations, or a transaction.
   * - `server`: the server, which does not answer or has too much to do.
   */
  readonly for: 'lock' | 'turn' | 'server';
  /** Who has the lock, where the system tells: for files on Linux. Else empty. */
  readonly holders: readonly LockHolder[];
  readonly sinceMs: number;
}

/** How far a call is, or what it waits for. A wait is told when it begins and about once a second while it lasts. */
export type MigrationProgress = MigrationStepProgress | { readonly waiting: MigrationWait };

/** How far a call is. */
export interface MigrationStepProgress {
  readonly waiting?: undefined;
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
  readonly allowDataLoss?: boolean | readonly string[] | undefined;
  /**
   * Makes every check that needs no statement of a migration to run, and returns what would run, without writing: losses are not
   * measured, and views and triggers that would not work are not found. Default false.
   */
  readonly dryRun?: boolean | undefined;
  /**
   * Makes a verified copy of the database first, also of a server's: at this path, or with `true` beside the database
   * (that of a server or in memory in the current folder) under a name with version and time. Default none.
   */
  readonly backup?: string | true | undefined;
  /** Hears how far it is, and what it waits for. On a server it costs a few round trips more. What it throws is ignored. */
  readonly onProgress?: ((progress: MigrationProgress) => void) | undefined;
}

/** Options of `applyMigrations`. Without `steps` and `targetVersion` everything pending is applied. */
export interface ApplyOptions extends RunOptions {
  /** The last migration to apply. */
  readonly targetVersion?: MigrationVersion | undefined;
  /** Most migrations to apply: a whole number from 1, or Infinity. */
  readonly steps?: number | undefined;
  /** Applies migrations that are older than applied ones, too, oldest first. Default false. */
  readonly allowOutOfOrder?: boolean | undefined;
}

/** Options of `rollbackMigration`. */
export interface RollbackOptions extends RunOptions {
  /**
   * Takes back what was applied after this moment, by the clock of the database (`appliedAt` of `status()`): what was applied
   * at it stays. In place of `targetVersion` and `steps`.
   */
  readonly targetDate?: Date | undefined;
  /** The migration to go back to: it stays applied. Null = before the first. */
  readonly targetVersion?: MigrationVersion | null | undefined;
  /** Migrations to take back: a whole number from 1, or Infinity. Default 1. */
  readonly steps?: number | undefined;
}

/** Options of `plan`: which call to describe. */
export interface PlanOptions {
  /** `up` (default): `applyMigrations`; `down`: `rollbackMigration`. */
  readonly direction?: MigrationDirection | undefined;
  /** As in the call; null only with `down`. */
  readonly targetVersion?: MigrationVersion | null | undefined;
  /** As in `rollbackMigration`; only with `down`. */
  readonly targetDate?: Date | undefined;
  readonly steps?: number | undefined;
  /** As in `applyMigrations`. */
  readonly allowOutOfOrder?: boolean | undefined;
  /** As in the call. */
  readonly allowDataLoss?: boolean | readonly string[] | undefined;
  /**
   * Runs the migrations on a copy of the database, and says what they lose there. The copy is a file in the temporary
   * folder, also of a server's database. Default false.
   */
  readonly measure?: boolean | undefined;
  /** Of the copy, when the database is encrypted. */
  readonly encryptionKey?: string | undefined;
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
   * the database's own error as its cause for a failing statement. The failing migration leaves nothing behind but
   * slices (`-- cc:chunk`) that ran before; those before it stay.
   * @throws TypeError for an unknown version or option, or inside a transaction
   */
  applyMigrations(options?: ApplyOptions): Promise<MigrationResult>;
  /**
   * Takes applied migrations back, newest first, by their down files; by the stored down text where the folder no longer
   * has the migration.
   *
   * @throws DatabaseError and TypeError as `applyMigrations`; `MIGRATION_NO_DOWN` when nothing says how to go back;
   * `MIGRATION_QUESTION` when a date does not say which migrations are meant
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
   * Name of drizzle's table, as in `migrations.table` of drizzle.config.ts and in `migrationsTable` of drizzle-orm's
   * migrator. Default `__drizzle_migrations`.
   */
  readonly migrationsTable?: string | undefined;
  /**
   * Runs of one migration in all, when other runners or the database's lock get in the way. Each waits as long as the
   * transaction manager's `acquireTimeoutMs`. Default 5.
   */
  readonly maxAttempts?: number | undefined;
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
