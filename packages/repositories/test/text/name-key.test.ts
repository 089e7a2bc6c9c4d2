// The order of names, judged by Intl.Collator: the root order of Unicode, which English has, with numbers by value. The language of
// the machine would stand in for 'und'. The names of the real catalogue are taken when it lies beside the repository, made-up ones always.
import { existsSync, readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { inNameOrder, nameKey } from '../../src/text/name-key.js';

const seed = Number(process.env['CC_SEED'] ?? Date.now() % 2 ** 31);
const collator = new Intl.Collator('en', { numeric: true });
const catalogue = new URL('../../../../../shared/data/thingi10k.jsonl.gz', import.meta.url);

const awkward = [
  ...[
    'Part 10',
    'Part 2',
    'Part 02',
    'part 2',
    'PART 2',
    'Part2',
    'v1.10',
    'v1.9',
    'v1.9a',
    '3.10',
    '3.5',
    '3.05',
    '1e3',
  ],
  ...[
    'x2y10',
    'x2y9',
    'x10y1',
    '000',
    '0',
    '9',
    '09',
    '99',
    '100',
    '99999999999999',
    '100000000000000',
    '١٢',
    '3',
    '３',
  ],
  ...[
    'Ärger',
    'Arger',
    'Zebra',
    'äh',
    'Ah',
    'ah',
    'resume',
    'résumé',
    'Résumé',
    'cote',
    'côte',
    'coté',
    'côté',
    'naïve',
  ],
  ...[
    'Łódź',
    'Lodz',
    'Øre',
    'Ore',
    'Oz',
    'straße',
    'strasse',
    'strata',
    'Æon',
    'Aeon',
    'Afon',
    'Đa',
    'da',
    'dz',
    'ðe',
    'þ',
  ],
  ...[
    'a-b',
    'a b',
    'a_b',
    'ab',
    'a.b',
    '$5',
    '5€',
    '~x',
    '#1',
    '(a)',
    '[a]',
    '😀',
    '★',
    "O'Brien",
    'OBrien',
    'fish',
    'ﬁsh',
  ],
  ...[
    '日本',
    'にほん',
    'ニホン',
    '漢字',
    '한글',
    'Привет',
    'привет',
    'йод',
    'иод',
    'ёж',
    'еж',
    'ελλάς',
    'Ελλάδα',
    'שלום',
    'שָׁלוֹם',
  ],
  ...['سلام', 'سَلام', 'a\u00adb', 'a\u200bb', '\u0301'],
];

/** What the key orders otherwise on purpose: numbers in circles count what they stand for, and look-alikes of quotes and dashes count as these. */
const otherwise = /[\p{No}\p{Nl}‐‑–—‘’“”„]/u;

function disagreements(names: readonly string[]): readonly string[] {
  const sorted = names.filter((name) => !otherwise.test(name)).sort(collator.compare);
  const keys = sorted.map((name) => Buffer.from(nameKey(name)));
  // A list is in one order and another one is the same, when each pair of neighbours is.
  return sorted.slice(1).flatMap((name, i) => {
    const before = sorted[i] ?? '';
    const order = Buffer.compare(keys[i] ?? Buffer.of(), keys[i + 1] ?? Buffer.of());
    return order < 0 || (order > 0 && collator.compare(before, name) === 0) ? [] : [`${before} | ${name}`];
  });
}

describe('the order of names', () => {
  test('is that of the root collation, with numbers by value', () => {
    expect(disagreements([...new Set(awkward)])).toEqual([]);
  });

  test.skipIf(!existsSync(catalogue))('is so for every name, file name and author of the real catalogue', () => {
    const rows = gunzipSync(readFileSync(catalogue)).toString().trimEnd().split('\n');
    const names = rows.flatMap((row) => {
      const { name, filename, author } = JSON.parse(row) as Record<string, unknown>;
      return [name, filename, author].filter((text): text is string => typeof text === 'string' && text !== '');
    });
    expect(names.length).toBeGreaterThan(20_000);
    expect(disagreements([...new Set([...names, ...awkward])])).toEqual([]);
  });

  test(`tells any two names apart and is bounded, seed ${seed}`, () => {
    const letter = fc.oneof(
      fc.constantFrom(...Array.from('aAäÄbz 0123-_.ßé\u0301\u200b\ufe0fא漢😀')),
      fc.string({ unit: 'grapheme', minLength: 1, maxLength: 1 }),
    );
    const name = fc.array(letter, { minLength: 1, maxLength: 12 }).map((letters) => letters.join(''));
    fc.assert(
      fc.property(name, name, (a, b) => {
        const [one, other] = [nameKey(a), nameKey(b)];
        expect(one).not.toBe('');
        expect(one.isWellFormed()).toBe(true);
        expect(one === other).toBe(a === b);
      }),
      { numRuns: 5_000, seed },
    );
    for (const long of ['\ufdfa', 'A', 'ä', '0', '漢', '😀', 'A\u0301'])
      expect(nameKey(long.repeat(500 / long.length)).length).toBeLessThanOrEqual(2_003);
  });

  test('sorts a whole list, equal names as they came', async () => {
    const items = ['b 10', 'B 2', 'ä', 'b 2', 'a'].map((name, i) => ({ name, i }));
    const ordered = await inNameOrder([...items, { name: 'a', i: 5 }]);
    expect(ordered.map(({ i }) => i)).toEqual([4, 5, 2, 3, 1, 0]);
  });
});
