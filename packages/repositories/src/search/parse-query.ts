// What a person typed, as an FTS5 expression that cannot fail: only words of letters and numbers reach it, quoted.
import { wordParts, wordsOf } from './extra-text.js';

/** A query in the forms that the searches need. */
export interface ParsedQuery {
  /** `blank`: nothing typed; `nothing`: nothing that could match; `words`: see the other fields. */
  readonly kind: 'blank' | 'nothing' | 'words';
  /** The FTS5 expression of all words and exclusions; null when only exclusions were typed. */
  readonly match: string | null;
  /** The same, with the words in the name only. */
  readonly nameMatch: string | null;
  /** The FTS5 expression of what must not match, when there are only exclusions. */
  readonly exclude: string | null;
  /** What was typed when it could be a whole name: no quotes, no exclusions. */
  readonly wholeName: string | null;
}

const maxLength = 2_000;
const maxWords = 32;
/** More parts than any name has; a phrase of the first ones still finds the word. */
const maxParts = 64;

/** Returns `query` parsed. @throws TypeError when it is not a string */
export function parseQuery(query: string): ParsedQuery {
  if (typeof query !== 'string') throw new TypeError('query must be a text');
  const text = query
    .slice(0, maxLength)
    .normalize('NFKC')
    .replace(/[“”„«»]/g, '"');
  if (text.trim() === '') return empty('blank');
  const terms = readTerms(text);
  const wanted = terms.filter((term) => !term.excluded);
  const unwanted = terms.filter((term) => term.excluded).map((term) => expression(term));
  if (terms.length === 0) return empty('nothing');
  if (wanted.length === 0) return { ...empty('words'), exclude: unwanted.join(' OR ') };
  const all = wanted.map((term) => expression(term)).join(' AND ');
  const not = unwanted.length === 0 ? '' : ` NOT (${unwanted.join(' OR ')})`;
  return {
    kind: 'words',
    match: `(${all})${not}`,
    nameMatch: `({name} : (${all}))${not}`,
    exclude: null,
    wholeName: text.includes('"') || unwanted.length > 0 ? null : text.trim(),
  };
}

function empty(kind: ParsedQuery['kind']): ParsedQuery {
  return { kind, match: null, nameMatch: null, exclude: null, wholeName: null };
}

interface Term {
  /** One word, or the words of a phrase. */
  readonly words: readonly string[];
  readonly excluded: boolean;
  /** The last word may be the beginning of a longer one. */
  readonly prefix: boolean;
}

/** `-"a phrase"`, `-word` or a run of anything else up to a space or quote. */
const termPattern = /(-?)"([^"]*)("?)|([^\s"]+)/gu;

function readTerms(text: string): readonly Term[] {
  const terms: Term[] = [];
  let left = maxWords;
  for (const [, sign, phrase, closing, run = ''] of text.matchAll(termPattern)) {
    const excluded = sign === '-' || (phrase === undefined && run.startsWith('-'));
    const words = wordsOf(phrase ?? run).slice(0, left);
    left -= words.length;
    if (words.length === 0) continue;
    const open = closing !== '"' && !excluded;
    // What is excluded together (`-non-planar`) and what stands in quotes is one phrase; other words stand alone.
    if (phrase !== undefined || excluded) terms.push({ words, excluded, prefix: open });
    else terms.push(...words.map((word) => ({ words: [word], excluded, prefix: open })));
  }
  return terms.map((term, i) => (i === terms.length - 1 ? term : { ...term, prefix: false }));
}

function expression({ words, prefix }: Term): string {
  const star = prefix ? ' *' : '';
  const typed = `"${words.join(' ')}"${star}`;
  const parts = words.flatMap((word) => wordParts(word)).slice(0, maxParts);
  if (parts.length === 0 || parts.join(' ') === words.join(' ').toLowerCase()) return typed;
  return `(${typed} OR "${parts.join(' ')}"${star})`;
}
