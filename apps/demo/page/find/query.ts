// What is looked for, as the address has it: the names are those of the server's own query, so that the address of the
// page and the question to the server are one text.
import type { CountQuery } from '../../src/serve/contract.js';
import { dayOf } from '../frame/days.js';
import { bytes, count, counted } from '../frame/words.js';

/** A name that narrows: those of the server's query but the words. */
type FilterName = Exclude<keyof CountQuery, 'q'>;

/** Names that may be there several times. */
const lists = [
  'formats',
  'statuses',
  'parseStatuses',
  'tagsAll',
  'tagsAny',
  'tagsNone',
  'collectionsAny',
  'meta',
] as const satisfies readonly FilterName[];

type ListName = (typeof lists)[number];

/** The orders that people choose from. */
export const orders = [
  { sort: '', direction: '', label: 'Best match, newest first' },
  { sort: 'name', direction: '', label: 'Name' },
  { sort: 'createdAt', direction: 'asc', label: 'Oldest first' },
  { sort: 'added', direction: 'desc', label: 'Added last' },
  { sort: 'printedAt', direction: '', label: 'Printed last' },
] as const;

/** What the server is asked: the address without what the page says itself, in one order whatever way it was reached. */
export function question(query: URLSearchParams): string {
  const asked = new URLSearchParams(query);
  for (const name of ['view', 'after', 'limit', 'facets']) asked.delete(name);
  if (asked.get('q')?.trim() === '') asked.delete('q');
  asked.sort();
  return asked.toString();
}

/** The address of Find with this query. */
export function findAddress(query: URLSearchParams): string {
  const text = query.toString();
  return text === '' ? '/' : `/?${text}`;
}

/** The query with one name set to a value, or without it (null). */
export function withValue(query: URLSearchParams, name: string, value: string | null): URLSearchParams {
  const changed = new URLSearchParams(query);
  if (value === null || value === '') changed.delete(name);
  else changed.set(name, value);
  return changed;
}

/** The query with a value put into a list, or taken out of it when it is there. */
export function toggled(query: URLSearchParams, name: ListName, value: string): URLSearchParams {
  const changed = new URLSearchParams(query);
  const there = changed.getAll(name);
  changed.delete(name);
  for (const each of there.includes(value) ? there.filter((one) => one !== value) : [...there, value])
    changed.append(name, each);
  return changed;
}

/** The query without its filters: words and order stay. */
export function unfiltered(query: URLSearchParams): URLSearchParams {
  const changed = new URLSearchParams(query);
  for (const name of [...lists, ...singles]) changed.delete(name);
  return changed;
}

/** The words alone: neither filters nor an order. */
export function onlyWords(query: URLSearchParams): URLSearchParams {
  const words = query.get('q');
  return new URLSearchParams(words === null ? {} : { q: words });
}

/** One condition in words, and the query without it. */
export interface Condition {
  readonly label: string;
  readonly without: URLSearchParams;
}

const words: Readonly<Record<FilterName, (value: string) => string>> = {
  formats: (value) => value.toUpperCase(),
  statuses: (value) => value,
  parseStatuses: (value) => (value === 'unparsed' ? 'could not be measured' : value),
  tagsAll: (value) => `#${value}`,
  tagsAny: (value) => `#${value} or another`,
  tagsNone: (value) => `not #${value}`,
  favorite: (value) => (value === 'true' ? 'favorites' : 'no favorites'),
  printed: (value) => (value === 'true' ? 'printed' : 'never printed'),
  minRating: (value) => (value === '5' ? '5 stars' : `${counted(Number(value), 'star')} or more`),
  maxRating: (value) => `${counted(Number(value), 'star')} or fewer`,
  collectionsAny: () => 'one collection',
  meta: (value) => value,
  author: (value) => `by ${value}`,
  license: (value) => value,
  createdFrom: (value) => `from ${dayOf(value)}`,
  createdTo: (value) => `before ${dayOf(value)}`,
  printedFrom: (value) => `printed from ${dayOf(value)}`,
  printedTo: (value) => `printed before ${dayOf(value)}`,
  minTriangles: (value) => `${count(Number(value))} triangles or more`,
  maxTriangles: (value) => `${count(Number(value))} triangles or fewer`,
  minFileSize: (value) => `${bytes(Number(value))} or more`,
  maxFileSize: (value) => `${bytes(Number(value))} or less`,
  fitsMm: (value) => `fits ${value.replaceAll('x', ' × ')} mm`,
  minSizeMm: (value) => `${value} mm or longer`,
  maxSizeMm: (value) => `${value} mm or shorter`,
  minVolumeMm3: (value) => `${Number(value) / 1_000} cm³ or more`,
  maxVolumeMm3: (value) => `${Number(value) / 1_000} cm³ or less`,
  metadata: () => 'metadata',
};

/** Names that are there once at most. */
const singles = Object.keys(words).filter((name): name is Exclude<FilterName, ListName> => !isList(name));

function isList(name: string): boolean {
  return lists.some((each) => each === name);
}

/** Every condition of the query, each with the way to be rid of it. `named` knows what collections are called. */
export function conditions(
  query: URLSearchParams,
  named: (collection: string) => string | undefined = () => undefined,
): readonly Condition[] {
  const labelOf = (name: ListName, value: string): string =>
    (name === 'collectionsAny' ? named(value) : undefined) ?? words[name](value);
  return [
    ...lists.flatMap((name) =>
      query.getAll(name).map((value) => ({ label: labelOf(name, value), without: toggled(query, name, value) })),
    ),
    ...singles.flatMap((name) => {
      const value = query.get(name);
      return value === null ? [] : [{ label: words[name](value), without: withValue(query, name, null) }];
    }),
  ];
}
