// How the hits of a search divide by format, tag, year and license.
import type { FacetCount, SearchFacets } from '../contract/search.js';

/** How many tags and licenses are shown. */
export const facetsShown = 50;

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
    years.add(String(new Date(createdAt).getUTCFullYear()));
    if (license !== null) licenses.add(license);
  }
  return {
    formats: formats.top(Number.POSITIVE_INFINITY),
    tags: tags.top(facetsShown),
    years: [...years.top(Number.POSITIVE_INFINITY)].sort((a, b) => Number(b.value) - Number(a.value)),
    licenses: licenses.top(facetsShown),
    models: candidates.length,
    exact,
  };
}

function counter() {
  const counts = new Map<string, number>();
  return {
    add: (value: string): void => void counts.set(value, (counts.get(value) ?? 0) + 1),
    top: (limit: number): readonly FacetCount[] =>
      [...counts]
        .map(([value, models]) => ({ value, models }))
        .sort((a, b) => b.models - a.models || (a.value < b.value ? -1 : 1))
        .slice(0, limit),
  };
}
