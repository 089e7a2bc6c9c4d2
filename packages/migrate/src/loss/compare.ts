// The SQL that compares a table with what holds its rows now: row by row by a key, or, where nothing tells rows apart, as
// they are. measure.ts says what is asked.
import { quoteName } from '../sql/words.js';
import type { Taken } from './elsewhere.js';
import type { Heir } from './follow.js';
import { labelSql } from './label.js';
import { hasArrived, keyIn, type Look, type Probe, type RowKey } from './look.js';
import { type Question, questionsOf } from './question.js';
import type { LossColumn } from './table.js';

/** How a look is taken. */
export interface Comparison {
  /** The columns of the copy: names in it, and what of the table they hold. */
  readonly copied: readonly (readonly [name: string, column: LossColumn | 'rowid'])[];
  /** Those that tell its rows apart. */
  readonly key: readonly string[];
  /** The SELECT that makes the copy. */
  readonly copy: string;
  readonly probes: readonly Probe[];
}

/** Returns how `look` is taken, over a copy in the table `place`; with null, over the table as it is. */
export function comparisonOf(look: Look, place: string | null): Comparison {
  const { table, heir } = look;
  const values = valuesOf(look);
  const sure = keyIn(table.keys, heir.columns);
  if (sure) return byKey(look, place, values, sure, false);
  const loose = table.loose && keyIn([table.loose], heir.columns);
  if (loose) return byKey(look, place, values, loose, true);
  const isByRowid = heir.isSame && table.rowid !== null && heir.table.rowid !== null;
  return isByRowid ? byRowid(look, place, values) : byOrder(look, place, values);
}

/** The columns of a table whose values the copy needs. */
function valuesOf({ table, heir, holders, asksRows, changed, gone }: Look): readonly LossColumn[] {
  const isWhole = asksRows && heir.mayMiss && holders.length > 0;
  const asked = new Set([...changed.map(([before]) => before), ...gone]);
  return table.columns.filter((column) => asked.has(column) || (isWhole && !column.isGenerated));
}

function nameNow({ early, table }: Heir): string {
  return quoteName(early?.name ?? table.name);
}

/** What stands behind FROM for the rows of the heir that count, without a key to ask for. */
function rowsNow(heir: Look['heir']): string {
  const { arrived, table } = heir;
  if (arrived === null) return nameNow(heir);
  const rowid = table.rowid === null ? '' : `t.${table.rowid} AS ${table.rowid}, `;
  return `(SELECT ${rowid}t.* FROM ${nameNow(heir)} t WHERE 1${hasArrived(arrived, 't')})`;
}

function copyOf(
  { table, gone, source = quoteName(table.name) }: Look,
  copied: Comparison['copied'],
): Pick<Comparison, 'copied' | 'copy'> {
  const selected = [
    ...copied.map(
      ([name, column]) => `+${quoteName(column === 'rowid' ? (table.rowid ?? '') : column.name)} AS ${name}`,
    ),
    ...heldIn(gone),
  ];
  return { copied, copy: `SELECT ${selected.join(', ')} FROM ${source}` };
}

const heldIn = (gone: readonly LossColumn[]): readonly string[] =>
  gone.map((column, index) => `${heldValue(column)} AS g${index}`);

/** What a column takes along when it goes: nothing where it holds its default, which comes back with it. */
function heldValue({ name, fallback }: LossColumn): string {
  const column = quoteName(name);
  return fallback === null
    ? `+${column}`
    : `CASE WHEN ${column} COLLATE BINARY IS (${fallback}) THEN NULL ELSE ${column} END`;
}

const named = (values: readonly LossColumn[]): Comparison['copied'] =>
  values.map((column, index) => [`v${index}`, column] as const);

/** Where the rows have a key. With one that may be NULL, rows that have none are compared apart. */
function byKey(
  look: Look,
  place: string | null,
  values: readonly LossColumn[],
  key: RowKey,
  isLoose: boolean,
): Comparison {
  const { table, heir } = look;
  const keys = key.before.flatMap((name) => table.columns.filter((column) => column.name === name));
  const hasRowids = isLoose && heir.isSame && table.rowid !== null && heir.table.rowid !== null;
  const { copied, copy } = copyOf(look, [
    ...keys.map((column, index) => [`k${index}`, column] as const),
    ...(hasRowids ? [['kr', 'rowid'] as const] : []),
    ...named(values),
  ]);
  const was = place ?? `(${copy})`;
  // The key of the heir may ignore case, and find another row.
  const on =
    key.after.map((name, index) => `a.${quoteName(name)} COLLATE BINARY IS +b.k${index}`).join(' AND ') +
    hasArrived(heir.arrived, 'a');
  const present = heir.table.rowid ?? heir.table.keys[0]?.[0] ?? key.after[0] ?? '';
  const missing = `a.${quoteName(present)} IS NULL`;
  const label = labelSql(key.before.map((name, index) => [name, `b.k${index}`]));
  const isEmpty = keys.map((_, index) => `b.k${index} IS NULL`).join(' OR ');
  const now = nameNow(heir);
  const only = isLoose ? `NOT (${isEmpty})` : null;
  const single = [...heir.table.keys, ...(isLoose && heir.table.loose ? [heir.table.loose] : [])];
  const isSingle = single.some((names) => names.every((name) => key.after.includes(name)));
  const question: Question = {
    look,
    values,
    place,
    key,
    missing,
    label,
    from: `${was} b LEFT JOIN ${now} a ON ${on}`,
    only,
    ...(!isSingle && { several: key.before.map((_, index) => `b.k${index}`) }),
  };
  const probes = [questionsOf(question)];
  if (hasRowids) {
    const from = `${was} b LEFT JOIN ${now} a ON a.${quoteName(heir.table.rowid ?? '')} = b.kr`;
    const told = labelSql([[table.rowid ?? 'rowid', 'b.kr']]);
    probes.push(
      questionsOf({
        ...question,
        missing: `a.${quoteName(heir.table.rowid ?? '')} IS NULL`,
        from,
        label: told,
        only: `(${isEmpty})`,
      }),
    );
  } else if (isLoose) {
    const without = (names: readonly string[]): string => names.map((name) => `${name} IS NULL`).join(' OR ');
    const before = `(SELECT row_number() OVER () AS n, * FROM ${was} WHERE ${without(keys.map((_, index) => `k${index}`))})`;
    const after = `${rowsNow(heir)} WHERE ${without(key.after.map(quoteName))}`;
    probes.push(inOrder({ look, values, place: null, key }, before, after));
  }
  return { copied, copy, key: [...keys.map((_, index) => `k${index}`), ...(hasRowids ? ['kr'] : [])], probes };
}

function byRowid(look: Look, place: string | null, values: readonly LossColumn[]): Comparison {
  const { table, heir } = look;
  const { copied, copy } = copyOf(look, [['k0', 'rowid'], ...named(values)]);
  const rowid = quoteName(heir.table.rowid ?? '');
  const question: Question = {
    ...{ look, values, place, key: null, missing: `a.${rowid} IS NULL`, only: null },
    label: labelSql([[table.rowid ?? '', 'b.k0']]),
    from: `${place ?? `(${copy})`} b LEFT JOIN ${nameNow(heir)} a ON a.${rowid} = b.k0`,
  };
  return { copied, copy, key: ['k0'], probes: [questionsOf(question)] };
}

/** Rows that nothing tells apart. */
function byOrder(look: Look, place: string | null, values: readonly LossColumn[]): Comparison {
  const { table, heir, gone, source = quoteName(table.name) } = look;
  const order = table.rowid === null ? '' : ` ORDER BY ${table.rowid}`;
  const selected = values.map((column, index) => `+${quoteName(column.name)} AS v${index}`);
  const copy = `SELECT ${[`row_number() OVER (${order.trim()}) AS n`, ...selected, ...heldIn(gone)].join(', ')} FROM ${source}`;
  return {
    ...{ copied: named(values), copy, key: [] },
    probes: [inOrder({ look, values, place, key: null }, place ?? `(${copy})`, rowsNow(heir))],
  };
}

/**
 * The same rows in any order are kept, and so are rows in the same order whose values are. A copy keeps the order, unless its
 * SELECT says otherwise. `was` numbers its rows by `n`; `now` is what stands behind FROM.
 */
function inOrder(asked: Taken, was: string, now: string): Probe {
  const { look, values } = asked;
  const { heir, changed, asksRows } = look;
  const order = heir.table.rowid === null ? '' : `ORDER BY ${heir.table.rowid}`;
  const after = (column: LossColumn): string =>
    quoteName(changed.find(([before]) => before === column)?.[1].name ?? column.name);
  const compared = values.filter((column) => changed.some(([before]) => before === column));
  const names = compared.map((column) => `v${values.indexOf(column)} COLLATE BINARY`).join(', ');
  const others = compared.map((column) => `+${after(column)} COLLATE BINARY AS v${values.indexOf(column)}`);
  const numbered = `SELECT ${names}, row_number() OVER (PARTITION BY ${names}) FROM`;
  // With fewer rows their order says nothing of the values: that they are fewer says enough. Asked once, not for each column.
  const enough = asksRows
    ? ` JOIN (SELECT (SELECT count(*) FROM ${now}) >= (SELECT count(*) FROM ${was}) AS enough) e`
    : '';
  const isThere = `NOT EXISTS (${numbered} ${was} EXCEPT ${numbered} (SELECT ${others.join(', ')} FROM ${now}))`;
  return questionsOf({
    ...asked,
    missing: 'a.n IS NULL',
    label: labelSql([['row', 'b.n']]),
    from: `${was} b LEFT JOIN (SELECT ${[`row_number() OVER (${order}) AS n`, ...compared.map(after)].join(', ')} FROM ${now}) a ON a.n = b.n${enough}`,
    only: null,
    ...(compared.length > 0 && { unless: isThere }),
    ...(asksRows && { onlyIf: 'e.enough' }),
  });
}
