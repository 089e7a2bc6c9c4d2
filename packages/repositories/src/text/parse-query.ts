// What a person typed, as terms that every search is built of: words, phrases, exclusions and operators. Nothing here
// can fail: the text is made plain (plain-text.ts), only words of letters and numbers go on, and match-expression.ts
// quotes them. extra-text.ts has the parts of words that the index has, text-match.ts finds terms in a text, name-key.ts
// orders names.
import { type ModelFormat, modelFormats } from '@cc/schema';
import { tagKey, textLimits } from '@cc/schema/validation';
import { storable } from '../checks.js';
import { wordsOf } from './extra-text.js';
import { excludedExpression, type Term, wantedExpression } from './match-expression.js';
import { plainText } from './plain-text.js';
import { writtenForms } from './written-forms.js';

/** What the operators `tag:` and `format:` of a query ask for, in the words of a checked filter. */
export interface QueryFilter {
  readonly tagsAll: readonly string[];
  readonly tagsNone: readonly string[];
  /** Null = any. */
  readonly formats: readonly ModelFormat[] | null;
}

/** What a query without operators asks for. */
export const noQueryFilter: QueryFilter = Object.freeze({ tagsAll: [], tagsNone: [], formats: null });

/** Whether the operators of a query ask for anything. */
export function asksForSome({ tagsAll, tagsNone, formats }: QueryFilter): boolean {
  return tagsAll.length > 0 || tagsNone.length > 0 || formats !== null;
}

/** A query in the forms that the searches need. */
export interface ParsedQuery {
  /** `blank`: nothing typed; `nothing`: nothing that could match; `words`: see the other fields. */
  readonly kind: 'blank' | 'nothing' | 'words';
  /** The text that was parsed: the places of words refer to it. */
  readonly text: string;
  readonly wanted: readonly Term[];
  readonly unwanted: readonly Term[];
  readonly filter: QueryFilter;
  /** The FTS5 expression of all words and exclusions; null when no word is wanted. */
  readonly match: string | null;
  /** The FTS5 expression of what must not match, when no word is wanted. */
  readonly exclude: string | null;
  /** What was typed when it could be a whole name: no quotes, no exclusions, no operators. */
  readonly wholeName: string | null;
}

const maxLength = 2_000;
const maxWords = 32;
const maxAlternatives = 16;

/** Returns `query` parsed. @throws TypeError when it is not a string */
export function parseQuery(query: string): ParsedQuery {
  if (typeof query !== 'string') throw new TypeError('query must be a text');
  // The end may be in the middle of a character.
  const typed = storable(query.slice(0, maxLength));
  const text = readable(typed);
  if (text.trim() === '') return { ...nothing, kind: 'blank', text };
  const read = readTerms(text, typed.replace(doubleQuotes, '"'));
  if (read === null) return { ...nothing, text };
  const { wanted, unwanted, filter, isPlain } = read;
  const filters = asksForSome(filter);
  // An operator that still waits for its value is no condition yet.
  if (wanted.length === 0 && unwanted.length === 0 && !filters) {
    return { ...nothing, kind: operatorsOnly.test(text) ? 'blank' : 'nothing', text };
  }
  return {
    kind: 'words',
    text,
    wanted,
    unwanted,
    filter,
    match: wanted.length === 0 ? null : wantedExpression(wanted, unwanted),
    exclude: wanted.length === 0 && unwanted.length > 0 ? excludedExpression(unwanted) : null,
    wholeName: isPlain ? text.trim() : null,
  };
}

/** Without what a search does not see, but for the names of tags: a tag is found by the name that it has. */
function readable(query: string): string {
  const pieces = query.normalize('NFKC').replace(quotedTag, '$1"$2"').split(tagOperator);
  return pieces.map((piece, i) => (i % 2 === 1 ? piece : plainText(piece.replace(doubleQuotes, '"')))).join('');
}

const doubleQuotes = /[“”„«»]/g;

/** Typographic quotes belong to the name of a tag, but around spaces they can only be meant as quotes. */
const quotedTag = /(tag:)[“„«]([^\s"“”„«»]*\s[^"“”„«»]*)[“”»]/giu;

const tagOperator = /(tag:(?:"[^"]*|[^\s"]+))/iu;

const nothing: ParsedQuery = Object.freeze({
  kind: 'nothing',
  text: '',
  wanted: [],
  unwanted: [],
  filter: noQueryFilter,
  match: null,
  exclude: null,
  wholeName: null,
});

/** What a person may type before a colon. */
const operators = 'tag|format|author';

/** `-"a phrase"`, `tag:"a phrase"`, or a run of anything else up to a space or quote. */
const termPattern = new RegExp(`(-?)(?:(${operators}):)?"([^"]*)("?)|([^\\s"]+)`, 'giu');
const operatorRun = new RegExp(`^(-?)(${operators}):(.*)$`, 'isu');
const operatorsOnly = new RegExp(`^(?:\\s*-?(?:${operators}):(?:"\\s*"?)?)*\\s*$`, 'iu');

interface ReadTerms {
  readonly wanted: Term[];
  readonly unwanted: Term[];
  readonly filter: { tagsAll: string[]; tagsNone: string[]; formats: readonly ModelFormat[] | null };
  isPlain: boolean;
}

/** Returns the terms of `text`, which was `typed`; null when an operator asks for what no model can have. */
function readTerms(text: string, typed: string): ReadTerms | null {
  const read: ReadTerms = {
    wanted: [],
    unwanted: [],
    filter: { ...noQueryFilter, tagsAll: [], tagsNone: [] },
    isPlain: true,
  };
  let left = maxWords;
  let last: Term | undefined;
  const add = (
    piece: string,
    start: number,
    options: { excluded: boolean; together: boolean; open: boolean; typed: string } & Pick<Term, 'column'>,
  ) => {
    const found = placedWords(piece, start).slice(0, left);
    left -= found.length;
    if (found.length === 0) return;
    const { excluded, together, open: prefix, column } = options;
    const groups = together ? [found] : found.map((word) => [word]);
    const written = writtenForms(
      options.typed,
      groups.map((group) => group.map(({ word }) => word)),
    );
    const terms = groups.map(
      (group, i): Term => ({
        words: group.map(({ word }) => word),
        places: group.map(({ place }) => place),
        prefix,
        column,
        alternatives: [],
        written: written[i] ?? null,
      }),
    );
    (excluded ? read.unwanted : read.wanted).push(...terms);
    last = excluded ? undefined : terms.at(-1);
  };

  const matches = [...text.matchAll(termPattern)];
  const typedMatches = typed === text ? matches : [...typed.matchAll(termPattern)];
  for (const [i, match] of matches.entries()) {
    const [, sign = '', quotedOperator, phrase, closing, run = ''] = match;
    const operator = phrase === undefined ? operatorRun.exec(run) : null;
    const excluded = phrase === undefined ? run.startsWith('-') : sign === '-';
    const name = (quotedOperator ?? operator?.[2])?.toLowerCase();
    const value = valueOf(match);
    // One letter that is read as several words (ﷺ) leaves no way back.
    const written = typedMatches.length === matches.length ? valueOf(typedMatches[i] ?? match) : value;
    const start = match.index + match[0].lastIndexOf(value);
    if (phrase !== undefined || excluded || name !== undefined) read.isPlain = false;
    if (name === 'tag' || name === 'format') {
      if (!narrow(read.filter, name, value, excluded)) return null;
      last = undefined;
      continue;
    }
    const choice = phrase === undefined && name === undefined && !excluded ? choiceOf(value, start, written) : null;
    if (choice !== null && left > 0) {
      left -= 1;
      read.wanted.push(choice);
      last = undefined;
      read.isPlain = false;
      continue;
    }
    const column = name === 'author' ? 'author' : null;
    const open = !excluded && (phrase === undefined || closing !== '"');
    // What is excluded together (`-non-planar`) and what stands in quotes is one phrase; other words stand alone.
    add(value, start, {
      excluded,
      together: phrase !== undefined || excluded || column !== null,
      open,
      column,
      typed: written,
    });
  }
  // Only the word that is being typed may be unfinished; names of authors are glued so often that theirs always may.
  const wanted = read.wanted.map((term) => (term === last || term.column !== null ? term : { ...term, prefix: false }));
  return { ...read, wanted };
}

/** What a match of `termPattern` asks for, without its operator. */
function valueOf([, , , phrase, , run = '']: RegExpExecArray): string {
  return phrase ?? operatorRun.exec(run)?.[3] ?? run;
}

/** Returns the term of `hex|torx|slot`; null for anything else. A piece of several words (`o'brien`) is a phrase. */
function choiceOf(run: string, start: number, typed: string): Term | null {
  const pieces = run.split('|').slice(0, maxAlternatives);
  const [first, ...others] = pieces.map((piece) => wordsOf(piece));
  if (first === undefined || others.length === 0 || [first, ...others].some((words) => words.length === 0)) return null;
  const place = start + run.indexOf(first[0] ?? '');
  const written = typed.split('|').flatMap((piece, i) => writtenForms(piece, [[first, ...others][i] ?? []]));
  const alternatives = [...others, ...written.filter((form) => form !== null).map((form) => [form])];
  return { words: first, places: [place], alternatives, prefix: false, column: null, written: null };
}

/** Adds the condition of an operator; false when no model can meet it. */
function narrow(filter: ReadTerms['filter'], name: 'tag' | 'format', value: string, excluded: boolean): boolean {
  if (value.trim() === '') return true;
  if (name === 'tag') {
    const key = tagKey(value.trim());
    const isTag = key.length <= textLimits.tag && key.isWellFormed() && !/[\r\n\0]/.test(key);
    if (isTag) (excluded ? filter.tagsNone : filter.tagsAll).push(key);
    return isTag || excluded;
  }
  const asked = value
    .toLowerCase()
    .split(',')
    .map((each) => each.trim().replace(/^\./, ''));
  const named = modelFormats.filter((format) => asked.includes(format));
  if (excluded) filter.formats = (filter.formats ?? modelFormats).filter((format) => !named.includes(format));
  else filter.formats = filter.formats === null ? named : filter.formats.filter((format) => named.includes(format));
  return filter.formats.length > 0;
}

/** The words of `piece`, which begins at `start`, with their places. */
function placedWords(piece: string, start: number): readonly { readonly word: string; readonly place: number }[] {
  let from = 0;
  return wordsOf(piece).map((word) => {
    const place = piece.indexOf(word, from);
    from = place + word.length;
    return { word, place: start + place };
  });
}
