// The rowid of the last insert (connection.ts), which the driver tells as a number.
import type Libsql from 'libsql';

/** What `told` was before it was a number. */
export function insertedRowid(connection: Libsql.Database, told: number | bigint): bigint {
  if (typeof told === 'bigint' || Number.isSafeInteger(told)) return BigInt(told);
  // It was rounded: https://github.com/tursodatabase/libsql-js/issues/95
  const [whole] = connection.prepare('SELECT last_insert_rowid()').raw(true).safeIntegers(true).get() as [bigint];
  return whole;
}
