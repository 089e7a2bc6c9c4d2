// How a database file is written anew. libSQL 0.5 keeps a row to each vector index, and VACUUM writes each of these twice: its own
// check takes the file for damaged then, and an index that is made anew stays empty. So they go before it, and are made after it.
import { asBytes, decoded, quoted } from './questions.js';

/** The table with a row to each vector index. */
export const vectorTable = 'libsql_vector_meta_shadow';

/** Why it takes more than VACUUM. */
export const doubledByVacuum = 'VACUUM writes what libSQL keeps of each vector index twice';

/** What FROM takes for the vector indexes of the database. */
export const vectorIndexes = `sqlite_schema WHERE type = 'index' AND sql LIKE '%libsql\\_vector\\_idx%' ESCAPE '\\'`;

/** Vector indexes as blobs: names in a damaged schema may be any bytes. */
export const selectVectorIndexes = `SELECT ${asBytes('name')} AS name, ${asBytes('sql')} AS sql FROM ${vectorIndexes} ORDER BY name`;

/** A name and its CREATE INDEX, as the question above gives them. */
export type VectorIndex = readonly [name: unknown, sql: unknown];

/** Returns the statements that write the file anew. */
export function vacuumOf(indexes: readonly VectorIndex[]): string {
  return indexes.length === 0 ? 'VACUUM' : madeAnew(indexes, ['VACUUM']);
}

/** Returns the statements that make vector indexes anew, between which others run; what was kept of them goes, doubled or not. */
export function madeAnew(indexes: readonly VectorIndex[], between: readonly string[] = []): string {
  const drops = indexes.map(([name]) => `DROP INDEX ${quoted(decoded(name))}`);
  const creates = indexes.map(([, sql]) => decoded(sql));
  return [...drops, `DELETE FROM ${vectorTable}`, ...between, ...creates].join('; ');
}

/** What to say beside an SQL that writes the file anew. */
export function vacuumNote(sql: string): string {
  return sql === 'VACUUM'
    ? ''
    : ` ${doubledByVacuum}, and its own check takes that for damage: they are dropped before it and made anew after it.`;
}
