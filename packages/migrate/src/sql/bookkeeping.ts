// Which tables are bookkeeping, and no one's data: SQLite's, the server's, ours and drizzle's, and of what keeps or copies the
// file, each by its very name. Whatever else begins like one of them belongs to somebody.
import { quoteText } from './words.js';

/** The name that drizzle gives its table where nobody says another one. */
export const drizzleTable = '__drizzle_migrations';

/** In lower case. The last is a probe that @cc/tx takes away again. */
const ours = ['__cc_migrations', '__cc_outcomes', '__cc_outcomes_committed_at', '__cc_probe'];
const ofServers = ['libsql_wasm_func_table', 'libsql_vector_meta_shadow'];
/** Of Cloudflare's D1 and Durable Objects, and of Litestream: no migration makes them, and drizzle-kit passes over them, too. */
const ofKeepers = ['_cf_kv', '_cf_metadata', '_cf_alarm', '_litestream_seq', '_litestream_lock'];
const listed = (names: readonly string[]): string => `(${names.map(quoteText).join(', ')})`;

/** What libSQL keeps beside each vector index. */
const vectorIndexes = `FROM sqlite_schema WHERE type = 'index' AND sql LIKE '%libsql_vector_idx%'`;

/** SQL condition: `name` is not that of a table, or its index, that SQLite or the server keeps. */
export function isNoServers(name: string): string {
  return `${name} NOT LIKE 'sqlite\\_%' ESCAPE '\\' AND lower(${name}) NOT IN ${listed(ofServers)}
AND ${name} NOT IN (SELECT name || '_shadow' ${vectorIndexes} UNION ALL SELECT name || '_shadow_idx' ${vectorIndexes})`;
}

/** SQL condition: `name` is not that of a table, or its index, of SQLite, the server, a keeper of the file, drizzle or ourselves. */
export function isNoBookkeeping(name: string): string {
  return `${isNoServers(name)} AND lower(${name}) NOT IN ${listed([...ours, ...ofKeepers, drizzleTable])}`;
}

/** The text of drizzle's table, whatever it is called, for LIKE. */
const shape = `'CREATE TABLE %(%id SERIAL PRIMARY KEY,%hash text NOT NULL,%created_at numeric%)'`;

/** SQL condition: `sql` is the text of such a table. */
export function isLedger(sql: string): string {
  return `${sql} LIKE ${shape}`;
}

/** SQL condition: `sql` is not the text of such a table. */
export function isNoLedger(sql: string): string {
  return `${sql} NOT LIKE ${shape}`;
}
