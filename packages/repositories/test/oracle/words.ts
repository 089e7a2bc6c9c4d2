// What the words of a search mean (docs/search.md), in plain JavaScript. A query is made of its terms here, not parsed.
import type { ModelFilter } from '../../src/index.js';
import { passes } from './conditions.js';
import type { Row } from './rows.js';

/** One term of a query. Words are runs of letters and digits. */
export type Term =
  | { readonly kind: 'word' | 'without'; readonly word: string }
  | { readonly kind: 'phrase' | 'withoutPhrase' | 'author'; readonly words: readonly string[] }
  | { readonly kind: 'choice'; readonly words: readonly string[] }
  | { readonly kind: 'tag' | 'withoutTag' | 'format' | 'withoutFormat'; readonly value: string };

/** `maybe`: words of a phrase stand beside each other only where two texts of the index meet. */
export type Verdict = 'yes' | 'maybe' | 'no';

/** Returns what a person types for the terms; with `isOpen` a closing quote is still missing at the end. */
export function typed(terms: readonly Term[], isOpen: boolean): string {
  const text = terms.map(typedTerm).join(' ');
  return isOpen && text.endsWith('"') ? text.slice(0, -1) : text;
}

/** Whether models are looked for by words, and not only by what they must not have. */
export function wantsWords(terms: readonly Term[]): boolean {
  return terms.some(isWanted);
}

/** The word that may be unfinished; null when there is none. */
export function unfinished(terms: readonly Term[], isOpen: boolean): string | null {
  const last = terms.at(-1);
  if (last?.kind === 'word') return last.word;
  return last?.kind === 'phrase' && isOpen ? (last.words.at(-1) ?? null) : null;
}

/** Whether a row has all that the terms ask for. */
export function matches(row: Row, terms: readonly Term[], isOpen: boolean): Verdict {
  if (!operatorsPass(row, terms)) return 'no';
  const open = unfinished(terms, isOpen) === null ? -1 : terms.length - 1;
  return least(terms.map((term, i) => verdictOf(row, term, i === open)));
}

/** Whether a row has at least one wanted term and nothing unwanted. */
export function matchesSome(row: Row, terms: readonly Term[], isOpen: boolean): boolean {
  const open = unfinished(terms, isOpen) === null ? -1 : terms.length - 1;
  const verdicts = terms.map((term, i) => ({ term, verdict: verdictOf(row, term, i === open) }));
  return (
    operatorsPass(row, terms) &&
    verdicts.every(({ term, verdict }) => isWanted(term) || verdict !== 'no') &&
    verdicts.some(({ term, verdict }) => isWanted(term) && verdict !== 'no')
  );
}

/** How many models have how many words that begin so. */
export function occurrences(rows: readonly Row[], beginning: string): number {
  const folded = fold(parts(beginning).at(-1) ?? beginning);
  let count = 0;
  for (const row of rows) {
    const words = new Set(textsOf(row).texts.flat());
    for (const word of words) if (word.startsWith(folded)) count += 1;
  }
  return count;
}

/** What the operators of the terms add to a filter. */
function operatorsPass(row: Row, terms: readonly Term[]): boolean {
  return terms.every((term) => {
    const asked: ModelFilter | null =
      term.kind === 'tag' ? { tagsAll: [term.value] } : term.kind === 'withoutTag' ? { tagsNone: [term.value] } : null;
    if (asked !== null) return passes(row, asked);
    if (term.kind === 'format') return term.value.split(',').includes(row.format);
    return term.kind !== 'withoutFormat' || !term.value.split(',').includes(row.format);
  });
}

function isWanted({ kind }: Term): boolean {
  return kind === 'word' || kind === 'phrase' || kind === 'author' || kind === 'choice';
}

function typedTerm(term: Term): string {
  switch (term.kind) {
    case 'word':
      return term.word;
    case 'without':
      return `-${term.word}`;
    case 'phrase':
      return `"${term.words.join(' ')}"`;
    case 'withoutPhrase':
      return `-"${term.words.join(' ')}"`;
    case 'author':
      return term.words.length === 1 ? `author:${term.words.join('')}` : `author:"${term.words.join(' ')}"`;
    case 'choice':
      return term.words.join('|');
    case 'tag':
    case 'withoutTag':
      return `${term.kind === 'tag' ? '' : '-'}tag:"${term.value}"`;
    default:
      return `${term.kind === 'format' ? '' : '-'}format:${term.value}`;
  }
}

function verdictOf(row: Row, term: Term, isUnfinished: boolean): Verdict {
  switch (term.kind) {
    case 'word':
      return has(row, [term.word], isUnfinished);
    case 'phrase':
      return has(row, term.words, isUnfinished);
    case 'without':
      return not(has(row, [term.word], false));
    case 'withoutPhrase':
      return not(has(row, term.words, false));
    case 'choice':
      return most(term.words.map((word) => has(row, [word], false)));
    case 'author': {
      // Unquoted, the name may be unfinished wherever it stands.
      const isPrefix = term.words.length === 1;
      const author = tokens(row.author ?? '');
      const found =
        follows(author, term.words.map(fold), isPrefix) || follows(author, term.words.flatMap(parts), isPrefix);
      return found ? 'yes' : 'no';
    }
    default:
      return 'yes';
  }
}

/** Whether the words stand one after the other, as they are or as the parts of glued ones. */
function has(row: Row, words: readonly string[], isPrefix: boolean): Verdict {
  const { texts, joined } = textsOf(row);
  const asked = [words.map(fold), words.flatMap(parts)];
  if (asked.some((one) => texts.some((text) => follows(text, one, isPrefix)))) return 'yes';
  const meets = (one: readonly string[]): boolean =>
    one.length > 1 &&
    one.every((word, i) => joined.some((each) => isSame(each, word, isPrefix && i === one.length - 1)));
  return asked.some(meets) ? 'maybe' : 'no';
}

function follows(text: readonly string[], words: readonly string[], isPrefix: boolean): boolean {
  if (words.length === 0) return false;
  return text.some((_, start) =>
    words.every((word, i) => {
      const found = text[start + i];
      return found !== undefined && isSame(found, word, isPrefix && i === words.length - 1);
    }),
  );
}

function isSame(found: string, word: string, isPrefix: boolean): boolean {
  return isPrefix ? found.startsWith(word) : found === word;
}

interface Texts {
  /** Texts in which a phrase may stand, as words. */
  readonly texts: readonly (readonly string[])[];
  /** Words of the tags, which the index keeps behind each other. */
  readonly joined: readonly string[];
}

const textsByRow = new WeakMap<Row, Texts>();

function textsOf(row: Row): Texts {
  const known = textsByRow.get(row);
  if (known !== undefined) return known;
  const names = [row.name, row.fileName];
  const description = row.description ?? '';
  const folders = row.filePath
    .split('/')
    .slice(2, -1)
    .filter((folder) => /\p{L}/u.test(folder));
  const extra = [
    ...names.map((name) => tokensOf(name).flatMap(parts)),
    ...names.flatMap((name) => gluedLetters(name).map((word) => [word])),
    ...tokensOf(description)
      .map(parts)
      .filter((each) => each.length > 1),
    ...folders.flatMap((folder) => [tokens(folder), tokensOf(folder).flatMap(parts)]),
  ];
  const tags = row.tags.map(tokens);
  const texts = [...names.map(tokens), tokens(description), tokens(row.author ?? ''), ...tags, ...extra];
  const found = { texts, joined: tags.flat() };
  textsByRow.set(row, found);
  return found;
}

/** `PolyBend` in `PolyBend02`, which people type as one word. */
function gluedLetters(name: string): readonly string[] {
  return tokensOf(name)
    .filter((word) => /[0-9]/.test(word))
    .flatMap((word) => word.split(/[0-9]+/))
    .filter((letters) => /[a-z][A-Z]/.test(letters))
    .map(fold);
}

function tokens(text: string): readonly string[] {
  return tokensOf(text).map(fold);
}

function tokensOf(text: string): readonly string[] {
  return text.split(/[^\p{L}\p{N}]+/u).filter((word) => word !== '');
}

/** `M3x12` → m 3 x 12, `hexBolt` → hex bolt. */
function parts(word: string): readonly string[] {
  const apart = word
    .replace(/(?<=[0-9])(?=\p{L})|(?<=\p{L})(?=[0-9])/gu, ' ')
    .replace(/(?<=\p{Ll})(?=\p{Lu})|(?<=\p{Lu})(?=\p{Lu}\p{Ll})/gu, ' ');
  return apart.split(' ').map(fold);
}

function fold(word: string): string {
  return word
    .toLowerCase()
    .normalize('NFD')
    .replace(/[\u0300-\u036f]/g, '');
}

const ranks: readonly Verdict[] = ['no', 'maybe', 'yes'];

function least(verdicts: readonly Verdict[]): Verdict {
  return ranks[Math.min(2, ...verdicts.map((verdict) => ranks.indexOf(verdict)))] ?? 'no';
}

function most(verdicts: readonly Verdict[]): Verdict {
  return ranks[Math.max(0, ...verdicts.map((verdict) => ranks.indexOf(verdict)))] ?? 'no';
}

function not(verdict: Verdict): Verdict {
  return verdict === 'maybe' ? verdict : verdict === 'yes' ? 'no' : 'yes';
}
