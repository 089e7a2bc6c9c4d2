// What measuring has to know of a table: columns, keys, and how its rows are told apart. follow.ts reads it in a scratch
// database that has only the schema, measure.ts writes SQL from it.
import type { Readable } from '../contract/connection.js';
import { isNoBookkeeping, isNoLedger } from '../sql/bookkeeping.js';
import { defaultText } from '../sql/default-text.js';
import { foldName, quoteText, wordsOf } from '../sql/words.js';

/** A column of a table. */
export interface LossColumn {
  readonly name: string;
  readonly affinity: Affinity;
  readonly isGenerated: boolean;
  readonly notNull: boolean;
  /** Its constant default as SQL; null without one, and for one that is worked out anew for each row. */
  readonly fallback: string | null;
  readonly hasDefault: boolean;
}

/** What SQLite makes of a declared type (https://sqlite.org/datatype3.html, section 3.1). */
export type Affinity = 'INTEGER' | 'TEXT' | 'BLOB' | 'REAL' | 'NUMERIC';

/** A table that holds rows of its own. */
export interface LossTable {
  readonly name: string;
  readonly sql: string;
  /** The texts of its unique indexes, without those that its own text makes. */
  readonly indexes: string;
  /** Stays the same through ALTER TABLE: what a table is known by. 0 for a virtual one. */
  readonly rootpage: number;
  readonly columns: readonly LossColumn[];
  /** Sets of columns that tell rows apart, the primary key first. */
  readonly keys: readonly (readonly string[])[];
  /** A primary key that may be NULL, as SQLite lets it be: it tells only rows apart that have one. Null without one. */
  readonly loose: readonly string[] | null;
  /** A name for the rowid that no column hides; null without one. */
  readonly rowid: string | null;
}

/**
 * Reads the tables that hold rows of their own, by name in lower case: no views, no shadow tables, no full-text tables
 * whose text lives in another table, and none of the bookkeeping. Those of `known` that have the same text and the same
 * indexes are taken over; unchanged, the very ones. `only`: no other table than that of this name is another one than `known` says.
 */
export async function readLossTables(
  connection: Readable,
  known: ReadonlyMap<string, LossTable> = new Map(),
  only: string | null = null,
): Promise<ReadonlyMap<string, LossTable>> {
  const name = only === null ? null : quoteText(only);
  const isOnly = (column: string): string => (name === null ? '' : `AND ${column} = ${name} COLLATE NOCASE`);
  const { rows } = await connection.execute(`SELECT s.name, s.sql, s.rootpage, l.wr, coalesce(u.texts, '') AS indexes
FROM sqlite_schema s
JOIN pragma_table_list${name === null ? '' : `(${name})`} l ON l.schema = 'main' AND l.name = s.name AND l.type IN ('table', 'virtual')
LEFT JOIN (SELECT tbl_name, group_concat(sql) AS texts FROM sqlite_schema
WHERE type = 'index' AND sql LIKE 'CREATE UNIQUE%' ${isOnly('tbl_name')} GROUP BY tbl_name) u ON u.tbl_name = s.name
WHERE s.type = 'table' ${isOnly('s.name')} AND ${isNoBookkeeping('s.name')} AND ${isNoLedger('s.sql')}
AND NOT (l.type = 'virtual' AND s.sql LIKE '%fts5vocab%') ORDER BY s.name`);
  const tables = new Map<string, LossTable | null>(only === null ? [] : known);
  if (only !== null) tables.delete(only);
  const unknown: Read[] = [];
  for (const row of rows) {
    const [name, sql, rootpage] = [String(row['name']), String(row['sql']), Number(row['rootpage'])];
    if (rootpage === 0 && isIndexOfAnother(sql)) continue;
    const before = known.get(foldName(name));
    const indexes = String(row['indexes']);
    const isSame = before?.sql === sql && before.name === name && before.indexes === indexes;
    // Its place: the order is that of names.
    tables.set(foldName(name), isSame ? (before.rootpage === rootpage ? before : { ...before, rootpage }) : null);
    if (!isSame) unknown.push({ name, sql, indexes, rootpage, withoutRowid: Number(row['wr']) === 1 });
  }
  for (const table of await readTables(connection, unknown)) tables.set(foldName(table.name), table);
  const all = [...tables].flatMap(([key, table]) => (table ? [[key, table] as const] : []));
  return new Map(only === null ? all : all.toSorted(([, a], [, b]) => (a.name < b.name ? -1 : 1)));
}

/** A full-text table that indexes the text of another one. One without any (`content=''`) has its rows nowhere else. */
function isIndexOfAnother(sql: string): boolean {
  const words = wordsOf(sql);
  const at = words.findIndex(({ name }, index) => foldName(name) === 'content' && words[index + 1]?.name === '=');
  return at !== -1 && (words[at + 2]?.name ?? '') !== '';
}

interface Read extends Pick<LossTable, 'name' | 'sql' | 'indexes' | 'rootpage'> {
  readonly withoutRowid: boolean;
}

type Row = Readonly<Record<string, unknown>>;

/** Two questions for all tables together: a call of many migrations asks before each. */
async function readTables(connection: Readable, tables: readonly Read[]): Promise<readonly LossTable[]> {
  if (tables.length === 0) return [];
  const names = `json_each(${quoteText(JSON.stringify(tables.map(({ name }) => name)))}) t`;
  const byTable = async (sql: string): Promise<ReadonlyMap<number, Row[]>> => {
    const found = new Map<number, Row[]>();
    for (const row of (await connection.execute(sql)).rows) {
      const key = Number(row['tbl']);
      const group = found.get(key);
      if (group) group.push(row);
      else found.set(key, [row]);
    }
    return found;
  };
  const columns = await byTable(
    `SELECT t.key AS tbl, c.name, c.type, c."notnull", c.dflt_value, c.pk, c.hidden
FROM ${names} JOIN pragma_table_xinfo(t.value) c WHERE c.hidden <> 1 ORDER BY t.key, c.cid`,
  );
  const indexed = await byTable(`SELECT t.key AS tbl, i.name AS idx, i.origin AS origin, c.name AS col
FROM ${names} JOIN pragma_index_list(t.value) i JOIN pragma_index_info(i.name) c
WHERE i."unique" AND NOT i.partial ORDER BY t.key, i.seq DESC, c.seqno`);
  return tables.map((table, index) => tableOf(table, columns.get(index) ?? [], indexed.get(index) ?? []));
}

function tableOf({ withoutRowid, ...table }: Read, rows: readonly Row[], indexed: readonly Row[]): LossTable {
  const columns = rows.map((row): LossColumn => {
    const text = row['dflt_value'] === null ? null : String(row['dflt_value']);
    return {
      name: String(row['name']),
      affinity: affinityOf(String(row['type'])),
      isGenerated: Number(row['hidden']) > 1,
      notNull: Number(row['notnull']) === 1,
      fallback: text === null ? null : constantOf(defaultText(text)),
      hasDefault: text !== null && text.toUpperCase() !== 'NULL',
    };
  });
  const primary = rows
    .filter(({ pk }) => Number(pk) > 0)
    .toSorted((a, b) => Number(a['pk']) - Number(b['pk']))
    .map((row) => String(row['name']));
  const taken = new Set(columns.map((column) => foldName(column.name)));
  // The one that is the rowid has no index.
  const isRowid = primary.length === 1 && !indexed.some(({ origin }) => origin === 'pk');
  const mayBeNull = (name: string): boolean => columns.some((column) => column.name === name && !column.notNull);
  const isLoose = !withoutRowid && !isRowid && primary.some(mayBeNull);
  return {
    ...table,
    columns,
    keys: [...(primary.length > 0 && !isLoose ? [primary] : []), ...uniqueKeys(indexed, columns)],
    loose: isLoose ? primary : null,
    rowid: withoutRowid ? null : (['rowid', '_rowid_', 'oid'].find((each) => !taken.has(each)) ?? null),
  };
}

/** The unique indexes over columns that are never NULL: only those tell every row apart. */
function uniqueKeys(rows: readonly Row[], columns: readonly LossColumn[]): readonly (readonly string[])[] {
  const isSure = (name: unknown): boolean => columns.some((column) => column.name === name && column.notNull);
  return [...new Set(rows.map(({ idx }) => idx))].flatMap((idx) => {
    const parts = rows.filter((row) => row['idx'] === idx).map(({ col }) => col);
    return parts.every(isSure) ? [parts.map(String)] : [];
  });
}

function affinityOf(type: string): Affinity {
  if (/INT/i.test(type)) return 'INTEGER';
  if (/CHAR|CLOB|TEXT/i.test(type)) return 'TEXT';
  if (type === '' || /BLOB/i.test(type)) return 'BLOB';
  return /REAL|FLOA|DOUB/i.test(type) ? 'REAL' : 'NUMERIC';
}

/** A default that is the same for every row, as SQL that stands for itself; null for any other. */
function constantOf(text: string): string | null {
  const bare = text.trim();
  if (/^[+-]?\s*(?:\d+(?:\.\d*)?|\.\d+)(?:e[+-]?\d+)?$/i.test(bare) || /^[+-]?\s*0x[\da-f]+$/i.test(bare)) return bare;
  if (/^'(?:[^']|'')*'$/.test(bare) || /^x'[\da-f]*'$/i.test(bare)) return bare;
  // `x IS true` would ask whether x is anything but 0.
  if (/^(?:true|false)$/i.test(bare)) return /^true$/i.test(bare) ? '1' : '0';
  const inner = /^\((.*)\)$/s.exec(bare)?.[1];
  return inner === undefined || /^[a-z_"]/i.test(inner.trim()) ? null : constantOf(inner);
}

/** The column of this name, in lower case. */
export function columnNamed({ columns }: LossTable, name: string): LossColumn | undefined {
  return columns.find((column) => foldName(column.name) === name);
}
