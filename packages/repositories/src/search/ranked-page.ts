// Pages of ranked hits. Which models are ranked is decided once, by the first page, and said in the cursor by row numbers:
// later pages see the same set in the same order, whatever is added meanwhile. What is not ranked follows, newest first.
import { allRows, type Candidate, type Candidates } from './candidates.js';
import type { FacetSource } from './facets.js';
import { type Score, scorer } from './scoring.js';
import type { SearchPlan } from './search-plan.js';

/** Up to this many hits are ranked; beyond it the ranking is bounded. */
const rankedHits = 200;
/** Up to this many hits are counted. */
export const countedHits = 500;
const nameHits = 100;
const namedHits = 60;
/** With so many named hits among the newest, earlier ones are not looked for. */
const enoughNamed = 40;
/** How much further back than the newest hits those with the words in their name are looked for. */
const nameReach = 2;
/** A ranked set grows only when models are changed so that they match; this bounds what a page reads. */
const rankedAtMost = 2 * rankedHits;

/** Where a page ended, and which models are ranked. */
export interface Place {
  readonly total: number;
  /** The newest model of the first page: later ones are not part of the result. */
  readonly to: number;
  /** All hits from this one on are ranked. */
  readonly from: number;
  /** All hits from this one on that have the words in their name are ranked. */
  readonly nameFrom: number;
  /** Further ranked models, because of how their name begins. */
  readonly named: readonly number[];
  /** The last hit; its score is null among the hits that are not ranked. */
  readonly score: number | null;
  readonly seq: number;
}

/** A hit by its row number. */
export interface Ranked {
  readonly seq: number;
  readonly score: number | null;
}

interface Scored extends Score {
  readonly seq: number;
}

/** One page. */
export interface RankedPage {
  readonly hits: readonly Ranked[];
  /** Where the next page begins; null after the last hit. */
  readonly end: Place | null;
  readonly total: number;
  readonly isExact: boolean;
  /** The newest hits, up to `countedHits`, when facets are wanted and on the first page; else empty. */
  readonly newest: readonly FacetSource[];
}

/** What a page is asked for. */
export interface RankedPageOptions {
  readonly limit: number;
  /** Whether the first page tells of the newest hits what facets are made of. */
  readonly facets: boolean;
  /** Whether the query is a corrected one, whose choices are near words, the likeliest first. */
  readonly corrected: boolean;
}

/** Returns the page of `plan` after `place`, or the first one. */
export type RankedPages = (plan: SearchPlan, place: Place | null, options: RankedPageOptions) => Promise<RankedPage>;

/** Returns what makes pages. */
export function createRankedPages(candidates: Candidates): RankedPages {
  const begin = async (
    plan: SearchPlan,
    facets: boolean,
    scored: ScoreAll,
  ): Promise<{ place: Place; ranked: readonly Scored[]; newest: readonly FacetSource[] }> => {
    const { bound, match, nameMatch, parsed } = plan;
    const faceted = facets ? await candidates.facetedNewest(bound, match, allRows, rankedHits + 1) : [];
    const found = facets ? faceted : await candidates.newest(bound, match, allRows, rankedHits + 1);
    const start = { named: [], score: null, seq: 0, to: found[0]?.seq ?? 0 };
    if (found.length <= rankedHits) {
      return { place: { ...start, total: found.length, from: 0, nameFrom: 0 }, ranked: scored(found), newest: faceted };
    }
    const newest = found.slice(0, rankedHits);
    const ranked = scored(newest);
    const from = newest.at(-1)?.seq ?? 0;
    const earlier = { from: 0, to: from - 1 };
    const uncounted = countedHits + 1 - rankedHits;
    const reach = { from: Math.max(0, start.to - nameReach * (start.to - from)), to: from - 1 };
    const isEnough = ranked.filter(({ isNamed }) => isNamed).length >= enoughNamed;
    const isLooked = nameMatch !== null && !isEnough;
    const wholeName = plan.missing > 0 ? null : parsed.wholeName;
    const [sources, uncountedHits, inName, alike] = await Promise.all([
      facets ? candidates.facetSources(bound, match, earlier, uncounted) : [],
      facets ? null : candidates.count(bound, match, earlier, uncounted),
      isLooked ? candidates.newest(bound, nameMatch, reach, nameHits) : [],
      wholeName === null ? [] : candidates.named(bound, wholeName, earlier, namedHits),
    ]);
    const total = rankedHits + (uncountedHits ?? sources.length);
    const nameFrom = inName.length === nameHits ? (inName.at(-1)?.seq ?? from) : isLooked ? reach.from : from;
    const seen = new Set(inName.map(({ seq }) => seq));
    const named = alike.filter(({ seq }) => !seen.has(seq));
    const place = { ...start, total, from, nameFrom, named: named.map(({ seq }) => seq) };
    return {
      place,
      ranked: [...ranked, ...scored(inName), ...scored(named)],
      newest: [...faceted.slice(0, rankedHits), ...sources.slice(0, countedHits - rankedHits)],
    };
  };

  const again = async ({ bound, match, nameMatch }: SearchPlan, place: Place): Promise<readonly Candidate[]> => {
    const isWhole = place.from === 0;
    const range = { from: place.nameFrom, to: place.from - 1 };
    const [newest, inName, named] = await Promise.all([
      candidates.newest(bound, match, { from: place.from, to: place.to }, rankedAtMost),
      isWhole || nameMatch === null ? [] : candidates.newest(bound, nameMatch, range, rankedAtMost),
      isWhole || place.named.length === 0 ? [] : candidates.ofRows(bound, place.named),
    ]);
    const seen = new Set(inName.map(({ seq }) => seq));
    return [...newest, ...inName, ...named.filter(({ seq }) => !seen.has(seq))];
  };

  /** The hits before `place.seq` that are not ranked, newest first. */
  const others = async ({ bound, match, nameMatch }: SearchPlan, place: Place, before: number, limit: number) => {
    const named = new Set(place.named);
    const found: number[] = [];
    for (let to = before - 1; found.length < limit && to > 0; ) {
      const wanted = 2 * limit;
      const rows = await candidates.rows(bound, match, { from: 0, to }, wanted);
      const oldest = rows.at(-1);
      if (oldest === undefined) break;
      const overlap = { from: Math.max(oldest, place.nameFrom), to };
      const inName =
        nameMatch === null || overlap.from > to ? [] : await candidates.rows(bound, nameMatch, overlap, wanted);
      for (const seq of inName) named.add(seq);
      found.push(...rows.filter((seq) => !named.has(seq)));
      if (rows.length < wanted) break;
      to = oldest - 1;
    }
    return found.slice(0, limit);
  };

  return async (plan, after, { limit, facets, corrected }) => {
    const isLate = after !== null && after.score === null;
    const scored = scoreAll(plan, corrected);
    const begun = after === null ? await begin(plan, facets, scored) : null;
    const place = begun?.place ?? after;
    if (place === null) return { hits: [], end: null, total: 0, isExact: true, newest: [] };
    const hits: Ranked[] = [];
    let more = false;
    if (!isLate) {
      const ranked = begun?.ranked ?? scored(await again(plan, place));
      const rest = after === null ? [...ranked] : ranked.filter((hit) => isAfter(hit, after));
      rest.sort((a, b) => b.score - a.score || b.seq - a.seq);
      hits.push(...rest.slice(0, limit));
      more = rest.length > limit;
    }
    let isRanked = !isLate;
    if (!more && place.from > 0) {
      const before = isLate ? place.seq : place.from;
      const rest = await others(plan, place, before, limit - hits.length + 1);
      const taken = rest.slice(0, limit - hits.length);
      more = rest.length > taken.length;
      if (taken.length > 0) isRanked = false;
      hits.push(...taken.map((seq) => ({ seq, score: null })));
    }
    const last = hits.at(-1);
    const end = more && last !== undefined ? { ...place, seq: last.seq, score: isRanked ? last.score : null } : null;
    return { hits, end, total: place.total, isExact: place.from === 0, newest: begun?.newest ?? [] };
  };
}

type ScoreAll = (candidates: readonly Candidate[]) => readonly Scored[];

function scoreAll({ parsed }: SearchPlan, corrected: boolean): ScoreAll {
  const score = scorer(parsed, { likeliestFirst: corrected });
  return (candidates) => candidates.map((candidate) => ({ seq: candidate.seq, ...score(candidate) }));
}

function isAfter(hit: { readonly seq: number; readonly score: number }, { score, seq }: Place): boolean {
  return score === null || hit.score < score || (hit.score === score && hit.seq < seq);
}
