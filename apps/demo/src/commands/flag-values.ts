// What people type behind flags, as values: numbers with units, days, names of a closed list.
import { nearestName } from '@cc/schema/validation';
import { InvalidArgumentError } from 'commander';
import { didYouMean } from '../terminal.js';

/** Collects the values of a flag that may be repeated. */
export function collect(value: string, previous: readonly string[] = []): readonly string[] {
  return [...previous, value];
}

/** One of the names, in any letter case. @throws InvalidArgumentError with the one that was meant, or all of them */
export function oneOfNames<T extends string>(value: string, names: readonly T[]): T {
  const found = names.find((name) => name.toLowerCase() === value.toLowerCase());
  if (found !== undefined) return found;
  throw new InvalidArgumentError(`It must be one of ${names.join(', ')}.${didYouMean(nearestName(value, names))}`);
}

/** A parser for a flag of names that may be repeated. */
export function collectNames<T extends string>(names: readonly T[]) {
  return (value: string, previous: readonly T[] = []): readonly T[] => [...previous, oneOfNames(value, names)];
}

/** Bytes: `500`, `10MB` and the like in thousands, `10MiB` in 1,024. */
export function parseSize(value: string): number {
  const [, digits, unit = 'B'] = /^(\d{1,15}(?:\.\d{1,9})?) ?([kmgt]?i?b?)$/i.exec(value) ?? [];
  const factor = sizeUnits[unit.toLowerCase().replace(/b$/, '')];
  if (digits === undefined || factor === undefined) {
    throw new InvalidArgumentError('It must be a number of bytes, such as 500, 20kB, 1.5MB or 2GiB.');
  }
  return Math.round(Number(digits) * factor);
}

const sizeUnits: Readonly<Record<string, number>> = {
  ...{ '': 1, k: 1e3, m: 1e6, g: 1e9, t: 1e12 },
  ...{ ki: 2 ** 10, mi: 2 ** 20, gi: 2 ** 30, ti: 2 ** 40 },
};

/** A count: `12000`, `12k`, `1.5M`. */
export function parseCount(value: string): number {
  const [, digits, unit = ''] = /^(\d{1,15}(?:\.\d{1,9})?)([km]?)$/i.exec(value) ?? [];
  if (digits === undefined) throw new InvalidArgumentError('It must be a number, such as 500, 12k or 1.5M.');
  return Math.round(Number(digits) * { '': 1, k: 1e3, m: 1e6 }[unit.toLowerCase() as '' | 'k' | 'm']);
}

/** A length or a volume. */
export function parseMeasure(value: string): number {
  if (/^\d{1,9}(?:\.\d{1,9})?$/.test(value)) return Number(value);
  throw new InvalidArgumentError('It must be a number, such as 20 or 0.5.');
}

/** Three lengths: `220x220x250`. */
export function parseBox(value: string): readonly [number, number, number] {
  const [x = 0, y = 0, z = 0, ...others] = value
    .split(/ ?[x×] ?/i)
    .map((side) => (/^\d{1,9}(?:\.\d{1,9})?$/.test(side) ? Number(side) : 0));
  if (x > 0 && y > 0 && z > 0 && others.length === 0) return [x, y, z];
  throw new InvalidArgumentError('It must be three lengths in mm, such as 220x220x250.');
}

/** A bound of ratings. */
export function parseRatingBound(value: string): number {
  if (/^[0-5]$/.test(value)) return Number(value);
  throw new InvalidArgumentError('It must be a whole number from 0 to 5.');
}

/** The beginning of a day, or a time before now: `7d` days, `2w` weeks. */
export function parseFrom(value: string): Date {
  return parseTime(value, 0);
}

/** The end of a day, which is the beginning of the next, or a time before now. */
export function parseUntil(value: string): Date {
  return parseTime(value, 1);
}

function parseTime(value: string, daysOn: number): Date {
  const [, back, unit] = /^(\d{1,5})([dw])$/.exec(value) ?? [];
  if (back !== undefined) return new Date(Date.now() - Number(back) * (unit === 'w' ? 7 : 1) * 86_400_000);
  const [, year, month, day] = /^(\d{4})-(\d{2})-(\d{2})$/.exec(value) ?? [];
  // A day begins at midnight where its person lives, and is not always 24 hours long.
  const date = new Date(Number(year), Number(month) - 1, Number(day));
  // The constructor takes February 31 for March 3.
  if (date.getMonth() === Number(month) - 1 && date.getDate() === Number(day)) {
    return new Date(Number(year), Number(month) - 1, Number(day) + daysOn);
  }
  throw new InvalidArgumentError(
    'It must be a day such as 2026-01-31, or a time back such as 7d (days) or 2w (weeks).',
  );
}

/** A parser for a whole number. */
export function parseWhole(min: number, max: number) {
  return (value: string): number => {
    const number = Number(value);
    if (/^\d{1,9}$/.test(value) && number >= min && number <= max) return number;
    throw new InvalidArgumentError(`It must be a whole number from ${min} to ${max}.`);
  };
}
