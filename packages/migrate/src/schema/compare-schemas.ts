// Says in words how one schema differs from another. Used to prove generated migrations, and by diff, verify, baseline
// and repair.

import type { SchemaDifference } from '../contract/care.js';
import { foldName } from '../sql/words.js';
import { columnText, compareTables, foreignKeyText, isSameTable } from './compare-tables.js';
import type { Schema, SchemaObject, Table } from './schema.js';

/** Options of `compareSchemas`. */
export interface ComparisonOptions {
  /** Whether the order of a table's columns counts. Default true. */
  readonly columnOrder?: boolean;
}

/** Returns how `actual` differs from `expected`; nothing when they are the same but for spelling. */
export function compareSchemas(
  actual: Schema,
  expected: Schema,
  { columnOrder = true }: ComparisonOptions = {},
): readonly SchemaDifference[] {
  const tables = pair('table', actual.tables, expected.tables, (a, b) => tableMessage(a, b, columnOrder));
  const objects = (
    object: SchemaDifference['object'],
    a: ReadonlyMap<string, SchemaObject>,
    b: ReadonlyMap<string, SchemaObject>,
  ) => pair(object, a, b, objectMessage);
  return [
    ...tables,
    ...objects('virtual_table', actual.virtualTables, expected.virtualTables),
    ...objects('index', actual.indexes, expected.indexes),
    ...objects('view', actual.views, expected.views),
    ...objects('trigger', actual.triggers, expected.triggers),
  ];
}

function pair<T extends { readonly name: string }>(
  object: SchemaDifference['object'],
  actual: ReadonlyMap<string, T>,
  expected: ReadonlyMap<string, T>,
  messageOf: (actual: T, expected: T) => string | null,
): readonly SchemaDifference[] {
  const differences: SchemaDifference[] = [];
  const noun = object.replace('_', ' ');
  for (const [key, { name }] of expected)
    if (!actual.has(key)) differences.push({ object, name, kind: 'missing', message: `${noun} ${name} is missing` });
  for (const [key, each] of actual) {
    const other = expected.get(key);
    const { name } = each;
    if (!other) differences.push({ object, name, kind: 'extra', message: `${noun} ${name} is not expected` });
    else {
      const message = messageOf(each, other);
      if (message !== null) differences.push({ object, name, kind: 'changed', message: `${noun} ${name}: ${message}` });
    }
  }
  return differences;
}

function objectMessage(actual: SchemaObject, expected: SchemaObject): string | null {
  if (foldName(actual.table) !== foldName(expected.table))
    return `it is on ${actual.table} instead of ${expected.table}`;
  return actual.normal === expected.normal ? null : `${actual.normal} instead of ${expected.normal}`;
}

/** How the table `actual` differs from `expected`, in words; null when it does not. */
export function tableMessage(actual: Table, expected: Table, columnOrder: boolean): string | null {
  const difference = compareTables(actual, expected);
  if (isSameTable(difference, columnOrder)) return null;
  const { added, dropped, changed, foreignKeysAdded, foreignKeysDropped, rest, isReordered } = difference;
  return [
    ...added.map(({ name }) => `column ${name} is missing`),
    ...dropped.map(({ name }) => `column ${name} is not expected`),
    ...changed.map(({ from, to }) => `column ${from.name} is ${columnText(from)} instead of ${columnText(to)}`),
    ...foreignKeysAdded.map((key) => `foreign key ${foreignKeyText(key)} is missing`),
    ...foreignKeysDropped.map((key) => `foreign key ${foreignKeyText(key)} is not expected`),
    ...rest,
    ...(isReordered && columnOrder && added.length + dropped.length === 0 ? ['columns stand in another order'] : []),
  ].join('; ');
}
