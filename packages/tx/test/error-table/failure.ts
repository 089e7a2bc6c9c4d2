// One row of the error table: what fails, on which drivers, and what toDatabaseError must make of the driver's error.
// error-table.test.ts provokes each row and compares it with docs/errors.md.
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { ConstraintDetails, DatabaseErrorType } from '../../src/errors.js';

/** Whose error objects: `libsql` and the others, which are @libsql/client on a file, a server, and an embedded replica. */
export type Driver = 'libsql' | 'client' | 'http' | 'ws' | 'replica';

/** One row. */
export interface Failure {
  readonly what: string;
  readonly on: readonly Driver[];
  readonly type: DatabaseErrorType;
  readonly code: string;
  /** Default: false. */
  readonly recoverable?: boolean;
  readonly constraint?: ConstraintDetails;
  /** Given to and expected from toDatabaseError: the failure met a COMMIT. */
  readonly commit?: 'none' | 'unknown';
  /** A race, which at other times shows another error. `hint` is that of the row. */
  readonly otherwise?: {
    readonly type: DatabaseErrorType;
    readonly code: string;
    readonly recoverable: boolean;
    readonly hint: string;
  };
  /** Lasts seconds: provoked when CC_LONG is set, else read from the recorded error object. */
  readonly recorded?: Partial<Record<Driver, () => Error>>;
  /** Why it cannot be provoked on this machine; null when it can. */
  readonly impossible?: string | null;
  /** Makes it happen and returns what the driver threw. */
  provoke(driver: Driver): Promise<unknown>;
}

/** Returns what `work` throws. @throws Error when it succeeds */
export async function thrownBy(work: () => unknown): Promise<unknown> {
  try {
    await work();
  } catch (error) {
    return error;
  }
  throw new Error('nothing failed');
}

/** The error objects from `error` down, as plain data: what a driver says, without stacks. */
export function shapeOf(error: unknown): readonly object[] {
  const shape: object[] = [];
  for (let link = error; link instanceof Error; link = link.cause) {
    shape.push({ name: link.name, message: link.message, code: 'code' in link ? link.code : undefined });
  }
  return shape;
}

const page = fileURLToPath(new URL('../../../../docs/errors.md', import.meta.url));

/** The line of a row in docs/errors.md. */
export function lineOf({ what, on, type, code, recoverable = false, otherwise }: Failure, hint: string): string {
  const or = (first: string, second: string = first): string => (second === first ? first : `${first} or ${second}`);
  const again = (yes: boolean): string => (yes ? 'yes' : 'no');
  const cells = [
    [...new Set(on.map((driver) => (driver === 'libsql' || driver === 'client' ? 'file' : driver)))].join(', '),
    what,
    or(type, otherwise?.type),
    or(`\`${code}\``, otherwise && `\`${otherwise.code}\``),
    or(again(recoverable), again(otherwise?.recoverable ?? recoverable)),
    hint,
  ];
  return `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
}

/** docs/errors.md. */
export function documentedText(): string {
  return readFileSync(page, 'utf8');
}

/** The rows that docs/errors.md shows under a heading. */
export function documentedRows(section: string): string[] {
  return between(documentedText(), section).split('\n').slice(2);
}

/** The hint that docs/errors.md has for a row, which not every machine can provoke; `?` for a new one. */
export function documentedHint(section: string, failure: Failure): string {
  const start = lineOf(failure, '').slice(0, -' |'.length);
  const row = documentedRows(section).find((line) => line.startsWith(start));
  return row === undefined ? '?' : row.slice(start.length, -' |'.length).replaceAll('\\|', '|');
}

/** Writes the rows of a section into docs/errors.md. */
export function documentRows(section: string, rows: readonly string[]): void {
  const text = documentedText();
  const table = ['| target | what happened | type | code | again | what to do |', '|---|---|---|---|---|---|', ...rows];
  writeFileSync(page, text.replace(between(text, section), table.join('\n')));
}

function between(text: string, section: string): string {
  const [begin, end] = [`<!-- begin ${section} -->\n`, `\n<!-- end ${section} -->`];
  const from = text.indexOf(begin);
  const to = text.indexOf(end);
  if (from < 0 || to < from) throw new Error(`docs/errors.md has no section ${section}`);
  return text.slice(from + begin.length, to);
}
