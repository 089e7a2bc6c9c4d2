// Copies only the rows that statements touch: a trigger around each of them keeps what a row held before, if it holds something
// else afterwards. Only what a trigger sees can be watched (live.ts says what is).
import { quoteName } from '../sql/words.js';
import type { Comparison } from './compare.js';
import type { Watch } from './live.js';
import type { Look } from './look.js';

/** Statements around one of the migration. */
export interface Around {
  readonly at: number;
  readonly before: readonly string[];
  readonly after: readonly string[];
}

/** Returns the statements that fill `place` while the migration runs; null when not all of it can be seen. */
export function watching(
  { heir, gone, table }: Look,
  { copied, key }: Comparison,
  place: string,
): { readonly creation: string; readonly around: readonly Around[] } | null {
  const { watches } = heir;
  if (watches === null || gone.length > 0 || key.length === 0) return null;
  const around: Around[] = [];
  for (const [index, watch] of watches.entries()) {
    const isOnce = watch.isOnce && watches.length === 1;
    const triggers = triggersOf({ watch, isOnce, rowid: table.rowid, copied, key }, place, `${place}_${index}`);
    if (triggers === null) return null;
    around.push({ at: watch.at, ...triggers });
  }
  const columns = copied.map(([name]) => name).join(', ');
  return { creation: `CREATE TABLE ${place} (${columns}, PRIMARY KEY (${key.join(', ')}))`, around };
}

interface Watched extends Pick<Comparison, 'copied' | 'key'> {
  readonly watch: Watch;
  /** No row is touched twice: one that held NULL has nothing to lose. */
  readonly isOnce: boolean;
  readonly rowid: string | null;
}

function triggersOf(
  { watch, isOnce, rowid, copied, key }: Watched,
  place: string,
  name: string,
): Pick<Around, 'before' | 'after'> | null {
  const { table, ways, names } = watch;
  const columns = copied.map(([as, column]) => {
    const now = column === 'rowid' ? rowid : names.get(column);
    return { as, now };
  });
  const isHidden = columns.some(({ now }) => now === undefined || now === null);
  if (isHidden || (table.rowid !== rowid && copied.some(([, column]) => column === 'rowid'))) return null;
  const old = (now: string | null | undefined): string => `old.${quoteName(now ?? '')}`;
  // Without the plus the type of the column would keep SQLite from the key of the copy: each row would read all of it.
  const isKnown = columns
    .filter(({ as }) => key.includes(as))
    .map(({ as, now }) => `p.${as} IS +${old(now)}`)
    .join(' AND ');
  // No OR IGNORE: what the statement says of conflicts would hold in its place.
  const keep = `INSERT INTO ${place} (${columns.map(({ as }) => as).join(', ')}) SELECT ${columns.map(({ now }) => old(now)).join(', ')} WHERE NOT EXISTS (SELECT 1 FROM ${place} p WHERE ${isKnown})`;
  const isOther = columns
    .filter((_, index) => copied[index]?.[1] !== 'rowid')
    .map(({ now }) => {
      const held = isOnce ? `${old(now)} IS NOT NULL AND ` : '';
      return `(${held}${old(now)} COLLATE BINARY IS NOT new.${quoteName(now ?? '')})`;
    });
  const on = quoteName(table.name);
  const made: readonly (readonly [string, string])[] = [
    ...(ways.has('update')
      ? [[`${name}_u`, `AFTER UPDATE ON ${on}${isOther.length === 0 ? '' : ` WHEN ${isOther.join(' OR ')}`}`] as const]
      : []),
    ...(ways.has('delete') ? [[`${name}_d`, `AFTER DELETE ON ${on}`] as const] : []),
  ];
  return {
    before: made.map(([trigger, event]) => `CREATE TRIGGER ${trigger} ${event} BEGIN ${keep}; END`),
    after: made.map(([trigger]) => `DROP TRIGGER ${trigger}`),
  };
}
