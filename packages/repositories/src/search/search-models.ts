// Searching models: checks, the way to the page (ranked-page.ts, browse.ts), what else is tried when nothing matches, and
// the hits with their models and highlights.
import { performance } from 'node:perf_hooks';
import { models } from '@cc/schema';
import { giveTurn, nextTurn } from '@cc/tx/event-loop';
import { inArray, sql } from 'drizzle-orm';
import { atOneMoment, type Context } from '../context.js';
import type { SearchHit, SearchPage, SearchRepository } from '../contract/search.js';
import { queryHash } from '../cursor.js';
import type { FilterBinder } from '../filter/bind-filter.js';
import { type CheckedFilter, checkFilter } from '../filter/model-filter.js';
import { narrowedFilter } from '../filter/query-filter.js';
import type { Listing } from '../listing/listing.js';
import { modelCellCount, modelColumns, toModel } from '../rows/model-row.js';
import { type Cells, cellsOf, readByIds } from '../statement.js';
import { noQueryFilter, type ParsedQuery, parseQuery } from '../text/parse-query.js';
import { createCorrection } from '../words/correction.js';
import type { Words } from '../words/words.js';
import { createBrowse } from './browse.js';
import { allRows, type Candidates } from './candidates.js';
import { decodePlace, encodePlace } from './cursor.js';
import { facetsOf } from './facets.js';
import { highlighter } from './highlight.js';
import { createLibrarySize } from './library-size.js';
import { createNarrowing } from './narrowing.js';
import { checkOptions, nothingFound, type PageRequest } from './page-request.js';
import { countedHits, createRankedPages, type Place, type Ranked } from './ranked-page.js';
import { createPlanner, type SearchPlan } from './search-plan.js';

/** What searches are made of. */
export interface SearchParts {
  readonly context: Context;
  readonly bindFilter: FilterBinder;
  readonly listing: Listing;
  readonly words: Words;
  readonly candidates: Candidates;
}

/** Returns `searchModels`. */
export function createSearchModels({
  context,
  bindFilter,
  listing,
  words,
  candidates,
}: SearchParts): SearchRepository['searchModels'] {
  const planOf = createPlanner(bindFilter, createNarrowing(context), words, createLibrarySize(context));
  const pageOf = createRankedPages(candidates);
  const browse = createBrowse(context, bindFilter, listing);
  const correct = createCorrection(words);
  const readHits = createHitReader(context);

  const finds = async (parsed: ParsedQuery, filter: CheckedFilter): Promise<boolean> => {
    if (parsed.match === null) return false;
    const plan = await planOf(parsed, filter, 0);
    return plan !== null && (await candidates.count(plan.bound, plan.match, allRows, 1)) > 0;
  };

  const page = async (
    plan: SearchPlan,
    place: Place | null,
    corrected: string | null,
    request: PageRequest,
    hash: () => string,
  ) => {
    const { hits, end, total, isExact, newest } = await pageOf(plan, place, {
      limit: request.limit,
      facets: request.facets,
      corrected: corrected !== null,
    });
    const { missing, shortened } = plan;
    return {
      hits: await readHits(hits, request.highlight ? plan.parsed : null),
      total: Math.min(total, countedHits),
      totalIsExact: total <= countedHits && !shortened,
      next: end === null ? null : encodePlace(hash(), { corrected, missing, place: end }),
      ranking: isExact && !shortened ? 'exact' : 'bounded',
      corrected,
      matching: missing === 0 ? 'all' : 'some',
      facets: request.facets && place === null ? facetsOf(newest, total <= countedHits && !shortened) : null,
    } satisfies SearchPage;
  };

  /** What is tried when no model matches: near words, then most of the words, then any. */
  const tryOthers = async (parsed: ParsedQuery, filter: CheckedFilter, request: PageRequest, hash: () => string) => {
    // The words may be right, and it is the filter that leaves nothing.
    const isFiltered = Object.keys(narrowedFilter(filter, parsed.filter)).length > 0;
    if (isFiltered && (await finds({ ...parsed, filter: noQueryFilter }, noFilter))) return null;
    const corrected = await correct(parsed, parseQuery, (each, filtered) => finds(each, filtered ? filter : noFilter));
    if (corrected !== null) {
      const plan = await planOf(parseQuery(corrected), filter, 0);
      if (plan !== null) return page(plan, null, corrected, request, hash);
    }
    const terms = parsed.wanted.length;
    for (const missing of terms > 2 && terms <= mostTerms ? [1, terms - 1] : terms > 1 ? [terms - 1] : []) {
      const plan = await planOf(parsed, filter, missing);
      if (plan === null || (await candidates.count(plan.bound, plan.match, allRows, 1)) === 0) continue;
      return page(plan, null, null, request, hash);
    }
    return null;
  };

  const search = async (parsed: ParsedQuery, filter: CheckedFilter, request: PageRequest): Promise<SearchPage> => {
    const hash = () => queryHash({ filter, text: parsed.text });
    const place = request.after === null ? null : decodePlace(request.after, hash());
    const asked = place?.corrected == null ? parsed : parseQuery(place.corrected);
    if (asked.match === null) return nothingFound(request);
    const plan = await planOf(asked, filter, place?.missing ?? 0);
    if (plan === null) return nothingFound(request);
    const found = await page(plan, place?.place ?? null, place?.corrected ?? null, request, hash);
    if (found.hits.length > 0 || place !== null) return found;
    return (await tryOthers(asked, filter, request, hash)) ?? found;
  };

  return async (query, filters, options = {}) => {
    const request = checkOptions(options);
    const parsed = parseQuery(query);
    const filter = checkFilter(filters);
    if (parsed.kind === 'nothing') return nothingFound(request);
    const find = () =>
      atOneMoment(context, () =>
        parsed.match === null ? browse(filter, parsed, request) : search(parsed, filter, request),
      );
    // What lies in a collection changes without the models: such answers are not kept.
    if (filter.collectionsAny !== undefined) return find();
    return context.kept.result('search', () => [query, filter, request], find);
  };
}

/** So many terms are left out one by one; of more, any may be missing at once. */
const mostTerms = 8;
const noFilter: CheckedFilter = Object.freeze({});

/** Returns what reads the models of hits, in the order of the hits. */
function createHitReader({ db }: Context) {
  const query = db
    .select({ ...modelColumns, seq: models.seq, tagsText: models.tagsText })
    .from(models)
    .where(inArray(models.seq, sql`(select value from json_each(${sql.placeholder('rows')}))`))
    .prepare();
  return async (hits: readonly Ranked[], highlighted: ParsedQuery | null): Promise<readonly SearchHit[]> => {
    if (hits.length === 0) return [];
    const bySeq = new Map<number, Cells>();
    const read = (rows: string) => cellsOf(query, { rows });
    const seqs = hits.map(({ seq }) => seq);
    await readByIds(seqs, read, (cells) => bySeq.set(Number(cells[modelCellCount]), cells));
    const highlight = highlighted === null ? null : highlighter(highlighted);
    const found: SearchHit[] = [];
    for (const { seq, score } of hits) {
      const cells = bySeq.get(seq);
      if (cells === undefined) continue;
      const model = toModel(cells);
      found.push({ model, score, highlight: highlight?.(model, String(cells[modelCellCount + 1])) ?? null });
      // A long description takes as long as hundreds of short ones.
      if (nextTurn(performance.now())) await giveTurn();
    }
    return found;
  };
}
