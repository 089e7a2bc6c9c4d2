// How the hits of a search divide by format, tag, year and license.
import type { FacetCount, SearchFacets } from '../contract/search.js';

/** How many tags and licenses are shown. */
export const facetsShown = 50;

/** The times that SQLite's own dates know, in epoch milliseconds: the counters have the years of these only. */
export const countedTimes = Object.freeze({ from: -210_866_760_000_000, to: 253_402_300_800_000 });

/** What facets are counted by. */
export interface FacetSource {
  /** Names, a line each. */
  readonly tagsText: string;
  readonly format: string;
  readonly license: string | null;
  readonly createdAt: number;
}

/** Returns the facets of `candidates`; `exact` says whether these are all hits. */
export function facetsOf(candidates: readonly FacetSource[], exact: boolean): SearchFacets {
  const [formats, tags, years, licenses] = [counter(), counter(), counter(), counter()];
  for (const { format, tagsText, createdAt, license } of candidates) {
    formats.add(format);
    if (tagsText !== '') for (const tag of tagsText.split('\n')) tags.add(tag);
    years.add(yearOf(createdAt));
    if (license !== null) licenses.add(license);
  }
  return {
    formats: formats.top(Number.POSITIVE_INFINITY),
    tags: tags.top(facetsShown),
    years: latestFirst(years.top(Number.POSITIVE_INFINITY)),
    licenses: licenses.top(facetsShown),
    models: candidates.length,
    exact,
  };
}

/** Returns the years of `counts`, as SQLite writes them, and of the `times` that it has none for. */
export function yearsOf(counts: readonly FacetCount[], times: readonly number[]): readonly FacetCount[] {
  const years = counter();
  for (const { value, models } of counts) years.add(String(Number(value)), models);
  for (const time of times) years.add(yearOf(time));
  return latestFirst(years.top(Number.POSITIVE_INFINITY));
}

function yearOf(time: number): string {
  return String(new Date(time).getUTCFullYear());
}

function latestFirst(years: readonly FacetCount[]): readonly FacetCount[] {
  return [...years].sort((a, b) => Number(b.value) - Number(a.value));
}

function counter() {
  const counts = new Map<string, number>();
  return {
    add: (value: string, models = 1): void => void counts.set(value, (counts.get(value) ?? 0) + models),
    top: (limit: number): readonly FacetCount[] =>
      [...counts]
        .map(([value, models]) => ({ value, models }))
        .sort((a, b) => b.models - a.models || (a.value < b.value ? -1 : 1))
        .slice(0, limit),
  };
}
