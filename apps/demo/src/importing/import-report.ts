// What an import tells: for each file what became of it, and the sums.

/** What became of one model file, or of a model whose file is gone. */
export type FileOutcome =
  | 'new'
  | 'changed'
  | 'unchanged'
  | 'moved'
  | 'duplicate'
  | 'unparsed'
  | 'unreadable'
  | 'missing';

/** One model file and what became of it. */
export interface FileReport {
  readonly path: string;
  readonly outcome: FileOutcome;
  /** Why a file is unparsed, unreadable or missing; the path of the model that a duplicate repeats or that was moved; null for the others. */
  readonly reason: string | null;
}

/** What is told at the end: what became of a file, or why something with the name of a model was passed over. */
export interface Remark {
  readonly path: string;
  readonly outcome: FileOutcome | 'ignored';
  readonly reason: string | null;
}

/** What an import did. */
export interface ImportReport {
  readonly counts: Readonly<Record<FileOutcome, number>>;
  /** Files that are no 3D models, and files and folders that were passed over. */
  readonly ignored: number;
  /** The moved, duplicate, unparsed, unreadable and missing files, and up to a hundred that were ignored and look like models. */
  readonly remarks: readonly Remark[];
  readonly durationMs: number;
  /** The signal ended the import: what was read up to then is in the library. */
  readonly interrupted: boolean;
}

/** An import ended early, by a full disk for example: `report` tells what is in the library, `cause` what ended it. */
export class ImportStopped extends Error {
  override readonly name = 'ImportStopped';
  readonly report: ImportReport;

  constructor(report: ImportReport, cause: unknown) {
    super(cause instanceof Error ? cause.message : String(cause), { cause });
    this.report = report;
  }
}

/** A folder of nothing but pipes is one remark too many otherwise. */
const mostToldIgnored = 100;

/** Counts what becomes of files. */
export class Tally {
  readonly counts: Record<FileOutcome, number> = {
    new: 0,
    changed: 0,
    unchanged: 0,
    moved: 0,
    duplicate: 0,
    unparsed: 0,
    unreadable: 0,
    missing: 0,
  };
  readonly remarks: Remark[] = [];
  #toldIgnored = 0;
  ignored = 0;
  readonly #onOutcome: ((report: Remark) => void) | undefined;

  constructor(onOutcome?: (report: Remark) => void) {
    this.#onOutcome = onOutcome;
  }

  add(report: FileReport): void {
    this.#onOutcome?.(report);
    this.counts[report.outcome] += 1;
    if (report.reason !== null) this.remarks.push(report);
  }

  /** Something is passed over; with a reason it is told. */
  ignore(path: string, reason: string | null): void {
    this.ignored += 1;
    if (reason === null || this.#toldIgnored >= mostToldIgnored) return;
    this.#toldIgnored += 1;
    const remark = { path, outcome: 'ignored', reason } as const;
    this.#onOutcome?.(remark);
    this.remarks.push(remark);
  }

  report(durationMs: number, interrupted: boolean): ImportReport {
    const { counts, ignored, remarks } = this;
    return { counts, ignored, remarks, durationMs, interrupted };
  }
}
