// Random questions to the repositories: every way to ask for models, with every filter, criterion, order and kind of term.
import { type ModelFormat, modelFormats, modelStatuses, parseStatuses } from '@cc/schema';
import fc from 'fast-check';
import type { MetadataCriteria, MetadataCriterion, ModelFilter, ModelSort } from '../../src/index.js';
import { authors, licenses, materials, numbers, sizes, tagNames, times, vocabulary } from './values.js';
import type { Term } from './words.js';

/** What is asked. `limit` is the least size of a page. */
export type Question =
  | { readonly ask: 'list'; readonly filter: ModelFilter; readonly sort: ModelSort | undefined; readonly limit: number }
  | { readonly ask: 'count'; readonly filter: ModelFilter }
  | { readonly ask: 'metadata'; readonly criteria: MetadataCriteria; readonly limit: number }
  | {
      readonly ask: 'search';
      readonly filter: ModelFilter;
      readonly terms: readonly Term[] | undefined;
      readonly isOpen: boolean;
      readonly criteria: MetadataCriteria | undefined;
      readonly sort: ModelSort | undefined;
      readonly limit: number;
    }
  | {
      readonly ask: 'words';
      readonly terms: readonly Term[];
      readonly isOpen: boolean;
      readonly filter: ModelFilter;
      readonly limit: number;
    }
  | {
      readonly ask: 'tags';
      readonly tags: readonly string[];
      readonly mode: 'all' | 'any' | 'none';
      readonly limit: number;
    }
  | { readonly ask: 'dates'; readonly from: Date | undefined; readonly to: Date | undefined; readonly limit: number }
  | { readonly ask: 'formats'; readonly formats: readonly ModelFormat[]; readonly limit: number }
  /** Places in the list of all models; those past its end ask for a model that is not there. */
  | { readonly ask: 'many'; readonly places: readonly number[] }
  | { readonly ask: 'duplicates'; readonly limit: number }
  | { readonly ask: 'collection'; readonly place: number; readonly nested: boolean; readonly limit: number }
  | { readonly ask: 'tagList'; readonly prefix: string; readonly limit: number }
  | { readonly ask: 'keys' };

const maybe = <T>(value: fc.Arbitrary<T>, freq = 4) => fc.option(value, { nil: undefined, freq });
const some = <T>(values: readonly T[], maxLength = values.length) => fc.subarray([...values], { maxLength });
const around = (values: readonly number[]) =>
  fc.tuple(fc.constantFrom(...values), fc.constantFrom(-1, 0, 1, 0.5)).map(([value, off]) => value + off);

const time = around(times).map((ms) => new Date(ms));
const tag = fc.constantFrom(...tagNames, 'common', 'COMMON', ' Desk Toy ', 'wide', 'never', 'renamed 5');
const limit = fc.constantFrom(1, 7, 40, 50, 100);
const format = fc.constantFrom(...modelFormats);

/** What came later is asked by lone-conditions.ts and filter-oracle.test.ts: new conditions here would turn kept seeds into others. */
type Later =
  | ('printed' | 'printedFrom' | 'printedTo')
  | ('collectionsAny' | 'fitsMm' | 'minSizeMm' | 'maxSizeMm' | 'minVolumeMm3' | 'maxVolumeMm3');
type Asked = Required<Omit<ModelFilter, Later>>;

const everyCondition: { readonly [K in keyof Asked]: fc.Arbitrary<NonNullable<ModelFilter[K]>> } = {
  formats: fc.oneof(some(modelFormats, 4), fc.constantFrom<ModelFormat[]>(['stl'], ['obj'], ['stl', 'obj'])),
  statuses: some(modelStatuses),
  parseStatuses: some(parseStatuses),
  tagsAll: fc.array(tag, { maxLength: 3 }),
  tagsAny: fc.array(tag, { maxLength: 3 }),
  tagsNone: fc.array(tag, { maxLength: 3 }),
  createdFrom: time,
  createdTo: time,
  minTriangles: around(numbers),
  maxTriangles: around(numbers),
  minFileSize: around(sizes),
  maxFileSize: around(sizes),
  minRating: fc.constantFrom(-1, 0, 1, 2.5, 3, 5, 6),
  maxRating: fc.constantFrom(-1, 0, 1, 2.5, 3, 5, 6),
  favorite: fc.boolean(),
  author: fc.constantFrom(...authors, 'nobody'),
  license: fc.constantFrom(...licenses, 'none'),
};

/** Mostly few conditions: of many, nothing passes. */
const filter: fc.Arbitrary<ModelFilter> = fc.oneof(
  { weight: 1, arbitrary: fc.constant({}) },
  {
    weight: 6,
    arbitrary: fc
      .tuple(
        fc.record(everyCondition),
        fc.uniqueArray(fc.constantFrom(...(Object.keys(everyCondition) as (keyof Asked)[])), {
          minLength: 1,
          maxLength: 3,
        }),
      )
      .map(([all, keys]): ModelFilter => Object.fromEntries(keys.map((each) => [each, all[each]]))),
  },
  { weight: 1, arbitrary: fc.record(everyCondition, { requiredKeys: [] }) },
);

const sort: fc.Arbitrary<ModelSort | undefined> = maybe(
  fc.record({
    by: fc.constantFrom('added', 'createdAt', 'name'),
    direction: fc.constantFrom('asc', 'desc', undefined),
  }),
);

const key = fc.constantFrom('size', 'size', 'material', 'printed', 'note', 'list', 'absent');
const text = fc.oneof(fc.constantFrom(...materials, 'P', 'Q', 'x'), fc.integer({ min: 0, max: 900 }).map(String));
const amount = fc.oneof(
  fc.integer({ min: -4, max: 3_604 }).map((quarters) => quarters / 4),
  fc.constantFrom(0, 1, -0),
);
const compared = fc.constantFrom('=' as const, '<' as const, '<=' as const, '>' as const, '>=' as const);

const criterion: fc.Arbitrary<MetadataCriterion> = fc.oneof(
  fc.record({ key, op: compared, value: fc.oneof(text, amount) }),
  fc.record({ key, op: fc.constant('=' as const), value: fc.constantFrom(true, false, null, 'PLA', 0, 1) }),
  fc.record({ key, op: fc.constant('prefix' as const), value: text }),
  fc.record({ key, op: fc.constant('exists' as const) }),
);

/** What so many models have that they are read in the order of its index. */
const common: fc.Arbitrary<MetadataCriterion> = fc.constantFrom(
  { key: 'material', op: '=', value: 'PLA' },
  { key: 'material', op: '=', value: 'PETG' },
);

const { criteria } = fc.letrec<{ criteria: MetadataCriteria; group: MetadataCriteria; beside: MetadataCriteria }>(
  (tie) => ({
    criteria: fc.oneof({ maxDepth: 4 }, criterion, tie('group'), tie('beside')),
    group: fc.oneof(
      fc.array(tie('criteria'), { maxLength: 3 }),
      fc.array(tie('criteria'), { maxLength: 3 }).map((all) => ({ all })),
      fc.array(tie('criteria'), { maxLength: 3 }).map((any) => ({ any })),
    ),
    // A group of what leads to the models and others, which lies in another one.
    beside: fc
      .tuple(common, fc.array(criterion, { minLength: 1, maxLength: 2 }), fc.boolean())
      .map(([first, more, isNamed]) => [isNamed ? { all: [first, ...more] } : [first, ...more]]),
  }),
);

/** What somebody types of a word: whole, in another letter case, or its beginning. */
const word = fc
  .tuple(fc.constantFrom(...vocabulary, 'nothing', 'hexe'), fc.constantFrom(0, 0, 0, 1, 2, 3), fc.boolean())
  .map(([whole, length, isUpper]) => {
    const begun = length === 0 ? whole : whole.slice(0, length);
    return isUpper ? begun.toUpperCase() : begun;
  });
const phrase = fc.array(fc.constantFrom(...vocabulary), { minLength: 1, maxLength: 3 });
const formats = fc.array(format, { minLength: 1, maxLength: 2 }).map((names) => names.join());

const wanted: fc.Arbitrary<Term> = fc.oneof(
  { weight: 6, arbitrary: fc.record({ kind: fc.constant('word' as const), word }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('phrase' as const), words: phrase }) },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constant('choice' as const),
      words: fc.array(fc.constantFrom(...vocabulary), { minLength: 2, maxLength: 3 }),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constant('author' as const),
      words: fc.constantFrom(['ada'], ['Ad'], ['lovelace'], ['ada', 'lovelace'], ['Bela'], ['same', 'first'], ['hex']),
    }),
  },
);
const other: fc.Arbitrary<Term> = fc.oneof(
  fc.record({ kind: fc.constant('without' as const), word: fc.constantFrom(...vocabulary) }),
  fc.record({ kind: fc.constant('withoutPhrase' as const), words: phrase }),
  fc.record({ kind: fc.constantFrom('tag' as const, 'withoutTag' as const), value: tag }),
  fc.record({ kind: fc.constantFrom('format' as const, 'withoutFormat' as const), value: formats }),
);
const terms: fc.Arbitrary<readonly Term[]> = fc
  .tuple(fc.array(wanted, { maxLength: 3 }), fc.array(other, { maxLength: 2 }), fc.boolean())
  .map(([first, second, isTurned]) => (isTurned ? [...second, ...first] : [...first, ...second]));

/** Every question. Those whose plans differ most are asked most often. */
export const questions: fc.Arbitrary<Question> = fc.oneof(
  { weight: 6, arbitrary: fc.record({ ask: fc.constant('list' as const), filter, sort, limit }) },
  { weight: 4, arbitrary: fc.record({ ask: fc.constant('count' as const), filter }) },
  { weight: 6, arbitrary: fc.record({ ask: fc.constant('metadata' as const), criteria, limit }) },
  {
    weight: 6,
    arbitrary: fc.record({
      ask: fc.constant('search' as const),
      filter,
      terms: maybe(terms, 2),
      isOpen: fc.boolean(),
      criteria: maybe(criteria, 1),
      sort,
      limit,
    }),
  },
  {
    weight: 8,
    arbitrary: fc.record({ ask: fc.constant('words' as const), terms, isOpen: fc.boolean(), filter, limit }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      ask: fc.constant('tags' as const),
      tags: fc.array(tag, { maxLength: 3 }),
      mode: fc.constantFrom('all', 'any', 'none'),
      limit,
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({ ask: fc.constant('dates' as const), from: maybe(time), to: maybe(time), limit }),
  },
  { weight: 1, arbitrary: fc.record({ ask: fc.constant('formats' as const), formats: some(modelFormats, 3), limit }) },
  {
    weight: 1,
    arbitrary: fc.record({ ask: fc.constant('many' as const), places: fc.array(fc.nat(70_000), { maxLength: 30 }) }),
  },
  { weight: 1, arbitrary: fc.record({ ask: fc.constant('duplicates' as const), limit }) },
  {
    weight: 2,
    arbitrary: fc.record({
      ask: fc.constant('collection' as const),
      place: fc.nat(6),
      nested: fc.boolean(),
      limit,
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      ask: fc.constant('tagList' as const),
      prefix: fc.constantFrom('', 't', 'TAG 1', 'hex', 'r', 'zz'),
      limit,
    }),
  },
  { weight: 1, arbitrary: fc.record({ ask: fc.constant('keys' as const) }) },
);
