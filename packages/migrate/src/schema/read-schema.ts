// Reads the schema of a database: the pragmas say what SQLite made of each table, its text the rest.
// Used wherever schemas are compared or planned; works on every target in a handful of queries.
import type { ConnectionLease } from '@cc/tx';
import { isNoBookkeeping, isNoLedger } from '../sql/bookkeeping.js';
import { defaultText } from '../sql/default-text.js';
import { foldName, wordsOf } from '../sql/words.js';
import { readCreateTable } from './create-table.js';
import { normalForm } from './normal-form.js';
import type { Column, ForeignKey, Schema, SchemaObject, Table } from './schema.js';

type Connection = Pick<ConnectionLease['client'], 'execute'>;
type Row = Readonly<Record<string, unknown>>;

/** Returns the schema of the database behind `connection`, without bookkeeping tables. Does not write. */
export async function readSchema(connection: Connection): Promise<Schema> {
  const objects = await read(
    connection,
    // Joined, the list of tables would be gone through for each of them.
    `SELECT s.type AS type, s.name AS name, s.tbl_name AS tbl, s.sql AS sql,
CASE s.type WHEN 'table' THEN (SELECT l.type FROM pragma_table_list(s.name) l WHERE l.schema = 'main') END AS kind
FROM sqlite_schema s WHERE s.sql IS NOT NULL AND ${isNoBookkeeping('s.name')} AND ${isNoBookkeeping('s.tbl_name')} AND ${isNoLedger('s.sql')} ORDER BY s.rowid`,
  );
  const ofKind = (kind: string): readonly Row[] => objects.filter((row) => (row['kind'] ?? row['type']) === kind);
  const parts = await readParts(connection);
  const tables = ofKind('table').map((row) => tableOf(String(row['name']), String(row['sql']), parts));
  return {
    tables: byName(tables),
    virtualTables: byName(ofKind('virtual').map(objectOf)),
    indexes: byName(ofKind('index').map(objectOf)),
    views: byName(ofKind('view').map(objectOf)),
    triggers: byName(ofKind('trigger').map(objectOf)),
  };
}

/** Rows of the pragmas, by the table that they are about. */
interface Parts {
  readonly columns: ReadonlyMap<string, readonly Row[]>;
  readonly keys: ReadonlyMap<string, readonly Row[]>;
  readonly uniques: ReadonlyMap<string, readonly Row[]>;
}

async function readParts(connection: Connection): Promise<Parts> {
  const tables = `FROM sqlite_schema s JOIN pragma_table_list l ON l.schema = 'main' AND l.name = s.name AND l.type = 'table'`;
  const where = `WHERE s.type = 'table' AND ${isNoBookkeeping('s.name')}`;
  const byTable = async (sql: string): Promise<ReadonlyMap<string, readonly Row[]>> =>
    groupBy(await read(connection, sql), (row) => String(row['tbl']));
  return {
    columns: await byTable(
      `SELECT s.name AS tbl, c.name AS name, c.type AS type, c."notnull" AS not_null, c.dflt_value AS dflt, c.pk AS pk, c.hidden AS hidden
${tables} JOIN pragma_table_xinfo(s.name) c ${where} ORDER BY s.name, c.cid`,
    ),
    keys: await byTable(
      `SELECT s.name AS tbl, k.id AS id, k."table" AS parent, k."from" AS child_column, k."to" AS parent_column, k.on_update AS on_update, k.on_delete AS on_delete
${tables} JOIN pragma_foreign_key_list(s.name) k ${where} ORDER BY s.name, k.id, k.seq`,
    ),
    uniques: await byTable(
      `SELECT s.name AS tbl, i.name AS idx, c.name AS col
${tables} JOIN pragma_index_list(s.name) i ON i.origin = 'u' JOIN pragma_index_info(i.name) c ${where} ORDER BY s.name, i.name, c.seqno`,
    ),
  };
}

async function read(connection: Connection, sql: string): Promise<readonly Row[]> {
  return (await connection.execute(sql)).rows;
}

function byName<T extends { readonly name: string }>(objects: readonly T[]): ReadonlyMap<string, T> {
  return new Map(objects.map((each) => [foldName(each.name), each]));
}

function objectOf(row: Row): SchemaObject {
  return describeObject(String(row['name']), String(row['tbl']), String(row['sql']));
}

/** An index, view, trigger or virtual table from its CREATE statement. */
export function describeObject(name: string, table: string, sql: string): SchemaObject {
  const words = wordsOf(sql);
  const isIndex = words.slice(0, 3).some(({ keyword }) => keyword === 'INDEX');
  const isVirtual = words[1]?.keyword === 'VIRTUAL';
  if (isIndex) {
    const on = words.findIndex(({ keyword }) => keyword === 'ON');
    const unique = words[1]?.keyword === 'UNIQUE' ? 'unique ' : '';
    return { name, table, sql, normal: unique + normalForm(words.slice(on + 2), table) };
  }
  const ifNotExists = words.findIndex(({ keyword }, i) => keyword === 'IF' && words[i + 1]?.keyword === 'NOT' && i < 4);
  const kept = ifNotExists === -1 ? words : words.toSpliced(ifNotExists, 3);
  // The arguments of a virtual table take any quotes.
  const spelled = isVirtual ? kept.map((word) => ({ ...word, kind: word.kind === 'text' ? 'word' : word.kind })) : kept;
  return { name, table, sql, normal: normalForm(spelled) };
}

function tableOf(name: string, sql: string, parts: Parts): Table {
  const created = readCreateTable(sql);
  const columns = parts.columns.get(name) ?? [];
  const uniques = groupBy(parts.uniques.get(name) ?? [], (row) => String(row['idx']));
  return {
    name,
    sql,
    columns: columns.map((row) => columnOf(row, created.columns.get(foldName(String(row['name']))))),
    primaryKey: columns
      .filter((row) => Number(row['pk']) > 0)
      .toSorted((a, b) => Number(a['pk']) - Number(b['pk']))
      .map((row) => String(row['name'])),
    isAutoIncrement: created.isAutoIncrement,
    foreignKeys: [...groupBy(parts.keys.get(name) ?? [], (row) => Number(row['id'])).values()].map(foreignKeyOf),
    uniques: [...uniques.values()].map((rows) => rows.map((row) => String(row['col'])).join(', ')).sort(),
    checks: created.checks.toSorted(),
    rest: created.rest.toSorted(),
    options: created.options,
  };
}

function groupBy<K>(rows: readonly Row[], keyOf: (row: Row) => K): ReadonlyMap<K, readonly Row[]> {
  const groups = new Map<K, Row[]>();
  for (const row of rows) {
    const key = keyOf(row);
    const group = groups.get(key);
    if (group) group.push(row);
    else groups.set(key, [row]);
  }
  return groups;
}

function columnOf(row: Row, definition: { readonly sql: string; readonly extras: string } | undefined): Column {
  const hidden = Number(row['hidden']);
  return {
    name: String(row['name']),
    type: String(row['type']),
    notNull: Number(row['not_null']) === 1,
    defaultSql: row['dflt'] === null ? null : defaultText(String(row['dflt'])),
    generated: hidden === 2 ? 'virtual' : hidden === 3 ? 'stored' : 'no',
    extras: definition?.extras ?? '',
    definition: definition?.sql ?? '',
  };
}

function foreignKeyOf(rows: readonly Row[]): ForeignKey {
  const [first] = rows;
  const parentColumns = rows.map((row) => row['parent_column']);
  return {
    columns: rows.map((row) => String(row['child_column'])),
    parent: String(first?.['parent']),
    parentColumns: parentColumns.includes(null) ? null : parentColumns.map(String),
    onUpdate: foldName(String(first?.['on_update'])),
    onDelete: foldName(String(first?.['on_delete'])),
  };
}
