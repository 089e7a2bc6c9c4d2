// What a case of the contract of tiers is made of, and what the cases share.
import type { CacheTier, TierEntry } from '../contract/tier.js';

/** Opens an empty tier for one case, with room for a few hundred small entries. The case closes it. */
export type OpenTier = () => CacheTier | Promise<CacheTier>;

/** One fact that `CacheTier` promises. */
export interface CacheTierCase {
  readonly title: string;
  /** Opens a tier of its own, and rejects with an AssertionError when the tier does not keep the promise. */
  readonly run: (open: OpenTier) => Promise<void>;
}

/** A case whose tier is closed after it. */
export function tierCase(title: string, judge: (tier: CacheTier) => Promise<void>): CacheTierCase {
  return {
    title,
    run: async (open) => {
      const tier = await open();
      try {
        await judge(tier);
      } finally {
        await tier.close();
      }
    },
  };
}

/** An entry that holds `text`. */
export function entryOf(text: string, rest: Partial<Omit<TierEntry, 'data'>> = {}): TierEntry {
  return { data: Buffer.from(text), loadedAt: 1_000, expiresAt: 2_000, tags: [], ...rest };
}

/** Returns the text that an entry holds; `undefined` for none. */
export async function textIn(tier: CacheTier, namespace: string, key: string): Promise<string | undefined> {
  const entry = await tier.get(namespace, key);
  return entry === undefined ? undefined : Buffer.from(entry.data).toString();
}

/** Drops by tag as the cache does: by clearing a tier that knows no tags. */
export function dropTag(tier: CacheTier, tag: string): void | Promise<void> {
  return tier.deleteTag ? tier.deleteTag(tag) : tier.clear();
}
