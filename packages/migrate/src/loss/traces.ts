// The tables of a call while its migrations are looked through: which table of the database each came from, and what the call has
// made itself. look-ahead.ts leads them through.
import { foldName } from '../sql/words.js';
import { type Agreement, keyOf, lossName } from './agreement.js';
import type { Followed } from './follow.js';
import type { LossColumn, LossTable } from './table.js';

/** A table of the call's course: the one of the database that it came from. */
export interface Trace {
  readonly table: LossTable | null;
  /** Its columns, in lower case, to those of that table. */
  readonly columns: ReadonlyMap<string, LossColumn | null>;
  /** The call made it, and moved values there that were here before: they are not to go as what it made. */
  readonly holdsOld: boolean;
  /** What the call lost before with a yes: columns, in lower case, or rows. What is left of it nobody knows before it runs. */
  readonly unsure: ReadonlySet<string> | 'rows';
  /** Columns, in lower case, whose values the call may have changed before, or whose rows it may have taken. */
  readonly written: ReadonlySet<string>;
}

/** The tables as the call finds them. */
export function tracesOf(tables: ReadonlyMap<string, LossTable>): ReadonlyMap<string, Trace> {
  return new Map(
    [...tables].map(([key, table]) => {
      const columns = new Map(table.columns.map((column) => [foldName(column.name), column]));
      return [key, { table, columns, holdsOld: false, unsure: new Set<string>(), written: new Set<string>() }];
    }),
  );
}

/** The traces behind a migration. A table that holds the rows of another goes on in its place. */
export function traced(
  traces: ReadonlyMap<string, Trace>,
  {
    followed,
    after,
    agreement,
  }: {
    readonly followed: readonly Followed[];
    readonly after: ReadonlyMap<string, LossTable>;
    readonly agreement: Agreement;
  },
): ReadonlyMap<string, Trace> {
  const isOld = ({ table }: Followed): boolean => {
    const trace = traces.get(foldName(table.name));
    return trace !== undefined && (trace.table !== null || trace.holdsOld);
  };
  const loses = ({ heir, gone }: Followed): boolean =>
    heir === null || heir.mayMiss || gone.length + heir.changed.length > 0;
  const rescued = new Set(
    followed
      .filter((each) => isOld(each) && loses(each))
      .flatMap(({ holders, heir }) => [...holders, ...(heir?.isOther ? [heir] : [])])
      .map(({ table }) => foldName(table.name)),
  );
  return new Map(
    [...after].map(([key, table]) => {
      const heirs = followed.filter(({ heir }) => heir?.table === table);
      const from = heirs.find(({ heir }) => heir?.isSame) ?? heirs[0];
      const trace = from && traces.get(foldName(from.table.name));
      const columns = table.columns.map((column) => {
        const before = from?.heir?.columns.find(([, each]) => each === column)?.[0];
        return [foldName(column.name), (before && trace?.columns.get(foldName(before.name))) ?? null] as const;
      });
      const holdsOld = rescued.has(key) || (trace?.holdsOld ?? false);
      const unsure = from && trace ? unsureIn(from, trace.unsure, agreement) : new Set<string>();
      const written = from && trace ? writtenIn(from, trace.written) : new Set<string>();
      return [key, { table: trace?.table ?? null, columns: new Map(columns), holdsOld, unsure, written }];
    }),
  );
}

/** What is unsure of the heir of a table, with what was so of it before. Which rows a copy under another name has is measured. */
function unsureIn({ table, heir }: Followed, before: Trace['unsure'], agreement: Agreement): Trace['unsure'] {
  if (!heir || before === 'rows' || (heir.mayMiss && agreement.has(table.name, null))) return 'rows';
  if (!heir.isSame && foldName(heir.table.name) !== foldName(table.name)) return 'rows';
  const written = heir.changed.filter(([column]) => agreement.has(table.name, column.name));
  const still = heir.columns.filter(([column]) => before.has(foldName(column.name)));
  return new Set([...written, ...still].map(([, { name }]) => foldName(name)));
}

/** What is written of the heir of a table, with what was so of it before. */
function writtenIn({ heir }: Followed, before: Trace['written']): Trace['written'] {
  if (!heir) return before;
  const pairs = heir.mayMiss ? heir.columns : heir.changed;
  const still = heir.columns.filter(([column]) => before.has(foldName(column.name)));
  return new Set([...pairs, ...still].map(([, { name }]) => foldName(name)));
}

/** The names of what the call has made so far. */
export function madeIn(traces: ReadonlyMap<string, Trace>): ReadonlySet<string> {
  return new Set(
    [...traces].flatMap(([key, { table, columns, holdsOld }]) =>
      holdsOld
        ? []
        : table === null
          ? [keyOf(lossName(key, null))]
          : [...columns].flatMap(([name, column]) => (column === null ? [keyOf(lossName(key, name))] : [])),
    ),
  );
}
/** The tables that are in the database now, beside what becomes of them. */
export function originsOf(
  followed: readonly Followed[],
  traces: ReadonlyMap<string, Trace>,
): readonly { readonly followed: Followed; readonly origin: LossTable }[] {
  return followed.flatMap((each) => {
    const origin = traces.get(foldName(each.table.name))?.table;
    return origin ? [{ followed: each, origin }] : [];
  });
}
