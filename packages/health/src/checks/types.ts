// What checks are asked for and what they answer.

/**
 * What can be checked:
 *
 * - `integrity`: every page, row and index of the file, rules of columns, and whether each text is UTF-8 (one that is not
 *   aborts Node when the row is read).
 * - `quick`: every page and row, without comparing the indexes with their tables.
 * - `foreignKeys`: rows whose parent is missing.
 * - `fts`: full-text indexes, compared with the rows that they were made of.
 */
export type CheckKind = 'integrity' | 'quick' | 'foreignKeys' | 'fts';

/**
 * - `ok`: all was looked at and nothing found.
 * - `failed`: see `findings`.
 * - `unsupported`: this database, or a part of it, does not let it be checked; nothing is wrong in what was looked at.
 * - `unknown`: it could not be carried out to its end; never to be taken for `ok`.
 */
export type CheckStatus = 'ok' | 'failed' | 'unsupported' | 'unknown';

/**
 * What is wrong: the `file` itself, an `index` of a sound table, a `text` that cannot be decoded, a `row` that breaks a rule
 * of its table, a `foreignKey` without a parent, or a full-text index (`fts`).
 */
export type CheckFault = 'file' | 'index' | 'text' | 'row' | 'foreignKey' | 'fts';

/** One thing that a check has found. */
export interface CheckFinding {
  readonly fault: CheckFault;
  /** The table or index it is about; null where that is not known. */
  readonly name: string | null;
  /** What is wrong, in a sentence. Names and row numbers, never values. */
  readonly message: string;
  /** What to do: SQL to run, or a sentence where SQL cannot help. */
  readonly hint: string;
}

/** What one check has found. */
export interface CheckResult {
  readonly kind: CheckKind;
  readonly status: CheckStatus;
  /** Empty unless `status` is `failed`. At most 100, alike ones told as one. */
  readonly findings: readonly CheckFinding[];
  /** The result in a sentence. */
  readonly message: string;
  readonly startedAt: Date;
  readonly durationMs: number;
}

/** Options of `runChecks`. */
export interface RunChecksOptions {
  /** Ends the check that is under way and its process. */
  readonly signal?: AbortSignal | undefined;
}

/** What a check answers when it could be carried out. */
export interface Findings {
  readonly findings: readonly CheckFinding[];
  /** What could not be looked at, with the reason: one odd table hides nothing of the others. */
  readonly unseen: readonly string[];
}
