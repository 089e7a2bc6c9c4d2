// Asks a library a question and compares the answer with what plain JavaScript says of its rows.
import type { Model, ModelId } from '@cc/schema';
import { expect } from 'vitest';
import type { Page, PageOptions } from '../../src/index.js';
import type { Library } from '../open-library.js';
import { compareNames, compareTexts, inOrder, meets, newestFirst, passes, tagKeyOf } from './conditions.js';
import { pageSize, walk } from './pages.js';
import type { Question } from './questions.js';
import type { Row, Rows } from './rows.js';
import { expectHits } from './search-answers.js';
import { matches, typed } from './words.js';

/** Fails when the library answers otherwise than its rows say. */
export async function expectAnswer(library: Library, rows: Rows, question: Question): Promise<void> {
  const { models, search, metadata, collections, tags } = library;
  const all = rows.models;
  switch (question.ask) {
    case 'list': {
      const { filter, sort = newestFirst, limit } = question;
      const expected = all.filter((row) => passes(row, filter)).sort(inOrder(sort));
      return expectPages(limit, expected, (options) => models.list({ filter, sort: question.sort, ...options }));
    }
    case 'count':
      expect(await models.count(question.filter)).toBe(all.filter((row) => passes(row, question.filter)).length);
      return;
    case 'metadata': {
      const expected = all.filter((row) => meets(row, question.criteria));
      return expectPages(question.limit, expected, (options) => metadata.searchByMetadata(question.criteria, options));
    }
    case 'search': {
      const { filter, terms, isOpen, criteria, sort = newestFirst, limit } = question;
      const found = all.filter((row) => passes(row, filter) && (criteria === undefined || meets(row, criteria)));
      const verdicts = new Map(found.map((row) => [row, matches(row, terms ?? [], isOpen)]));
      const text = terms === undefined ? undefined : typed(terms, isOpen);
      const possible = found.filter((row) => verdicts.get(row) !== 'no');
      const items = await walk(pageSize(limit, possible.length, 1_000), (options) =>
        models.search({ ...filter, text, metadata: criteria }, { sort: question.sort, ...options }),
      );
      const answered = new Set<string>(items.map(({ id }) => id));
      const expected = possible.filter((row) => verdicts.get(row) === 'yes' || answered.has(row.id));
      expect(items.map(({ id }) => id)).toEqual(idsOf(expected.sort(inOrder(sort))));
      return;
    }
    case 'words':
      return expectHits(library, rows, question);
    case 'tags': {
      const { tags: names, mode, limit } = question;
      const key = ({ all: 'tagsAll', any: 'tagsAny', none: 'tagsNone' } as const)[mode];
      const expected = all.filter((row) => passes(row, { [key]: names })).reverse();
      return expectPages(limit, expected, (options) => search.searchByTags(names, { mode, ...options }));
    }
    case 'dates': {
      const { from, to, limit } = question;
      const expected = all.filter((row) => passes(row, { createdFrom: from, createdTo: to }));
      return expectPages(limit, expected.sort(inOrder(newestFirst)), (options) =>
        search.searchByDateRange({ from, to }, options),
      );
    }
    case 'formats': {
      const { formats, limit } = question;
      const expected = all.filter((row) => passes(row, { formats })).sort(inOrder(newestFirst));
      return expectPages(limit, expected, (options) => search.searchByFileType(formats, options));
    }
    case 'many': {
      const asked = question.places.map((place) => all[place]);
      const ids = asked.map((row, i) => (row?.id ?? absentId(i)) as ModelId);
      const read = await models.readMany(ids);
      const shownIds = ids.map((id) => read.get(id) ?? null);
      expect(shownIds.map((model) => model && shown(model))).toEqual(asked.map((row) => (row ? shownRow(row) : null)));
      expect([...read.keys()]).toEqual([...new Set(ids)]);
      const records = await metadata.getMany(ids);
      expect(ids.map((id) => Object.keys(records.get(id) ?? {}))).toEqual(
        asked.map((row) => [...(row?.metadata.keys() ?? [])].sort(compareTexts)),
      );
      const names = await tags.getTagsOfMany(ids);
      expect(ids.map((id) => names.get(id))).toEqual(asked.map((row) => row?.tags ?? []));
      return;
    }
    case 'duplicates': {
      const groups = [...groupBy(all, (row) => row.fileHash)].filter(([, same]) => same.length > 1);
      groups.sort(([a], [b]) => compareTexts(a, b));
      const items = await walk(pageSize(question.limit, groups.length, 1_000), (options) =>
        models.findDuplicates(options),
      );
      expect(items.map(({ fileHash, models: same }) => [fileHash, same.map(({ id }) => id)])).toEqual(
        groups.map(([hash, same]) => [hash, idsOf(same)]),
      );
      return;
    }
    case 'collection': {
      const collection = rows.collections[question.place];
      if (collection === undefined) return;
      const inside = new Set([collection.id]);
      for (const _ of rows.collections) {
        for (const { id, parentId } of rows.collections) if (parentId !== null && inside.has(parentId)) inside.add(id);
      }
      const bySeq = new Map(all.map((row) => [row.seq, row]));
      const { nested, limit } = question;
      const nestedSeqs = rows.collections.filter(({ id }) => inside.has(id)).flatMap((one) => one.models);
      const seqs = nested ? [...new Set(nestedSeqs)].sort((a, b) => a - b) : collection.models;
      const expected = seqs.flatMap((seq) => bySeq.get(seq) ?? []);
      await expectPages(limit, expected, (options) => collections.modelsOf(collection.id, { nested, ...options }));
      const children = rows.collections.filter(({ parentId }) => parentId === collection.id);
      children.sort((a, b) => compareNames(a.name, b.name));
      expect((await collections.list(collection.id)).map(({ id, models: n }) => [id, n])).toEqual(
        children.map(({ id, models: lying }) => [id, lying.length]),
      );
      return;
    }
    case 'tagList': {
      const prefix = tagKeyOf(question.prefix);
      const carried = groupBy(
        all.flatMap((row) => row.tags),
        (name) => name,
      );
      const counted = [...carried].map(([name, same]) => ({ name, models: same.length }));
      const expected = counted.filter(({ name }) => tagKeyOf(name).startsWith(prefix));
      const byKey = (a: { name: string }, b: { name: string }) => compareTexts(tagKeyOf(a.name), tagKeyOf(b.name));
      expected.sort((a, b) => (prefix === '' ? b.models - a.models : 0) || byKey(a, b));
      const { limit } = question;
      expect(await tags.listTags({ prefix: question.prefix, limit })).toEqual(expected.slice(0, limit));
      return;
    }
    case 'keys': {
      const counted = [
        ...groupBy(
          all.flatMap((row) => [...row.metadata.keys()]),
          (key) => key,
        ),
      ];
      const expected = counted.map(([key, same]) => ({ key, models: same.length }));
      expected.sort((a, b) => b.models - a.models || compareTexts(a.key, b.key));
      expect(await metadata.getMetadataKeys()).toEqual(expected);
    }
  }
}

async function expectPages(
  limit: number,
  expected: readonly Row[],
  page: (options: PageOptions) => Promise<Page<Model>>,
): Promise<void> {
  const items = await walk(pageSize(limit, expected.length, 1_000), page);
  expect(items.map(({ id }) => id)).toEqual(idsOf(expected));
  expect(items.slice(0, 5).map(shown)).toEqual(expected.slice(0, 5).map(shownRow));
}

function idsOf(rows: readonly Row[]): readonly string[] {
  return rows.map(({ id }) => id);
}

/** What both a model and its row tell. */
type Shown = Omit<Row, 'seq' | 'tags' | 'metadata' | 'collections' | 'sides'>;

function shown({ createdAt, printedAt, ...model }: Model): Shown {
  const { id, name, description, format, fileName, filePath, fileHash, fileSize, author, license } = model;
  const { parseStatus, triangles, rating, favorite, status, version, unit, volume } = model;
  const texts = { id, name, description, format, fileName, filePath, fileHash, author, license, parseStatus, status };
  const times = { createdAt: createdAt.getTime(), printedAt: printedAt?.getTime() ?? null };
  return { ...texts, ...times, fileSize, triangles, rating, favorite, version, unit, volume };
}

function shownRow(row: Row): Shown {
  const { seq: _, tags: __, metadata: ___, collections: ____, sides: _____, ...rest } = row;
  return rest;
}

function absentId(i: number): string {
  return `01890000-0000-7000-8000-${i.toString(16).padStart(12, '0')}`;
}

function groupBy<T>(values: readonly T[], keyOf: (value: T) => string): ReadonlyMap<string, readonly T[]> {
  const groups = new Map<string, T[]>();
  for (const value of values) {
    const group = groups.get(keyOf(value));
    if (group === undefined) groups.set(keyOf(value), [value]);
    else group.push(value);
  }
  return groups;
}
