// What filters, criteria and orders mean, in plain JavaScript over plain rows.
import { millimetersIn } from '@cc/schema';
import type { MetadataCriteria, ModelFilter, ModelSort } from '../../src/index.js';
import type { Row } from './rows.js';

/** Whether a row passes every condition of a filter. */
export function passes(row: Row, filter: ModelFilter): boolean {
  const keys = row.tags.map(tagKeyOf);
  const has = (tag: string): boolean => keys.includes(tagKeyOf(tag.trim()));
  return (
    (filter.formats?.some((format) => format === row.format) ?? true) &&
    (filter.statuses?.some((status) => status === row.status) ?? true) &&
    (filter.parseStatuses?.some((status) => status === row.parseStatus) ?? true) &&
    (filter.tagsAll?.every(has) ?? true) &&
    (filter.tagsAny?.some(has) ?? true) &&
    !(filter.tagsNone?.some(has) ?? false) &&
    (filter.createdFrom === undefined || row.createdAt >= filter.createdFrom.getTime()) &&
    (filter.createdTo === undefined || row.createdAt < filter.createdTo.getTime()) &&
    isWithin(row.triangles, filter.minTriangles, filter.maxTriangles) &&
    isWithin(row.fileSize, filter.minFileSize, filter.maxFileSize) &&
    isWithin(row.rating, filter.minRating, filter.maxRating) &&
    (filter.favorite === undefined || row.favorite === filter.favorite) &&
    (filter.printed === undefined || (row.printedAt !== null) === filter.printed) &&
    (filter.printedFrom === undefined || (row.printedAt !== null && row.printedAt >= filter.printedFrom.getTime())) &&
    (filter.printedTo === undefined || (row.printedAt !== null && row.printedAt < filter.printedTo.getTime())) &&
    (filter.author === undefined || row.author === filter.author) &&
    (filter.license === undefined || row.license === filter.license) &&
    (filter.collectionsAny?.some((id) => row.collections.has(id)) ?? true) &&
    (filter.fitsMm === undefined || fits(row, filter.fitsMm)) &&
    isLong(row, filter.minSizeMm, filter.maxSizeMm) &&
    isWithin(row.volume === null ? null : row.volume * perUnit(row, 3), filter.minVolumeMm3, filter.maxVolumeMm3)
  );
}

/** Millimetres, or their squares and cubes, of one of the unit of a row. */
function perUnit({ unit }: Row, power: number): number {
  const found = Object.entries(millimetersIn).find(([name]) => name === unit);
  return (found?.[1] ?? 1) ** power;
}

function fits(row: Row, room: readonly number[]): boolean {
  const descending = (all: readonly number[]): readonly number[] => all.toSorted((a, b) => b - a);
  const sides = row.sides && descending(row.sides.map((side) => side * perUnit(row, 1)));
  const limits = descending(room);
  return sides?.every((side, i) => side <= (limits[i] ?? 0) + tolerance) ?? false;
}

/** Sides that are equal to a thousandth of a millimetre are equal. */
const tolerance = 0.001;

function isLong(row: Row, min: number | undefined, max: number | undefined): boolean {
  const longest = row.sides && Math.max(...row.sides) * perUnit(row, 1);
  return isWithin(longest, min === undefined ? min : min - tolerance, max === undefined ? max : max + tolerance);
}

/** Whether a row meets criteria on its metadata. */
export function meets(row: Row, given: MetadataCriteria): boolean {
  if ('all' in given) return given.all.every((one) => meets(row, one));
  if ('any' in given) return given.any.some((one) => meets(row, one));
  if (!('key' in given)) return given.every((one) => meets(row, one));
  const value = row.metadata.get(given.key);
  if (value === undefined) return false;
  if (given.op === 'exists') return true;
  if (given.op === '=') return value === given.value;
  if (given.op === 'prefix') return typeof value === 'string' && value.startsWith(given.value);
  if (typeof value === 'number' && typeof given.value === 'number') return holds(value - given.value, given.op);
  if (typeof value === 'string' && typeof given.value === 'string')
    return holds(compareTexts(value, given.value), given.op);
  return false;
}

/**
 * Compares rows in an order; equal keys are in the order of adding, in the same direction. Times are newest first unless
 * told; what was never printed comes last.
 */
export function inOrder({
  by,
  direction = by === 'createdAt' || by === 'printedAt' ? 'desc' : 'asc',
}: ModelSort): (a: Row, b: Row) => number {
  const sign = direction === 'desc' ? -1 : 1;
  const compare = {
    added: () => 0,
    createdAt: (a: Row, b: Row) => a.createdAt - b.createdAt,
    name: (a: Row, b: Row) => compareNames(a.name, b.name),
    printedAt: (a: Row, b: Row) => (a.printedAt ?? 0) - (b.printedAt ?? 0),
  }[by];
  const isUnknown = (row: Row): number => Number(by === 'printedAt' && row.printedAt === null);
  return (a, b) => isUnknown(a) - isUnknown(b) || sign * (compare(a, b) || a.seq - b.seq);
}

/** Newest `createdAt` first. */
export const newestFirst: ModelSort = { by: 'createdAt', direction: 'desc' };

/** The order of names: the root order of Unicode, numbers by value. */
export function compareNames(a: string, b: string): number {
  return collator.compare(a, b);
}

const collator = new Intl.Collator('en', { numeric: true });

/** By code points, as UTF-8 has them; JavaScript compares the halves of surrogate pairs. */
export function compareTexts(a: string, b: string): number {
  return Buffer.compare(Buffer.from(a), Buffer.from(b));
}

/** What makes a tag's name unique. */
export function tagKeyOf(name: string): string {
  return name.normalize('NFKC').toLowerCase();
}

function isWithin(value: number | null, min: number | undefined, max: number | undefined): boolean {
  if (min === undefined && max === undefined) return true;
  return value !== null && !(min !== undefined && value < min) && !(max !== undefined && value > max);
}

function holds(difference: number, op: '<' | '<=' | '>' | '>='): boolean {
  return { '<': difference < 0, '<=': difference <= 0, '>': difference > 0, '>=': difference >= 0 }[op];
}
