// What a search must find, by the plainest means: a scan over all rows with the rules of the README of @cc/repositories
// written a second time. Shares no code with the search it checks, and no SQL.
import type { CatalogueModel } from './row.js';

/** One search with a known answer. Words are runs of letters, or of digits, in any case. */
export interface KnownSearch {
  /** All of them must be there; the last one also as the beginning of a word. */
  readonly words: readonly string[];
  /** Must not be there. */
  readonly without?: string;
  readonly formats?: readonly string[];
  readonly tagsAll?: readonly string[];
  readonly author?: string;
  readonly createdFrom?: Date;
  readonly createdTo?: Date;
}

/** Finds the models of known searches. */
export interface PlainScan {
  /** Returns the ids of the models that a search must find, in no particular order. */
  find(search: KnownSearch): ReadonlySet<string>;
}

/** Reads the words of every model once. */
export function plainScan(models: readonly CatalogueModel[]): PlainScan {
  const scanned = models.map(({ model, tags }) => ({
    model,
    words: wordsOfModel(model.name, model.fileName, model.description ?? '', [...tags, model.author ?? '']),
    tagKeys: new Set(tags.map((tag) => tag.trim().normalize('NFKC').toLowerCase())),
  }));
  return {
    find(search) {
      const last = folded(search.words.at(-1) ?? '');
      const whole = search.words.slice(0, -1).map(folded);
      const found = scanned.filter(({ model, words, tagKeys }) => {
        if (search.formats && !search.formats.includes(model.format)) return false;
        if (search.author !== undefined && model.author !== search.author) return false;
        if (search.createdFrom && model.createdAt < search.createdFrom) return false;
        if (search.createdTo && model.createdAt >= search.createdTo) return false;
        if (search.tagsAll && !search.tagsAll.every((tag) => tagKeys.has(tag.normalize('NFKC').toLowerCase())))
          return false;
        if (search.without !== undefined && words.has(folded(search.without))) return false;
        return whole.every((word) => words.has(word)) && [...words].some((word) => word.startsWith(last));
      });
      return new Set(found.map(({ model }) => model.id));
    },
  };
}

/** Every word of a model: of its texts, tags and author, and the parts of words that are glued together in its names. */
function wordsOfModel(name: string, fileName: string, description: string, others: readonly string[]): Set<string> {
  const words = new Set<string>();
  for (const text of [name, fileName, description, ...others])
    for (const word of wordsOf(text)) words.add(folded(word));
  // M3x12 → m 3 x 12, hexBolt → hex bolt, HTTPServer → http server.
  for (const text of [name, fileName, description]) {
    for (const word of wordsOf(text)) {
      for (const part of word.split(
        /(?<=\p{N})(?!\p{N})|(?<!\p{N})(?=\p{N})|(?<=\p{Ll})(?=\p{Lu})|(?<=\p{Lu})(?=\p{Lu}\p{Ll})/u,
      )) {
        words.add(folded(part));
      }
      // PolyBend02 → polybend, which people type as one word.
      for (const letters of word.match(/[A-Za-z]*[a-z][A-Z][A-Za-z]*/g) ?? []) words.add(folded(letters));
    }
  }
  return words;
}

function wordsOf(text: string): readonly string[] {
  return text.split(/[^\p{L}\p{M}\p{N}]+/u).filter((word) => word !== '');
}

function folded(word: string): string {
  return word.toLowerCase().normalize('NFD').replace(/\p{M}/gu, '');
}
