// What the flags of list and search ask for, judged by plain JavaScript over all models of a library of invented ones.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { candyHere } from './candy-here.js';

/** A line of `list --jsonl`: every field of a model, dates as texts. */
interface Line {
  readonly id: string;
  readonly name: string;
  readonly format: string;
  readonly fileSize: number;
  readonly triangles: number | null;
  readonly rating: number | null;
  readonly favorite: boolean;
  readonly printedAt: string | null;
  readonly createdAt: string;
  readonly status: string;
  readonly parseStatus: string;
  readonly author: string | null;
  readonly license: string | null;
  readonly minX: number | null;
  readonly minY: number | null;
  readonly minZ: number | null;
  readonly maxX: number | null;
  readonly maxY: number | null;
  readonly maxZ: number | null;
  readonly unit: string | null;
  readonly volume: number | null;
  readonly tags: readonly string[];
}

let folder = '';
let all: readonly Line[] = [];
const inCollection = new Set<string>();

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'filter-flags-'));
  await candy('sample', '--models', '1500');
  all = await lines('list', '--sort', 'added');
  const third = all.filter((_, i) => i % 3 === 0).map(({ id }) => id);
  await candy('collection', 'add', 'Every third', ...third);
  for (const id of third) inCollection.add(id);
});

afterAll(() => rmSync(folder, { recursive: true, force: true }));

it('stands on as many invented models as were asked for', () => {
  expect(new Set(all.map(({ id }) => id)).size).toBe(1500);
});

const day = (text: string): number => {
  const [year = 0, month = 0, date = 0] = text.split('-').map(Number);
  return new Date(year, month - 1, date).getTime();
};
const ms = (text: string | null): number => (text === null ? Number.NaN : new Date(text).getTime());

/** In millimetres, the longest side first; none where they are not known. */
const sides = ({ minX, minY, minZ, maxX, maxY, maxZ, unit }: Line): readonly number[] => {
  if (minX === null || minY === null || minZ === null || maxX === null || maxY === null || maxZ === null) return [];
  if (unit !== null && unit !== 'millimeter') throw new Error(`a unit that is not judged: ${unit}`);
  return [maxX - minX, maxY - minY, maxZ - minZ].sort((a, b) => b - a);
};
const fits = (model: Line, room: readonly number[]): boolean =>
  sides(model).length === 3 && sides(model).every((side, i) => side <= (room[i] ?? 0) + 0.001);

const conditions: readonly (readonly [flags: readonly string[], passes: (model: Line) => boolean])[] = [
  [['--format', 'obj', '--format', 'GLB'], ({ format }) => format === 'obj' || format === 'glb'],
  [['--tag', 'GIFT'], ({ tags }) => tags.includes('gift')],
  [['--tag', 'gift', '--tag', 'spare'], ({ tags }) => tags.includes('gift') && tags.includes('spare')],
  [['--any-tag', 'gift', '--any-tag', 'spare'], ({ tags }) => tags.includes('gift') || tags.includes('spare')],
  [
    ['--without-tag', 'gift', '--without-tag', 'spare'],
    ({ tags }) => !tags.includes('gift') && !tags.includes('spare'),
  ],
  [['--status', 'missing', '--status', 'archived'], ({ status }) => status !== 'active'],
  [['--parsed', 'unparsed'], ({ parseStatus }) => parseStatus === 'unparsed'],
  [['--author', 'José Núñez'], ({ author }) => author === 'José Núñez'],
  [['--license', 'CC0-1.0'], ({ license }) => license === 'CC0-1.0'],
  [['--since', '2022-03-27'], ({ createdAt }) => ms(createdAt) >= day('2022-03-27')],
  [['--until', '2022-03-27'], ({ createdAt }) => ms(createdAt) < day('2022-03-28')],
  [
    ['--since', '2021-01-01', '--until', '2021-12-31'],
    ({ createdAt }) => ms(createdAt) >= day('2021-01-01') && ms(createdAt) < day('2022-01-01'),
  ],
  [['--printed'], ({ printedAt }) => printedAt !== null],
  [['--never-printed'], ({ printedAt }) => printedAt === null],
  [['--printed-since', '2023-05-01'], ({ printedAt }) => ms(printedAt) >= day('2023-05-01')],
  [['--printed-until', '2023-05-01'], ({ printedAt }) => ms(printedAt) < day('2023-05-02')],
  [['--favorite'], ({ favorite }) => favorite],
  [['--not-favorite'], ({ favorite }) => !favorite],
  [['--min-size', '1.5MB'], ({ fileSize }) => fileSize >= 1_500_000],
  [['--max-size', '20KiB'], ({ fileSize }) => fileSize <= 20_480],
  [['--min-size', '20k', '--max-size', '2Mb'], ({ fileSize }) => fileSize >= 20_000 && fileSize <= 2_000_000],
  [['--min-triangles', '100k'], ({ triangles }) => triangles !== null && triangles >= 100_000],
  [['--max-triangles', '0.5k'], ({ triangles }) => triangles !== null && triangles <= 500],
  [['--min-rating', '4'], ({ rating }) => rating !== null && rating >= 4],
  [['--fits', '20x60x40'], (model) => fits(model, [60, 40, 20])],
  [['--min-side', '100'], (model) => (sides(model)[0] ?? 0) >= 100],
  [['--max-side', '20.5'], (model) => (sides(model)[0] ?? Number.NaN) <= 20.5],
  [['--min-volume', '20'], ({ volume }) => (volume ?? 0) >= 20_000],
  [['--max-volume', '1.5'], ({ volume }) => volume !== null && volume <= 1_500],
  [['--collection', 'Every third', '--format', 'stl'], ({ id, format }) => inCollection.has(id) && format === 'stl'],
  [['--max-rating', '2'], ({ rating }) => rating !== null && rating <= 2],
  [
    ['--format', 'stl', '--min-rating', '3', '--without-tag', 'gift', '--never-printed', '--max-triangles', '1M'],
    ({ format, rating, tags, printedAt, triangles }) =>
      format === 'stl' &&
      (rating ?? 0) >= 3 &&
      !tags.includes('gift') &&
      printedAt === null &&
      (triangles ?? Number.NaN) <= 1e6,
  ],
];

describe.each(conditions)('%j', (flags, passes) => {
  it('is what plain JavaScript says, in a listing, a count and a search', async () => {
    const expected = all.filter(passes).map(({ id }) => id);
    expect(expected.length).toBeGreaterThan(0);
    expect(expected.length).toBeLessThan(all.length);
    expect((await lines('list', '--sort', 'added', ...flags)).map(({ id }) => id)).toEqual(expected);
    const counted = JSON.parse((await candy('list', '--limit', '1', '--json', ...flags)).stdout);
    expect(counted.total).toBe(expected.length);
    const found = (await lines('search', ...flags)).map(({ id }) => id);
    expect(found.toSorted()).toEqual(expected.toSorted());
  });
});

describe('metadata', () => {
  it.each([
    ['layer', (value: unknown) => value !== undefined],
    ['layer=0.2', (value: unknown) => value === 0.2],
    ['layer>=0.16', (value: unknown) => typeof value === 'number' && value >= 0.16],
    ['layer<0.16', (value: unknown) => typeof value === 'number' && value < 0.16],
    ['material^=P', (value: unknown) => typeof value === 'string' && value.startsWith('P')],
    ['supports=true', (value: unknown) => value === true],
  ])('is asked for by --meta %s', async (condition, passes) => {
    const [key = ''] = /^\w+/.exec(condition) ?? [];
    const found = await lines('list', '--meta', condition, '--format', 'obj', '--sort', 'added');
    const expected: string[] = [];
    for (const { id, format } of all.filter(({ format }) => format === 'obj')) {
      const { metadata } = JSON.parse((await candy('meta', 'get', id, '--json')).stdout);
      if (format === 'obj' && passes(metadata[key])) expected.push(id);
    }
    expect(expected.length).toBeGreaterThan(0);
    expect(found.map(({ id }) => id)).toEqual(expected);
  });
});

describe('an order', () => {
  it('is that of the times, of the names with numbers by their value, and the other way round', async () => {
    const newest = all.toSorted((a, b) => ms(b.createdAt) - ms(a.createdAt)).map(({ id }) => id);
    expect((await lines('list')).map(({ id }) => id)).toEqual(newest);
    expect((await lines('list', '--asc')).map(({ id }) => id)).toEqual(newest.toReversed());
    const names = (await lines('search', 'teeth', '--sort', 'name')).map(({ name }) => name);
    // Of these two libraries of rules say the same: one word and one number.
    const plain = names.filter((name) => /^[A-Z][a-z]+ \d+ teeth$/.test(name));
    expect(plain.length).toBeGreaterThan(10);
    expect(plain).toEqual(plain.toSorted(new Intl.Collator('en', { numeric: true }).compare));
    expect((await lines('search', 'teeth', '--sort', 'name', '--desc')).map(({ name }) => name)).toEqual(
      names.toReversed(),
    );
  });

  it('goes through the pages that --after names, as it does in lines', async () => {
    const paged: string[] = [];
    for (let after: readonly string[] = []; ; ) {
      const page = JSON.parse((await candy('list', '--sort', 'name', '--limit', '400', '--json', ...after)).stdout);
      paged.push(...page.models.map(({ id }: Line) => id));
      if (page.next === null) break;
      after = ['--after', page.next];
    }
    expect(paged).toEqual((await lines('list', '--sort', 'name')).map(({ id }) => id));
    expect(await lines('list', '--sort', 'name', '--limit', '7')).toHaveLength(7);
  });
});

describe('what cannot be meant', () => {
  it.each([
    [['--min-size', '2MB', '--max-size', '1MB'], '--min-size is beyond --max-size'],
    [['--since', '2025-01-02', '--until', '2024-01-01'], '--since is beyond --until'],
    [['--printed', '--never-printed'], 'cannot be used with'],
    [['--asc', '--desc'], 'cannot be used with'],
    [['--min-size', '-1'], 'It must be a number of bytes'],
    [['--min-triangles', 'many'], 'It must be a number'],
    [['--fits', '220x220'], 'It must be three lengths in mm'],
    [['--collection', 'Every thrid'], 'Did you mean Every third?'],
    [['--min-side', '20', '--max-side', '10'], '--min-side is beyond --max-side'],
    [['--min-rating', '6'], 'It must be a whole number from 0 to 5'],
    [['--parsed', 'unprased'], 'Did you mean unparsed?'],
    [['--status', 'mising'], 'Did you mean missing?'],
    [['--sort', 'createdAt'], 'Did you mean created?'],
    [['--meta', '=5'], 'It must begin with a key'],
    [['--meta', 'layer>true'], 'It must compare with a number or a text'],
  ])('is refused: %j', async (flags, said) => {
    for (const command of ['list', 'search']) {
      expect(await candy(command, ...flags)).toMatchObject({
        exitCode: 1,
        stdout: '',
        stderr: expect.stringContaining(said),
      });
    }
  });

  it('gets the tag that may be meant where none has the name', async () => {
    const { exitCode, stderr } = await candy('list', '--tag', 'chritsmas');
    expect({ exitCode, stderr }).toEqual({
      exitCode: 0,
      stderr: 'There is no tag chritsmas. Did you mean christmas?\n',
    });
  });
});

describe('a saved search', () => {
  it('finds what the search found that was saved', async () => {
    const flags = ['gear', '--since', '2021-06-01', '--min-triangles', '1k', '--without-tag', 'gift'];
    await candy('saved', 'add', 'gears', ...flags);
    expect(await lines('saved', 'run', 'gears')).toEqual(await lines('search', ...flags));
    expect(await lines('saved', 'list')).toMatchObject([{ name: 'gears', query: 'gear' }]);
    await candy('saved', 'remove', 'gears');
    expect(await lines('saved', 'list')).toEqual([]);
  });
});

function candy(...args: readonly string[]) {
  return candyHere(args, folder);
}

async function lines(...args: readonly string[]): Promise<readonly Line[]> {
  const { exitCode, stdout, stderr } = await candy(...args, '--jsonl');
  expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' });
  return stdout
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line));
}
