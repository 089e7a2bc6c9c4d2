// The smallest cache that keeps what CachePort promises, with a record of what was asked of it.
import type { CachePort, CacheRegion } from '../src/index.js';

export interface MapCache extends CachePort {
  /** `hit models`, `load search`, `invalidate metadata` and so on, in order. */
  readonly log: string[];
  /** Drops everything of every region. */
  clear(): void;
}

export function createMapCache(): MapCache {
  const log: string[] = [];
  const regions = new Map<string, { clear(): void }>();
  return {
    log,
    clear() {
      for (const region of regions.values()) region.clear();
    },
    region<V extends object>(namespace: string): CacheRegion<V> {
      const region = regions.get(namespace) ?? createRegion<V>(namespace, log);
      regions.set(namespace, region);
      return region as CacheRegion<V>;
    },
  };
}

function createRegion<V extends object>(namespace: string, log: string[]): CacheRegion<V> {
  const values = new Map<string, V | null>();
  const loads = new Map<string, Promise<V | null>>();
  const note = (what: string) => log.push(`${what} ${namespace}`);
  const get = (key: string): V | null | undefined => {
    const value = values.get(key);
    if (value !== undefined) note('hit');
    return value;
  };
  const getOrLoad = (key: string, load: () => Promise<V | null>): Promise<V | null> => {
    const value = get(key);
    if (value !== undefined) return Promise.resolve(value);
    const running = loads.get(key);
    if (running !== undefined) return running;
    note('load');
    const fresh: Promise<V | null> = load().then(
      (loaded) => {
        // Invalidated meanwhile: handed out, not kept.
        if (loads.get(key) === fresh) {
          loads.delete(key);
          values.set(key, loaded);
        }
        return loaded;
      },
      (error: unknown) => {
        if (loads.get(key) === fresh) loads.delete(key);
        throw error;
      },
    );
    loads.set(key, fresh);
    return fresh;
  };
  return {
    getOrLoad,
    async getOrLoadMany(keys, loadMissing) {
      const missing = keys.filter((key) => !values.has(key) && !loads.has(key));
      const batch = missing.length > 0 ? loadMissing(missing) : undefined;
      const found = keys.map((key) => getOrLoad(key, async () => (await batch)?.get(key) ?? null));
      return new Map((await Promise.all(found)).map((value, i) => [keys[i] ?? '', value]));
    },
    invalidate(key) {
      note('invalidate');
      values.delete(key);
      loads.delete(key);
    },
    clear() {
      note('clear');
      values.clear();
      loads.clear();
    },
  };
}
