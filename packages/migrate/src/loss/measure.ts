// Measures what a migration loses, in plain SQL inside its transaction: what must be compared is copied before its
// statements run, compared by key behind them, and gone before COMMIT. follow.ts says where rows may be afterwards.

import { quoteName } from '../sql/words.js';
import type { DataLoss } from '../types.js';
import type { Agreement } from './agreement.js';
import type { Followed, Heir } from './follow.js';
import { lostSql } from './kept.js';
import { labelOf, labelSql } from './label.js';
import type { LossColumn, LossTable } from './table.js';

/** The statements that measure a migration. */
export interface Measurement {
  /** What is certain as soon as there are rows: tables and columns that nothing follows. Asked before anything runs. */
  readonly certain: readonly Probe[];
  /** Copies of what is compared. */
  readonly copies: readonly string[];
  /** Asked before the statement `at`, where both tables are there. */
  readonly early: readonly { readonly at: number; readonly probe: Probe }[];
  /** Asked behind the statements of the migration. */
  readonly compared: readonly Probe[];
  /** Takes the copies away. */
  readonly removal: readonly string[];
}

/** A question about one table. */
export interface Probe {
  /** An SQL expression: 1 when anything is lost. */
  readonly isLost: string;
  /** One row with a count and an example key for each of `parts`. */
  readonly details: string;
  readonly parts: readonly { readonly table: string; readonly column: string | null }[];
}

/** A migration that cannot lose anything. */
export const nothingToMeasure: Measurement = { certain: [], copies: [], early: [], compared: [], removal: [] };

/** Returns how to measure `followed`, without what was agreed to. */
export function measurementOf(followed: readonly Followed[], agreement: Agreement): Measurement {
  const certain: Probe[] = [];
  const copies: string[] = [];
  const early: { at: number; probe: Probe }[] = [];
  const compared: Probe[] = [];
  for (const { table, heir, gone, copies: others } of followed) {
    if (!heir) {
      if (!agreement.has(table.name, null)) certain.push(allRows(table));
      continue;
    }
    const left = gone.filter(({ name }) => !agreement.has(table.name, name));
    const held = left.map((column) => ({ column, holder: others.find((each) => holds(each, table, column)) }));
    certain.push(...held.flatMap(({ column, holder }) => (holder ? [] : [heldValues(table, column)])));
    const looks: Look[] = [];
    if (heir.needsLook) {
      const columns = heir.changed.filter(
        ([before, after]) => isOwn(before, after) && !agreement.has(table.name, before.name),
      );
      const rows = !agreement.has(table.name, null);
      if (rows || columns.length > 0) looks.push({ heir, columns, rows: rows ? 'gone' : 'ignored' });
    }
    for (const holder of others) {
      const columns = held.flatMap(({ column, holder: by }) => (by === holder ? pairOf(holder, column) : []));
      if (columns.length > 0) looks.push({ heir: holder, columns, rows: 'needed' });
    }
    for (const look of looks) {
      const sooner = look.heir.early;
      if (sooner) early.push({ at: sooner.at, probe: comparison(table, look, null).probe });
      else {
        const place = `__cc_before_${copies.length}`;
        const { copy, probe } = comparison(table, look, place);
        copies.push(`CREATE TABLE ${place} AS ${copy}`);
        compared.push(probe);
      }
    }
  }
  return { certain, copies, early, compared, removal: copies.map((_, index) => `DROP TABLE __cc_before_${index}`) };
}

/** How the rows of one slice are measured. What triggers do to other tables is not. */
export function sliceMeasurementOf(
  table: LossTable,
  { assigned, source }: { readonly assigned: readonly string[] | null; readonly source: string },
  agreement: Agreement,
): Measurement {
  const pairs = table.columns.map((column) => [column, column] as const);
  const columns = pairs.filter(
    ([{ name, isGenerated }]) =>
      !isGenerated && (assigned?.includes(name.toLowerCase()) ?? false) && !agreement.has(table.name, name),
  );
  const rows = agreement.has(table.name, null) ? 'ignored' : 'gone';
  if (agreement.isTotal || (columns.length === 0 && (assigned !== null || rows === 'ignored'))) return nothingToMeasure;
  const heir: Heir = { table, isSame: true, columns: pairs, changed: columns, needsLook: true, early: null };
  const { copy, probe } = comparison(table, { heir, columns, rows, source }, '__cc_before_0');
  return {
    certain: [],
    copies: [`CREATE TABLE __cc_before_0 AS ${copy}`],
    early: [],
    compared: [probe],
    removal: ['DROP TABLE __cc_before_0'],
  };
}

/** An SQL expression: how many of `probes` find a loss. */
export function lossesSql(probes: readonly Probe[]): string {
  return probes.length === 0 ? '0' : probes.map(({ isLost }) => isLost).join(' + ');
}

/** What the details of `probe` say. */
export function lossesIn({ parts }: Probe, row: Readonly<Record<number, unknown>> | undefined): readonly DataLoss[] {
  return parts.flatMap(({ table, column }, index) => {
    const rows = Number(row?.[index * 2] ?? 0);
    const key = row?.[index * 2 + 1];
    return rows === 0 ? [] : [{ table, column, rows, key: key == null ? null : String(key), measured: true }];
  });
}

/** One comparison of a table with what holds its rows now. */
interface Look {
  readonly heir: Heir;
  readonly columns: Heir['changed'];
  /** A missing row is a loss itself, is none, or is the loss of each value it held. */
  readonly rows: 'gone' | 'ignored' | 'needed';
  /** The rows to copy, as what stands behind FROM; absent for all. */
  readonly source?: string;
}

/** A generated column holds nothing of its own, as long as it stays one. */
function isOwn(before: LossColumn, after: LossColumn): boolean {
  return !(before.isGenerated && after.isGenerated);
}

function pairOf({ columns }: Heir, column: LossColumn): Heir['changed'] {
  return columns.filter(([before]) => before === column);
}

function holds(heir: Heir, table: LossTable, column: LossColumn): boolean {
  return pairOf(heir, column).length > 0 && keyIn(table, heir) !== null;
}

function allRows(table: LossTable): Probe {
  const from = `FROM ${quoteName(table.name)}`;
  return {
    isLost: `EXISTS (SELECT 1 ${from})`,
    details: `SELECT count(*) AS n, (SELECT ${labelOf(table)} ${from} LIMIT 1) AS k ${from}`,
    parts: [{ table: table.name, column: null }],
  };
}

function heldValues(table: LossTable, column: LossColumn): Probe {
  const name = quoteName(column.name);
  const isDefault = column.fallback === null ? '' : ` AND ${name} COLLATE BINARY IS NOT (${column.fallback})`;
  const from = `FROM ${quoteName(table.name)} WHERE ${name} IS NOT NULL${isDefault}`;
  return {
    isLost: `EXISTS (SELECT 1 ${from})`,
    details: `SELECT count(*) AS n, (SELECT ${labelOf(table)} ${from} LIMIT 1) AS k ${from}`,
    parts: [{ table: table.name, column: column.name }],
  };
}

/** How rows before and after are told to be the same: pairs of columns, the rowid, or only their order. */
interface RowKey {
  readonly before: readonly string[];
  readonly after: readonly string[];
}

/** The first key of `table` whose columns the heir has; null without one. */
function keyIn(table: LossTable, { columns }: Heir): RowKey | null {
  for (const key of table.keys) {
    const after = key.map((name) => columns.find(([before]) => before.name === name)?.[1].name);
    const whole = after.filter((name) => name !== undefined);
    if (whole.length === key.length) return { before: key, after: whole };
  }
  return null;
}

/** A SELECT of what is compared, and the question to it where it was copied to; with null, to the table as it is. */
function comparison(
  table: LossTable,
  look: Look,
  place: string | null,
): { readonly copy: string; readonly probe: Probe } {
  const { heir, columns } = look;
  const key = keyIn(table, heir);
  const isByRowid = key === null && heir.isSame && table.rowid !== null && heir.table.rowid !== null;
  const byRowid = { before: [table.rowid ?? ''], after: [heir.table.rowid ?? ''] };
  const rows = key ?? (isByRowid ? byRowid : null);
  return rows === null ? byOrder(table, look, place) : byKey(table, look, place, rows, columns);
}

function byKey(
  table: LossTable,
  { heir, rows, source = quoteName(table.name) }: Look,
  place: string | null,
  key: RowKey,
  columns: Heir['changed'],
): { readonly copy: string; readonly probe: Probe } {
  const selected = [
    ...key.before.map((name, index) => `+${quoteName(name)} AS k${index}`),
    ...columns.map(([before], index) => `${valueSql(before)} AS v${index}`),
  ];
  const on = key.after.map((name, index) => `a.${quoteName(name)} IS +b.k${index}`).join(' AND ');
  const present = heir.table.rowid ?? heir.table.keys[0]?.[0] ?? key.after[0] ?? '';
  const copy = `SELECT ${selected.join(', ')} FROM ${source}`;
  return {
    copy,
    probe: probeOf({
      from: `${place ?? `(${copy})`} b LEFT JOIN ${quoteName(heir.early?.name ?? heir.table.name)} a ON ${on}`,
      missing: `a.${quoteName(present)} IS NULL`,
      label: labelSql(key.before.map((name, index) => [name, `b.k${index}`])),
      table,
      columns,
      rows,
      unless: '0',
      onlyIf: '',
    }),
  };
}

/**
 * Rows that nothing tells apart: the same rows in any order are kept, and so are rows in the same order whose values are.
 * A copy keeps the order, unless its SELECT says otherwise.
 */
function byOrder(
  table: LossTable,
  { heir, rows, columns }: Look,
  place: string | null,
): { readonly copy: string; readonly probe: Probe } {
  const order = (name: string | null): string => `row_number() OVER (${name === null ? '' : `ORDER BY ${name}`})`;
  const values = columns.map(([before], index) => `+${quoteName(before.name)} AS v${index}`);
  const now = columns.map(([, after], index) => `+${quoteName(after.name)} COLLATE BINARY AS v${index}`);
  const names = columns.map((_, index) => `v${index} COLLATE BINARY`).join(', ');
  const after = quoteName(heir.early?.name ?? heir.table.name);
  const copy = `SELECT ${[`${order(table.rowid)} AS k0`, ...values].join(', ')} FROM ${quoteName(table.name)}`;
  const was = place ?? `(${copy})`;
  const numbered = `SELECT ${names}${names === '' ? '' : ', '}row_number() OVER (${names === '' ? '' : `PARTITION BY ${names}`}) FROM`;
  const others = columns.map(([, column]) => quoteName(column.name));
  return {
    copy,
    probe: probeOf({
      from: `${was} b LEFT JOIN (SELECT ${[`${order(heir.table.rowid)} AS k0`, ...others].join(', ')} FROM ${after}) a ON a.k0 = b.k0`,
      missing: 'a.k0 IS NULL',
      label: labelSql([['row', 'b.k0']]),
      table,
      columns,
      rows,
      // With fewer rows their order says nothing of the values: that they are fewer says enough.
      onlyIf: rows === 'gone' ? ` AND (SELECT count(*) FROM ${after}) >= (SELECT count(*) FROM ${was})` : '',
      unless:
        columns.length === 0
          ? '0'
          : `NOT EXISTS (${numbered} ${was} EXCEPT ${numbered} (SELECT ${now.join(', ')} FROM ${after}))`,
    }),
  };
}

interface Question {
  /** `b` is the row before, `a` the one that took its place. */
  readonly from: string;
  readonly missing: string;
  readonly label: string;
  readonly table: LossTable;
  readonly columns: Heir['changed'];
  readonly rows: Look['rows'];
  /** Nothing is lost when this holds. */
  readonly unless: string;
  /** Values can be told apart only with this, which begins with AND. */
  readonly onlyIf: string;
}

function probeOf({ from, missing, label, table, columns, rows, unless, onlyIf }: Question): Probe {
  const values = columns.map(([before, after], index) => {
    const lost = lostSql(`b.v${index}`, `a.${quoteName(after.name)}`, before.affinity, after.affinity);
    return rows === 'needed'
      ? { column: before.name, sql: `(b.v${index} IS NOT NULL AND (${missing} OR ${lost}))` }
      : { column: before.name, sql: `(NOT ${missing} AND ${lost}${onlyIf})` };
  });
  const questions = [...(rows === 'gone' ? [{ column: null, sql: `(${missing})` }] : []), ...values];
  const any = questions.map(({ sql }) => sql).join(' OR ');
  const counted = questions.map(
    ({ sql }, index) =>
      `count(CASE WHEN ${sql} THEN 1 END) AS n${index}, min(CASE WHEN ${sql} THEN ${label} END) AS k${index}`,
  );
  return {
    isLost: `(EXISTS (SELECT 1 FROM ${from} WHERE ${any})${unless === '0' ? '' : ` AND NOT (${unless})`})`,
    details: `SELECT ${counted.join(', ')} FROM ${from}${unless === '0' ? '' : ` WHERE NOT (${unless})`}`,
    parts: questions.map(({ column }) => ({ table: table.name, column })),
  };
}

/** A value to compare, without its affinity. The default counts as none. */
function valueSql({ name, fallback, isGenerated }: LossColumn): string {
  const column = quoteName(name);
  if (fallback === null || isGenerated) return `+${column}`;
  return `CASE WHEN ${column} COLLATE BINARY IS (${fallback}) THEN NULL ELSE ${column} END`;
}
