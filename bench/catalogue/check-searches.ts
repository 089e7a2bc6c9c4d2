// Compares searches of the library with a plain scan over the same models, whole result by whole result.
import type { Repositories } from '@cc/repositories';
import { modelFormats } from '@cc/schema';
import { seededRandom } from '@cc/testkit/random';
import { type KnownSearch, plainScan } from './plain-scan.js';
import type { CatalogueModel } from './row.js';

/** What was compared. */
export interface CheckedSearches {
  readonly searches: number;
  /** Searches that found nothing, as the scan did. */
  readonly empty: number;
  /** Models found in all searches together. */
  readonly found: number;
  /** Searches with more than 1,000 models, whose hits were checked without asking for all of them. */
  readonly bounded: number;
}

/** Runs `count` searches over `models`, which are all that the library holds. @throws Error that tells each difference */
export async function checkSearches(
  { search }: Repositories,
  models: readonly CatalogueModel[],
  count: number,
): Promise<CheckedSearches> {
  const scan = plainScan(models);
  const sum = { searches: 0, empty: 0, found: 0, bounded: 0 };
  const differences: string[] = [];
  for (const known of knownSearches(models, count)) {
    const expected = scan.find(known);
    const { query, filter } = asked(known);
    const ids: string[] = [];
    let total = 0;
    let isExact = true;
    for (let after: string | null = null; ; ) {
      const page = await search.searchModels(query, filter, { limit: 100, after });
      // The hits of another query, and it says so: nothing matches this one.
      if (page.corrected !== null || page.matching === 'some') break;
      ids.push(...page.hits.map(({ model }) => model.id));
      ({ total, totalIsExact: isExact, next: after } = page);
      if (after === null) break;
    }
    const found = new Set(ids);
    const wrong = ids.filter((id) => !expected.has(id)).length;
    const missing = isExact ? [...expected].filter((id) => !found.has(id)).length : 0;
    const totalIsRight = isExact ? total === expected.size : total <= expected.size;
    const say = `${JSON.stringify(query)} with ${JSON.stringify(filter)}`;
    if (wrong > 0) differences.push(`${say}: ${wrong} models that do not match`);
    if (missing > 0) differences.push(`${say}: ${missing} of ${expected.size} models are missing`);
    if (found.size < ids.length) differences.push(`${say}: ${ids.length - found.size} models came twice`);
    if (!totalIsRight) differences.push(`${say}: a total of ${total} for ${expected.size} models`);
    sum.searches += 1;
    sum.found += found.size;
    if (expected.size === 0) sum.empty += 1;
    if (!isExact) sum.bounded += 1;
  }
  if (differences.length > 0) throw new Error(`The search differs from a scan.\n${differences.join('\n')}`);
  return sum;
}

/** Returns searches made of what the models contain: single words to three, beginnings, exclusions, filters, absent words. */
function knownSearches(models: readonly CatalogueModel[], count: number): readonly KnownSearch[] {
  const random = seededRandom(7);
  return Array.from({ length: count }, (_, i): KnownSearch => {
    const { model, tags } = random.pick(models);
    const plainWords = [model.name, model.fileName, ...tags].flatMap((text) => text.match(/[A-Za-z]+|[0-9]+/g) ?? []);
    const words = Array.from({ length: random.whole(1, 3) }, () => random.pick([...plainWords, model.format]));
    const last = words.pop() ?? model.format;
    const cut = /^[A-Za-z]+$/.test(last) && i % 2 === 0 ? Math.min(last.length, random.whole(2, 6)) : last.length;
    words.push(i % 17 === 0 ? `${last}qqx` : oneCase(last.slice(0, cut)));
    return {
      words,
      ...(i % 3 === 0 && { formats: random.pick([['stl'], ['obj', 'ply'], [...modelFormats]]) }),
      ...(i % 5 === 0 && tags.length > 0 && { tagsAll: [random.pick(tags)] }),
      ...(i % 7 === 0 && model.author != null && { author: model.author }),
      ...(i % 11 === 0 && { createdFrom: new Date(Date.UTC(2012, 0)), createdTo: model.createdAt }),
      ...(i % 4 === 0 && { without: oneCase(random.pick(plainWords.length > 0 ? plainWords : ['none'])) }),
    };
  });
}

/** A word of mixed case would be a glued name, which is searched by its parts. */
function oneCase(word: string): string {
  return word.toLowerCase();
}

function asked({ words, without, ...filter }: KnownSearch) {
  const { formats, ...rest } = filter;
  return {
    query: [
      ...words.slice(0, -1).map(oneCase),
      ...(without === undefined ? [] : [`-${without}`]),
      oneCase(words.at(-1) ?? ''),
    ].join(' '),
    filter: { ...rest, ...(formats && { formats: modelFormats.filter((format) => formats.includes(format)) }) },
  };
}
