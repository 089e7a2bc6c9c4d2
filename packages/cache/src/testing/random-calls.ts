// Random calls to a tier beside a plain map of what was last told to it: an answer is what the map says, or nothing.
import assert from 'node:assert/strict';
import type { CacheTier } from '../contract/tier.js';
import { dropTag, entryOf, textIn } from './tier-case.js';

const namespaces = ['a', 'b', '\ud800'];
const keys = ['1', '2', '3', '\0', 'long'.repeat(100)];
const tags = ['red', 'green', '\udfff'];

/** Makes some hundred calls that `seed` decides, some of them without waiting for the one before. @throws AssertionError */
export async function randomCalls(tier: CacheTier, seed: number): Promise<void> {
  const below = numbersOf(seed);
  const pick = (items: readonly string[]): string => items[below(items.length)] ?? '';
  const model = new Map<string, { readonly text: string; readonly tags: readonly string[] }>();
  const dropWhere = (test: (place: string, entry: { readonly tags: readonly string[] }) => boolean): void => {
    for (const [place, entry] of model) if (test(place, entry)) model.delete(place);
  };
  for (let i = 0; i < 600; i += 1) {
    const [namespace, key, tag] = [pick(namespaces), pick(keys), pick(tags)];
    const place = JSON.stringify([namespace, key]);
    const isOf = (other: string): boolean => other.startsWith(`[${JSON.stringify(namespace)},`);
    let done: unknown;
    switch (below(10)) {
      case 0:
        model.delete(place);
        done = tier.delete(namespace, key);
        break;
      case 1:
        if (below(3) > 0) break;
        dropWhere(isOf);
        done = tier.clear(namespace);
        break;
      case 2:
        if (below(3) > 0) break;
        dropWhere((_, entry) => !tier.deleteTag || entry.tags.includes(tag));
        done = dropTag(tier, tag);
        break;
      case 3:
        if (below(4) > 0) break;
        dropWhere((other) => !tier.clearExcept || !isOf(other));
        done = tier.clearExcept ? tier.clearExcept([namespace]) : tier.clear();
        break;
      case 4:
        if (below(10) === 0) model.clear();
        done = model.size === 0 ? tier.clear() : tier.flush?.();
        break;
      case 5:
      case 6:
      case 7: {
        const entry = { text: `${i} ${'x'.repeat(below(3) * 1_500)}`, tags: tags.filter(() => below(3) === 0) };
        model.set(place, entry);
        done = tier.set(namespace, key, entryOf(entry.text, { tags: entry.tags }));
        break;
      }
      default: {
        const expected = model.get(place)?.text;
        const found = await textIn(tier, namespace, key);
        if (found !== undefined)
          assert.equal(found, expected, `call ${i} of seed ${seed} found what was replaced or dropped`);
      }
    }
    if (below(2) === 0) await done;
  }
}

/** Whole numbers below a limit, as the seed decides (mulberry32). */
function numbersOf(seed: number): (limit: number) => number {
  let state = seed >>> 0;
  return (limit) => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return Math.floor((((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32) * limit);
  };
}
