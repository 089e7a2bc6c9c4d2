// The tables that a copy takes over row by row, in an order in which each row finds those that it names. The others follow from
// these: triggers and `reindex` make them.
import { isDatabaseError } from '@cc/tx/errors';
import type { Library } from '../library.js';

/** A table of a library. */
export interface LibraryTable {
  readonly name: string;
  /** The columns that its rows are ordered by, no two of which are equal. */
  readonly key: readonly string[];
  /** Columns that follow from other tables: they are written, and are no part of the comparison. */
  readonly derived: readonly string[];
}

/** Every table that people fill. */
export const libraryTables: readonly LibraryTable[] = [
  { name: 'models', key: ['seq'], derived: ['tags_text', 'search_extra', 'name_key'] },
  { name: 'model_metadata', key: ['model_seq', 'metadata_key'], derived: [] },
  { name: 'tags', key: ['id'], derived: ['model_count'] },
  { name: 'model_tags', key: ['tag_id', 'model_seq'], derived: [] },
  { name: 'collections', key: ['id'], derived: [] },
  { name: 'collection_models', key: ['collection_id', 'model_seq'], derived: [] },
  { name: 'saved_searches', key: ['id'], derived: [] },
];

/** A value of a row, as the client brings it. */
export type Value = string | number | bigint | null | ArrayBuffer;

/** A row, its values in the order of the columns. */
export type Row = readonly Value[];

/** Runs one statement on a library and returns its rows. */
export async function query(
  { transactions }: Library,
  sql: string,
  args: readonly Value[] = [],
): Promise<readonly Row[]> {
  const { rows, columns } = await transactions.db.$client.execute({ sql, args: [...args] });
  return rows.map((row) => columns.map((_, i) => row[i] ?? null));
}

/** The columns of a table that hold values of their own. */
export async function columnsOf(library: Library, table: string): Promise<readonly string[]> {
  // `hidden` is not 0 for what is worked out from other columns.
  const rows = await query(library, 'select name from pragma_table_xinfo(?) where hidden = 0 order by cid', [table]);
  return rows.map(([name]) => String(name));
}

/** The rows of a table in the order of its key, some hundreds at a time. */
export async function* pagesOf(
  library: Library,
  { name, key }: LibraryTable,
  columns: readonly string[],
): AsyncGenerator<readonly Row[]> {
  const places = key.map((column) => columns.indexOf(column));
  const order = key.join(', ');
  const select = `select ${columns.map((column) => `"${column}"`).join(', ')} from ${name}`;
  let size = mostRows;
  for (let last: readonly Value[] | null = null; ; ) {
    const after: string = last === null ? '' : ` where (${order}) > (${key.map(() => '?').join(', ')})`;
    let page: readonly Row[];
    try {
      page = await query(library, `${select}${after} order by ${order} limit ${size}`, last ?? []);
    } catch (error) {
      if (size === 1 || !isDatabaseError(error) || error.code !== 'RESPONSE_TOO_LARGE') throw error;
      // Longer than the server answers.
      size = Math.ceil(size / 2);
      continue;
    }
    if (page.length > 0) yield page;
    const end = page.at(-1);
    if (end === undefined || page.length < size) return;
    last = places.map((place) => end[place] ?? null);
  }
}

/** Rows to a page: few enough for the variables of one statement. */
const mostRows = 400;

/** How many rows each table has. */
export async function countsOf(library: Library): Promise<ReadonlyMap<string, number>> {
  const counts = new Map<string, number>();
  for (const { name } of libraryTables)
    counts.set(name, Number((await query(library, `select count(*) from ${name}`))[0]?.[0]));
  return counts;
}
