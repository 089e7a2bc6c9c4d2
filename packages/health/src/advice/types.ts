// What the analysis of a statement is asked for and what it answers.

/** A value as the driver binds it. */
export type BoundValue = string | number | bigint | boolean | Uint8Array | null;

/** A statement, and the values that it was called with. */
export interface QueryToAnalyze {
  /** One statement with positional placeholders. */
  readonly sql: string;
  /** What it was called with, a list of values each; an index is proven by the first ten that differ. Default: none. */
  readonly parameterSets?: readonly (readonly BoundValue[])[] | undefined;
}

/** A step of the plan, and the steps that it consists of. */
export interface PlanNode {
  /** In the words of EXPLAIN QUERY PLAN. */
  readonly detail: string;
  readonly children: readonly PlanNode[];
}

/** An index that was proven on a copy of the database. */
export interface IndexAdvice {
  readonly table: string;
  readonly sql: string;
  /** A line for a shell that writes it as a migration, with its way back. */
  readonly command: string;
  /** Steps of SQLite's virtual machine over all parameter sets: the same on every machine. */
  readonly stepsBefore: number;
  readonly stepsAfter: number;
  readonly parameterSets: number;
  /** Size of the index. */
  readonly bytes: number;
  /** There is no other kind of advice. */
  readonly verified: true;
}

/** An index that looked right and was not. */
export interface RefusedIndex {
  readonly sql: string;
  readonly reason: string;
}

/** How a statement is carried out, and what would make it cheaper. Never carries a bound value. */
export interface QueryAnalysis {
  /** The fingerprint: literals as `?`. */
  readonly statement: string;
  readonly plan: readonly PlanNode[];
  /** Tables, by the name that the statement gives them, of which every row or index entry is read. */
  readonly fullScans: readonly string[];
  /** What is sorted for lack of an order: `ORDER BY`, `GROUP BY`, `DISTINCT`. */
  readonly temporarySorts: readonly string[];
  /** Over all parameter sets; null without any, where the statement has placeholders. */
  readonly steps: number | null;
  /** The best index, if one is proven: at most half of the steps in all, and none of the sets more than a tenth worse. */
  readonly advice: readonly IndexAdvice[];
  /** Up to five that were tried, the most promising first. */
  readonly refused: readonly RefusedIndex[];
  /** Why there is no advice, or what it stands on, in a sentence. */
  readonly message: string;
}

/** Options of `analyzeQuery` and `reviewIndexes`. */
export interface AnalyzeOptions {
  /** Ends it, and removes the copy. A statement is carried out as long as it takes: of one that never ends only this is an end. */
  readonly signal?: AbortSignal | undefined;
}
