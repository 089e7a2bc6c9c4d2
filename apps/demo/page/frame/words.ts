// Numbers, sizes and times in words, as this browser's language writes them.

const numbers = new Intl.NumberFormat();
const compact = new Intl.NumberFormat(undefined, { notation: 'compact', maximumFractionDigits: 1 });
const decimals = new Intl.NumberFormat(undefined, { maximumFractionDigits: 2 });
const digits = new Intl.NumberFormat(undefined, { maximumSignificantDigits: 4 });
const moments = new Intl.DateTimeFormat(undefined, { dateStyle: 'medium', timeStyle: 'short' });
const relative = new Intl.RelativeTimeFormat(undefined, { numeric: 'auto' });

/** What something is called; a name without anything to see is no name, and then it is called by `otherwise`. */
export function nameOf(name: string, otherwise: string): string {
  return /[^\s\p{C}]/u.test(name) ? name : otherwise;
}

/** A whole number with its separators. */
export function count(value: number): string {
  return numbers.format(value);
}

/** A number in a few letters: 1.2K. */
export function short(value: number): string {
  return compact.format(value);
}

/** A length or a volume: of a small one four digits, for in metres a part of a printer is one. */
export function measure(value: number): string {
  return Math.abs(value) < 100 ? digits.format(value) : decimals.format(value);
}

/** A number with two decimals at most. */
export function decimal(value: number): string {
  return decimals.format(value);
}

/** "1 model", "2 models". */
export function counted(value: number, one: string, many = `${one}s`): string {
  return `${count(value)} ${value === 1 ? one : many}`;
}

/** Bytes in the unit that suits them. */
export function bytes(value: number): string {
  const units = ['bytes', 'KB', 'MB', 'GB', 'TB'];
  const power = value < 1_000 ? 0 : Math.min(Math.floor(Math.log10(value) / 3), units.length - 1);
  return power === 0 ? `${count(value)} bytes` : `${decimals.format(value / 1_000 ** power)} ${units[power]}`;
}

/** A duration in the unit that suits it. */
export function duration(ms: number): string {
  if (ms < 1) return `${decimals.format(ms * 1_000)} µs`;
  return ms < 1_000 ? `${decimals.format(ms)} ms` : `${decimals.format(ms / 1_000)} s`;
}

/** Day and time. */
export function moment(time: string | Date): string {
  return moments.format(new Date(time));
}

/** How long ago. */
export function ago(time: string | Date, now = Date.now()): string {
  const seconds = (new Date(time).getTime() - now) / 1_000;
  for (const [unit, length] of [
    ['year', 31_557_600],
    ['month', 2_629_800],
    ['day', 86_400],
    ['hour', 3_600],
    ['minute', 60],
  ] as const)
    if (Math.abs(seconds) >= length) return relative.format(Math.round(seconds / length), unit);
  return relative.format(Math.round(seconds), 'second');
}
