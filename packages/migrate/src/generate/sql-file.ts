// The text of the files that generate writes: statements with drizzle's breakpoints, and what a reader has to know above.
import { type DownHeader, formatDownHeader } from '../folder/down-file.js';
import { splitStatements } from '../sql/statements.js';

/** The text of an up file. `remarks` become comments above it. */
export function upFile(statements: readonly string[], remarks: readonly string[], breakpoints: boolean): string {
  return `${comments(remarks)}${joined(statements, breakpoints)}\n`;
}

/** The text of a down file. A draft names below its statements what is still to be written. */
export function downFile(
  header: DownHeader,
  statements: readonly string[],
  remarks: readonly string[],
  breakpoints: boolean,
): string {
  const body = statements.length === 0 ? '' : `${joined(statements, breakpoints)}\n`;
  return `${formatDownHeader(header)}\n${comments(remarks)}${body}`;
}

function joined(statements: readonly string[], breakpoints: boolean): string {
  return statements
    .map((sql) => `${sql.replace(/;\s*$/, '')};`)
    .join(breakpoints ? '\n--> statement-breakpoint\n' : '\n');
}

function comments(lines: readonly string[]): string {
  return lines.map((line) => `-- ${line.replaceAll(/\s*\n\s*/g, ' ')}\n`).join('');
}

/** The statements as they run in a migration. */
export function withoutPragmas(statements: readonly string[]): readonly string[] {
  return splitStatements(statements.join('\n--> statement-breakpoint\n'), 'the generated migration').map(
    ({ sql }) => sql,
  );
}
