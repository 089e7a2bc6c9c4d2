// Known-item queries: somebody remembers a few words of the name of one model, types them, half-types the last one, or
// mistypes a letter or two. The same seed always gives the same queries.
import { type Random, seededRandom } from '@cc/testkit/random';
import type { CatalogueModel } from '../catalogue/row.js';

/** How a query was mistyped. */
export const queryKinds = ['exact', 'prefix', 'one typo', 'two typos'] as const;
export type QueryKind = (typeof queryKinds)[number];

/** One query and what it should find. */
export interface KnownItem {
  readonly kind: QueryKind;
  readonly query: string;
  /** Any model of this name is the one: a thing has several files. */
  readonly name: string;
}

/** How many queries of each kind there are. */
export const queriesOfKind: Readonly<Record<QueryKind, number>> = {
  exact: 20,
  prefix: 10,
  'one typo': 20,
  'two typos': 10,
};

/** Returns 60 queries. */
export function knownItems(models: readonly CatalogueModel[], seed: number): readonly KnownItem[] {
  const random = seededRandom(seed);
  const names = [...new Set(models.map(({ model }) => model.name))].filter((name) => wordsOf(name).length > 0);
  return queryKinds.flatMap((kind) =>
    Array.from({ length: queriesOfKind[kind] }, (): KnownItem => {
      for (;;) {
        const name = random.pick(names);
        const query = queryFor(kind, wordsOf(name), random);
        if (query !== null) return { kind, query, name };
      }
    }),
  );
}

/** Two or three words of the name, in their order; all there are when there are fewer. Null when they are too short. */
function queryFor(kind: QueryKind, words: readonly string[], random: Random): string | null {
  const count = Math.min(words.length, random.whole(2, 3));
  const start = random.whole(0, words.length - count);
  const chosen = words.slice(start, start + count);
  const last = chosen.at(-1) ?? '';
  if (kind === 'exact') return chosen.join(' ');
  if (kind === 'prefix') {
    if (last.length < 5) return null;
    return [...chosen.slice(0, -1), last.slice(0, random.whole(3, last.length - 1))].join(' ');
  }
  let typed: readonly string[] = chosen;
  for (let typos = kind === 'one typo' ? 1 : 2; typos > 0; typos -= 1) {
    const long = typed.flatMap((word, i) => (word.length >= 4 ? [i] : []));
    if (long.length === 0) return null;
    const place = random.pick(long);
    typed = typed.map((word, i) => (i === place ? mistyped(word, random) : word));
  }
  return typed.join(' ') === chosen.join(' ') ? null : typed.join(' ');
}

const letters = Array.from('abcdefghijklmnopqrstuvwxyz');

/** One letter left out, put in, replaced, or swapped with the next one. */
function mistyped(word: string, random: Random): string {
  const at = random.whole(0, word.length - 1);
  const letter = random.pick(letters);
  const rest = word.slice(at + 1);
  switch (random.whole(0, 3)) {
    case 0:
      return word.slice(0, at) + rest;
    case 1:
      return word.slice(0, at) + letter + word.slice(at);
    case 2:
      return word.slice(0, at) + letter + rest;
    default:
      return word.slice(0, at) + rest.slice(0, 1) + word.charAt(at) + rest.slice(1);
  }
}

function wordsOf(name: string): readonly string[] {
  return name.toLowerCase().match(/[a-z]{3,}/g) ?? [];
}
