// Virtual tables of modules that this library does not have, as an application with extensions makes them: no replay can make
// them, so nothing is compared with one that did not. check/picture.ts and verify/moment.ts leave them out.
import type { Schema } from '../schema/schema.js';
import { foldName, wordsOf } from '../sql/words.js';
import { openScratch } from './scratch-database.js';

/** `schema` without the virtual tables of other modules, and without the tables that begin like one of them: its shadow tables. */
export async function withoutForeignModules(schema: Schema): Promise<Schema> {
  if (schema.virtualTables.size === 0) return schema;
  await using scratch = await openScratch();
  const { rows } = await scratch.connection.execute('SELECT name FROM pragma_module_list');
  const known = new Set(rows.map(({ name }) => foldName(String(name))));
  const foreign = [...schema.virtualTables].filter(([, { sql }]) => !known.has(moduleOf(sql))).map(([key]) => key);
  const isForeign = (key: string): boolean => foreign.some((name) => key === name || key.startsWith(`${name}_`));
  const kept = <T>(objects: ReadonlyMap<string, T>): ReadonlyMap<string, T> =>
    new Map([...objects].filter(([key]) => !isForeign(key)));
  if (foreign.length === 0) return schema;
  return {
    ...schema,
    tables: kept(schema.tables),
    virtualTables: kept(schema.virtualTables),
    indexes: new Map([...schema.indexes].filter(([, { table }]) => !isForeign(foldName(table)))),
  };
}

function moduleOf(sql: string): string {
  const words = wordsOf(sql);
  return foldName(words[words.findIndex(({ keyword }) => keyword === 'USING') + 1]?.name ?? '');
}
