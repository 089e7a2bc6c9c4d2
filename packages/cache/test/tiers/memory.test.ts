// The memory tier keeps what every tier promises: the published cases, through the regions that it serves.
import { it } from 'vitest';
import { type CacheTier, openCacheManager, type TierEntry } from '../../src/index.js';
import { cacheTierCases } from '../../src/testing.js';

/** A cache in memory as a tier: its regions are the namespaces, which may be any text here. */
async function memoryAsTier(): Promise<CacheTier> {
  const cache = await openCacheManager();
  const opened = new Set<string>();
  const region = (namespace: string) => {
    opened.add(namespace);
    return cache.region<TierEntry>(`in ${namespace}`);
  };
  return {
    name: 'memory',
    get bytes() {
      return cache.getCacheStats().bytes;
    },
    get entries() {
      return cache.getCacheStats().entries;
    },
    get: (namespace, key) => region(namespace).get(key) ?? undefined,
    set: (namespace, key, entry) => void region(namespace).set(key, entry, { tags: entry.tags }),
    delete: (namespace, key) => void region(namespace).invalidate(key),
    deleteTag: (tag) => void cache.invalidateTag(tag),
    clear: (namespace) => (namespace === undefined ? cache.clearAllCache() : region(namespace).clear()),
    clearExcept: (namespaces) => {
      for (const namespace of opened) if (!namespaces.includes(namespace)) region(namespace).clear();
    },
    close: () => cache.close(),
  };
}

it.each(cacheTierCases.map(({ title, run }) => [title, run] as const))('%s', (_name, run) => run(memoryAsTier));
