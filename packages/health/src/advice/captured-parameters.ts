// Values of the statements that ran, kept only when somebody asks for it: an index is proven over them. They stay in the
// memory of the process, and no report, message or log shows them.
import { types } from 'node:util';
import { refuseUnknownOptions } from '@cc/tx/known-options';
import { fingerprint } from '../statistics/fingerprint.js';
import { isAnalysed, isBound, keyOf, placeholdersIn } from './read-query.js';
import type { BoundValue, QueryToAnalyze } from './types.js';

/** Options of `captureParameters`. */
export interface CaptureParametersOptions {
  /** Statements that read or write rows, told apart by fingerprint; later ones are not kept. Default 200. */
  readonly maxStatements?: number | undefined;
  /** The last different lists of values of each. Default 10. */
  readonly maxSets?: number | undefined;
  /** A list with a longer text or blob is not kept. In characters or bytes. Default 1,000. */
  readonly maxValueLength?: number | undefined;
}

/** The values of absent options. */
export const captureParametersDefaults = Object.freeze({ maxStatements: 200, maxSets: 10, maxValueLength: 1_000 });

/** A sample of values, and the `logger` of drizzle that fills it. */
export interface ParameterCapture {
  /** Takes one call; drizzle calls it. Never throws. */
  logQuery(sql: string, parameters: readonly unknown[]): void;
  /** The statement with this fingerprint and the values kept of it; null when there is none. */
  find(statement: string): QueryToAnalyze | null;
  /** Every statement with the values kept of it. */
  queries(): readonly QueryToAnalyze[];
  /** Forgets all. */
  clear(): void;
}

/**
 * Returns an empty sample, to be the option `logger` of `openTransactionManager`. Whoever can read the memory of the process
 * can read what it keeps.
 *
 * @throws TypeError for an unknown option or a value out of range
 */
export function captureParameters(options: CaptureParametersOptions = {}): ParameterCapture {
  refuseUnknownOptions('captureParameters', options, Object.keys(captureParametersDefaults));
  const { maxStatements, maxSets, maxValueLength } = captureParametersDefaults;
  return new Sample({
    maxStatements: atLeastOne('maxStatements', options.maxStatements ?? maxStatements),
    maxSets: atLeastOne('maxSets', options.maxSets ?? maxSets),
    maxValueLength: atLeastOne('maxValueLength', options.maxValueLength ?? maxValueLength),
  });
}

function atLeastOne(name: string, value: number): number {
  if (Number.isInteger(value) && value >= 1) return value;
  throw new TypeError(`captureParameters: ${name} must be a whole number of at least 1`);
}

interface Kept {
  readonly sql: string;
  /** How many values it takes: a call with another number fails, and says nothing of it. */
  readonly placeholders: number;
  /** By their text: the same list is kept once, and counts as new when it comes again. */
  readonly sets: Map<string, readonly BoundValue[]>;
}

class Sample implements ParameterCapture {
  readonly #limits: Readonly<Record<keyof CaptureParametersOptions, number>>;
  readonly #kept = new Map<string, Kept>();
  /** Fingerprints of texts: drizzle builds the same text again and again. */
  readonly #known = new Map<string, string>();

  constructor(limits: Readonly<Record<keyof CaptureParametersOptions, number>>) {
    this.#limits = limits;
  }

  logQuery(sql: string, parameters: readonly unknown[]): void {
    if (typeof sql !== 'string' || !Array.isArray(parameters)) return;
    const set = this.#bound(parameters);
    if (!set) return;
    const kept = this.#statement(sql);
    if (kept?.placeholders !== set.length) return;
    const key = keyOf(set);
    kept.sets.delete(key);
    kept.sets.set(key, set);
    const [oldest] = kept.sets.keys();
    if (kept.sets.size > this.#limits.maxSets && oldest !== undefined) kept.sets.delete(oldest);
  }

  find(statement: string): QueryToAnalyze | null {
    const kept = this.#kept.get(statement);
    return kept ? queryOf(kept) : null;
  }

  queries(): readonly QueryToAnalyze[] {
    return [...this.#kept.values()].map(queryOf);
  }

  clear(): void {
    this.#kept.clear();
    this.#known.clear();
  }

  #statement(sql: string): Kept | undefined {
    let statement = this.#known.get(sql);
    if (statement === undefined) {
      statement = fingerprint(sql);
      if (this.#known.size < 2 * this.#limits.maxStatements) this.#known.set(sql, statement);
    }
    let kept = this.#kept.get(statement);
    if (!kept && this.#kept.size < this.#limits.maxStatements && isAnalysed(statement)) {
      kept = { sql, placeholders: placeholdersIn(sql), sets: new Map() };
      this.#kept.set(statement, kept);
    }
    // Lists of another length belong to another text with the same fingerprint.
    return kept?.sql === sql ? kept : undefined;
  }

  #bound(parameters: readonly unknown[]): readonly BoundValue[] | null {
    const set: BoundValue[] = [];
    for (const value of parameters) {
      if (!isBound(value) || lengthOf(value) > this.#limits.maxValueLength) return null;
      set.push(value);
    }
    return set;
  }
}

function queryOf({ sql, sets }: Kept): QueryToAnalyze {
  return { sql, parameterSets: [...sets.values()] };
}

function lengthOf(value: BoundValue): number {
  return typeof value === 'string' || types.isUint8Array(value) ? value.length : 0;
}
