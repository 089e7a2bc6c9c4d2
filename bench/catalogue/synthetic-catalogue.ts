// A made-up catalogue in the likeness of a real one: several files to a thing, glued file names, Zipf-distributed words
// and tags, a few formats besides STL. For machines without the real one, and for the tests.
import { type Random, seededRandom } from '@cc/testkit/random';
import type { CatalogueRow } from './row.js';

/** Returns `size` rows; the same size and seed always give the same rows. */
export function syntheticCatalogue(size: number, seed = 1): readonly CatalogueRow[] {
  const random = seededRandom(seed);
  const words = vocabulary(random, 2_500);
  const tags = [...words.slice(0, 1_500), ...vocabulary(random, 3_400)].map((word) =>
    random.next() < 0.15 ? `${word.charAt(0).toUpperCase()}${word.slice(1)}` : word,
  );
  const authors = vocabulary(random, 1_084);
  const rows: CatalogueRow[] = [];
  for (let thing = 1; rows.length < size; thing += 1) {
    const about = {
      thing_id: 10_000 + thing * 7,
      name: Array.from({ length: random.whole(1, 7) }, () => capitalised(pickZipf(random, words), random)).join(' '),
      author: random.pick(authors),
      created_at: new Date(Date.UTC(2011, 6, 26) + random.whole(0, 1_560 * 86_400) * 1_000).toISOString().slice(0, 19),
      license: `License ${Math.floor(12 ** random.next())}`,
      category: random.next() < 0.84 ? pickZipf(random, words) : null,
      subcategory: random.next() < 0.75 ? pickZipf(random, words) : null,
      tags: random.next() < 0.04 ? [] : tagsOf(random, tags),
    };
    const files = Math.min(size - rows.length, Math.ceil(-5 * Math.log(1 - random.next())));
    for (let file = 0; file < files; file += 1) {
      const format = random.next() < 0.995 ? 'stl' : random.pick(['obj', 'obj', 'ply', 'off']);
      const faces = Math.min(5_672_212, Math.round(4_576 * Math.exp(normal(random) * 1.9)));
      const filename = `${fileName(random, words)}.${format}`;
      rows.push({
        ...about,
        file_id: 30_000 + rows.length * 3,
        filename,
        format,
        faces,
        vertices: Math.ceil(faces / 2) + 2,
        components: 1 + Math.floor(40 ** random.next() - 1),
        solid: random.next() < 0.7,
        url: `https://example.com/files/${filename}`,
      });
    }
  }
  return rows;
}

const starts = [
  'b',
  'br',
  'c',
  'd',
  'dr',
  'f',
  'g',
  'gl',
  'h',
  'k',
  'l',
  'm',
  'n',
  'p',
  'pl',
  'r',
  's',
  'st',
  't',
  'tr',
  'v',
];
const middles = ['a', 'e', 'i', 'o', 'u', 'ea', 'oo', 'ai'];
const ends = ['', 'n', 'r', 'l', 'x', 't', 'ck', 'sh', 'm', 'rd'];

function vocabulary(random: Random, size: number): readonly string[] {
  const words = new Set<string>();
  while (words.size < size) {
    const syllables = random.whole(1, 3);
    let word = '';
    for (let i = 0; i < syllables; i += 1) word += random.pick(starts) + random.pick(middles) + random.pick(ends);
    words.add(word);
  }
  return [...words];
}

function tagsOf(random: Random, tags: readonly string[]): readonly string[] {
  const count = Math.min(62, Math.max(1, Math.round(6 * Math.exp(normal(random) * 0.6))));
  return [...new Set(Array.from({ length: count }, () => pickZipf(random, tags)))];
}

function fileName(random: Random, words: readonly string[]): string {
  const parts = Array.from({ length: random.whole(1, 3) }, () => pickZipf(random, words));
  if (random.next() < 0.4) parts.push(random.pick(['v', 'M', 'x', 'part']) + random.whole(1, 24));
  if (random.next() < 0.25) return parts.map((part, i) => (i === 0 ? part : capitalised(part, random, 1))).join('');
  return parts.join(random.pick(['_', '-', ' ']));
}

function capitalised(word: string, random: Random, chance = 0.6): string {
  return random.next() < chance ? word.charAt(0).toUpperCase() + word.slice(1) : word;
}

/** A draw from the normal distribution (Box and Muller). */
function normal(random: Random): number {
  return Math.sqrt(-2 * Math.log(1 - random.next())) * Math.cos(2 * Math.PI * random.next());
}

/** One of `items`; the earlier ones more often, as the words of a language are. @throws RangeError for an empty list */
function pickZipf<T>(random: Random, items: readonly T[]): T {
  const item = items[Math.min(items.length - 1, Math.floor(items.length ** random.next() - 1))];
  if (item === undefined) throw new RangeError('nothing to pick from');
  return item;
}
