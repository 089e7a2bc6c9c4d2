// Whether a library that was kept from a run before is what this code would make: measuring an older one would be a lie.
import { statSync } from 'node:fs';
import Database from 'libsql';
import { idOf } from './row.js';

/** @throws Error that tells how the library at `path` differs from one of `size` models that begins like `freshPath` */
export function requireSameLibrary(path: string, freshPath: string, size: number): void {
  const differences = differencesOf(path, freshPath, size);
  if (differences.length === 0) return;
  throw new Error(
    `${path} is not what this code would make: ${differences.join('; ')}. Remove it, and it will be made anew.`,
  );
}

function differencesOf(path: string, freshPath: string, size: number): readonly string[] {
  const log = statSync(`${path}-wal`, { throwIfNoEntry: false });
  if (log !== undefined && log.size > 0) return ['it has a write-ahead log, which a copy would leave behind'];
  const kept = new Database(path, { readonly: true });
  const fresh = new Database(freshPath, { readonly: true });
  try {
    if (unquoted(rowsOf(kept, schemaText)) !== unquoted(rowsOf(fresh, schemaText)))
      return ['its tables, indexes or triggers are others'];
    const first = Math.min(size, Number(one(fresh, 'SELECT count(*) FROM models')));
    const count = one(kept, 'SELECT count(*) FROM models');
    const last = one(kept, 'SELECT id FROM models ORDER BY seq DESC LIMIT 1');
    return [
      ...(count === size ? [] : [`it has ${String(count)} models instead of ${size}`]),
      ...(last === idOf(size - 1) ? [] : ['its last model is another']),
      ...(isCopyOfWordsCurrent(kept) ? [] : ['the copy of its words is behind']),
      ...Object.entries(contents(fresh)).flatMap(([what, sql]) =>
        rowsOf(kept, sql, first) === rowsOf(fresh, sql, first) ? [] : [`${what} of its first ${first} models differ`],
      ),
    ];
  } finally {
    kept.close();
    fresh.close();
  }
}

/** Whether a name stands in quotes makes no difference. */
function unquoted(sql: string): string {
  return sql.replaceAll('`', '');
}

/** Tables of the tools that applied the migrations begin with two underscores. */
const schemaText = `SELECT type, name, tbl_name, sql FROM sqlite_schema
  WHERE name NOT LIKE '\\_\\_%' ESCAPE '\\' AND tbl_name NOT LIKE '\\_\\_%' ESCAPE '\\' AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\'
  ORDER BY type, name`;

/** What is compared up to the model number that is bound: texts of the index, values, tags, and what the index finds. */
function contents(fresh: Database.Database): Readonly<Record<string, string>> {
  const columns = fresh
    .prepare(`SELECT name FROM pragma_table_xinfo('models') WHERE name <> 'updated_at' ORDER BY cid`)
    .raw(true)
    .all();
  return {
    'the columns': `SELECT ${columns.flat().join(', ')} FROM models WHERE seq <= ? ORDER BY seq`,
    'the metadata': 'SELECT * FROM model_metadata WHERE model_seq <= ? ORDER BY 1, 2',
    'the tags': `SELECT model_seq, key FROM model_tags JOIN tags ON tags.id = tag_id WHERE model_seq <= ? ORDER BY 1, 2`,
    'the indexed words': `SELECT count(*), total(rowid) FROM models_fts WHERE models_fts MATCH 'g* OR s* OR t*' AND rowid <= ?`,
  };
}

function isCopyOfWordsCurrent(kept: Database.Database): boolean {
  // A model that is not counted yet is a change more.
  const value = (name: string): string => `(SELECT value FROM search_state WHERE name = '${name}')`;
  const uncounted = `(SELECT count(*) FROM models WHERE seq > ${value('counted')})`;
  return one(kept, `SELECT ${value('words')} = ${value('changes')} + ${uncounted}`) === 1;
}

function rowsOf(database: Database.Database, sql: string, ...values: readonly unknown[]): string {
  return JSON.stringify(
    database
      .prepare(sql)
      .raw(true)
      .all([...values]),
  );
}

function one(database: Database.Database, sql: string): unknown {
  // One row with one column.
  const [row] = database.prepare(sql).raw(true).all() as unknown[][];
  return row?.[0];
}
