// Integers as the driver reads them, made numbers.
import { DatabaseError } from '../errors.js';

/** Makes numbers of a row's integers in place. The driver's own conversion rounds past 2^53 without a word; this one refuses. */
export function numbersFromIntegers(row: unknown[], sql: string): void {
  for (let i = 0; i < row.length; i += 1) {
    const value = row[i];
    if (typeof value !== 'bigint') continue;
    const number = Number(value);
    if (!Number.isSafeInteger(number)) {
      throw new DatabaseError('A column holds an integer past 2^53, which a JavaScript number cannot keep', {
        type: 'unknown',
        code: 'INTEGER_OUT_OF_RANGE',
        operation: sql,
        hint: 'Select it as text: cast(column as text)',
      });
    }
    row[i] = number;
  }
}
