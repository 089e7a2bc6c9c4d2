import { setTimeout as wait } from 'node:timers/promises';
import type { CacheTier, TierEntry } from '@cc/cache';

/** Keeps entries in a Map at the other end of a line that takes `latencyMs`. */
export function mapTier(latencyMs: number): CacheTier {
  const kept = new Map<string, { namespace: string; entry: TierEntry }>();
  const nameOf = (namespace: string, key: string) => JSON.stringify([namespace, key]);
  // Calls take effect in their order, so what is dropped never comes back.
  let line = Promise.resolve();
  const send = <T>(work: () => T): Promise<T> => {
    const answer = line.then(() => wait(latencyMs)).then(work);
    line = answer.then(() => undefined);
    return answer;
  };
  const drop = (isMeant: (each: { namespace: string; entry: TierEntry }) => boolean) =>
    send(() => {
      for (const [name, each] of kept) if (isMeant(each)) kept.delete(name);
    });
  return {
    name: 'map',
    get bytes() {
      return [...kept.values()].reduce((sum, { entry }) => sum + entry.data.byteLength, 0);
    },
    get entries() {
      return kept.size;
    },
    get: (namespace, key) => send(() => kept.get(nameOf(namespace, key))?.entry),
    set: (namespace, key, entry) => send(() => void kept.set(nameOf(namespace, key), { namespace, entry })),
    delete: (namespace, key) => send(() => void kept.delete(nameOf(namespace, key))),
    deleteTag: (tag) => drop(({ entry }) => entry.tags.includes(tag)),
    clear: (namespace) => drop((each) => namespace === undefined || each.namespace === namespace),
    clearExcept: (namespaces) => drop((each) => !namespaces.includes(each.namespace)),
    flush: () => line,
    close: () => kept.clear(),
  };
}
