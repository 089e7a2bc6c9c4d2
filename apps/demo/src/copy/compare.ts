// Reads two libraries side by side and compares every row of every table that people fill.
import { createHash } from 'node:crypto';
import type { Library } from '../library.js';
import { columnsOf, type LibraryTable, libraryTables, pagesOf, type Row, type Value } from './library-tables.js';

/** One table of two libraries. */
export interface ComparedTable {
  readonly table: string;
  readonly rows: number;
  /** SHA-256 over all rows in the order of their keys, in hex; the same on every kind of target. */
  readonly sha256: string;
  /** Where they differ first, in words; null where they are equal. */
  readonly difference: string | null;
}

/** Compares all tables. What follows from other tables is left to `verifyIndex`. */
export async function compareLibraries(
  one: Library,
  other: Library,
  { signal, onProgress }: { readonly signal?: AbortSignal; readonly onProgress?: (rows: number) => void } = {},
): Promise<readonly ComparedTable[]> {
  const compared: ComparedTable[] = [];
  let before = 0;
  for (const table of libraryTables) {
    const result = await compareTable([one, other], table, (rows) => {
      signal?.throwIfAborted();
      onProgress?.(before + rows);
    });
    before += result.rows;
    compared.push(result);
  }
  return compared;
}

async function compareTable(
  [one, other]: readonly [Library, Library],
  table: LibraryTable,
  onRows: (rows: number) => void,
): Promise<ComparedTable> {
  const { name, key, derived } = table;
  const columns = (await columnsOf(one, name)).filter((column) => !derived.includes(column));
  const places = key.map((column) => columns.indexOf(column));
  const hash = createHash('sha256');
  const others = rowsOf(pagesOf(other, table, columns));
  let rows = 0;
  const result = (difference: string | null): ComparedTable => ({
    ...{ table: name, rows, sha256: hash.digest('hex') },
    difference,
  });
  for await (const page of pagesOf(one, table, columns)) {
    for (const row of page) {
      const text = rowText(row);
      hash.update(text);
      const { value: beside } = await others.next();
      if (beside === undefined || rowText(beside) !== text) {
        return result(
          `the row of ${name} with ${key.join(', ')} ${places.map((place) => String(row[place])).join(', ')}`,
        );
      }
      rows += 1;
    }
    onRows(rows);
  }
  const more = await others.next();
  return result(more.done ? null : `${name} has more rows in the copy`);
}

/** One by one: two libraries may answer with pages of other lengths. */
async function* rowsOf(pages: AsyncIterable<readonly Row[]>): AsyncGenerator<Row, undefined> {
  for await (const page of pages) yield* page;
}

/** No two rows have the same text: a value says of which type it is. */
function rowText(row: Row): string {
  return `${JSON.stringify(row.map(plain))}\n`;
}

function plain(value: Value): unknown {
  if (typeof value === 'bigint') return { integer: String(value) };
  if (value instanceof ArrayBuffer) return { bytes: Buffer.from(value).toString('hex') };
  // JSON has no infinity.
  if (typeof value === 'number' && !Number.isFinite(value)) return { number: String(value) };
  return value;
}
