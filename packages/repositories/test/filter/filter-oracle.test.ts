// Random filters and metadata criteria over thousands of models, against the same conditions in plain JavaScript.
// There are enough models that some conditions lead to few of them and others do not: each has its own SQL.
import { type Model, type ModelFormat, modelStatuses } from '@cc/schema';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { MetadataCriteria, MetadataCriterion, MetadataRecord, ModelFilter, ModelSort } from '../../src/index.js';
import { modelInput } from '../model-input.js';
import { type Library, openLibrary } from '../open-library.js';

/** Thousands of models and hundreds of queries, also on a machine that does other things. */
const timeoutMs = 600_000;

interface Row {
  readonly model: Model;
  readonly metadata: MetadataRecord;
  readonly tags: readonly string[];
  readonly added: number;
}

test(
  'a filter keeps and counts what plain JavaScript would, in its order',
  async () => {
    await using library = await openLibrary('file');
    const rows = await fill(library);
    const agreement = (someFilters: typeof filters, someSorts: typeof sorts) =>
      fc.asyncProperty(someFilters, someSorts, async (filter, sort) => {
        const expected = rows.filter((row) => passes(row, filter)).sort(compare(sort));
        expect(await library.models.count(filter)).toBe(expected.length);
        const first = await library.models.list({ filter, sort, limit: 40 });
        const ids = first.items.map((model) => model.id);
        if (first.next !== null) {
          const second = await library.models.list({ filter, sort, limit: 40, after: first.next });
          ids.push(...second.items.map((model) => model.id));
        }
        expect(ids).toEqual(expected.slice(0, 80).map((row) => row.model.id));
      });
    const agree = agreement(filters, sorts);
    await fc.assert(agree, { numRuns: 100 });
    await fc.assert(agreement(filtersOfPrinted, sortsOfPrinted), { numRuns: 100 });
    await fc.assert(agreement(filtersOfSizes, sorts), { numRuns: 100 });
    // The whole library by name: the model in JavaScript had 10 before 2.
    await fc.assert(agree, { seed: -276_828_927, path: '59:0:0:0:0:0:0:0:0:0:1', numRuns: 1 });
  },
  timeoutMs,
);

test(
  'metadata criteria find what plain JavaScript would, however they are joined',
  async () => {
    await using library = await openLibrary('file');
    const rows = await fill(library);
    await fc.assert(criteriaAgree(library, rows), { numRuns: 100 });
  },
  timeoutMs,
);

test(
  'metadata criteria find what plain JavaScript would, by the seeds that were red',
  async () => {
    await using library = await openLibrary('file');
    const agree = criteriaAgree(library, await fill(library));
    // With both of them the conditions beside the first one of a nested group were lost, in run 544 and in run 77.
    await fc.assert(agree, { seed: 1_530_814_905, numRuns: 550 });
    await fc.assert(agree, { seed: 786_372_987, numRuns: 100 });
  },
  timeoutMs,
);

test(
  'a nested group of criteria keeps all of its conditions when the first one gives the order',
  async () => {
    await using library = await openLibrary('file');
    const rows = await fill(library);
    const pla = { key: 'material', op: '=', value: 'PLA' } as const;
    for (const nested of [
      [{ all: [pla, [{ key: 'printed', op: '=', value: true }]] }],
      [[[{ key: 'printed', op: 'exists' }, pla]]],
      [{ all: [pla, { any: [] }] }],
      [{ any: [{ all: [pla, { key: 'note', op: 'exists' }] }] }],
    ] satisfies MetadataCriteria[]) {
      const expected = rows.filter((row) => meets(row.metadata, nested)).map((row) => row.model.id);
      const { items } = await library.metadata.searchByMetadata(nested, { limit: 1_000 });
      expect(items.map((model) => model.id)).toEqual(expected);
    }
  },
  timeoutMs,
);

test(
  'a search finds what plain JavaScript would in a library so large that filters become words of the index',
  async () => {
    await using library = await openLibrary('file');
    const rows = await fill(library, 21_000);
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 0, max: 499 }), fewConditions, async (number, filter) => {
        const named = new RegExp(` ${number}$`);
        const expected = rows.filter((row) => named.test(row.model.name) && passes(row, filter));
        const page = await library.search.searchModels(`"${number}"`, filter, { limit: 100 });
        expect(page.hits.map(({ model }) => model.id).sort()).toEqual(expected.map(({ model }) => model.id).sort());
        expect([page.total, page.totalIsExact]).toEqual([expected.length, true]);
      }),
      { numRuns: 300 },
    );
    for (const filter of [{ printed: true }, { printed: false }, { printedFrom: new Date(Date.UTC(2021, 5, 1)) }]) {
      for (const number of [0, 7, 11, 121, 300, 499]) {
        const page = await library.search.searchModels(`"${number}"`, filter, { limit: 100 });
        const expected = rows.filter((row) => row.model.name.endsWith(` ${number}`) && passes(row, filter));
        expect(page.hits.map(({ model }) => model.id).sort()).toEqual(expected.map(({ model }) => model.id).sort());
      }
    }
  },
  timeoutMs,
);

const criteriaAgree = (library: Library, rows: readonly Row[]) =>
  fc.asyncProperty(criteria, async (given) => {
    const expected = rows.filter((row) => meets(row.metadata, given)).map((row) => row.model.id);
    const page = await library.metadata.searchByMetadata(given, { limit: 60 });
    const ids = page.items.map((model) => model.id);
    if (page.next !== null) {
      const second = await library.metadata.searchByMetadata(given, { limit: 60, after: page.next });
      ids.push(...second.items.map((model) => model.id));
    }
    expect(ids).toEqual(expected.slice(0, 120));
  });

async function fill(library: Library, count = 6_000): Promise<readonly Row[]> {
  const items = Array.from({ length: count }, (_, i) => ({
    model: modelInput(`${['Gear', 'gear', 'Bolt'][i % 3] ?? ''} ${i % 500}`, {
      format: (['stl', 'stl', 'stl', 'obj', 'step'] as const)[i % 5] ?? 'stl',
      // The number of a file name would be a word as well.
      fileName: 'part.stl',
      status: i % 97 === 0 ? 'missing' : i % 89 === 0 ? 'archived' : 'active',
      createdAt: new Date(Date.UTC(2020, 0, 1 + (i % 700))),
      triangles: i % 4 === 0 ? null : (i * 37) % 10_000,
      fileSize: (i * 7919) % 100_000,
      rating: i % 7 === 0 ? null : i % 6,
      favorite: i % 113 === 0,
      // Rare enough to be worth a word of the index, and on both sides of what is read first.
      printedAt: i % 11 === 0 ? new Date(Date.UTC(2021, 0, 1 + (i % 300))) : null,
      author: i % 2 === 0 ? 'Ada' : i % 301 === 0 ? 'Bob' : null,
      license: i % 3 === 0 ? 'MIT' : null,
      ...(i % 6 !== 0 && { minX: -1, minY: 0, minZ: 2, maxX: (i % 101) - 1, maxY: i % 50, maxZ: 3 + (i % 7) }),
      unit: i % 5 === 0 ? 'inch' : i % 4 === 0 ? null : 'millimeter',
      volume: i % 6 === 0 ? null : (i * 31) % 9_000,
    }),
    metadata: {
      size: i % 3_000,
      ...(i % 2 === 0 && { material: ['PLA', 'PETG', 'ABS'][i % 3] ?? '' }),
      ...(i % 50 === 0 && { printed: i % 100 === 0 }),
      ...(i % 70 === 0 && { size: String(i), note: null }),
      ...(i % 300 === 0 && { list: [i] }),
    },
    tags: [...(i % 10 === 0 ? [] : ['common']), ...(i % 40 === 0 ? ['rare'] : []), ...(i % 41 === 0 ? ['odd'] : [])],
  }));
  await library.models.createMany(items, { batchSize: 2_000 });
  const rows: Row[] = [];
  for await (const model of library.models.listAll()) {
    const item = items[rows.length];
    if (item === undefined) throw new Error('more models than were added');
    rows.push({ model, metadata: item.metadata, tags: item.tags, added: rows.length });
  }
  return rows;
}

const some = <T>(values: readonly T[]) => fc.subarray([...values], { minLength: 0, maxLength: values.length });
const day = fc.integer({ min: -10, max: 720 }).map((n) => new Date(Date.UTC(2020, 0, 1 + n)));
const maybe = <T>(value: fc.Arbitrary<T>) => fc.option(value, { nil: undefined, freq: 4 });

const filters: fc.Arbitrary<ModelFilter> = fc.record({
  formats: maybe(some<ModelFormat>(['stl', 'obj', 'step', 'ply'])),
  statuses: maybe(some(modelStatuses)),
  tagsAll: maybe(some(['common', 'rare', 'odd', 'none'])),
  tagsAny: maybe(some(['common', 'rare', 'odd', 'none'])),
  tagsNone: maybe(some(['common', 'rare', 'none'])),
  createdFrom: maybe(day),
  createdTo: maybe(day),
  minTriangles: maybe(fc.integer({ min: 0, max: 11_000 })),
  maxTriangles: maybe(fc.integer({ min: 0, max: 11_000 })),
  minFileSize: maybe(fc.integer({ min: 0, max: 110_000 })),
  minRating: maybe(fc.integer({ min: 0, max: 5 })),
  maxRating: maybe(fc.integer({ min: 0, max: 5 })),
  favorite: maybe(fc.boolean()),
  author: maybe(fc.constantFrom('Ada', 'Bob', 'ada')),
  license: maybe(fc.constantFrom('MIT', 'none')),
});

/** What came later, apart: kept seeds stay what they were. */
const filtersOfPrinted: fc.Arbitrary<ModelFilter> = fc
  .tuple(
    fc.record({ printed: maybe(fc.boolean()), printedFrom: maybe(day), printedTo: maybe(day) }),
    fc.oneof(fc.constant({}), filters),
  )
  .map(([printed, others]) => ({ ...others, ...printed }));

const mm = fc.constantFrom(0.5, 1, 10, 25.4, 50, 99, 101);

const filtersOfSizes: fc.Arbitrary<ModelFilter> = fc
  .tuple(
    fc.record({
      fitsMm: maybe(fc.tuple(mm, mm, mm)),
      minSizeMm: maybe(mm),
      maxSizeMm: maybe(mm),
      minVolumeMm3: maybe(fc.integer({ min: 0, max: 9_000 })),
      maxVolumeMm3: maybe(fc.integer({ min: 0, max: 9_000 })),
    }),
    fc.oneof(fc.constant({}), filters),
  )
  .map(([sizes, others]) => ({ ...others, ...sizes }));

const sortsOfPrinted: fc.Arbitrary<ModelSort> = fc.record({
  by: fc.constantFrom('printedAt', 'printedAt', 'createdAt'),
  direction: fc.constantFrom('asc', 'desc'),
});

/** One or two conditions: of more, nothing passes. */
const fewConditions = fc
  .tuple(filters, fc.array(fc.nat(), { minLength: 1, maxLength: 2 }))
  .map(([filter, picks]): ModelFilter => {
    const given = Object.entries(filter).filter(([, value]) => value !== undefined);
    return Object.fromEntries(picks.flatMap((pick) => given.slice(pick % given.length).slice(0, 1)));
  });

const sorts: fc.Arbitrary<ModelSort> = fc.record({
  by: fc.constantFrom('added', 'createdAt', 'name'),
  direction: fc.constantFrom('asc', 'desc'),
});

function passes({ model, tags }: Row, filter: ModelFilter): boolean {
  const within = (value: number | null, min: number | undefined, max: number | undefined): boolean =>
    (min === undefined && max === undefined) ||
    (value !== null && value >= (min ?? Number.NEGATIVE_INFINITY) && value <= (max ?? Number.POSITIVE_INFINITY));
  return (
    (filter.formats?.includes(model.format) ?? true) &&
    (filter.statuses?.includes(model.status) ?? true) &&
    (filter.tagsAll?.every((tag) => tags.includes(tag)) ?? true) &&
    (filter.tagsAny?.some((tag) => tags.includes(tag)) ?? true) &&
    !(filter.tagsNone?.some((tag) => tags.includes(tag)) ?? false) &&
    (filter.createdFrom === undefined || model.createdAt >= filter.createdFrom) &&
    (filter.createdTo === undefined || model.createdAt < filter.createdTo) &&
    within(model.triangles, filter.minTriangles, filter.maxTriangles) &&
    within(model.fileSize, filter.minFileSize, undefined) &&
    within(model.rating, filter.minRating, filter.maxRating) &&
    (filter.favorite === undefined || model.favorite === filter.favorite) &&
    (filter.printed === undefined || (model.printedAt !== null) === filter.printed) &&
    (filter.printedFrom === undefined || (model.printedAt !== null && model.printedAt >= filter.printedFrom)) &&
    (filter.printedTo === undefined || (model.printedAt !== null && model.printedAt < filter.printedTo)) &&
    (filter.author === undefined || model.author === filter.author) &&
    (filter.license === undefined || model.license === filter.license) &&
    within(sidesOf(model)[0] ?? null, filter.minSizeMm, filter.maxSizeMm) &&
    within(model.volume && model.volume * perUnit(model) ** 3, filter.minVolumeMm3, filter.maxVolumeMm3) &&
    (filter.fitsMm === undefined || fits(sidesOf(model), filter.fitsMm.toSorted(descending)))
  );
}

const descending = (a: number, b: number): number => b - a;

function perUnit({ unit }: Model): number {
  return unit === 'inch' ? 25.4 : 1;
}

/** In millimetres, the longest one first; none when they are not known. */
function sidesOf(model: Model): readonly number[] {
  const { minX, minY, minZ, maxX, maxY, maxZ } = model;
  if (minX === null || minY === null || minZ === null || maxX === null || maxY === null || maxZ === null) return [];
  return [maxX - minX, maxY - minY, maxZ - minZ].map((side) => side * perUnit(model)).sort(descending);
}

function fits(sides: readonly number[], room: readonly number[]): boolean {
  return sides.length === 3 && sides.every((side, i) => side <= (room[i] ?? 0) + 0.001);
}

function compare({ by, direction }: ModelSort): (a: Row, b: Row) => number {
  const order = {
    added: () => 0,
    createdAt: (a: Row, b: Row) => a.model.createdAt.getTime() - b.model.createdAt.getTime(),
    name: (a: Row, b: Row) => naturally.compare(a.model.name, b.model.name),
    printedAt: (a: Row, b: Row) => (a.model.printedAt?.getTime() ?? 0) - (b.model.printedAt?.getTime() ?? 0),
  }[by];
  const isUnknown = ({ model }: Row): number => Number(by === 'printedAt' && model.printedAt === null);
  const sign = direction === 'desc' ? -1 : 1;
  return (a, b) => isUnknown(a) - isUnknown(b) || sign * (order(a, b) || a.added - b.added);
}

/** The order of names: letters before case, and numbers by value. */
const naturally = new Intl.Collator('en', { numeric: true });

const criterion: fc.Arbitrary<MetadataCriterion> = fc.oneof(
  fc.record({
    key: fc.constant('size'),
    op: fc.constantFrom('=' as const, '<' as const, '<=' as const, '>' as const, '>=' as const),
    value: fc.oneof(fc.integer({ min: -1, max: 3_001 }), fc.integer({ min: 0, max: 3_000 }).map(String)),
  }),
  fc.record({
    key: fc.constant('material'),
    op: fc.constantFrom('=' as const, 'prefix' as const, '>' as const),
    value: fc.constantFrom('PLA', 'P', 'ABS', ''),
  }),
  fc.record({
    key: fc.constantFrom('printed', 'note'),
    op: fc.constant('=' as const),
    value: fc.constantFrom(true, false, null),
  }),
  fc.record({
    key: fc.constantFrom('size', 'material', 'printed', 'note', 'list', 'absent'),
    op: fc.constant('exists' as const),
  }),
);

const { criteria } = fc.letrec<{ criteria: MetadataCriteria; group: MetadataCriteria }>((tie) => ({
  criteria: fc.oneof({ maxDepth: 3 }, criterion, tie('group')),
  group: fc.oneof(
    fc.array(tie('criteria'), { maxLength: 3 }),
    fc.array(tie('criteria'), { maxLength: 3 }).map((all) => ({ all })),
    fc.array(tie('criteria'), { maxLength: 3 }).map((any) => ({ any })),
  ),
}));

function meets(metadata: MetadataRecord, given: MetadataCriteria): boolean {
  if ('all' in given) return given.all.every((one) => meets(metadata, one));
  if ('any' in given) return given.any.some((one) => meets(metadata, one));
  if (!('key' in given)) return given.every((one) => meets(metadata, one));
  if (!Object.hasOwn(metadata, given.key)) return false;
  const value = metadata[given.key];
  if (given.op === 'exists') return true;
  if (given.op === '=') return value === given.value;
  if (typeof value !== typeof given.value) return false;
  if (given.op === 'prefix') return typeof value === 'string' && value.startsWith(given.value);
  // Both are numbers, or both texts of ASCII, where JavaScript compares as SQLite does.
  const [a, b] = [value as number, given.value as number];
  return { '>': a > b, '>=': a >= b, '<': a < b, '<=': a <= b }[given.op];
}
