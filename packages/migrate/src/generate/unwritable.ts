// What schema code can say and drizzle-kit 0.31 writes as SQL that is none: refused with what to write in its place, before
// anything is planned.
import { migrationError } from '../errors.js';
import type { Snapshot } from '../folder/snapshot.js';
import { UnterminatedToken } from '../sql/tokenize.js';
import { wordsOf } from '../sql/words.js';

/** Passes when drizzle-kit can write `snapshot` as SQL. @throws DatabaseError `MIGRATION_SCHEMA_CODE` */
export function refuseUnwritable({ tables }: Snapshot): void {
  for (const table of Object.values(tables)) {
    for (const { name, where, columns } of entriesOf(table['indexes']))
      if (Array.isArray(columns) && columns.some((column) => String(column).includes(',')))
        throw refusal(
          `The index ${String(name)} of ${table.name} has a comma in an expression or a name, where drizzle-kit cuts it`,
          "Write the expression without one, such as sql`${table.data} ->> '$.kind'` for json_extract; or leave the index out of the schema code, and make it as SQL: cc-migrate create --name <name> --up <file>",
        );
      else if (typeof where === 'string' && hasParameter(where))
        throw refusal(
          `The index ${String(name)} of ${table.name} has a ? in its condition: drizzle-kit leaves out the values of eq(), gt() and the like`,
          'Write the condition of the index as text with its values in it: .where(sql`${table.size} = 10`)',
        );
    for (const { name, value } of entriesOf(table['checkConstraints']))
      if (typeof value === 'string' && hasParameter(value))
        throw refusal(
          `The check ${String(name)} of ${table.name} has a ? in it: drizzle-kit leaves out the values of eq(), gt() and the like`,
          'Write the check as text with its values in it: check(name, sql`${table.size} > 10`)',
        );
      else if (typeof value === 'string' && value.includes(';'))
        throw refusal(
          `The check ${String(name)} of ${table.name} has a ; in it, where drizzle-kit cuts its statements`,
          "Write char(59) for it: check(name, sql`${table.mark} IN (char(59), ',')`)",
        );
    for (const { name, default: value } of entriesOf(table.columns))
      if (typeof value === 'string' && isBrokenText(value))
        throw refusal(
          `The default of ${table.name}.${String(name)} has a ' in it, which drizzle-kit does not escape`,
          `Write the default as SQL, with each ' twice: .default(sql\`'{"a":"it''s"}'\`)`,
        );
      else if (typeof value === 'string' && isBareCall(value))
        throw refusal(
          `The default of ${table.name}.${String(name)} is an expression without parentheses, which SQLite does not take`,
          `Write it in parentheses: .default(sql\`(${value})\`)`,
        );
  }
}

function refusal(reason: string, hint: string): Error {
  return migrationError('schema_code', reason, {
    operation: 'read the schema code',
    hint: `${hint}; then: cc-migrate generate`,
  });
}

function entriesOf(value: unknown): readonly Readonly<Record<string, unknown>>[] {
  return typeof value === 'object' && value !== null ? Object.values(value) : [];
}

function hasParameter(sql: string): boolean {
  try {
    return wordsOf(sql).some(({ kind, name }) => kind === 'word' && name.startsWith('?'));
  } catch (error) {
    if (error instanceof UnterminatedToken) return false;
    throw error;
  }
}

/** Whether a function is called without parentheses around all of it. */
function isBareCall(sql: string): boolean {
  return /^[a-z_]\w*\s*\(/i.test(sql.trim());
}

/** Whether what begins as a string is more than one string. */
function isBrokenText(sql: string): boolean {
  if (!sql.startsWith("'")) return false;
  try {
    const words = wordsOf(sql);
    return words.length > 1 && !words.some(({ kind, name }) => kind === 'sign' && name === '|');
  } catch (error) {
    if (error instanceof UnterminatedToken) return true;
    throw error;
  }
}
