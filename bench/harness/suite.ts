// What a suite is made of: the words shared by the runner (run-suite.ts), the trial process (trial.ts) and the report.
import type { Json } from './json.js';
import type { Measurement } from './measure.js';

/**
 * A promise of the design about one row: the bounds of the ratio of two contenders, or of the value of one. Without bounds
 * it promises nothing and only shows the ratio.
 */
export interface Bar {
  /** How the table words it, for example `ours ≤ 2 × raw`. */
  readonly text: string;
  readonly contender: string;
  /** The contender that is divided by; absent for a bar on the value itself. */
  readonly against?: string;
  readonly atLeast?: number;
  readonly atMost?: number;
  /** The value may be below that of none of these contenders; what is shown is the lead over the best of them. */
  readonly atLeastEach?: readonly string[];
  /** The value may be above that of none of these contenders; what is shown is the ratio to the best of them. */
  readonly atMostEach?: readonly string[];
}

/** One line of the result: an operation that several contenders do. */
export interface Row {
  readonly id: string;
  readonly title: string;
  readonly unit: 'µs' | 'ms' | 's' | 'MB' | 'hits' | 'MRR' | 'rows/s' | '%';
  readonly bars?: readonly Bar[];
  /** The heading of the table that the row stands in; the rows of a section follow one another. Absent: the first table. */
  readonly section?: string;
  /**
   * Which column its value stands in: rows of one section with the same title share one line of the table, that shows the
   * reference contender alone. Absent: a line of its own, with a column for each contender.
   */
  readonly column?: string;
  /** The contender that the ratios of this row refer to. Default: the suite's. */
  readonly reference?: string;
}

/** The pragmas that decide what a commit survives, as one connection reports them. */
export interface ConnectionDurability {
  readonly connection: string;
  readonly journalMode: string;
  /** 1 = NORMAL, 2 = FULL. */
  readonly synchronous: number;
}

/** What one process measured: a measurement for each row that this contender does. */
export interface TrialReport {
  readonly rows: Readonly<Record<string, Measurement>>;
  /** Of every connection that was used, asked at the end, when a pool may have replaced some. */
  readonly durability: readonly ConnectionDurability[];
  /** Why there are no rows: the contender took too long, and its phase says that it may. */
  readonly unfinished?: string;
}

/** What a trial process is told. */
export interface Job {
  readonly suite: string;
  readonly phase: string;
  readonly contender: string;
  /** The process's own copy of the prepared database. */
  readonly databasePath: string;
  /** A JSON file with the inputs of the phase, the same one for every contender. */
  readonly inputsPath: string;
}

/** What the prepared file says after a trial: compared between the contenders like any result. */
export interface Inspection {
  readonly digest: string | null;
  /** Shown beside the rows of the same names. */
  readonly facts: Readonly<Record<string, Readonly<Record<string, Json>>>>;
}

/** Rows that are measured in one process, one after another. */
export interface Phase {
  readonly name: string;
  /** In the order of the table; the suite's reference is one of them. */
  readonly contenders: readonly string[];
  /** Contenders whose durability and results are reported but may differ, because that is what the phase shows. */
  readonly mayDiffer?: readonly string[];
  /** Contenders whose tool has no way to the durability of the others: what they reported is shown, and not refused. */
  readonly mayBeMoreDurable?: readonly string[];
  /** Contenders that may take longer than a trial lasts: the table says so, and the run goes on. */
  readonly mayNotFinish?: readonly string[];
  /** Whether it works on a database file, whose durability must be equal. Default true. */
  readonly hasDatabase?: boolean;
  /** Runs in the trial process. */
  run(job: Job): Promise<TrialReport>;
  /** Looks at the file after the trial process has ended. @throws Error when rows are missing or damaged */
  inspect(job: Job, report: TrialReport): Promise<Inspection>;
}

/** What `prepare` leaves for the trials. */
export interface Prepared {
  readonly databasePath: string;
  /** By name of the contender, for those that work on another schema. */
  readonly databasePaths?: Readonly<Record<string, string>>;
  /** By name of the phase. */
  readonly inputs: Readonly<Record<string, Json>>;
  /** What was prepared and checked, for the report. */
  readonly facts: Readonly<Record<string, Json>>;
}

/** Where `prepare` works and reads. */
export interface PrepareOptions {
  readonly workDirectory: string;
  /** Path of a catalogue (JSON lines, gzip); undefined = the usual place, or else the synthetic one. */
  readonly cataloguePath: string | undefined;
  /** The names of the phases that will run: nothing else has to be prepared. */
  readonly phases: readonly string[];
  /** Few samples, to see that everything runs and agrees; only for a suite that can. */
  readonly isQuick: boolean;
}

/** A set of rows over one prepared database. */
export interface Suite {
  readonly name: string;
  readonly title: string;
  /** The contender that all ratios refer to, unless a row names another. */
  readonly reference: string;
  readonly rows: readonly Row[];
  readonly phases: readonly Phase[];
  /** Whether it knows `isQuick`. Default false. */
  readonly canBeQuick?: boolean;
  prepare(options: PrepareOptions): Promise<Prepared>;
}
