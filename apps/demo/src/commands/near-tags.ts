// What to say where a tag is asked for that no model has: nothing was found, and a slip may be why.
import type { ModelFilter } from '@cc/repositories';
import { nearestName, tagKey } from '@cc/schema/validation';
import type { Library } from '../library.js';
import type { Output } from '../output.js';
import { didYouMean, visible } from '../terminal.js';

/** Notes the tags of a filter that no model has, with the ones that may have been meant. */
export async function nearTags(
  { repositories }: Library,
  { tagsAll = [], tagsAny = [] }: ModelFilter,
  output: Output,
): Promise<void> {
  const asked = [...tagsAll, ...tagsAny];
  if (asked.length === 0) return;
  const names = (await repositories.tags.listTags({ limit: 10_000 })).map(({ name }) => name);
  const keys = new Set(names.map(tagKey));
  for (const tag of asked) {
    if (!keys.has(tagKey(tag.trim())))
      output.note(`There is no tag ${visible(tag)}.${didYouMean(nearestName(tag, names))}`);
  }
}
