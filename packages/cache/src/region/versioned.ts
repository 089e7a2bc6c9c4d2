// Which version of a program has kept an entry in the tiers behind memory, which outlive it. It stands among the tags, which every
// tier brings back, so that whatever drops the key drops the entry of each version.
import type { ResolvedRegionOptions } from '../options.js';

type Version = ResolvedRegionOptions['version'];

/** No tag of a person's begins so by chance; one that does makes its entries misses. */
const mark = '\0version:';

/** Adds what tells the version. */
export function withVersion(tags: readonly string[], version: Version): readonly string[] {
  return version === undefined ? tags : [...tags, `${mark}${version}`];
}

/** Whether an entry with these tags is of that version. */
export function isOfVersion(tags: readonly string[], version: Version): boolean {
  const own = tags.find((tag) => tag.startsWith(mark));
  return own === (version === undefined ? undefined : `${mark}${version}`);
}

/** Leaves the caller's. */
export function withoutVersion(tags: readonly string[]): readonly string[] {
  return tags.some((tag) => tag.startsWith(mark)) ? tags.filter((tag) => !tag.startsWith(mark)) : tags;
}
