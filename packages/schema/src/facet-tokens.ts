// The alphabet of filter tokens: words of the full-text index that stand for what filters ask for. `models.facets` is made
// of them (tables.ts), `model_counts` counts them (triggers, and the counters of @cc/repositories), searches ask for them
// (narrowing.ts there). The newest triggers have the same letters: 0008 counts new models by them, 0010 those that change.

/** The powers of two between which numbers are told apart: `first` and all that follow up to `last`. */
export interface Octaves {
  readonly first: number;
  readonly last: number;
}

/** Of `models.file_size`: 1 KiB to 4 GiB. */
export const sizeOctaves: Octaves = Object.freeze({ first: 10, last: 32 });
/** Of `models.triangles`: 64 to 16 million. */
export const triangleOctaves: Octaves = Object.freeze({ first: 6, last: 24 });

/** Returns how many of the powers `value` reaches: what the columns of octaves hold. */
export function octaveOf(value: number, { first, last }: Octaves): number {
  let reached = 0;
  while (first + reached <= last && value >= 2 ** (first + reached)) reached += 1;
  return reached;
}

/** The same in SQL: comparisons, because SQLite has no logarithm in every build. */
export function octaveColumn(column: string, { first, last }: Octaves): string {
  const powers = Array.from({ length: last - first + 1 }, (_, i) => 2 ** (first + i));
  return powers.map((power) => `(${column} >= ${power})`).join(' + ');
}

/** What a token begins with: no word that a person types has it. */
export const facetMark = '\ue000';

/** Behind every token, and before no word: the tokens of an ordered list end here. */
export const afterFacets = '\ue001';

/** One kind of token: the mark, its letter and a value. */
export interface FacetToken {
  readonly letter: string;
  /** The SQL of the value; '' for a mark that a model has or has not. */
  readonly value: string;
  /** `some`: a model without the value has no token. A condition: only the models that meet it have one. */
  readonly has: 'all' | 'some' | { readonly when: string };
  /** Whether `model_counts` counts it under the kind `token`. */
  readonly counted: boolean;
}

const charactersOfText = 24;
const ofText = (column: string): string => `hex(substr(${column}, 1, ${charactersOfText}))`;
/** In UTC; null past the year 9999. */
const ofTime = (format: string): string => `strftime('${format}', created_at / 1000.0, 'unixepoch')`;

/** The kinds of tokens, in the order in which `models.facets` has them. */
export const facetTokens = {
  format: { letter: 'f', value: 'format', has: 'all', counted: false },
  year: { letter: 'y', value: ofTime('%Y'), has: 'some', counted: false },
  month: { letter: 'm', value: ofTime('%Y%m'), has: 'some', counted: false },
  size: { letter: 's', value: 'size_octave', has: 'all', counted: true },
  triangles: { letter: 't', value: 'triangle_octave', has: 'some', counted: true },
  license: { letter: 'l', value: ofText('license'), has: 'some', counted: false },
  author: { letter: 'a', value: ofText('author'), has: 'some', counted: false },
  rating: { letter: 'r', value: 'rating', has: 'some', counted: true },
  status: { letter: 'x', value: 'status', has: { when: `status <> 'active'` }, counted: true },
  favorite: { letter: 'v', value: '', has: { when: 'favorite = 1' }, counted: true },
  printed: { letter: 'p', value: '', has: { when: 'printed_at is not null' }, counted: true },
  unparsed: { letter: 'u', value: '', has: { when: `parse_status = 'unparsed'` }, counted: true },
} as const satisfies Readonly<Record<string, FacetToken>>;

/** Returns the value of a text's token: the first 24 characters, as SQLite counts them, in hex. */
export function facetOfText(text: string): string {
  return Buffer.from(Array.from(text).slice(0, charactersOfText).join('')).toString('hex');
}

/** The SQL of `models.facets`: all tokens of a model, a space between them. */
export const facetsColumn: string = Object.values(facetTokens)
  .map(({ letter, value, has }: FacetToken, i) => {
    const token = `${i === 0 ? '' : `' ' || `}char(57344) || '${letter}'${value === '' ? '' : ` || ${value}`}`;
    if (has === 'all') return token;
    return has === 'some' ? `coalesce(${token}, '')` : `iif(${has.when}, ${token}, '')`;
  })
  .join(' || ');
