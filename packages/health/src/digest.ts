// A digest of what each table holds, made inside the engine and beside the event loop: two of them tell which tables differ.
// It sees every change of a stored value, where integrity_check sees only what breaks a rule of the file's form.
import { createHash } from 'node:crypto';
import { refuseUnknownOptions } from '@cc/tx/known-options';
import { type Ask, askerOf, type DatabaseSource, decoded, literal, quoted } from './questions.js';

/** What one table holds. */
export interface TableDigest {
  readonly table: string;
  /** `schema`: the declarations of all tables, indexes, views and triggers; `shadow`: the inside of a virtual table. */
  readonly kind: 'schema' | 'table' | 'shadow';
  readonly rows: number;
  /** SHA3-256 over the rows by their keys, each value with its type, in hexadecimal. */
  readonly sha3: string;
}

/** What a database holds. Plain data: kept as JSON it can be compared with one of later. */
export interface ContentDigest {
  /** Epoch milliseconds. */
  readonly takenAt: number;
  /** By name; the schema first. */
  readonly tables: readonly TableDigest[];
  /** SHA-256 over all of them, in hexadecimal. Equal for a database and its backup. */
  readonly sha256: string;
}

/** A table in which two digests differ. */
export interface ContentChange {
  readonly table: string;
  readonly change: 'added' | 'removed' | 'changed';
}

/** Options of `digestContent`. */
export interface DigestOptions {
  /** Ends it, and its process. */
  readonly signal?: AbortSignal | undefined;
}

/**
 * Reads every row of every table on one snapshot and returns their digests; nothing waits for it. Values leave the engine
 * neither here nor in what is returned, so that texts that cannot be decoded are counted in as well. Statistics of the
 * planner (`sqlite_stat1` …), indexes, and bytes of the file that hold nothing are no content.
 *
 * @throws DatabaseError `integrity` where the file cannot be read to its end; `aborted`, `closed`; `syntax` for a server
 * without SHA-3
 */
export async function digestContent(source: DatabaseSource, options: DigestOptions = {}): Promise<ContentDigest> {
  refuseUnknownOptions('digestContent', options, ['signal']);
  const ask = askerOf(source, options.signal);
  const takenAt = Date.now();
  const queries = [schemaQuery, ...(await tableQueries(ask))];
  const tables: TableDigest[] = [];
  for (let from = 0; from < queries.length; from += tablesAtOnce) {
    tables.push(...(await digestsOf(queries.slice(from, from + tablesAtOnce), ask)));
  }
  return { takenAt, tables, sha256: createHash('sha256').update(JSON.stringify(tables)).digest('hex') };
}

/** Returns the tables in which `after` differs from `before`, by name. */
export function compareDigests(before: ContentDigest, after: ContentDigest): readonly ContentChange[] {
  const now = new Map(after.tables.map((digest) => [digest.table, digest]));
  const then = new Map(before.tables.map((digest) => [digest.table, digest]));
  return [...new Set([...then.keys(), ...now.keys()])].sort().flatMap((table) => {
    const [old, recent] = [then.get(table), now.get(table)];
    if (old?.sha3 === recent?.sha3 && old?.rows === recent?.rows) return [];
    return [{ table, change: !old ? 'added' : !recent ? 'removed' : 'changed' } as const];
  });
}

/** One statement, and so one snapshot, takes two columns for each; it may have 2,000. */
const tablesAtOnce = 500;

interface DigestQuery {
  readonly table: string;
  readonly kind: TableDigest['kind'];
  readonly from: string;
  readonly sql: string;
}

const schemaQuery: DigestQuery = {
  table: 'sqlite_schema',
  kind: 'schema',
  from: 'sqlite_schema',
  // Where the pages lie is no content.
  sql: 'SELECT type, name, tbl_name, sql FROM sqlite_schema ORDER BY type, name',
};

async function digestsOf(queries: readonly DigestQuery[], ask: Ask): Promise<readonly TableDigest[]> {
  const columns = queries.map(
    ({ from, sql }) => `(SELECT count(*) FROM ${from}), hex(sha3_query(${literal(sql)}, 256))`,
  );
  const [row = []] = await ask(`SELECT ${columns.join(', ')}`);
  return queries.map(({ table, kind }, index) => ({
    table,
    kind,
    rows: Number(row[index * 2]),
    sha3: String(row[index * 2 + 1]).toLowerCase(),
  }));
}

async function tableQueries(ask: Ask): Promise<readonly DigestQuery[]> {
  const rows = await ask(
    `SELECT CAST(t.name AS BLOB), t.type, t.wr, lower(group_concat(CASE WHEN c.name COLLATE NOCASE IN ('rowid', '_rowid_', 'oid')
        THEN c.name END)) FROM pragma_table_list t JOIN pragma_table_xinfo(t.name) c
      WHERE t.schema = 'main' AND t.type IN ('table', 'shadow') AND t.name <> 'sqlite_schema' AND t.name NOT LIKE 'sqlite\\_stat%' ESCAPE '\\'
      GROUP BY t.name ORDER BY t.name`,
  );
  return rows.map(([name, type, withoutRowid, taken]) => {
    const table = decoded(name);
    // Not by an index, even one that has every column: what is to be read is the table.
    const from = `${quoted(table)} NOT INDEXED`;
    const hidden = String(taken ?? '').split(',');
    const rowid = Number(withoutRowid) ? undefined : ['rowid', '_rowid_', 'oid'].find((word) => !hidden.includes(word));
    const sql = rowid === undefined ? `SELECT * FROM ${from}` : `SELECT ${rowid}, * FROM ${from} ORDER BY ${rowid}`;
    return { table, kind: type === 'shadow' ? 'shadow' : 'table', from, sql };
  });
}
