// Rules for the columns of a table: what a caller may give for each, read off the drizzle table and refined by hand.
// A rule is a closure that answers what is wrong, or nothing; validation.ts runs them over an input.
import { types } from 'node:util';
import { type Column, getTableColumns, type Table } from 'drizzle-orm';

/** Says what is wrong with a value, as the end of a sentence, or null. */
export type Rule = (value: unknown) => string | null;

/** A column that callers may give. */
export interface ColumnRule {
  readonly name: string;
  readonly rule: Rule;
  readonly nullable: boolean;
  /** Whether a new row can do without it. */
  readonly optional: boolean;
}

/** What the table does not say about a column. */
export interface Refinement {
  /** Longest text in UTF-16 code units. */
  readonly maxLength?: number;
  /** Whether '' is refused. */
  readonly filled?: boolean;
  readonly pattern?: readonly [RegExp, string];
  readonly max?: number;
}

/** Returns the rules of the columns of `table` that `refinements` names; optional are those and the ones with a default. */
export function columnRules(
  table: Table,
  refinements: Readonly<Record<string, Refinement>>,
  optional: readonly string[] = [],
): readonly ColumnRule[] {
  const columns = getTableColumns(table);
  return Object.entries(refinements).map(([name, refinement]) => {
    const column = columns[name];
    if (column === undefined) throw new TypeError(`the table has no column '${name}'`);
    return {
      name,
      rule: ruleOf(column, refinement),
      nullable: !column.notNull,
      optional: !column.notNull || column.hasDefault || optional.includes(name),
    };
  });
}

function ruleOf(column: Column, refinement: Refinement): Rule {
  if (column.enumValues !== undefined && column.enumValues.length > 0) return oneOf(column.enumValues);
  switch (column.dataType) {
    case 'string':
      return textRule(refinement);
    case 'number':
      return column.columnType === 'SQLiteReal' ? finiteNumber : wholeNumber(refinement.max ?? Number.MAX_SAFE_INTEGER);
    case 'date':
      return validDate;
    case 'boolean':
      return boolean;
    default:
      throw new TypeError(`no rule for a column of type ${column.dataType}`);
  }
}

/** Returns the rule of texts: well-formed Unicode without NUL, which SQLite would cut off, within the given bounds. */
export function textRule({ maxLength = Number.POSITIVE_INFINITY, filled = false, pattern }: Refinement): Rule {
  return (value) => {
    if (typeof value !== 'string') return `must be a text${insteadOf(value)}`;
    if (filled && value === '') return 'must not be empty';
    if (value.length > maxLength) return `must have at most ${maxLength} characters`;
    if (pattern !== undefined && !pattern[0].test(value)) return pattern[1];
    return storableText(value);
  };
}

// One look at the text answers for nearly all: no NUL and no surrogate means well-formed.
const suspicious = /[\0\ud800-\udfff]/;

/** Says why SQLite could not keep a text as it is, or null. */
export function storableText(value: string): string | null {
  if (!suspicious.test(value)) return null;
  if (!value.isWellFormed()) return 'must be well-formed Unicode (it has a lone surrogate)';
  return value.includes('\0') ? 'must not contain a NUL character' : null;
}

function oneOf(values: readonly string[]): Rule {
  const allowed = new Set<unknown>(values);
  const message = `must be one of ${values.join(', ')}`;
  return (value) => (allowed.has(value) ? null : message);
}

function wholeNumber(max: number): Rule {
  return (value) => {
    if (typeof value !== 'number') return `must be a number${insteadOf(value)}`;
    if (!Number.isInteger(value)) return 'must be a whole number';
    if (value < 0) return 'must not be negative';
    return value > max ? `must be at most ${max}` : null;
  };
}

const finiteNumber: Rule = (value) => (Number.isFinite(value) ? null : `must be a finite number${insteadOf(value)}`);

const validDate: Rule = (value) =>
  types.isDate(value) && !Number.isNaN(value.getTime()) ? null : 'must be a valid Date';

const boolean: Rule = (value) => (typeof value === 'boolean' ? null : `must be a boolean${insteadOf(value)}`);

function insteadOf(value: unknown): string {
  return value === null || value === undefined ? ', and is missing' : `, not of type ${typeof value}`;
}
