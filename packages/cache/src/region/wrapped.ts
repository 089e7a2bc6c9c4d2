// A function that reads through a region: its arguments are the key.
import type { Cacheable, CacheRegion, WrapOptions } from '../contract/cache.js';
import { resolveValueOptions } from '../options.js';
import { canonical } from '../values/canonical.js';

/** Returns `load` as a function that reads through `getOrLoad`. @throws TypeError for what is no function, and unknown options */
export function wrapped<V extends Cacheable, A extends readonly unknown[]>(
  getOrLoad: CacheRegion<V>['getOrLoad'],
  load: (...args: A) => Promise<V | null | undefined>,
  options: WrapOptions<A>,
): (...args: A) => Promise<V | null> {
  const value = resolveValueOptions('wrap', options);
  const { key = (...args: A) => canonical(args, 'The arguments of a wrapped function') } = options;
  if (typeof load !== 'function') throw new TypeError('wrap: what is wrapped must be a function');
  if (typeof key !== 'function') throw new TypeError('wrap: key must be a function that returns a text');
  return async (...args) => getOrLoad(key(...args), () => load(...args), value);
}
