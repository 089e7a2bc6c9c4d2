// Counts each statement under its fingerprint. The way from a text that was seen before to its counts is one map lookup.
import type { DatabaseErrorType } from '@cc/tx/errors';
import { type DurationSummary, Durations } from './durations.js';
import { fingerprint } from './fingerprint.js';
import { NamedDurations } from './named-durations.js';
import { ownStatementMark } from './own-statement.js';

/** Statistics of the statements that share a fingerprint. */
export interface StatementStatistics extends DurationSummary {
  /** SQL without values; `(others)` for all statements beyond `maxStatements`. */
  readonly statement: string;
  /** Calls that took `slowQueryMs` or longer. */
  readonly slowCalls: number;
  /** Failed calls by type of error. */
  readonly errorsByType: Readonly<Partial<Record<DatabaseErrorType, number>>>;
  /** Rows returned. */
  readonly rows: number;
  /** Calls that a cache answered, as far as `recordQueryExecution` was told. */
  readonly cacheHits: number;
  /** Part of the time of all statements, 0 to 1. */
  readonly share: number;
  readonly lastSeenAt: Date;
  /** Which calls it ran in: the labels of their transactions, the costliest first; at most eight are told apart. */
  readonly labels: readonly { readonly label: string; readonly calls: number; readonly totalMs: number }[];
  /** How SQLite runs it, a line to a step; null until it was looked at, and where that is not possible. */
  readonly plan: readonly string[] | null;
  /** Tables that it reads from the first row to the last, by its plan. Null when the plan is. */
  readonly fullScans: readonly string[] | null;
  /**
   * Steps from row to row in scans of whole tables, as SQLite has counted them up to the last reading: at least that many,
   * because the count of a statement goes when it is let go of. Null where it is not asked: on servers, on replicas,
   * with a rollback journal, and without monitoring.
   */
  readonly fullScanSteps: number | null;
}

/** What the worst statements are chosen by. `scan`: those whose plan reads whole tables, by the time they take. */
export type SlowBy = 'p95' | 'total' | 'max' | 'mean' | 'scan';

/** One statement that ended, as the statistics take it. */
export interface Execution {
  readonly sql: string;
  readonly durationMs: number;
  readonly rows: number;
  readonly cacheHit?: boolean;
  readonly label?: string | undefined;
}

/** A plan as it was read from SQLite. */
export interface StatementPlan {
  readonly lines: readonly string[];
  readonly fullScans: readonly string[];
  /** The statement without values as SQLite takes it; null where it scans nothing, and where there is none. */
  readonly runnable: string | null;
}

/** A statement whose plan is to be looked at. For the monitor only: `sql` holds literals. */
export interface UnplannedStatement {
  readonly statement: string;
  /** A text that runs. */
  readonly sql: string;
  readonly planned: (plan: StatementPlan | null) => void;
}

/** Statistics by statement, in bounded memory. */
export class QueryStatistics {
  /** Sums over all statements. */
  calls = 0;
  rows = 0;
  slowCalls = 0;
  /** Null until SQLite was asked, and where it cannot be. */
  fullScanSteps: number | null = null;
  readonly #slowQueryMs: number;
  readonly #statements: NamedDurations<Statement>;
  #recentTexts = new Map<string, Statement>();
  #olderTexts = new Map<string, Statement>();
  #recentCharacters = 0;

  constructor(options: { readonly maxStatements: number; readonly slowQueryMs: number }) {
    this.#slowQueryMs = options.slowQueryMs;
    this.#statements = new NamedDurations(options.maxStatements, () => new Statement());
  }

  /** `errorType`: why it failed; null when it did not. False for a statement of the monitor, which is not counted. */
  record(execution: Execution, errorType: DatabaseErrorType | null, at: number, bin: number): boolean {
    const { sql } = execution;
    const known = this.#recentTexts.get(sql);
    if (known === undefined && sql.endsWith(ownStatementMark)) return false;
    const statement = known ?? this.#lookUp(sql);
    statement.count(execution, errorType, at, bin);
    this.calls += 1;
    this.rows += execution.rows;
    if (execution.durationMs < this.#slowQueryMs) return true;
    statement.slowCalls += 1;
    this.slowCalls += 1;
    return true;
  }

  get statements(): number {
    return this.#statements.size;
  }

  get otherCalls(): number {
    return this.#statements.otherCalls;
  }

  /** Everything since the start. */
  total(): Statement {
    const total = new Statement();
    total.rows = this.rows;
    total.slowCalls = this.slowCalls;
    for (const [, statement] of this.#statements.entries()) {
      total.add(statement);
      total.cacheHits += statement.cacheHits;
    }
    return total;
  }

  /** Each with its fingerprint. */
  entries(): [statement: string, durations: Statement][] {
    return this.#statements.entries();
  }

  /** The worst statements first. */
  slowest(limit: number, by: SlowBy): StatementStatistics[] {
    const entries = this.#statements.entries().filter(([, { plan }]) => by !== 'scan' || hasScan(plan));
    const totalMs = entries.reduce((sum, [, { totalMs }]) => sum + totalMs, 0);
    return this.#worst(entries, limit, by).map(([name, statement]) => ({
      statement: name,
      ...statement.summary(),
      slowCalls: statement.slowCalls,
      errorsByType: Object.fromEntries(statement.errorsByType ?? []),
      rows: statement.rows,
      cacheHits: statement.cacheHits,
      share: totalMs === 0 ? 0 : statement.totalMs / totalMs,
      lastSeenAt: new Date(statement.lastSeenAt),
      labels: statement.labelsByCost(),
      plan: statement.plan?.lines ?? null,
      fullScans: statement.plan?.fullScans ?? null,
      fullScanSteps: this.fullScanSteps === null ? null : statement.fullScanSteps,
    }));
  }

  /** SQLite has counted `steps` more for a statement of this text. One that was never counted here adds to the sum only. */
  addScanSteps(sql: string, steps: number): void {
    this.fullScanSteps = (this.fullScanSteps ?? 0) + steps;
    const known = this.#recentTexts.get(sql) ?? this.#olderTexts.get(sql) ?? this.#statements.known(fingerprint(sql));
    if (known) known.fullScanSteps += steps;
  }

  /** Those of the worst whose plan nobody has looked at since the schema became that of `schemaVersion`. */
  withoutPlan(limit: number, schemaVersion: number): UnplannedStatement[] {
    const entries = this.#statements
      .entries()
      .filter(([, { plannedAt, sample }]) => plannedAt !== schemaVersion && sample !== '');
    return this.#worst(entries, limit, 'total').map(([name, statement]) => ({
      statement: name,
      sql: statement.sample,
      planned: (plan) => {
        statement.plan = plan;
        statement.plannedAt = schemaVersion;
      },
    }));
  }

  /** The statement of that fingerprint as SQLite takes it, without values; null when there is none. */
  runnableOf(name: string): string | null {
    return this.#statements.entries().find(([known]) => known === name)?.[1].plan?.runnable ?? null;
  }

  /**
   * A text with that fingerprint; empty when it is longer than is kept, undefined when none was counted by itself. It holds literals:
   * nobody may see it.
   */
  sampleOf(name: string): string | undefined {
    return this.#statements.known(name)?.sample;
  }

  #worst(entries: [string, Statement][], limit: number, by: SlowBy): [string, Statement][] {
    return entries
      .map((entry) => ({ entry, weight: weights[by](entry[1]) }))
      .sort((a, b) => b.weight - a.weight)
      .slice(0, limit)
      .map(({ entry }) => entry);
  }

  /** Texts are kept in two generations: those in use are carried over, the others go with the older one. */
  #lookUp(sql: string): Statement {
    const statement = this.#olderTexts.get(sql) ?? this.#named(sql);
    if (sql.length > longestText) return statement;
    if (this.#recentTexts.size >= mostTexts || this.#recentCharacters > mostCharacters) {
      this.#olderTexts = this.#recentTexts;
      this.#recentTexts = new Map();
      this.#recentCharacters = 0;
    }
    this.#recentTexts.set(sql, statement);
    this.#recentCharacters += sql.length;
    return statement;
  }

  #named(sql: string): Statement {
    const name = fingerprint(sql);
    const statement = this.#statements.of(name);
    // What is counted together is no one statement: it has no text, and so no plan.
    const isOne = this.#statements.known(name) === statement;
    if (isOne && statement.calls === 0 && sql.length <= longestSample) statement.sample = sql;
    return statement;
  }
}

const mostTexts = 1_000;
const mostCharacters = 500_000;
/** A longer text is read anew each time; only its beginning is. */
const longestText = 100_000;
/** Of a longer one the plan is not looked at. */
const longestSample = 4_000;
const mostLabels = 8;

const weights: Readonly<Record<SlowBy, (statement: Durations) => number>> = {
  p95: (statement) => statement.percentile(0.95),
  total: (statement) => statement.totalMs,
  max: (statement) => statement.maxMs,
  mean: (statement) => statement.totalMs / Math.max(1, statement.calls),
  scan: (statement) => statement.totalMs,
};

function hasScan(plan: StatementPlan | null): boolean {
  return plan !== null && plan.fullScans.length > 0;
}

class Statement extends Durations {
  rows = 0;
  slowCalls = 0;
  cacheHits = 0;
  fullScanSteps = 0;
  lastSeenAt = 0;
  /** Most statements never fail and have no label. */
  errorsByType: Map<DatabaseErrorType, number> | undefined;
  #labels: Map<string, { calls: number; totalMs: number }> | undefined;
  /** Null until it was looked at, and where that is not possible. */
  plan: StatementPlan | null = null;
  /** The version of the schema that it was looked at in; -1 before. */
  plannedAt = -1;
  /** Its first text; empty when that is too long. */
  sample = '';

  count(execution: Execution, errorType: DatabaseErrorType | null, at: number, bin: number): void {
    const { durationMs, rows, cacheHit, label } = execution;
    this.record(durationMs, errorType !== null, bin);
    this.rows += rows;
    this.lastSeenAt = at;
    if (cacheHit === true) this.cacheHits += 1;
    if (errorType !== null) {
      this.errorsByType ??= new Map();
      this.errorsByType.set(errorType, (this.errorsByType.get(errorType) ?? 0) + 1);
    }
    if (label !== undefined) this.#label(label, durationMs);
  }

  labelsByCost(): StatementStatistics['labels'] {
    return [...(this.#labels ?? [])]
      .map(([label, counts]) => ({ label, ...counts }))
      .sort((a, b) => b.totalMs - a.totalMs);
  }

  /** Labels that come later are counted together, so that a label with a value in it fills no memory. */
  #label(label: string, durationMs: number): void {
    this.#labels ??= new Map();
    const name = this.#labels.has(label) || this.#labels.size < mostLabels - 1 ? label : '(others)';
    const counts = this.#labels.get(name) ?? { calls: 0, totalMs: 0 };
    counts.calls += 1;
    counts.totalMs += durationMs;
    this.#labels.set(name, counts);
  }
}
