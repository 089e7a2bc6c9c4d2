// A migration and what is said of it: where it stands, what keeps it from running, what it loses.

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
  readonly kind: 'run' | 'baseline' | 'repair' | 'drizzle';
  /** `ready`: in the folder, or stored when the migration was applied. */
  readonly wayBack: WayBack;
}

/**
 * Whether a migration has a way back.
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
  readonly wayBack: WayBack;
}

/**
 * Something that keeps migrations from running; `kind` says what it is.
 *
 * - `edited`: the file of an applied migration has other content now.
 * - `missing`: a migration is applied, and the folder does not have it.
 * - `renumbered`: the folder has it under another `when`.
 * - `other_table`: drizzle's table of another name records it, and the one that is looked into holds nothing.
 * - `other_server`: the file of a replica holds it from another server than the one it follows now.
 * - `duplicate`: the database holds it twice, as two racing drizzle migrators leave it.
 * - `out_of_order`: a pending migration is older than an applied one; drizzle's migrator would skip it silently.
 * - `journal_order`: `when` does not grow from entry to entry; drizzle's migrator would skip one silently. Or a file has two
 *   entries, and would run twice.
 * - `no_down`: a migration cannot be taken back, because nothing says how or its down file says there is no way; or it
 *   changes rows, and nothing says how to undo that.
 * - `draft_down`: a part of its down file is still to be written.
 * - `stale_down`: its down file was generated for another text of its up file.
 * - `half_back`: taking it back in slices (`-- cc:chunk`) ended in the middle: some of its rows are back, and it still counts as applied.
 * - `data_loss`: rows or values would go, and nobody agreed to it.
 * - `statement`: its file contains what cannot run inside a transaction, or what cannot run in slices and is marked so.
 */
export interface MigrationProblem {
  readonly kind:
    | 'edited'
    | 'missing'
    | 'renumbered'
    | 'other_table'
    | 'other_server'
    | 'duplicate'
    | 'out_of_order'
    | 'journal_order'
    | 'no_down'
    | 'draft_down'
    | 'stale_down'
    | 'half_back'
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

/**
 * What a repair mends in the records.
 *
 * - `duplicate`: the migration is recorded more than once; one row stays.
 * - `renumbered`: it is recorded under another `when` than the folder's.
 * - `edited`: its file has another hash than the recorded one.
 * - `missing`: it is recorded, and the folder does not have it; the row goes.
 * - `unrecorded`: the schema has it, and it is not recorded.
 */
export type MigrationRepairKind = 'duplicate' | 'renumbered' | 'edited' | 'missing' | 'unrecorded';

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
 * What to know before a migration runs, which is not refused for it; `kind` says what it is.
 *
 * - `rebuild`: a table is copied into a new one that takes its place; `rows` and `bytes` (indexes included) are its size.
 * - `long`: on this server it may run longer than a write lock lasts when another writer waits.
 * - `no_down`: nothing says how to take it back.
 * - `irreversible`: its down file says that there is no way back.
 * - `filled`: a column that becomes NOT NULL gets a value in rows that have none.
 * - `not_null`: it gets none there, and the migration fails at such a row until it has one.
 * - `agreement`: it is agreed to lose a table or column that there is not.
 * - `unmeasured`: nothing measures what it changes there: rows of other tables that triggers change while it runs in slices,
 *   or the numbers that AUTOINCREMENT remembers.
 * - `dropped`: a trigger or an index goes with a table or view that is dropped and made anew without it.
 */
export interface MigrationWarning {
  readonly kind:
    | 'rebuild'
    | 'long'
    | 'no_down'
    | 'irreversible'
    | 'filled'
    | 'not_null'
    | 'agreement'
    | 'unmeasured'
    | 'dropped';
  readonly message: string;
  /** Null when it is about the whole migration. */
  readonly table: string | null;
  readonly rows: number | null;
  /** Absent where the database does not tell. */
  readonly bytes?: number | undefined;
}

/**
 * A migration as data: what `cc-migrate bundle` writes of each, and what `migrations` of `createMigrationManager` takes, in the
 * order of the journal.
 */
export interface MigrationData {
  /** Name of the migration: the file name without `.sql`. */
  readonly version: string;
  /** `when` of its journal entry, epoch ms. */
  readonly createdAt: number;
  /** SHA-256 of `upSql` in hexadecimal, as drizzle's migrator records it. */
  readonly hash: string;
  readonly upSql: string;
  /** Text of `<version>.down.sql`; null without such a file. */
  readonly downSql: string | null;
  /** Text of `<version>.base.sql`, where a replay starts. Absent = none. */
  readonly baseSql?: string | null | undefined;
}
