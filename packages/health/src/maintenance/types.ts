// What maintenance is asked for and what it answers.

/**
 * What can be done, in the order in which it is:
 *
 * - `analyze`: new statistics for the planner, a table at a time.
 * - `fullText`: merges the parts of FTS5 indexes, in small steps.
 * - `history`: what the option `history` does.
 * - `incrementalVacuum`: gives free pages back, in small steps; for files with `auto_vacuum = INCREMENTAL`.
 * - `checkpoint`: moves the write-ahead log into the file and empties it, as far as nobody reads it.
 */
export type MaintenanceTask = 'analyze' | 'fullText' | 'history' | 'incrementalVacuum' | 'checkpoint';

/** What one task has done. */
export interface MaintenanceResult {
  readonly task: MaintenanceTask;
  /** `done` also where there was nothing to do; `unsupported` where this database does not allow it. */
  readonly status: 'done' | 'unsupported' | 'failed';
  /** What it has gained, or why it has not, in a sentence. */
  readonly message: string;
  /** Bytes that were given back: of the file, of its log or of a full-text index. */
  readonly bytesFreed: number;
  readonly startedAt: Date;
  readonly durationMs: number;
}

/** Options of `runMaintenance`. */
export interface MaintenanceOptions {
  /** Default: all; `history` only with the option of that name. */
  readonly tasks?: readonly MaintenanceTask[] | undefined;
  /** Ends the task under way after its step, and starts no other. */
  readonly signal?: AbortSignal | undefined;
  /** Removes old history; returns what it has gained, in a sentence. */
  readonly history?: (() => Promise<string>) | undefined;
}

/** Options of `scheduleMaintenance`. */
export interface MaintenanceScheduleOptions extends Omit<MaintenanceOptions, 'signal'> {
  /** From the end of one run to the start of the next. 1 to 2,147,483,647, about 24 days. */
  readonly everyMs: number;
  /** Hears of each run, or why it could not be. What it throws is ignored. */
  readonly onResult?: ((results: readonly MaintenanceResult[] | Error) => void) | undefined;
}

/** Maintenance that runs by itself. */
export interface MaintenanceSchedule {
  /** Ends the run under way and starts no other. Resolves when nothing runs any more. A second call does nothing more. */
  stop(): Promise<void>;
}

/** What a task answers. */
export type Gain = { readonly message: string; readonly bytesFreed?: number } | { readonly unsupported: string };
