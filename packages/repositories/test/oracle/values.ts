// The values of random libraries and of the questions about them: few of each, so that they meet, and those at the edges
// of what filters and the index tell apart.
import { sizeOctaves, triangleOctaves } from '@cc/schema/derived';

/** Words of names, common ones first: plain, with accents, glued, numbers. */
export const vocabulary = [
  ...(['gear', 'Gear', 'bolt', 'GEARBOX', 'hex', 'gearing', 'geared', 'nut', 'M3x12', 'wheel', 'hexBolt'] as const),
  ...([
    'geared1',
    'gearbox2',
    'gearwheel',
    'gears',
    'gearless',
    'gearhead',
    'gearshift',
    'toy',
    'Robot',
    '12',
  ] as const),
  ...([
    'Crème',
    'Élan',
    'PolyBend02',
    'M4x20',
    'mount',
    'plate',
    'toyCar7',
    '2019',
    '3',
    'HTTPServer',
    'part',
  ] as const),
  ...(['a', 'x', 'zebra', 'Zèbre', 'rareword', 'boltHead', 'b2'] as const),
] as const;

/** Names of tags; more than facets show. */
export const tagNames = [
  ...(['Red', 'blue', 'desk toy', 'hex bolt', 'Crème', 'gear', 'rare', '12', 'M3x12', '+', 'ＷＩＤＥ'] as const),
  ...Array.from({ length: 55 }, (_, i) => `tag ${i}`),
] as const satisfies readonly [string, ...string[]];

/** The first letters are what the index keeps: 24 of them. */
export const authors = [
  ...(['Ada Lovelace', 'Ada', 'ada', 'Béla B', 'Bob', '', 'the same first twenty-four 1'] as const),
  ...(['the same first twenty-four 2', '\u{1f600}\u{1f600} smile', 'hexBolt'] as const),
] as const;

export const licenses = [
  ...(['MIT', 'CC0', 'mit', 'CC-BY-NC-SA-4.0 and more of it', 'CC-BY-NC-SA-4.0 and more', '', '\u{1f600}'] as const),
  ...Array.from({ length: 55 }, (_, i) => `license ${i}`),
] as const satisfies readonly [string, ...string[]];

export const materials = ['PLA', 'PETG', 'ABS', 'PL', 'pla', '', 'P\u{10ffff}', 'Pé', '\u{10ffff}', '12'] as const;

const powers = ({ first, last }: { readonly first: number; readonly last: number }): readonly number[] =>
  Array.from({ length: last - first + 1 }, (_, i) => 2 ** (first + i));

/** Sizes and numbers of triangles at the edges of octaves. */
export const sizes: readonly [number, ...number[]] = [1, 1_000, 5_000, 70_000, ...powers(sizeOctaves)];
export const numbers: readonly [number, ...number[]] = [0, 1, 12, 100, 5_000, ...powers(triangleOctaves)];

const day = 86_400_000;

/** Times that many models share, at the edges of months and years, before 1970 too. */
export const times: readonly [number, ...number[]] = [
  0,
  ...Array.from({ length: 40 }, (_, i) => Date.UTC(2019, i, 1)),
  ...Array.from({ length: 20 }, (_, i) => Date.UTC(2024, 1, 20) + i * day),
  ...[1969, 1970, 2000, 2012, 2030, 9999].map((year) => Date.UTC(year, 0, 1)),
];
