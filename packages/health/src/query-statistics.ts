// Counts each statement under its fingerprint. The way from a text that was seen before to its counts is one map lookup.
import { type DurationSummary, Durations } from './durations.js';
import { fingerprint } from './fingerprint.js';
import { NamedDurations } from './named-durations.js';

/** Statistics of the statements that share a fingerprint. */
export interface StatementStatistics extends DurationSummary {
  /** SQL without values; `(others)` for all statements beyond `maxStatements`. */
  readonly statement: string;
  /** Calls that took `slowQueryMs` or longer. */
  readonly slowCalls: number;
  /** Rows returned. */
  readonly rows: number;
  /** Part of the time of all statements, 0 to 1. */
  readonly share: number;
}

/** What the worst statements are chosen by. */
export type SlowBy = 'p95' | 'total' | 'max' | 'mean';

/** Statistics by statement, in bounded memory. */
export class QueryStatistics {
  readonly #slowQueryMs: number;
  readonly #statements: NamedDurations<Statement>;
  #recentTexts = new Map<string, Statement>();
  #olderTexts = new Map<string, Statement>();
  #recentCharacters = 0;

  constructor(options: { readonly maxStatements: number; readonly slowQueryMs: number }) {
    this.#slowQueryMs = options.slowQueryMs;
    this.#statements = new NamedDurations(options.maxStatements, () => new Statement());
  }

  record(sql: string, durationMs: number, failed: boolean, rows: number): void {
    const statement = this.#recentTexts.get(sql) ?? this.#lookUp(sql);
    statement.record(durationMs, failed);
    statement.rows += rows;
    if (durationMs >= this.#slowQueryMs) statement.slowCalls += 1;
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
    for (const [, statement] of this.#statements.entries()) {
      total.add(statement);
      total.rows += statement.rows;
      total.slowCalls += statement.slowCalls;
    }
    return total;
  }

  /** The worst statements first. */
  slowest(limit: number, by: SlowBy): StatementStatistics[] {
    const entries = this.#statements.entries();
    const totalMs = entries.reduce((sum, [, { totalMs }]) => sum + totalMs, 0);
    return entries
      .map(([name, statement]) => ({ name, statement, weight: weights[by](statement) }))
      .sort((a, b) => b.weight - a.weight)
      .slice(0, limit)
      .map(({ name, statement }) => ({
        statement: name,
        ...statement.summary(),
        slowCalls: statement.slowCalls,
        rows: statement.rows,
        share: totalMs === 0 ? 0 : statement.totalMs / totalMs,
      }));
  }

  /** Texts are kept in two generations: those in use are carried over, the others go with the older one. */
  #lookUp(sql: string): Statement {
    const statement = this.#olderTexts.get(sql) ?? this.#statements.of(fingerprint(sql));
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
}

const mostTexts = 1_000;
const mostCharacters = 500_000;
/** A longer text is read anew each time; only its beginning is. */
const longestText = 100_000;

const weights: Readonly<Record<SlowBy, (statement: Durations) => number>> = {
  p95: (statement) => statement.percentile(0.95),
  total: (statement) => statement.totalMs,
  max: (statement) => statement.maxMs,
  mean: (statement) => statement.totalMs / Math.max(1, statement.calls),
};

class Statement extends Durations {
  rows = 0;
  slowCalls = 0;
}
