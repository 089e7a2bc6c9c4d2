// The searches that are compared on the same models: ours in the database, and three libraries that keep an index in memory,
// each set up as its documentation advises for names with typing errors.

import type { Repositories } from '@cc/repositories';
import { create, insert, search as searchOrama } from '@orama/orama';
import FlexSearch from 'flexsearch';
import MiniSearch from 'minisearch';
import type { CatalogueModel } from '../catalogue/row.js';

/** One search over all models. */
export interface Engine {
  /** Returns the ids of the ten best models. */
  search(query: string): readonly string[] | Promise<readonly string[]>;
}

/** The names of the engines; the first is ours. */
export const engineNames = [
  'ours',
  'MiniSearch',
  'MiniSearch, fuzzy 0.34',
  'Orama',
  'Orama, tolerance 2',
  'FlexSearch',
] as const;
export type EngineName = (typeof engineNames)[number];

const hits = 10;

/** What an engine is given of a model. */
export interface Document extends Readonly<Record<(typeof fields)[number], string>> {
  readonly id: string;
}

/** Returns the texts of a model. */
export function documentOf({ model, tags }: CatalogueModel): Document {
  const { id, name, fileName, author } = model;
  return { id, name, fileName, author: author ?? '', tags: tags.join(' ') };
}

/** Makes the index of an engine in memory. */
export async function openEngine(
  name: Exclude<EngineName, 'ours'>,
  documents: Iterable<Document> | AsyncIterable<Document>,
): Promise<Engine> {
  switch (name) {
    case 'MiniSearch':
      return openMiniSearch(documents, 0.2);
    case 'MiniSearch, fuzzy 0.34':
      return openMiniSearch(documents, 0.34);
    case 'Orama':
      return openOrama(documents, 0);
    case 'Orama, tolerance 2':
      return openOrama(documents, 2);
    case 'FlexSearch': {
      const index = new FlexSearch.Document({
        tokenize: 'forward',
        document: { id: 'id', index: [...fields] },
      });
      for await (const document of documents) index.add({ ...document });
      return {
        search(query) {
          // A list for each field in the order of the fields: names first.
          const found = index.search(query, { limit: hits, suggest: true });
          return [...new Set(found.flatMap(({ result }) => result.map(String)))].slice(0, hits);
        },
      };
    }
  }
}

/** Ours, over an opened library that holds the models. */
export function ourEngine({ search }: Repositories): Engine {
  return {
    async search(query) {
      const page = await search.searchModels(query, {}, { limit: hits });
      return page.hits.map(({ model }) => model.id);
    },
  };
}

const fields = ['name', 'tags', 'fileName', 'author'] as const;

async function openMiniSearch(documents: Iterable<Document> | AsyncIterable<Document>, fuzzy: number): Promise<Engine> {
  const index = new MiniSearch<Document>({
    fields: [...fields],
    searchOptions: { prefix: true, fuzzy, boost: { name: 10, tags: 6, fileName: 4 } },
  });
  for await (const document of documents) index.add(document);
  return {
    search: (query) =>
      index
        .search(query)
        .slice(0, hits)
        .map(({ id }) => String(id)),
  };
}

async function openOrama(documents: Iterable<Document> | AsyncIterable<Document>, tolerance: number): Promise<Engine> {
  const orama = create({
    schema: { id: 'string', name: 'string', fileName: 'string', author: 'string', tags: 'string' },
  });
  for await (const document of documents) await insert(orama, document);
  const boost = { name: 10, tags: 6, fileName: 4 };
  return {
    async search(term) {
      const found = await searchOrama(orama, { term, tolerance, boost, limit: hits, properties: [...fields] });
      return found.hits.map(({ id }) => id);
    },
  };
}
