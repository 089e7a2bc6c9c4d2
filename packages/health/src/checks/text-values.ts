// Texts that are no UTF-8, or no UTF-16 in a database of that. SQLite does not mind them; the driver aborts Node when such a
// value is read (https://github.com/tursodatabase/libsql/issues/1223). Found inside the engine, so that none of them leaves it.
import { type Ask, asBytes, decoded, isDecodable, literal, quoted } from '../questions.js';
import type { CheckFinding } from './types.js';

/** Looks at every text of every table. */
export async function checkTexts(ask: Ask): Promise<readonly CheckFinding[]> {
  const [row] = await ask('SELECT encoding FROM pragma_encoding');
  const encoding = String(row?.[0]);
  const findings: CheckFinding[] = [];
  for (const [table, columns] of await columnsByTable(ask)) {
    for (const [column, count] of await countsOf(table, columns, ask))
      if (count > 0) findings.push(finding(table, column, count, encoding));
  }
  return findings;
}

/** Columns that are stored: generated ones are made anew by each read. */
async function columnsByTable(ask: Ask): Promise<ReadonlyMap<string, string[]>> {
  const rows = await ask(
    `SELECT ${asBytes('t.name')}, ${asBytes('c.name')} FROM pragma_table_list t JOIN pragma_table_xinfo(t.name) c
      WHERE t.schema = 'main' AND t.type IN ('table', 'shadow') AND c.hidden IN (0, 3)`,
  );
  const tables = new Map<string, string[]>();
  for (const [table, column] of rows) {
    const columns = tables.get(decoded(table)) ?? [];
    tables.set(decoded(table), [...columns, decoded(column)]);
  }
  return tables;
}

/** How many texts of each column cannot be decoded. */
async function countsOf(table: string, columns: readonly string[], ask: Ask): Promise<ReadonlyMap<string, number>> {
  const counts = new Map<string, number>();
  for (let from = 0; from < columns.length; from += columnsAtOnce)
    await countSome(table, columns.slice(from, from + columnsAtOnce), ask, counts);
  return counts;
}

/** A statement may have 2,000 columns; each column takes two. */
const columnsAtOnce = 500;

async function countSome(
  table: string,
  columns: readonly string[],
  ask: Ask,
  counts: Map<string, number>,
): Promise<void> {
  const totals = columns.map((column) => {
    const { invalid, withNul } = conditions(column);
    return `total(${invalid}), total(${withNul})`;
  });
  const [row = []] = await ask(`SELECT ${totals.join(', ')} FROM ${quoted(table)} NOT INDEXED`);
  for (const [index, column] of columns.entries()) {
    const later = Number(row[index * 2 + 1]) === 0 ? 0 : await countAfterNul(table, column, ask);
    counts.set(column, Number(row[index * 2]) + later);
  }
}

interface Conditions {
  /** Not decodable, as far as the first NUL. */
  readonly invalid: string;
  /** Decodable as far as the first NUL, and there is one. */
  readonly withNul: string;
}

/**
 * regexp reads what is no UTF-8 as U+FFFD, and of UTF-16, which SQLite converts for it, half a surrogate pair. A U+FFFD that
 * is stored as such is taken out before, and something put in its place, so that what stood around it does not become a
 * character. As a class, because it looks for plain texts by bytes.
 */
function conditions(column: string): Conditions {
  const name = quoted(column);
  const isText = `typeof(${name}) = 'text'`;
  const isInvalid = `replace(${name}, char(65533), 'x') REGEXP ${literal('[\\ufffd]')}`;
  const hasNul = `instr(${name}, char(0)) > 0`;
  return { invalid: `${isText} AND ${isInvalid}`, withNul: `${isText} AND ${hasNul} AND NOT ${isInvalid}` };
}

/** regexp ends at a NUL: the few texts that have one come here as bytes. */
async function countAfterNul(table: string, column: string, ask: Ask): Promise<number> {
  let count = 0;
  for (let read = 0; ; ) {
    const rows = await ask(
      `SELECT ${asBytes(quoted(column))} FROM ${quoted(table)} NOT INDEXED
        WHERE ${conditions(column).withNul} LIMIT ${pageRows} OFFSET ${read}`,
    );
    count += rows.filter(([value]) => !isDecodable(value)).length;
    read += rows.length;
    if (rows.length < pageRows) return count;
  }
}

const pageRows = 100;

function finding(table: string, column: string, count: number, encoding: string): CheckFinding {
  const values = count === 1 ? '1 text' : `${count} texts`;
  const name = quoted(column);
  return {
    fault: 'text',
    name: table,
    message: `${values} in ${table}.${column} cannot be decoded (no ${encoding}): to read one aborts Node`,
    hint: `SELECT rowid, hex(${name}) FROM ${quoted(table)} WHERE ${conditions(column).invalid}; then write these values anew`,
  };
}
