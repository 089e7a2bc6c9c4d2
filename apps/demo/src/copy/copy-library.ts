// Copies a library into an empty one of any kind, and proves it: compare.ts reads both again, row by row. A mark in the target
// says that it is not finished, so that the same command may clear it away and begin again.

import { Refused } from '../failure.js';
import type { Library } from '../library.js';
import { type ComparedTable, compareLibraries } from './compare.js';
import { columnsOf, countsOf, type LibraryTable, libraryTables, pagesOf, query, type Row } from './library-tables.js';

/** What a copy does, one after the other. */
export type CopyStep = 'copying' | 'indexing' | 'checking' | 'comparing';

/** The copy cannot be made, or is not equal; the message says what to do. */
export class CopyRefused extends Refused {
  override readonly name = 'CopyRefused';
}

/** How to copy. */
export interface CopyOptions {
  /** Ends it between two statements; the target is left with its mark. */
  readonly signal?: AbortSignal;
  readonly onProgress?: (step: CopyStep, done: number, total: number) => void;
}

/** A finished copy. */
export interface CopyReport {
  readonly tables: readonly ComparedTable[];
  readonly rows: number;
}

/** Copies `source` into `target`. @throws CopyRefused when the target holds something, or is not equal at the end */
export async function copyLibrary(source: Library, target: Library, options: CopyOptions = {}): Promise<CopyReport> {
  const { signal, onProgress = () => undefined } = options;
  await refuseOthers(source, target);
  await claim(target);
  const counts = await countsOf(source);
  const total = [...counts.values()].reduce((sum, rows) => sum + rows, 0);
  let done = 0;
  onProgress('copying', 0, total);
  for (const table of libraryTables) {
    const columns = await columnsOf(source, table.name);
    for await (const page of orderedPages(source, table, columns)) {
      signal?.throwIfAborted();
      await insert(target, table, columns, page);
      done += page.length;
      onProgress('copying', done, total);
    }
  }
  await copySequences(source, target);
  const { search } = target.repositories;
  /** Rows are counted here, models and looks at them there. */
  const told = (step: CopyStep) => ({
    signal,
    onProgress: (at: { readonly done: number; readonly total: number }) => onProgress(step, at.done, at.total),
  });
  await search.reindex(told('indexing'));
  const { problems } = await search.verifyIndex(told('checking'));
  if (problems.length > 0) throw new CopyRefused(`The search index of the copy is not right: ${problems.join('; ')}.`);
  const tables = await compareLibraries(source, target, {
    ...(signal && { signal }),
    onProgress: (rows) => onProgress('comparing', rows, total),
  });
  const wrong = tables.find(({ difference }) => difference !== null);
  if (wrong !== undefined) {
    throw new CopyRefused(
      `The copy is not equal: ${wrong.difference ?? ''}. End what writes to the two, and run the same command again.`,
    );
  }
  await query(target, `drop table ${mark}`);
  return { tables, rows: tables.reduce((sum, { rows }) => sum + rows, 0) };
}

/** Its name begins as those of the migration tools do: it is no table of the schema. */
const mark = '__candy_copy';

/** Takes an empty library, or clears away what an earlier run has left. @throws CopyRefused for any other */
async function claim(target: Library): Promise<void> {
  const [marked] = await query(target, `select 1 from sqlite_schema where type = 'table' and name = ?`, [mark]);
  const filled = [...(await countsOf(target))].filter(([, rows]) => rows > 0);
  if (marked === undefined && filled.length > 0) {
    const what = filled.map(([name, rows]) => `${rows} rows of ${name}`).join(', ');
    throw new CopyRefused(`The target is not empty: it has ${what}. Name another.`);
  }
  if (marked === undefined) await query(target, `create table ${mark} (begun integer)`);
  for (const { name, key } of libraryTables.toReversed()) {
    const columns = key.join(', ');
    // In pieces: a server ends long statements.
    const some = `delete from ${name} where (${columns}) in (select ${columns} from ${name} limit 500)`;
    for (let left = 1; left > 0; ) {
      await query(target, some);
      left = Number((await query(target, `select count(*) from (select 1 from ${name} limit 1)`))[0]?.[0]);
    }
  }
}

/** Half a copy is no source; and tables that somebody else has made would be left behind in silence. */
async function refuseOthers(source: Library, target: Library): Promise<void> {
  if ((await query(source, `select 1 from sqlite_schema where name = ?`, [mark])).length > 0) {
    throw new CopyRefused('The source is a copy that was not finished: copy to it again first, from where it came.');
  }
  const tables = `select name from sqlite_schema where type in ('table', 'view') and substr(name, 1, 2) <> '__' and name not like 'sqlite~_%' escape '~'`;
  const known = new Set((await query(target, tables)).map(([name]) => name));
  const others = (await query(source, tables)).map(([name]) => String(name)).filter((name) => !known.has(name));
  if (others.length === 0) return;
  throw new CopyRefused(
    `The source has tables that no library has (${others.join(', ')}), and a copy would leave them behind. Move them elsewhere first.`,
  );
}

/** A collection comes after the one it lies in; they are few. */
async function* orderedPages(
  source: Library,
  table: LibraryTable,
  columns: readonly string[],
): AsyncGenerator<readonly Row[]> {
  if (table.name !== 'collections') return yield* pagesOf(source, table, columns);
  const [id, parent] = [columns.indexOf('id'), columns.indexOf('parent_id')];
  let waiting: Row[] = [];
  for await (const page of pagesOf(source, table, columns)) waiting.push(...page);
  const placed = new Set<unknown>([null]);
  while (waiting.length > 0) {
    const ready = waiting.filter((row) => placed.has(row[parent] ?? null));
    // In a ring each waits for the other: the constraint of the target says so.
    yield* pieces(ready.length === 0 ? waiting : ready);
    for (const row of ready) placed.add(row[id]);
    waiting = ready.length === 0 ? [] : waiting.filter((row) => !placed.has(row[id]));
  }
}

function* pieces(rows: readonly Row[]): Generator<readonly Row[]> {
  for (let start = 0; start < rows.length; start += 400) yield rows.slice(start, start + 400);
}

/** One statement, so that it is written whole or not at all on every kind of target. Triggers count the models of a tag. */
async function insert(
  target: Library,
  { name }: LibraryTable,
  columns: readonly string[],
  rows: readonly Row[],
): Promise<void> {
  const row = `(${columns.map((column) => (column === 'model_count' ? '0' : '?')).join(', ')})`;
  const names = columns.map((column) => `"${column}"`).join(', ');
  await query(
    target,
    `insert into ${name} (${names}) values ${rows.map(() => row).join(', ')}`,
    rows.flatMap((values) => values.filter((_, i) => columns[i] !== 'model_count')),
  );
}

/** The next number of a model and of a tag is one that none has had. */
async function copySequences(source: Library, target: Library): Promise<void> {
  for (const [name, seq] of await query(
    source,
    `select name, seq from sqlite_sequence where name in ('models', 'tags')`,
  )) {
    await query(target, `delete from sqlite_sequence where name = ?`, [name ?? null]);
    await query(target, `insert into sqlite_sequence (name, seq) values (?, ?)`, [name ?? null, seq ?? null]);
  }
}
