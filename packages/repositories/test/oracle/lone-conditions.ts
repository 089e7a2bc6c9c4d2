// Each condition alone, at every edge of what narrows a search or turns a count round: random questions meet them too seldom.
import { modelStatuses, parseStatuses } from '@cc/schema';
import { sizeOctaves, triangleOctaves } from '@cc/schema/derived';
import { expect } from 'vitest';
import type { ModelFilter } from '../../src/index.js';
import type { Library } from '../open-library.js';
import { passes } from './conditions.js';
import { walk } from './pages.js';
import type { Question } from './questions.js';
import type { Rows } from './rows.js';
import { times } from './values.js';
import { matches, type Term, typed } from './words.js';

const ratings = [0, 1, 2, 3, 4, 5];

const marks: readonly ModelFilter[] = [
  { favorite: true },
  { favorite: false },
  { printed: true },
  { printed: false },
  ...times.flatMap((each) => {
    const time = new Date(each);
    return [
      { printedFrom: time },
      { printedTo: time },
      { printed: true, printedFrom: time, printedTo: new Date(each + 1) },
    ];
  }),
  ...modelStatuses.map((status) => ({ statuses: [status] })),
  ...modelStatuses.map((status) => ({ statuses: modelStatuses.filter((each) => each !== status) })),
  ...parseStatuses.map((status) => ({ parseStatuses: [status] })),
  ...parseStatuses.map((status) => ({ parseStatuses: parseStatuses.filter((each) => each !== status) })),
  ...ratings.flatMap((rating) => [{ minRating: rating }, { maxRating: rating }]),
  ...[0, 20, 50.8, 220, 250, 3_000].flatMap((mm): ModelFilter[] => [
    { minSizeMm: mm },
    { maxSizeMm: mm },
    { minSizeMm: mm, maxSizeMm: mm + 30 },
    { minVolumeMm3: mm ** 3 },
    { maxVolumeMm3: mm ** 3 },
  ]),
  { fitsMm: [20, 20, 20] },
  { fitsMm: [50, 220, 250] },
  { fitsMm: [250, 50, 220] },
  { fitsMm: [250.001, 250, 250] },
  { fitsMm: [2_500, 2_500, 1] },
];

/** Counted, listed, and searched for with a common word. */
export const loneConditions: readonly Question[] = marks.flatMap((filter): Question[] => [
  { ask: 'count', filter },
  { ask: 'list', filter, sort: undefined, limit: 50 },
  { ask: 'list', filter, sort: { by: 'printedAt' }, limit: 7 },
  { ask: 'list', filter, sort: { by: 'printedAt', direction: 'asc' }, limit: 40 },
  { ask: 'words', terms: [{ kind: 'word', word: 'gear' }], isOpen: false, filter, limit: 50 },
]);

/** A collection alone, with another one, beside another condition, and one that is not there: counted, listed, searched. */
export function ofCollections({ collections }: Rows): readonly Question[] {
  const ids = collections.map(({ id }) => id);
  return [...ids.map((id) => [id]), ids.slice(0, 2), ['absent'], ['absent', ...ids.slice(2, 3)], []].flatMap(
    (collectionsAny): Question[] => {
      const filter = { collectionsAny };
      return [
        { ask: 'count', filter },
        { ask: 'count', filter: { ...filter, formats: ['stl'] } },
        { ask: 'list', filter, sort: undefined, limit: 50 },
        { ask: 'list', filter: { ...filter, maxRating: 3 }, sort: { by: 'name' }, limit: 7 },
        { ask: 'words', terms: [{ kind: 'word', word: 'gear' }], isOpen: false, filter, limit: 50 },
        { ask: 'words', terms: [], isOpen: false, filter, limit: 50 },
      ];
    },
  );
}

/** One octave each, from its first number to its last, and what lies before the first and behind the last one. */
const ranges: readonly ModelFilter[] = [
  ...octavesOf(sizeOctaves).map(([minFileSize, maxFileSize]) => ({ minFileSize, maxFileSize })),
  ...octavesOf(triangleOctaves).map(([minTriangles, maxTriangles]) => ({ minTriangles, maxTriangles })),
  ...ratings.map((rating) => ({ minRating: rating, maxRating: rating })),
];

type Range = readonly [min: number | undefined, max: number | undefined];

function octavesOf({ first, last }: { readonly first: number; readonly last: number }): readonly Range[] {
  const powers = Array.from({ length: last - first + 1 }, (_, i) => 2 ** (first + i));
  return [
    [undefined, 2 ** first - 1],
    ...powers.map((power): Range => [power, power === 2 ** last ? undefined : 2 * power - 1]),
  ];
}

/**
 * Fails when a search for a rare word within one range finds others than the rows say. In a large library the range is then
 * looked for in the index too, whose words for it are those of octaves.
 */
export async function expectRanges({ search }: Library, rows: Rows): Promise<void> {
  const terms: readonly Term[] = [{ kind: 'word', word: 'rareword' }];
  const found = rows.models.filter((row) => matches(row, terms, false) === 'yes');
  for (const filter of ranges) {
    const expected = found.filter((row) => passes(row, filter));
    const hits = await walk(100, (options) => {
      const page = search.searchModels(typed(terms, false), filter, options);
      return page.then(({ hits: items, next, matching, corrected }) => ({
        // When nothing has the word, others are offered.
        items: matching === 'all' && corrected === null ? items : [],
        next,
      }));
    });
    const ids = hits.map(({ model }) => model.id).sort();
    expect({ filter, ids }).toEqual({ filter, ids: expected.map(({ id }) => id).sort() });
  }
}
