// What people do in a library while they look for something and change it, by kind. There are several operations of each kind,
// so that no single word decides. The words are those of Thingi10K.
import type { MetadataCriteria, ModelFilter, Repositories, SearchOptions } from '@cc/repositories';
import { hashOf, idOf, modelOf } from '../catalogue/row.js';
import { syntheticCatalogue } from '../catalogue/synthetic-catalogue.js';
import { hitsPage, newestPage, type PagePlaces } from './page-places.js';

/** What an operation may need to know. */
export interface Situation {
  /** How many models there are. */
  readonly size: number;
  readonly places: Partial<PagePlaces>;
  /** Another one in every round: which model, which page. */
  readonly round: number;
}

/** Does it once, and returns how many things it found or changed. */
export type Operation = (library: Repositories, situation: Situation) => Promise<number>;

/** Operations of one kind. */
export interface Kind {
  readonly title: string;
  readonly isRead: boolean;
  /** How long the design gives it at the 95th percentile; null = no bar. */
  readonly mostMs: number | null;
  readonly operations: readonly Operation[];
}

/** All kinds; those that remove models come last. */
export const kinds: readonly Kind[] = [
  read(
    'one common word',
    common().map((word) => ask(`"${word}"`)),
  ),
  read(
    'the same, unfinished',
    common().map((word) => ask(word)),
  ),
  read(
    'two words',
    ['toy robot', 'gear bearing', 'puzzle cube', 'dragon head', 'spur gear'].map((words) => ask(words)),
  ),
  read(
    'a prefix',
    ['gea', 'ro', 's', 'drag', 'toy ro'].map((words) => ask(words)),
  ),
  read(
    'a rare word',
    ['tardis', 'planetary', 'thinker', 'voronoi'].map((word) => ask(word)),
  ),
  read('word + format + date', [
    ask('gear', { formats: ['stl'], createdFrom: day('2014-01-01'), createdTo: day('2014-07-01') }),
    ask('toy', { formats: ['stl'], createdFrom: day('2016-01-01'), createdTo: day('2017-01-01') }),
    ask('toy', { formats: ['obj'], createdFrom: day('2013-01-01'), createdTo: day('2019-01-01') }),
  ]),
  read('two tags', [tagged('toy', 'robot'), tagged('gear', 'puzzle'), tagged('dragon', 'game')]),
  read('three tags', [tagged('toy', 'robot', 'game'), tagged('gear', 'puzzle', 'toy')]),
  read(
    'metadata: a text and a range of numbers',
    criteria().map((each) => withMetadata(each)),
  ),
  // A listing in the order of creation, which no index of words has.
  {
    ...read('word + metadata, listed by time', [
      wordWithMetadata('gear', criteria()[0]),
      wordWithMetadata('robot', criteria()[1]),
      wordWithMetadata('toy', criteria()[2]),
    ]),
    mostMs: 20,
  },
  read(
    'suggestions',
    ['ge', 's', 'pla', 'toy ro'].map((text) => suggest(text)),
  ),
  read('facets', [
    ask('"gear"', {}, { facets: true }),
    ask('toy robot', {}, { facets: true }),
    ask('', {}, { facets: true }),
  ]),
  read(
    'misspelt words',
    ['geer bearing', 'tardsi', 'plantary'].map((words) => ask(words)),
  ),
  read('hits: next page at 90 %', [
    async (library, { places, round }) => (await hitsPage(library, place(places.hits, round))).hits.length,
  ]),
  read('newest of a format', [
    async (library) => (await newestPage(library, null)).items.length,
    async ({ models }) => (await models.list({ filter: { formats: ['obj'] }, limit: 20 })).items.length,
  ]),
  read('newest of a format: next page at 90 %', [
    async (library, { places, round }) => (await newestPage(library, place(places.newest, round))).items.length,
  ]),
  read('count by format', [counted('stl'), counted('obj')]),
  read('read by id', [
    async ({ models }, { size, round }) => ((await models.read(idOf(somewhere(size, round)))) === null ? 0 : 1),
  ]),
  write('create', async ({ models }, { round }) => {
    await models.create(newModel(round), { onDuplicateHash: 'reject' });
    return 1;
  }),
  write('update of a rating', async ({ models }, { size, round }) =>
    Number(await models.update(idOf(somewhere(size, round)), { rating: round % 6 })),
  ),
  write('update of a name', async ({ models }, { size, round }) =>
    Number(await models.update(idOf(somewhere(size, round)), { name: `Renamed gear ${round}` })),
  ),
  write('delete', async ({ models }, { size, round }) => Number(await models.delete(idOf(somewhere(size, round))))),
];

function read(title: string, operations: readonly Operation[]): Kind {
  return { title, isRead: true, mostMs: 5, operations };
}

function write(title: string, operation: Operation): Kind {
  return { title, isRead: false, mostMs: null, operations: [operation] };
}

function ask(query: string, filters: ModelFilter = {}, options: SearchOptions = {}): Operation {
  return async ({ search }) => (await search.searchModels(query, filters, options)).hits.length;
}

function tagged(...tags: readonly string[]): Operation {
  return async ({ search }) => (await search.searchByTags(tags, { limit: 20 })).items.length;
}

function suggest(text: string): Operation {
  return async ({ search }) => (await search.getSearchSuggestions(text)).length;
}

function counted(format: 'stl' | 'obj'): Operation {
  return ({ models }) => models.count({ formats: [format] });
}

function withMetadata(metadata: MetadataCriteria): Operation {
  return async (library) => (await library.metadata.searchByMetadata(metadata, { limit: 20 })).items.length;
}

function wordWithMetadata(text: string, metadata: MetadataCriteria = []): Operation {
  return async ({ models }) => (await models.search({ text, metadata }, { limit: 20 })).items.length;
}

/** Hoisted, because the list above is made first. */
function common(): readonly string[] {
  return ['toy', 'gear', 'robot', 'puzzle', 'box'];
}

function criteria(): readonly MetadataCriteria[] {
  const of = (category: string, from: number, to: number): MetadataCriteria => [
    { key: 'category', op: '=', value: category },
    { key: 'components', op: '>=', value: from },
    { key: 'components', op: '<', value: to },
  ];
  return [of('toys-and-games', 2, 10), of('3d-printing', 5, 50), of('hobby', 20, 30)];
}

function day(text: string): Date {
  return new Date(`${text}T00:00:00Z`);
}

/** Every model once, far from the one before: no size is a multiple of the step. */
function somewhere(size: number, round: number): number {
  return (13 + round * 7_919) % size;
}

/** A listing that is too short for a last tenth begins at its start. */
function place(cursors: readonly string[] | undefined, round: number): string | null {
  return cursors?.[round % cursors.length] ?? null;
}

const sources = syntheticCatalogue(500, 9).map(modelOf);

/** A model that no library has, with the `round`-th id after those of the largest one. */
function newModel(round: number) {
  const { model } = sources[round % sources.length] ?? { model: null };
  if (model === null) throw new RangeError('there is no model to create');
  const filePath = `new/${round}/${model.filePath}`;
  return { ...model, id: idOf(5_000_000 + round), filePath, fileHash: hashOf(filePath) };
}
