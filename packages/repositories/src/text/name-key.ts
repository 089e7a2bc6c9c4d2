// What names are ordered by: a text whose bytes are in the natural order of names (2 before 10, Ä beside A, a before A), near
// to the root order of Unicode (CLDR). Ours, because an order kept on disk must not change with the ICU of a Node version.
import { inSlices } from '../statement.js';
import { characterStart } from './whole-characters.js';

/**
 * Returns the key of a name: letters, then numbers by value, then accents, then case, then whatever else tells two names
 * apart. Keys are compared by their bytes in UTF-8, which is the order of code points. At most 2,003 characters.
 */
export function nameKey(name: string): string {
  if (plain.test(name)) return plainKey(name, longNumber.test(name) ? name : '');
  const primary: string[] = [];
  const marks: string[] = [];
  const upper: string[] = [];
  for (const [, digits, mark, character = ''] of ready(name).matchAll(pieces)) {
    if (mark !== undefined) {
      // A mark at the beginning belongs to no letter.
      if (marks.length > 0) marks.push(`${marks.pop()}${mark}`);
      continue;
    }
    const lower = character.toLowerCase();
    const [letters, ownMark] = digits === undefined ? weightOf(lower) : [numberKey(digits), ''];
    primary.push(letters);
    marks.push(ownMark);
    upper.push(lower === character ? none : upperCase);
  }
  return keyOf(
    primary.join(''),
    trimmed(marks.map((each) => `${each}${none}`).join('')),
    trimmed(upper.join('')),
    name,
  );
}

/**
 * Returns a whole list in the order of its names; what has equal names stays in the order it came in. The keys of thousands
 * cost more than the list, so the event loop gets its turns.
 */
export async function inNameOrder<T extends { readonly name: string }>(items: readonly T[]): Promise<readonly T[]> {
  const keyed: (readonly [key: Buffer, item: T])[] = [];
  await inSlices(items, keysPerSlice, async (slice) => {
    for (const item of slice) keyed.push([Buffer.from(nameKey(item.name)), item]);
  });
  return keyed.toSorted(([a], [b]) => Buffer.compare(a, b)).map(([, item]) => item);
}

/** About a millisecond. */
const keysPerSlice = 250;

/** Below every weight, so that what ends first comes first. */
const levelEnd = '\u0001';
const none = '\u0002';
const upperCase = '\u0003';
const trailing = new RegExp(`${none}+$`);
const maxLevel = 500;

/** Names of ASCII letters, punctuation and numbers. */
const plain = /^[ -~]*$/;
/** With leading zeros, or too long: what is equal by letters, numbers and case need not be equal. */
const longNumber = /(?<![0-9])0[0-9]|[0-9]{10}/;

function keyOf(...levels: readonly string[]): string {
  const key = levels.map(cut).join(levelEnd);
  let end = key.length;
  while (key.charAt(end - 1) === levelEnd) end -= 1;
  return key.slice(0, end);
}

function cut(level: string): string {
  return level.length <= maxLevel ? level : level.slice(0, characterStart(level, maxLevel));
}

function trimmed(level: string): string {
  return level.replace(trailing, '');
}

/** The same for what nearly every name is, in a quarter of the time. */
function plainKey(name: string, further: string): string {
  let letters = '';
  let upper = '';
  let place = 0;
  for (let i = 0; i < name.length; i += 1) {
    const code = name.charCodeAt(i);
    if (isDigit(code)) {
      let end = i + 1;
      while (isDigit(name.charCodeAt(end))) end += 1;
      letters += numberKey(name.slice(i, end));
      i = end - 1;
    } else if (code >= 65 && code <= 90) {
      letters += String.fromCharCode(code + 32);
      upper += none.repeat(place - upper.length) + upperCase;
    } else if (code >= 97 && code <= 122) letters += name.charAt(i);
    else letters += asciiWeights.get(name.charAt(i)) ?? '';
    place += 1;
  }
  return keyOf(letters, '', upper, further);
}

function isDigit(code: number): boolean {
  return code >= 48 && code <= 57;
}

/** The text in which letters, marks and digits are looked for: nothing invisible, one form of each letter. */
function ready(name: string): string {
  return name
    .replace(/[\p{Default_Ignorable_Code_Point}\u0640]|(?!\s)[\p{Cc}\p{Cf}]/gu, '')
    .normalize('NFKD')
    .replace(/([Ии])\u0306/g, (_, letter: string) => (letter === 'И' ? 'Й' : 'й'))
    .replace(/[ßẞæÆœŒ]/g, (letter) => expansions[letter] ?? letter);
}

const expansions: Readonly<Record<string, string>> = {
  ß: 's\u0337s',
  ẞ: 'S\u0337S',
  æ: 'a\u0337e',
  Æ: 'A\u0337E',
  œ: 'o\u0337e',
  Œ: 'O\u0337E',
};

/** A number, a mark that only tells apart what is alike without it, or any other character. */
const pieces =
  /(\p{Nd}+)|([\u0300-\u036f\u0591-\u05bd\u05bf\u05c1\u05c2\u05c4\u05c5\u05c7\u0610-\u061a\u064b-\u065f\u0670\u06d6-\u06dc\u06df-\u06e4\u06e7\u06e8\u06ea-\u06ed\u3099\u309a])|(.)/gsu;

const plainNumber = /^[1-9][0-9]*$/;

/** The length of a number, then its digits: longer ones are greater. */
function numberKey(digits: string): string {
  const value = plainNumber.test(digits) ? digits : Array.from(digits, valueOfDigit).join('').replace(/^0+/, '');
  return value.length < 9 ? `${value.length}${value}` : `9${String(value.length).padStart(3, '0')}${value}`;
}

/** Digits of any script lie ten in a row, from one whose number is not preceded by a digit. */
function valueOfDigit(digit: string): string {
  const code = digit.codePointAt(0) ?? 0;
  if (code < 128) return digit;
  let first = code;
  while (code - first < 9 && /\p{Nd}/u.test(String.fromCodePoint(first - 1))) first -= 1;
  return String(code - first);
}

/** What a character counts, below the digits for punctuation, and the mark by which it differs from its base. */
function weightOf(character: string): readonly [weight: string, mark: string] {
  const known = asciiWeights.get(character) ?? letterWeights[character];
  if (known !== undefined) return typeof known === 'string' ? [known, ''] : known;
  if (/\s/.test(character)) return [space, ''];
  if (/[\p{L}\p{M}\p{N}]/u.test(character)) {
    // Katakana stand with the hiragana of the same sound.
    const isKatakana = character >= '\u30a1' && character <= '\u30f6';
    return isKatakana ? [String.fromCharCode(character.charCodeAt(0) - 0x60), '\u0337'] : [character, ''];
  }
  return [`${/\p{Sc}/u.test(character) ? currency : symbol}${character}`, ''];
}

const space = '\u0002';
/** The order of CLDR; the dollar comes last, with the other currencies. */
const punctuation = `_-,;:!?.'"()[]{}@*/\\&#%\`^+<=>|~`;
const symbol = '\u002e';
const currency = '\u002f';

const asciiWeights: ReadonlyMap<string, string> = new Map([
  [' ', space],
  ...Array.from(punctuation, (each, i) => [each, String.fromCharCode(3 + i)] as const),
  ['$', `${currency}$`],
]);
const dash = asciiWeights.get('-') ?? '';
const quote = asciiWeights.get('"') ?? '';
const apostrophe = asciiWeights.get("'") ?? '';
/** Behind every other letter that may follow. */
const after = '\u{10fffd}';

/** Letters with a stroke, letters of their own between others, and marks that look like ASCII ones. */
const letterWeights: Readonly<Record<string, string | readonly [weight: string, mark: string]>> = {
  ø: ['o', '\u0338'],
  đ: ['d', '\u0335'],
  ł: ['l', '\u0335'],
  ð: ['d', '\u0336'],
  ŧ: ['t', '\u0335'],
  ħ: `h${after}`,
  ŋ: `n${after}`,
  ı: `i${after}`,
  ə: `e${after}`,
  ƒ: `f${after}`,
  þ: `z${after}`,
  ς: 'σ',
  '‐': dash,
  '‑': dash,
  '–': dash,
  '—': dash,
  '‘': apostrophe,
  '’': apostrophe,
  '“': quote,
  '”': quote,
  '„': quote,
};
