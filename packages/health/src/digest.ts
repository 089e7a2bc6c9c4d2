// A digest of what each table and index holds, made inside the engine and beside the event loop: two of them tell which tables differ.
// It sees every change of a stored value, where integrity_check sees only what breaks a rule of the file's form.
import { createHash } from 'node:crypto';
import { refuseUnknownOptions } from '@cc/tx/known-options';
import { type Ask, asBytes, askerOf, type DatabaseSource, decoded, literal, quoted } from './questions.js';
import { refuseNoSignal } from './signal.js';

/** What one table or index holds. */
export interface PartDigest {
  readonly name: string;
  /** `schema`: the declarations of all tables, indexes, views and triggers; `shadow`: the inside of a virtual table. */
  readonly kind: 'schema' | 'table' | 'shadow' | 'index';
  readonly rows: number;
  /** SHA3-256 over the rows by their keys, each value with its type, in hexadecimal. */
  readonly sha3: string;
}

/** What a database holds. Plain data: kept as JSON, its parts can be compared with those of later. */
export interface ContentDigest {
  readonly takenAt: Date;
  /** The schema, then tables by name, then indexes by name. */
  readonly parts: readonly PartDigest[];
  /** SHA-256 over all of them, in hexadecimal. Equal for a database and its backup. */
  readonly sha256: string;
}

/** A table or index in which two digests differ. */
export interface ContentChange {
  readonly name: string;
  readonly kind: PartDigest['kind'];
  readonly change: 'added' | 'removed' | 'changed';
}

/** Options of `digestContent`. */
export interface DigestOptions {
  /** Ends it, and its process. */
  readonly signal?: AbortSignal | undefined;
}

/**
 * Reads every row of every table, and every entry of every index, on one snapshot and returns their digests; nothing waits
 * for it. Values leave the engine neither here nor in what is returned, so that texts that cannot be decoded are counted in
 * as well. Statistics of the planner (`sqlite_stat1` …) and bytes of the file that hold nothing are no content; partial
 * indexes and those on expressions are left to `runChecks`, which compares them with their tables.
 *
 * @throws DatabaseError `integrity` where the file cannot be read to its end; `aborted`, `closed`; `syntax` for a server
 * without SHA-3
 */
export async function digestContent(source: DatabaseSource, options: DigestOptions = {}): Promise<ContentDigest> {
  refuseUnknownOptions('digestContent', options, ['signal']);
  refuseNoSignal('digestContent', options.signal);
  const ask = askerOf(source, options.signal);
  const takenAt = new Date();
  const queries = [schemaQuery, ...(await tableQueries(ask)), ...(await indexQueries(ask))];
  const parts: PartDigest[] = [];
  for (let from = 0; from < queries.length; from += partsAtOnce) {
    parts.push(...(await digestsOf(queries.slice(from, from + partsAtOnce), ask)));
  }
  return { takenAt, parts, sha256: createHash('sha256').update(JSON.stringify(parts)).digest('hex') };
}

/** Returns the tables and indexes in which `after` differs from `before`, by name. @throws TypeError for what is no digest */
export function compareDigests(
  before: Pick<ContentDigest, 'parts'>,
  after: Pick<ContentDigest, 'parts'>,
): readonly ContentChange[] {
  for (const [name, digest] of Object.entries({ before, after })) {
    if (!Array.isArray(digest?.parts))
      throw new TypeError(`compareDigests: ${name} must be what digestContent() returned, or that read from JSON`);
  }
  const now = new Map(after.parts.map((part) => [part.name, part]));
  const then = new Map(before.parts.map((part) => [part.name, part]));
  return [...new Set([...then.keys(), ...now.keys()])].sort(byName).flatMap((name) => {
    const [old, recent] = [then.get(name), now.get(name)];
    const kind = (recent ?? old)?.kind;
    if (kind === undefined || (old?.sha3 === recent?.sha3 && old?.rows === recent?.rows)) return [];
    return [{ name, kind, change: !old ? 'added' : !recent ? 'removed' : 'changed' } as const];
  });
}

function byName(a: string, b: string): number {
  return a < b ? -1 : Number(a > b);
}

/** One statement, and so one snapshot, takes two columns for each; it may have 2,000. */
const partsAtOnce = 900;

interface DigestQuery {
  readonly name: string;
  readonly kind: PartDigest['kind'];
  readonly from: string;
  readonly sql: string;
}

/** ANALYZE makes them, whenever it first runs. */
const noStatistics = `tbl_name NOT LIKE 'sqlite\\_stat%' ESCAPE '\\'`;

const schemaQuery: DigestQuery = {
  name: 'sqlite_schema',
  kind: 'schema',
  from: `sqlite_schema WHERE ${noStatistics}`,
  // Where the pages lie is no content.
  sql: `SELECT type, name, tbl_name, sql FROM sqlite_schema WHERE ${noStatistics} ORDER BY type, name`,
};

async function digestsOf(queries: readonly DigestQuery[], ask: Ask): Promise<readonly PartDigest[]> {
  const columns = queries.map(
    ({ from, sql }) => `(SELECT count(*) FROM ${from}), hex(sha3_query(${literal(sql)}, 256))`,
  );
  const [row = []] = await ask(`SELECT ${columns.join(', ')}`);
  return queries.map(({ name, kind }, index) => ({
    name,
    kind,
    rows: Number(row[index * 2]),
    sha3: String(row[index * 2 + 1]).toLowerCase(),
  }));
}

const storedColumns = `group_concat(CASE WHEN c.hidden <> 2 THEN '"' || replace(c.name, '"', '""') || '"' END)`;

async function tableQueries(ask: Ask): Promise<readonly DigestQuery[]> {
  const rows = await ask(
    `SELECT ${asBytes('t.name')}, t.type, t.wr, lower(group_concat(CASE WHEN c.name COLLATE NOCASE IN ('rowid', '_rowid_', 'oid')
        THEN c.name END)), max(c.hidden = 2), ${asBytes(storedColumns)}
      FROM pragma_table_list t JOIN pragma_table_xinfo(t.name) c
      WHERE t.schema = 'main' AND t.type IN ('table', 'shadow') AND t.name <> 'sqlite_schema' AND t.name NOT LIKE 'sqlite\\_stat%' ESCAPE '\\'
      GROUP BY t.name ORDER BY t.name`,
  );
  return rows.map(([tableName, type, withoutRowid, taken, computes, stored]) => {
    const name = decoded(tableName);
    // Not by an index, even one that has every column: what is to be read is the table.
    const from = `${quoted(name)} NOT INDEXED`;
    const rowid = rowidOf(withoutRowid, taken);
    // A column that is computed when it is read is no content, and may need a function that only the application has.
    const columns = Number(computes) === 1 ? decoded(stored) : '*';
    const sql =
      rowid === undefined
        ? `SELECT ${columns} FROM ${from}`
        : `SELECT ${rowid}, ${columns} FROM ${from} ORDER BY ${rowid}`;
    return { name, kind: type === 'shadow' ? 'shadow' : 'table', from, sql };
  });
}

/** The name of the key of the rows, unless columns have taken all three. */
function rowidOf(withoutRowid: unknown, taken: unknown): string | undefined {
  const hidden = String(taken ?? '').split(',');
  return Number(withoutRowid) ? undefined : ['rowid', '_rowid_', 'oid'].find((word) => !hidden.includes(word));
}

/** An index is read by itself when nothing but its own columns is asked for. */
async function indexQueries(ask: Ask): Promise<readonly DigestQuery[]> {
  const rows = await ask(
    `SELECT ${asBytes('t.name')}, t.wr, ${asBytes('l.name')}, ${asBytes('c.name')}, c.cid, (SELECT lower(group_concat(name))
        FROM pragma_table_xinfo(t.name) WHERE name COLLATE NOCASE IN ('rowid', '_rowid_', 'oid'))
      FROM pragma_table_list t JOIN pragma_index_list(t.name) l JOIN pragma_index_xinfo(l.name) c
      WHERE t.schema = 'main' AND t.type IN ('table', 'shadow') AND l.partial = 0 AND NOT (t.wr = 1 AND l.origin = 'pk')
      ORDER BY l.name, c.seqno`,
  );
  const indexes = new Map<string, { table: string; columns: string[]; isPlain: boolean }>();
  for (const [table, withoutRowid, index, column, position, taken] of rows) {
    const known = indexes.get(decoded(index)) ?? { table: decoded(table), columns: [], isPlain: true };
    const name = Number(position) === -1 ? rowidOf(withoutRowid, taken) : column && quoted(decoded(column));
    // -2 is an expression.
    if (typeof name === 'string' && Number(position) !== -2) known.columns.push(name);
    else if (Number(position) !== -1) known.isPlain = false;
    indexes.set(decoded(index), known);
  }
  return [...indexes]
    .filter(([, { isPlain }]) => isPlain)
    .map(([name, { table, columns }]) => {
      const from = `${quoted(table)} INDEXED BY ${quoted(name)}`;
      return {
        name,
        kind: 'index',
        from: `${quoted(table)} NOT INDEXED`,
        sql: `SELECT ${columns.join(', ')} FROM ${from}`,
      };
    });
}
