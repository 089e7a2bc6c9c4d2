// The answer of a ranked search, compared with what plain JavaScript says of the rows: who is found and who is not, in
// which order, how many, and how they divide.
import { expect } from 'vitest';
import type { FacetCount, SearchFacets, SearchHit, SearchPage } from '../../src/index.js';
import type { Library } from '../open-library.js';
import { inOrder, newestFirst, passes } from './conditions.js';
import { pageSize } from './pages.js';
import type { Question } from './questions.js';
import type { Row, Rows } from './rows.js';
import { matches, matchesSome, occurrences, type Term, typed, unfinished, wantsWords } from './words.js';

type Words = Extract<Question, { ask: 'words' }>;

/** What docs/search.md says of numbers. */
const [ranked, counted, facetsShown] = [200, 500, 50];
/**
 * From here on a last word in many endings is looked for in its most common ones, once so many models have it: a tenth below
 * where the code turns, because the index also counts what glued words are made of.
 */
const [largeLibrary, manyModels] = [20_000, 9_000];

/** Fails when a search answers otherwise than the rows say. */
export async function expectHits(library: Library, rows: Rows, { terms, isOpen, filter, limit }: Words): Promise<void> {
  const passing = rows.models.filter((row) => passes(row, filter));
  const verdicts = new Map(passing.map((row) => [row, matches(row, terms, isOpen)]));
  const possible = passing.filter((row) => verdicts.get(row) !== 'no');
  const query = typed(terms, isOpen);
  const size = pageSize(limit, possible.length, 100);
  const ask = (after: string | null) =>
    library.search.searchModels(query, filter, { limit: size, after, facets: true, highlight: limit === 7 });
  const first = await ask(null);
  const hits = [...first.hits];
  for (let { next } = first; next !== null; ) {
    const page = await ask(next);
    expect(page.total).toBe(first.total);
    hits.push(...page.hits);
    next = page.next;
  }
  const ids = hits.map(({ model }) => model.id);
  expect(new Set(ids).size).toBe(ids.length);
  expectHighlights(hits);

  const isShortened = mayBeShortened(rows.models, terms, isOpen);
  if (first.corrected !== null || first.matching === 'some') {
    // Something else was looked for, as nothing has all words.
    if (!isShortened) expect(possible.filter((row) => verdicts.get(row) === 'yes')).toEqual([]);
    for (const id of ids) expectOther(rows.byId.get(id), first, { terms, isOpen, filter, limit, ask: 'words' });
    return;
  }
  const answered = new Set<string>(ids);
  const expected = possible.filter((row) => verdicts.get(row) === 'yes' || answered.has(row.id));
  if (isShortened && !first.totalIsExact) {
    expect(ids.filter((id) => !possible.some((row) => row.id === id))).toEqual([]);
    return;
  }
  expect([...ids].sort()).toEqual(expected.map(({ id }) => id).sort());
  if (wantsWords(terms)) expectRanked(first, hits, rows);
  else {
    const isFirst = inOrder(newestFirst);
    expect(ids).toEqual([...expected].sort(isFirst).map(({ id }) => id));
    expect(hits.every(({ score }) => score === null)).toBe(true);
  }
  expect([first.total, first.totalIsExact]).toEqual([Math.min(counted, ids.length), ids.length <= counted]);
  const isWhole = terms.length === 0 && Object.keys(filter).length === 0;
  expectFacets(first, expected, { most: isWhole ? Number.POSITIVE_INFINITY : counted, byWords: wantsWords(terms) });
  if (ids.length === 0 && wantsWords(terms)) expectFilterToBlame(first, rows.models, { terms, isOpen });
}

function expectRanked(first: SearchPage, hits: readonly SearchHit[], rows: Rows): void {
  expect(first.ranking).toBe(hits.length > ranked ? 'bounded' : 'exact');
  const places = hits.map(({ model, score }) => ({ score: score ?? -1, seq: rows.byId.get(model.id)?.seq ?? 0 }));
  expect(places).toEqual([...places].sort((a, b) => b.score - a.score || b.seq - a.seq));
  const scored = places.filter(({ score }) => score > -1);
  expect(scored.length).toBeGreaterThanOrEqual(Math.min(ranked, hits.length));
  // The models that were added last are among the ranked ones.
  const newest = [...places].sort((a, b) => b.seq - a.seq).slice(0, ranked);
  expect(newest.filter(({ score }) => score === -1)).toEqual([]);
}

/** `most`: of how many models facets are counted; of words they are those added last, else those created last. */
function expectFacets(
  { facets, totalIsExact }: SearchPage,
  found: readonly Row[],
  { most, byWords }: { readonly most: number; readonly byWords: boolean },
): void {
  if (facets === null) throw new Error('the first page has no facets');
  const isExact = found.length <= most;
  const order = byWords ? inOrder({ by: 'added', direction: 'desc' }) : inOrder(newestFirst);
  const those = isExact ? found : [...found].sort(order).slice(0, most);
  const count = (values: readonly string[], shown = Number.POSITIVE_INFINITY): readonly FacetCount[] => {
    const counts = new Map<string, number>();
    for (const value of values) counts.set(value, (counts.get(value) ?? 0) + 1);
    const list = [...counts].map(([value, models]) => ({ value, models })).sort((a, b) => b.models - a.models);
    // Which of equally frequent ones are shown last is not promised.
    const least = list[shown - 1]?.models ?? 0;
    return list.filter(({ models }, i) => i < shown && models > least).sort(byValue);
  };
  const surelyShown = (list: readonly FacetCount[]): FacetCount[] => {
    const least = list[facetsShown - 1]?.models ?? 0;
    return list.filter(({ models }) => models > least);
  };
  const expected: SearchFacets = {
    formats: count(those.map(({ format }) => format)),
    tags: count(
      those.flatMap(({ tags }) => tags),
      facetsShown,
    ),
    years: count(those.map(({ createdAt }) => String(new Date(createdAt).getUTCFullYear()))),
    licenses: count(
      those.flatMap(({ license }) => license ?? []),
      facetsShown,
    ),
    models: those.length,
    exact: isExact,
  };
  expect({
    ...facets,
    formats: [...facets.formats].sort(byValue),
    tags: surelyShown(facets.tags).sort(byValue),
    years: [...facets.years].sort(byValue),
    licenses: surelyShown(facets.licenses).sort(byValue),
  }).toEqual(expected);
  expect(facets.years.map(({ value }) => Number(value))).toEqual(
    facets.years.map(({ value }) => Number(value)).sort((a, b) => b - a),
  );
  if (byWords) expect(totalIsExact).toBe(isExact);
}

/** Nothing is corrected or left out when models have the words, and only the filter keeps them back. */
function expectFilterToBlame(
  first: SearchPage,
  all: readonly Row[],
  { terms, isOpen }: Pick<Words, 'terms' | 'isOpen'>,
) {
  const words = terms.filter(({ kind }) => !/tag|format/i.test(kind));
  const ends = unfinished(terms, isOpen) !== null;
  const have = all.some((row) => matches(row, words, isOpen && ends) === 'yes');
  if (have && (ends || words.at(-1)?.kind !== 'word')) expect(first.hits).toEqual([]);
}

/** A hit of other words passes the filter, and has some of the words and nothing that was left out. */
function expectOther(row: Row | undefined, first: SearchPage, { terms, isOpen, filter }: Words): void {
  if (row === undefined) throw new Error('a hit that is no model');
  expect(passes(row, filter)).toBe(true);
  if (first.matching === 'some') expect(matchesSome(row, terms, isOpen)).toBe(true);
}

function expectHighlights(hits: readonly SearchHit[]): void {
  for (const { model, highlight } of hits.slice(0, 5)) {
    if (highlight === null) continue;
    expect(highlight.name.map(({ text }) => text).join('')).toBe(model.name);
    expect(highlight.fileName.map(({ text }) => text).join('')).toBe(model.fileName);
  }
}

function mayBeShortened(all: readonly Row[], terms: readonly Term[], isOpen: boolean): boolean {
  const word = unfinished(terms, isOpen);
  return word !== null && all.length > largeLibrary - 100 && occurrences(all, word) > manyModels;
}

function byValue(a: FacetCount, b: FacetCount): number {
  return a.value < b.value ? -1 : 1;
}
