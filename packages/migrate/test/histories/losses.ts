// What a step took away: rows and values of before, looked for after it under whatever they are called now. Tables and
// columns are followed by their numbers and rows by their keys, so no SQL is read.
import { type Column, columnOf, keyOf, type Shape, type Table, tableOf } from './shape.js';
import type { Affinity, Cell, Dump } from './stock.js';

/** A database at one moment. */
export interface State {
  readonly shape: Shape;
  readonly dump: Dump;
}

/** Something that is gone. */
export interface Loss {
  readonly tid: number;
  /** Columns that a refusal may name. */
  readonly cids: readonly number[];
  /** Whether a refusal may name the table. */
  readonly isWhole: boolean;
  /**
   * Whether one may say that it is none: the same bytes are a blob now, another table holds the same rows and values, or
   * another column of the same rows has the values.
   */
  readonly isOpen: boolean;
}

/**
 * Returns what `after` no longer has of `before`. Columns that `start`, the shape before the run, does not have are nobody's loss
 * yet.
 */
export function lossesBetween(
  affinity: Affinity,
  before: State,
  after: State,
  start: Shape = before.shape,
): readonly Loss[] {
  return before.shape.tables.flatMap((table) => lossesOf(affinity, { table, before, after, start }));
}

interface Pair {
  readonly table: Table;
  readonly before: State;
  readonly after: State;
  readonly start: Shape;
}

function lossesOf(affinity: Affinity, { table, before, after, start }: Pair): readonly Loss[] {
  const rows = readRows(before, table);
  const heir = tableOf(after.shape, table.tid);
  const key = keyOf(table);
  const copies = copiesOf(affinity, after, table, key, tableOf(start, table.tid));
  if (rows.length === 0) return [];
  const isCopied = (): boolean => copies.some((copy) => rows.every((row) => copy.holds(row)));
  if (!heir) return [{ ...wholeOf(table), isOpen: isCopied() }];
  const inherited = readRows(after, heir);
  if (!key) return withoutKey(affinity, { table, heir, rows, inherited, start, isCopied: isCopied() });
  const byKey = new Map(inherited.map((row) => [row.get(key.cid), row]));
  const pairs = rows.flatMap((row): readonly RowPair[] => {
    const now = byKey.get(row.get(key.cid));
    return now ? [{ row, now }] : [];
  });
  const lost = table.columns.flatMap((column): readonly Loss[] => {
    const next = columnOf(heir, column.cid);
    const names = columnsOf(table, [column]);
    // What is computed is no data of its own, as long as it is computed.
    if (column.formula && (next?.formula || !next)) return [];
    // Another column of the same rows has got the values, and gives them back.
    const isBeside = (of: readonly RowPair[]): boolean =>
      heir.columns.some((other) =>
        of.every(({ row, now }) => fateOf(affinity, column, other, row.get(column.cid), now.get(other.cid)) === 'kept'),
      );
    if (!next) {
      const held = pairs.filter(({ row }) => holdsMore(affinity, column, row));
      const isElsewhere = copies.some((copy) => held.every(({ row }) => copy.holds(row, column)));
      // Or some rows have theirs in a copy, and the others beside.
      const left = held.filter(({ row }) => !copies.some((copy) => copy.holds(row, column)));
      return held.length === 0 ? [] : [{ ...names, isOpen: isElsewhere || isBeside(left) }];
    }
    const fates = pairs.map(({ row, now }) => {
      const fate = fateOf(affinity, column, next, row.get(column.cid), now.get(column.cid));
      return fate !== 'kept' && copies.some((copy) => copy.holds(row, column)) ? 'open' : fate;
    });
    return fates.every((fate) => fate === 'kept')
      ? []
      : [{ ...names, isOpen: (!fates.includes('lost') && !fates.includes('misfit')) || isBeside(pairs) }];
  });
  const isWhole = pairs.length === rows.length;
  if (isWhole) return lost;
  const missing = rows.filter((row) => !byKey.has(row.get(key.cid)));
  const isElsewhere = missing.every((row) => copies.some((copy) => copy.holds(row)));
  return [{ ...wholeOf(table), isOpen: isElsewhere }, ...lost];
}

type Lost = Omit<Loss, 'isOpen'>;

/** A table that is gone is gone with each of its columns: rows may be said to be there still, under their keys. */
export function wholeOf({ tid, columns }: Table): Lost {
  return { tid, cids: columns.map(({ cid }) => cid), isWhole: true };
}

function columnsOf({ tid }: Table, columns: readonly Column[]): Lost {
  return { tid, cids: columns.map(({ cid }) => cid), isWhole: false };
}

/** The names under which a refusal may speak of a loss: those that it has in any of `shapes`. */
export function namesOf({ tid, cids, isWhole }: Lost, shapes: readonly Shape[]): readonly string[] {
  const names = shapes.flatMap((shape) => {
    const table = tableOf(shape, tid);
    if (!table) return [];
    const columns = cids.flatMap((cid) => columnOf(table, cid) ?? []);
    return [...(isWhole ? [table.name] : []), ...columns.map(({ name }) => `${table.name}.${name}`)];
  });
  return [...new Set(names)];
}

/** Without a key nobody knows whether a row is gone or holds other values. */
function withoutKey(
  affinity: Affinity,
  {
    table,
    heir,
    rows,
    inherited,
    start,
    isCopied,
  }: {
    readonly table: Table;
    readonly heir: Table;
    readonly rows: readonly Row[];
    readonly inherited: readonly Row[];
    readonly start: Shape;
    /** Another table holds all of its rows. */
    readonly isCopied: boolean;
  },
): readonly Loss[] {
  // With the last row goes every value.
  if (inherited.length === 0) return [{ ...wholeOf(table), isOpen: isCopied }];
  const kept = table.columns.filter((column) => {
    const next = columnOf(heir, column.cid);
    return next && !(column.formula && next.formula);
  });
  const names = { ...columnsOf(table, kept), isWhole: true };
  const lost = table.columns.filter(
    (column) => !column.formula && !columnOf(heir, column.cid) && rows.some((row) => holdsMore(affinity, column, row)),
  );
  const wasThere = tableOf(start, table.tid);
  const old = kept.filter(({ cid }) => wasThere && columnOf(wasThere, cid));
  const leavesOver = (fates: ReadonlySet<Fate>, columns = kept): boolean => {
    const left = [...inherited];
    // Each of the others counts once.
    return rows.some((row) => {
      const at = left.findIndex((other) =>
        columns.every((column) => {
          const next = columnOf(heir, column.cid) ?? column;
          return fates.has(fateOf(affinity, column, next, row.get(column.cid), other.get(column.cid)));
        }),
      );
      if (at !== -1) left.splice(at, 1);
      return at === -1;
    });
  };
  return [
    ...(leavesOver(new Set(['kept']))
      ? [
          {
            ...names,
            isOpen: isCopied || !leavesOver(new Set(['kept', 'open', 'misfit'])) || !leavesOver(new Set(['kept']), old),
          },
        ]
      : []),
    ...lost.map((column) => ({ ...columnsOf(table, [column]), isOpen: false })),
  ];
}

/** Another table, with the same keys. */
interface CopyOfRows {
  /** Whether it has the row with every value of it, or with that of one column. */
  holds(row: Row, column?: Column): boolean;
}

function copiesOf(
  affinity: Affinity,
  after: State,
  source: Table,
  key: Column | undefined,
  atStart: Table | undefined,
): readonly CopyOfRows[] {
  // What is computed is no data of its own, and what the run has made nobody's yet.
  const data = source.columns.filter(({ formula, cid }) => !formula && (!atStart || columnOf(atStart, cid)));
  const others = after.shape.tables.filter((each) => each.tid !== source.tid);
  return others.map((table) => {
    const own = keyOf(table);
    const rows = readRows(after, table);
    const byKey = new Map(rows.map((row) => [own && row.get(own.cid), row]));
    // Without keys, each row is a copy once.
    const left = [...rows];
    // The same, its bytes, or what the column takes for the same.
    const isIn = (row: Row, columns: readonly Column[], copy: Row | undefined): boolean => {
      const values = [...(copy?.values() ?? [])];
      const has = (cell: Cell, { type }: Column): boolean =>
        values.some((is) => is === cell || isSameBytes(is, cell) || affinity.stored(type, is) === cell);
      return (
        copy !== undefined &&
        columns.every((column) => {
          const cell = row.get(column.cid) ?? 'N';
          return cell === 'N' || has(cell, column);
        })
      );
    };
    return {
      holds: (row: Row, column?: Column) => {
        const columns = column ? [column] : data;
        if (key) return own !== undefined && isIn(row, columns, byKey.get(row.get(key.cid)));
        const at = left.findIndex((copy) => isIn(row, columns, copy));
        if (at !== -1) left.splice(at, 1);
        return at !== -1;
      },
    };
  });
}

/** A row of before, and what it is now. */
interface RowPair {
  readonly row: Row;
  readonly now: Row;
}

/** Rows by number of column. */
type Row = ReadonlyMap<number, Cell>;

export function readRows({ dump }: State, table: Table): readonly Row[] {
  const stored = dump.tables.get(table.name);
  if (!stored) throw new Error(`The model has a table ${table.name} that is not there`);
  const cids = stored.columns.map((name) => table.columns.find((column) => column.name === name)?.cid);
  if (cids.includes(undefined))
    throw new Error(`The model of ${table.name} has other columns: ${stored.columns.join()}`);
  return stored.rows.map((row) => new Map(row.map((cell, index) => [cids[index] ?? 0, cell])));
}

/** A dropped column takes more than NULL and its default with it. */
function holdsMore(affinity: Affinity, column: Column, row: Row): boolean {
  return row.get(column.cid) !== 'N' && row.get(column.cid) !== defaultOf(affinity, column);
}

function defaultOf(affinity: Affinity, { defaultSql, type }: Column): Cell | null {
  return defaultSql === null ? null : affinity.evaluated(type, defaultSql);
}

/** What became of a value: of `open` one may say either; `misfit` is the same, in a column whose type does not hold it. */
type Fate = 'kept' | 'open' | 'misfit' | 'lost';

/**
 * NULL is no value. Another value is kept when it is the same, or comes back when the column has its old type again, and
 * when a new type can hold it.
 */
function fateOf(affinity: Affinity, column: Column, next: Column, was: Cell | undefined, is: Cell | undefined): Fate {
  if (was === undefined || is === undefined || was === 'N') return 'kept';
  const { type } = column;
  if (isSameBytes(was, is)) return 'open';
  if (was !== is && affinity.stored(type, is) !== was) return 'lost';
  if (isRounded(was, is)) return 'open';
  if (type === next.type || holds[next.type].includes(is[0] ?? '')) return 'kept';
  // What the old type could not hold either is no worse off.
  return holds[type].includes(was[0] ?? '') ? 'misfit' : 'open';
}

/** How cells begin that a type is made for. */
const holds = { integer: 'I', real: 'RI', text: 'T' } as const;

/** Whether one is a text and the other a blob of its bytes. */
function isSameBytes(a: Cell, b: Cell): boolean {
  const kinds = `${a[0] ?? ''}${b[0] ?? ''}`;
  return (kinds === 'TB' || kinds === 'BT') && a.slice(1) === b.slice(1);
}

/** Whether a whole number, or its text, stands for a real one that is another number, though it gives it back: 2^63 - 1 for 2^63. */
function isRounded(was: Cell, is: Cell): boolean {
  const digits = is.startsWith('T') ? Buffer.from(is.slice(1), 'hex').toString() : is.slice(1);
  const isWhole = was.startsWith('R') && !is.startsWith('R') && /^-?\d+$/.test(digits);
  return isWhole && BigInt(digits) !== BigInt(Number(was.slice(1)));
}
