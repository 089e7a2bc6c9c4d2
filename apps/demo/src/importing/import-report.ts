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

/** What an import did. */
export interface ImportReport {
  readonly counts: Readonly<Record<FileOutcome, number>>;
  /** Files that are no 3D models, and files and folders that were passed over. */
  readonly ignored: number;
  /** The moved, duplicate, unparsed, unreadable and missing files. */
  readonly remarks: readonly FileReport[];
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
  readonly remarks: FileReport[] = [];
  ignored = 0;
  readonly #onOutcome: ((report: FileReport) => void) | undefined;

  constructor(onOutcome?: (report: FileReport) => void) {
    this.#onOutcome = onOutcome;
  }

  add(report: FileReport): void {
    this.#onOutcome?.(report);
    this.counts[report.outcome] += 1;
    if (report.reason !== null) this.remarks.push(report);
  }

  report(durationMs: number, interrupted: boolean): ImportReport {
    const { counts, ignored, remarks } = this;
    return { counts, ignored, remarks, durationMs, interrupted };
  }
}
