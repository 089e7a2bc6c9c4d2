// Terms of a query as FTS5 expressions. Every word is quoted, so no text can be read as syntax.
import { facetMark } from '@cc/schema/derived';
import { wordParts } from './extra-text.js';

/** One word, or the words of a phrase. */
export interface Term {
  readonly words: readonly string[];
  /** Where each word stands in the text that was parsed. */
  readonly places: readonly number[];
  /** The last word may be the beginning of a longer one. */
  readonly prefix: boolean;
  /** What does as well as the words of the term, likeliest first: a word, or the words of a phrase. */
  readonly alternatives: readonly (readonly string[])[];
  /** The only column that is asked; null = all of them. */
  readonly column: 'author' | null;
  /** As it was typed, where it was read as something else: tags and authors stand in the index as they are written. */
  readonly written: string | null;
}

/** Returns the words that an unfinished last word stands for, or null to leave that to FTS5. */
export type Endings = (beginning: string) => readonly string[] | null;

/** More parts than any name has; a phrase of the first ones still finds the word. */
export const maxParts = 64;

/** Returns the expression of models with all wanted terms and none of the unwanted ones. */
export function wantedExpression(
  wanted: readonly Term[],
  unwanted: readonly Term[],
  endings: Endings = noEndings,
): string {
  return `(${wanted.map((term) => expression(term, endings)).join(' AND ')})${without(unwanted)}`;
}

/** Returns the same with the terms in the name only; those of a column of their own stay there. */
export function nameExpression(
  wanted: readonly Term[],
  unwanted: readonly Term[],
  endings: Endings = noEndings,
): string | null {
  const inName = wanted.filter(({ column }) => column === null).map((term) => expression(term, endings));
  if (inName.length === 0) return null;
  const others = wanted.filter(({ column }) => column !== null).map((term) => ` AND ${expression(term, endings)}`);
  return `({name} : (${inName.join(' AND ')})${others.join('')})${without(unwanted)}`;
}

/** Returns the expression of models that lack at most `missing` of the wanted terms, and have none of the unwanted ones. */
export function someExpression(wanted: readonly Term[], unwanted: readonly Term[], missing: number): string {
  const each = wanted.map((term) => expression(term, noEndings));
  const choices =
    missing >= each.length - 1 ? each : each.map((_, left) => `(${each.filter((__, i) => i !== left).join(' AND ')})`);
  return `(${choices.join(' OR ')})${without(unwanted)}`;
}

/** Returns the expression of models with any of the terms. */
export function excludedExpression(unwanted: readonly Term[]): string {
  return unwanted.map((term) => expression(term, noEndings)).join(' OR ');
}

/** Returns the expression of models with one of these tokens of `models.facets`; the letter and the value of each are given. */
export function anyToken(tokens: readonly string[]): string {
  return `(${tokens.map((each) => `"${facetMark}${each}"`).join(' OR ')})`;
}

/** Returns the expression that every model with this tag matches. */
export function tagExpression(name: string): string {
  return `{tags_text} : ${quoted(name)}`;
}

/** Returns `text` as an FTS5 string. */
export function quoted(text: string): string {
  return `"${text.replaceAll('"', '""')}"`;
}

const noEndings: Endings = () => null;

function without(unwanted: readonly Term[]): string {
  return unwanted.length === 0 ? '' : ` NOT (${excludedExpression(unwanted)})`;
}

function expression({ words, alternatives, prefix, column, written }: Term, endings: Endings): string {
  if (alternatives.length > 0) {
    const any = [words, ...alternatives].map((one) =>
      expression({ words: one, alternatives: [], prefix, column: null, places: [], written: null }, endings),
    );
    return inColumn(column, `(${any.join(' OR ')})`);
  }
  const typed = phrase(words, prefix, endings);
  const parts = words.flatMap((word) => wordParts(word)).slice(0, maxParts);
  const isPlain = parts.length === 0 || parts.join(' ') === words.join(' ').toLowerCase();
  const forms = [
    typed,
    ...(isPlain ? [] : [phrase(parts, prefix, endings)]),
    ...(written === null ? [] : [phrase([written], prefix, noEndings)]),
  ];
  return inColumn(column, forms.length === 1 ? typed : `(${forms.join(' OR ')})`);
}

function inColumn(column: Term['column'], asked: string): string {
  return column === null ? asked : `{${column}} : ${asked}`;
}

function phrase(words: readonly string[], prefix: boolean, endings: Endings): string {
  if (!prefix) return quoted(words.join(' '));
  const whole = endings(words.at(-1) ?? '');
  if (whole === null) return `${quoted(words.join(' '))} *`;
  const before = words.slice(0, -1);
  const each = whole.map((word) => quoted([...before, word].join(' ')));
  return each.length === 1 ? String(each[0]) : `(${each.join(' OR ')})`;
}
