// The words that FTS5 does not see by itself: parts of glued names (M3x12, hexBolt), single characters of scripts
// without spaces, plain spellings of letters such as ß, what plain-text.ts leaves of a text, and the words of folders
// (folder-words.ts). Written into models.search_extra; parse-query.ts asks alike.
import { facetMark } from '@cc/schema/derived';
import { folderNames } from './folder-words.js';
import { plainText } from './plain-text.js';
import { characterStart } from './whole-characters.js';

/** Returns a word's parts in order, folded: `M3x12` → m 3 x 12, `hexBolt` → hex bolt, `模型` → 模 型, `Straße` → strasse. */
export function wordParts(word: string): readonly string[] {
  if (ascii.test(word)) return word.match(asciiPart)?.map((part) => part.toLowerCase()) ?? [];
  const parts: string[] = [];
  for (const [part] of plainText(word).matchAll(partPattern)) {
    const folded = foldLetters(part);
    if (folded !== '') parts.push(folded);
  }
  return parts;
}

/** Returns the words of a text as FTS5 would see them: runs of letters, marks and numbers. */
export function wordsOf(text: string): readonly string[] {
  if (asciiText.test(text)) return text.match(/[A-Za-z0-9]+/g) ?? [];
  return text.match(/[\p{L}\p{M}\p{N}]+/gu)?.filter((word) => /[\p{L}\p{N}]/u.test(word)) ?? [];
}

/** Whether FTS5 makes a word of at least one letter of a text: it knows the letters of 2012, and an empty phrase matches nothing. */
export function isSurelyIndexed(text: string): boolean {
  return /[0-9A-Za-z\u00c0-\u00d6\u00d8-\u00f6\u0391-\u03a1\u03b1-\u03c9\u0410-\u044f\u3041-\u3094\u30a1-\u30fa\u4e00-\u9fa5\uac00-\ud7a3]/.test(
    text,
  );
}

/** The texts of a model that `extraSearchText` is made of. */
export interface ExtraSource {
  readonly name: string;
  readonly fileName: string;
  readonly filePath: string;
  readonly description: string | null;
}

/**
 * Returns the extra search text of a model, '' when its texts are plain words and its folders say nothing.
 * Names keep all their parts in order, so that the phrase "m 3 x 12" is found in `M3 x 12` and in `M3x12` alike.
 */
export function extraSearchText({ name, fileName, filePath, description }: ExtraSource): string {
  const lines = new Set<string>();
  for (const each of [name, fileName]) {
    // Nearly every name: the index has its words as they stand.
    if (plainName.test(each)) continue;
    const text = plainText(each);
    const words = wordsIn(text, each);
    if (words.some(({ plain }) => !plain)) lines.add(words.flatMap(({ parts }) => parts).join(' '));
    if (words.some(({ whole }) => !whole)) lines.add(words.map(({ word }) => word.toLowerCase()).join(' '));
    for (const word of text.match(besideNumber) ?? []) if (glued.test(word)) lines.add(word.toLowerCase());
    addElided(lines, text);
  }
  for (const folder of folderNames(filePath)) addFolder(lines, folder);
  if (description !== null) addProse(lines, description);
  lines.delete('');
  const all = [...lines].join(betweenTexts);
  return all.slice(0, characterStart(all, maxLength));
}

function addProse(lines: Set<string>, description: string): void {
  const text = plainText(description);
  addElided(lines, text);
  const isPlain = plainProse.test(description) && !newSign.test(description);
  if (isPlain && (text === description || haveEqualWords(text, description))) return;
  for (const { word, whole, plain, parts } of wordsIn(text, description)) {
    if (plain) continue;
    lines.add(parts.join(' '));
    if (!whole) lines.add(word.toLowerCase());
  }
}

/** What a search does not see parts words for FTS5; other signs that have a plainer form, such as an ellipsis, change none. */
function haveEqualWords(text: string, written: string): boolean {
  return wordsOf(text).join(' ') === wordsOf(written).join(' ');
}

interface IndexedWord {
  readonly word: string;
  readonly parts: readonly string[];
  /** The index has seen it by itself. */
  readonly whole: boolean;
  /** The index has it as it stands, and it has no other parts. */
  readonly plain: boolean;
}

/** The words of `text`, which is the plain text of `written`, with their parts. */
function wordsIn(text: string, written: string): readonly IndexedWord[] {
  // What changes may be no word before: the radical ⻳ is a symbol, the character it stands for a letter.
  const isAsWritten = text === written;
  const joined = new Set(newSign.test(text) ? text.match(besideNewSign) : null);
  return wordsOf(text).map((word) => {
    const whole = isAsWritten && !joined.has(word);
    // Nearly every word.
    if (plainAscii.test(word)) return { word, parts: [word.toLowerCase()], whole, plain: whole };
    const parts = wordParts(word);
    return { word, parts, whole, plain: whole && isPlain(word, parts) };
  });
}

/** The index has not seen a folder at all: its words, and their parts where they are glued. */
function addFolder(lines: Set<string>, folder: string): void {
  const text = plainText(folder);
  const words = wordsIn(text, text);
  lines.add(words.map(({ word }) => word.toLowerCase()).join(' '));
  if (words.some(({ plain }) => !plain)) lines.add(words.flatMap(({ parts }) => parts).join(' '));
  addElided(lines, text);
}

/** Words with apostrophes, as who leaves them out types them: `O'Brien` → obrien. */
function addElided(lines: Set<string>, text: string): void {
  if (!apostrophe.test(text)) return;
  for (const word of text.match(elided) ?? []) lines.add(foldLetters(word.replace(apostrophes, '')));
}

const apostrophe = /['’‘]/;
/** From the beginning of a word only: a try at each of its letters would take the square of its length. */
const elided = /(?<![\p{L}\p{M}])[\p{L}\p{M}]+(?:['’‘][\p{L}\p{M}]+)+/gu;
const apostrophes = /['’‘]/g;

/** Whether FTS5 makes of the word what its one part says: lower case, and no accents on Latin letters (only those). */
function isPlain(word: string, parts: readonly string[]): boolean {
  if (parts.length !== 1) return false;
  const [part] = parts;
  if (ascii.test(word)) return part === word.toLowerCase();
  const seen = word.toLowerCase().replace(/\p{sc=Latin}/gu, (letter) => letter.normalize('NFD').replace(accents, ''));
  return part === seen;
}

// FTS5 takes what its Unicode tables of 2012 do not have for letters, so that it sees no word beside such a sign. Where
// old signs stand among new ones they count as new: a word too many does no harm.
const signs = [
  '\\p{Cn}\\p{Co}\\u058d\\u058e\\u0605\\u061c\\u061d\\u07fe\\u07ff\\u0888\\u0890\\u0891\\u08e2\\u09fd\\u0a76\\u0c77\\u0c84\\u0d4f',
  '\\u1b4e\\u1b4f\\u1b7d-\\u1b7f\\u20ba-\\u20cf\\u2066-\\u2069\\u218a\\u218b\\u23f4-\\u23ff\\u2427-\\u2429\\u2700\\u2b4d-\\u2bff',
  '\\u2e3c-\\u2e5d\\u2ffc-\\u2fff\\u31e4-\\u31ef\\u32ff\\ua8fc\\uab5b\\uab6a\\uab6b\\ufbc2-\\ufbd2\\ufd40-\\ufdff\\u{10000}-\\u{10ffff}',
].join('');
const sign = `(?![\\p{L}\\p{M}\\p{N}])[${signs}]`;
/** A sign that FTS5 takes for a letter. */
export const newSign = new RegExp(sign, 'u');
const wordLetter = '[\\p{L}\\p{M}\\p{N}]';
const besideNewSign = new RegExp(`(?<=${sign})${wordLetter}+|(?<!${wordLetter})${wordLetter}+(?=${sign})`, 'gu');

/** A word that nobody can ask for, so that no phrase goes from one text on into the next. */
const betweenTexts = `\n${facetMark}\n`;

/** Far above what names need; bounds what a description of 100,000 glued words may cost. */
const maxLength = 20_000;

/** `PolyBend` in `PolyBend02`: letters of several words beside a number, which people type as one word. */
const glued = /[a-z][A-Z]/;
const besideNumber = /(?<=[0-9])[A-Za-z]+|(?<![A-Za-z])[A-Za-z]+(?=[0-9])/g;

/** Quick answers for what nearly every word is. */
const ascii = /^[a-zA-Z0-9]*$/;
const asciiText = /^[\0-\x7f]*$/;
/** What partPattern finds in ASCII, in a fraction of the time. */
const asciiPart = /[0-9]+|[A-Z]+(?![a-z])|[A-Z]?[a-z]+/g;
const plainAscii = /^(?:[a-z]+|[A-Z][a-z]+|[A-Z]+|[0-9]+)$/;
/** ASCII, of words that are plain, without an apostrophe. */
const plainName = /^(?:[\0-&(-/:-@[-`{-\x7f]|(?<![A-Za-z0-9])(?:[a-z]+|[A-Z][a-z]+|[A-Z]+|[0-9]+)(?![A-Za-z0-9]))*$/;
const plainProse = /^(?:[^\p{L}\p{N}]|(?<![\p{L}\p{N}])(?:[A-Z]?[a-z]+|[A-Z]+|[0-9]+)(?![\p{L}\p{N}\p{M}]))*$/u;

/** Combining accents. FTS5 (unicode61, remove_diacritics) removes them where they stand alone, and from Latin letters. */
const accents = /[\u0300-\u036f]/g;

// Scripts that are written without spaces (Korean puts particles onto words): each character is a part of its own.
const unspaced =
  '\\p{sc=Han}\\p{sc=Hiragana}\\p{sc=Katakana}\\u30fc\\p{sc=Hangul}\\p{sc=Thai}\\p{sc=Lao}\\p{sc=Khmer}\\p{sc=Myanmar}';

const partPattern = new RegExp(
  [
    '\\p{N}+',
    `(?=\\p{L})[${unspaced}]\\p{M}*`,
    // HTTPServer → HTTP Server: the last capital belongs to the small letters after it.
    '\\p{Lu}+(?!\\p{Ll})',
    `\\p{Lu}?(?:(?!(?=\\p{L})[${unspaced}])[\\p{Ll}\\p{Lt}\\p{Lm}\\p{Lo}\\p{M}])+`,
  ].join('|'),
  'gu',
);

/** One letter of a script without spaces between words. */
export const unspacedLetter = new RegExp(`[${unspaced}]`, 'u');

/** Returns letters as the index compares them: lower case, without accents, `ß` as `ss`. */
export function foldLetters(part: string): string {
  return part
    .toLowerCase()
    .normalize('NFD')
    .replace(accents, '')
    .normalize('NFC')
    .replace(/[ßæœøłđðþı]/g, (letter) => plainLetters[letter] ?? letter);
}

const plainLetters: Readonly<Record<string, string>> = {
  ß: 'ss',
  æ: 'ae',
  œ: 'oe',
  ø: 'o',
  ł: 'l',
  đ: 'd',
  ð: 'd',
  þ: 'th',
  ı: 'i',
};
