// The rowid of the last insert (connection.ts), which the driver tells as a number.
import type Libsql from 'libsql';

/** What `told` was before it was a number, or what was not told. */
export function insertedRowid(connection: Libsql.Database, told: number | bigint | undefined): bigint {
  if (typeof told === 'bigint' || (told !== undefined && Number.isSafeInteger(told))) return BigInt(told);
  // It was rounded: https://github.com/tursodatabase/libsql-js/issues/95
  const [whole] = connection.prepare('SELECT last_insert_rowid()').raw(true).safeIntegers(true).get() as [bigint];
  return whole;
}
