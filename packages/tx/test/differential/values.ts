// Random values: for the columns of the tables, and for statements that are written by hand.
import type { Random } from '@cc/testkit/random';

const words = [
  'ada',
  'bob',
  'eve',
  'one',
  'engines',
  '',
  ' ',
  'naïve',
  'Ångström',
  '👩‍🚀',
  '日本語',
  "o'brien",
  '%',
  '"quoted"',
  '1',
  '5.0',
  'null',
  '\t\n',
];

/** A text, now and then a very long one. */
export function word(random: Random): string {
  return random.chance(0.003) ? 'long '.repeat(2_000) : random.pick(words);
}

/** A whole number, most of them small. */
export function whole(random: Random): number {
  return random.weighed([
    [8, random.below(5)],
    [2, -random.below(100)],
    [1, random.pick([2 ** 31, -(2 ** 31), Number.MAX_SAFE_INTEGER, Number.MIN_SAFE_INTEGER])],
  ]);
}

/** Any finite number. */
function number(random: Random): number {
  return random.chance(0.6) ? whole(random) : random.pick([0.1, -1.5, 1e300, 5e-324, -0, 2.5, 1e15 + 0.5]);
}

/** JSON that drizzle stores. */
export function json(random: Random, depth = 2): unknown {
  if (depth === 0 || random.chance(0.5)) return random.pick([null, true, 0, -1.5, word(random), [], {}]);
  return random.chance(0.5)
    ? random.some(0, 3, () => json(random, depth - 1))
    : Object.fromEntries(random.some(0, 3, () => [word(random), json(random, depth - 1)]));
}

/** Bytes, none and many among them. */
export function bytes(random: Random): Buffer {
  if (random.chance(0.005)) return Buffer.alloc(10_000, 7);
  return Buffer.from(random.some(0, 6, () => random.below(256)));
}

const dates = [0, 1, 999, 1_700_000_000_000, 1_700_000_000_123, -1, -86_400_000, 253_402_300_799_000];

/** A date. */
export function date(random: Random): Date {
  return new Date(random.pick(dates));
}

/** An integer as a bigint. */
function big(random: Random): bigint {
  return random.pick([0n, 1n, -1n, 5n, 2n ** 53n - 1n, -(2n ** 53n) + 1n]);
}

// They may become a text by hand, and to read a text that is no UTF-8 aborts the process, with every client.
function plainBytes(random: Random): Buffer {
  return bytes(random).map((byte) => byte & 0x7f) as Buffer;
}

/** Any value that @libsql/client binds alike on all targets. */
export function argument(random: Random): null | string | number | bigint | Date | ArrayBuffer | Uint8Array {
  return random.weighed<() => null | string | number | bigint | Date | ArrayBuffer | Uint8Array>([
    [2, () => null],
    [4, () => word(random)],
    [4, () => number(random)],
    [2, () => big(random)],
    [1, () => date(random)],
    [1, () => plainBytes(random)],
    [1, () => new Uint8Array(plainBytes(random))],
    [1, () => Uint8Array.from(plainBytes(random)).buffer],
  ])();
}

/** A row of `kinds`, as drizzle takes it; absent columns get their defaults. */
export function kindsRow(random: Random): Record<string, unknown> {
  const columns: readonly (readonly [string, () => unknown])[] = [
    ['n', () => whole(random)],
    ['flag', () => random.chance(0.5)],
    ['at', () => date(random)],
    ['atMs', () => date(random)],
    ['word', () => word(random)],
    ['doc', () => json(random)],
    ['choice', () => random.pick(['red', 'green', 'blue'])],
    ['raw', () => bytes(random)],
    ['rawDoc', () => json(random)],
    ['big', () => random.pick([0n, 1n, -1n, 2n ** 53n, 2n ** 63n, -(2n ** 70n)])],
    ['ratio', () => number(random)],
    ['amount', () => random.pick(['1', '1.50', 'abc', '1e3', '-0'])],
    ['amountNumber', () => number(random)],
    ['amountBig', () => big(random)],
    ['place', () => ({ x: random.below(9), y: random.below(9) })],
    ['filled', () => word(random)],
    ['made', () => word(random)],
  ];
  const row: Record<string, unknown> = {};
  for (const [name, draw] of columns) {
    if (random.chance(0.4)) row[name] = random.chance(0.2) ? null : draw();
  }
  return row;
}
