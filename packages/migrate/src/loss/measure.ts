// Measures what a migration loses, in plain SQL inside its transaction: what must be compared is copied before its
// statements run, or by triggers while they do, compared by key behind them, and gone before COMMIT. follow.ts says where rows
// may be afterwards.

import type { DataLoss } from '../contract/migration.js';
import { foldName, quoteName } from '../sql/words.js';
import type { Agreement } from './agreement.js';
import { keepingArrivals } from './arrivals.js';
import { comparisonOf } from './compare.js';
import { together } from './elsewhere.js';
import type { Followed, Heir } from './follow.js';
import type { Arrival } from './heirs.js';
import { labelOf, shownLabel } from './label.js';
import { type Arrived, hasKey, hasWhole, type Look, type Probe, tallyOf, tallySql } from './look.js';
import type { LossColumn, LossTable } from './table.js';
import { type Around, watching } from './watch.js';

/** The statements that measure a migration. */
export interface Measurement {
  /** What is certain as soon as there are rows: tables and columns that nothing follows. Asked before anything runs. */
  readonly certain: readonly Probe[];
  /** Copies of what is compared. */
  readonly copies: readonly string[];
  /** What fills copies while the statements run. */
  readonly around: readonly Around[];
  /** Asked before the statement `at`, where both tables are there. */
  readonly early: readonly { readonly at: number; readonly probe: Probe }[];
  /** Asked behind the statements of the migration. */
  readonly compared: readonly Probe[];
  /** Takes the copies away. */
  readonly removal: readonly string[];
}

/** A migration that cannot lose anything. */
export const nothingToMeasure: Measurement = {
  ...{ certain: [], copies: [], around: [], early: [], compared: [], removal: [] },
};

/** Returns how to measure `followed`, without what was agreed to. */
export function measurementOf(followed: readonly Followed[], agreement: Agreement): Measurement {
  const free = freeName(
    followed.flatMap(({ table, heir, holders }) => [table, heir?.table ?? table, ...holders.map((each) => each.table)]),
  );
  const copies: string[] = [];
  const around: Around[] = [];
  const early: { at: number; probe: Probe }[] = [];
  const compared: Probe[] = [];
  for (const each of followed) {
    const found = lookAt(each, agreement);
    if (found === null) continue;
    const arrivedIn = ({ arrivals }: { readonly arrivals: readonly Arrival[] | null }): Arrived | null => {
      const kept = arrivals === null ? null : keepingArrivals(arrivals, `${free}${copies.length}`);
      if (kept === null) return null;
      copies.push(kept.creation);
      around.push(...kept.around);
      return kept.arrived;
    };
    const look: Look = {
      ...found,
      heir: { ...found.heir, arrived: arrivedIn(found.heir) },
      holders: found.holders.map((holder) => ({ ...holder, arrived: arrivedIn(holder) })),
    };
    const sooner = look.heir.early;
    if (sooner) {
      early.push(...comparisonOf(look, null).probes.map((probe) => ({ at: sooner.at, probe })));
      continue;
    }
    const place = `${free}${copies.length}`;
    const comparison = comparisonOf(look, place);
    const watched = watching(look, comparison, place);
    copies.push(watched?.creation ?? `CREATE TABLE ${place} AS ${comparison.copy}`);
    around.push(...(watched?.around ?? []));
    compared.push(...comparison.probes);
  }
  const removal = copies.map((_, index) => `DROP TABLE ${free}${index}`);
  return { certain: certainIn(followed, agreement), copies, around, early, compared, removal };
}

/** What the names of copies begin with: no table of `tables` is called so. */
function freeName(tables: readonly LossTable[]): string {
  let free = '__cc_before_';
  while (tables.some(({ name }) => foldName(name).startsWith(free))) free += '_';
  return free;
}

/** The probes of what is certain: tables and columns that nothing follows, and that nothing holds. */
export function certainIn(followed: readonly Followed[], agreement: Agreement): readonly Probe[] {
  return followed.flatMap((each): readonly Probe[] => {
    const { table, heir, gone } = each;
    if (heir?.isOther && agreement.has(table.name, null)) return [];
    if (!heir) return agreement.has(table.name, null) ? [] : [allRows(table)];
    return gone
      .filter((column) => !agreement.has(table.name, column.name) && !mayBeHeld(each, column))
      .map((column) => heldValues(table, column));
  });
}

/** Whether a holder may have what a column held. */
function mayBeHeld({ table, holders }: Followed, column: LossColumn): boolean {
  return holders.some((holder) => hasKey(table, holder) && holder.columns.some(([before]) => before === column));
}

/** A look before it is known which rows of other tables count. */
interface Found extends Omit<Look, 'heir' | 'holders'> {
  readonly heir: Heir;
  readonly holders: Followed['holders'];
}

/** What has to be compared of a table; null for nothing. */
function lookAt(followed: Followed, agreement: Agreement): Found | null {
  const { table, heir, gone, holders } = followed;
  if (!heir || (heir.isOther && agreement.has(table.name, null))) return null;
  const changed = heir.changed.filter(
    ([before, after]) => isOwn(before, after) && !agreement.has(table.name, before.name),
  );
  const held = gone.filter((column) => !agreement.has(table.name, column.name) && mayBeHeld(followed, column));
  const asksRows = heir.mayMiss && !agreement.has(table.name, null);
  if (!asksRows && changed.length + held.length === 0) return null;
  const asked = new Set([...changed.map(([before]) => before), ...held]);
  const isWithoutKey = asksRows && heir.isSame && table.keys.length === 0 && table.loose === null;
  const ofUse = holders.filter(
    (holder) =>
      (hasKey(table, holder) &&
        (asksRows ? holder.columns.length > 0 : holder.columns.some(([column]) => asked.has(column)))) ||
      (isWithoutKey && hasWhole(table, holder)),
  );
  // What stands elsewhere is looked for in the end.
  const when = ofUse.length > 0 ? { ...heir, early: null } : heir;
  return { table, heir: when, holders: ofUse, asksRows, changed, gone: held };
}

/** How the rows of one slice of `table`, one of `tables`, are measured. */
export function sliceMeasurementOf(
  table: LossTable,
  tables: readonly LossTable[],
  { assigned, source }: { readonly assigned: readonly string[] | null; readonly source: string },
  agreement: Agreement,
): Measurement {
  const pairs = table.columns.map((column) => [column, column] as const);
  const changed = pairs.filter(
    ([{ name, isGenerated }]) =>
      !isGenerated && (assigned?.includes(foldName(name)) ?? false) && !agreement.has(table.name, name),
  );
  const asksRows = assigned === null && !agreement.has(table.name, null);
  if (agreement.isTotal || (changed.length === 0 && !asksRows)) return nothingToMeasure;
  const heir: Look['heir'] = {
    table,
    isSame: true,
    isOther: false,
    arrivals: null,
    arrived: null,
    columns: pairs,
    changed,
    mayMiss: asksRows,
    early: null,
    watches: null,
  };
  const place = `${freeName(tables)}0`;
  const { copy, probes } = comparisonOf({ table, heir, holders: [], asksRows, changed, gone: [], source }, place);
  return {
    ...nothingToMeasure,
    ...{ copies: [`CREATE TABLE ${place} AS ${copy}`], compared: probes, removal: [`DROP TABLE ${place}`] },
  };
}

/** An SQL expression: how many of `probes` find a loss. */
export function lossesSql(probes: readonly Probe[]): string {
  return probes.length === 0
    ? '0'
    : together(
        probes.map(({ isLost }) => isLost),
        '+',
      );
}

/** What the details of `probe` say. */
export function lossesIn({ parts }: Probe, row: Readonly<Record<number, unknown>> | undefined): readonly DataLoss[] {
  return parts.flatMap(({ table, column }, index) => {
    const { rows, key } = tallyOf(row?.[index]);
    return rows === 0 ? [] : [{ table, column, rows, key: shownLabel(key), measured: true }];
  });
}

/** Losses of one table or column together. */
export function joined(losses: readonly DataLoss[]): readonly DataLoss[] {
  const found = new Map<string, DataLoss>();
  for (const loss of losses) {
    const name = JSON.stringify([loss.table, loss.column]);
    const known = found.get(name);
    found.set(name, known ? { ...known, rows: known.rows + loss.rows } : loss);
  }
  return [...found.values()];
}

/** A generated column holds nothing of its own, as long as it stays one. */
function isOwn(before: LossColumn, after: LossColumn): boolean {
  return !(before.isGenerated && after.isGenerated);
}

function allRows(table: LossTable): Probe {
  const from = `FROM ${quoteName(table.name)}`;
  return {
    isLost: `EXISTS (SELECT 1 ${from})`,
    details: `SELECT ${tallySql('count(*)', `(SELECT ${labelOf(table)} ${from} LIMIT 1)`)} ${from}`,
    parts: [{ table: table.name, column: null }],
  };
}

function heldValues(table: LossTable, column: LossColumn): Probe {
  const name = quoteName(column.name);
  const isDefault = column.fallback === null ? '' : ` AND ${name} COLLATE BINARY IS NOT (${column.fallback})`;
  const from = `FROM ${quoteName(table.name)} WHERE ${name} IS NOT NULL${isDefault}`;
  return {
    isLost: `EXISTS (SELECT 1 ${from})`,
    details: `SELECT ${tallySql('count(*)', `(SELECT ${labelOf(table)} ${from} LIMIT 1)`)} ${from}`,
    parts: [{ table: table.name, column: column.name }],
  };
}
