// Merges the parts of FTS5 indexes: each write adds one, and each search reads all. In steps of a few pages through the
// writer of the application, so that its own writes come in between.
import { setImmediate as turn } from 'node:timers/promises';
import { readDeclaration } from '../checks/full-text-declaration.js';
import {
  asBytes,
  askerOf,
  type DatabaseSource,
  decoded,
  literal,
  marked,
  quoted,
  refuseAborted,
} from '../questions.js';
import type { Gain } from './types.js';

/** Pages that one step writes at most: about 2 MB. */
const pagesAtOnce = 500;

/** Merges every FTS5 index into one part. */
export async function mergeFullText(source: DatabaseSource, signal: AbortSignal | undefined): Promise<Gain> {
  const ask = askerOf(source, signal);
  const rows = await ask(`SELECT ${asBytes('name')}, ${asBytes('sql')} FROM sqlite_schema WHERE rootpage = 0`);
  const names = rows.flatMap(([name, sql]) => {
    // Others have the word in their texts, fts5vocab for one.
    const declared = readDeclaration(decoded(name), decoded(sql));
    return declared?.module === 'fts5' ? [declared.name] : [];
  });
  if (names.length === 0) return { message: 'There is no full-text index.' };
  const bytesOf = async (): Promise<number> => {
    const sizes = names.map((name) => `(SELECT total(length(block)) FROM ${quoted(`${name}_data`)})`);
    const [row] = await ask(`SELECT ${sizes.join(' + ')}`);
    return Number(row?.[0]);
  };
  const before = await bytesOf();
  let steps = 0;
  for (const name of names) steps += await merge(name, source, signal);
  const bytesFreed = Math.max(0, before - (await bytesOf()));
  const indexes = names.length === 1 ? 'The full-text index is' : `${names.length} full-text indexes are`;
  return { message: `${indexes} merged, in ${steps} steps.`, bytesFreed };
}

/** Returns how many steps it took. */
async function merge(name: string, source: DatabaseSource, signal: AbortSignal | undefined): Promise<number> {
  const table = quoted(name);
  for (let steps = 0; ; steps += 1) {
    refuseAborted(signal, 'maintenance fullText');
    {
      // A lease to a step: whoever waits for the writer comes next.
      using lease = await source.getConnection({ mode: 'write', ...(signal && { signal }) });
      // The record of all parts: it stays as it is when there is nothing left to merge.
      const parts = `SELECT hex(block) FROM ${quoted(`${name}_data`)} WHERE id = 10`;
      const ask = async (): Promise<unknown> => (await lease.client.execute(marked(parts))).rows[0]?.[0];
      const before = await ask();
      // A negative number begins to merge everything; the steps after it go on with that.
      const pages = steps === 0 ? -pagesAtOnce : pagesAtOnce;
      await lease.client.execute(marked(`INSERT INTO ${table}(${table}, rank) VALUES (${literal('merge')}, ${pages})`));
      if (steps > 0 && (await ask()) === before) return steps;
    }
    await turn();
  }
}
