// The collection that a name on the command line means.
import { nearestName } from '@cc/schema/validation';
import { Refused } from '../failure.js';
import type { Library } from '../library.js';
import { didYouMean, visible } from '../terminal.js';

/** Returns the id of a collection at the top by its name, or of any by its id. @throws Refused with the one that may be meant */
export async function collectionNamed({ repositories }: Library, name: string): Promise<string> {
  const all = await repositories.collections.list();
  const found = all.find((one) => one.name === name.normalize('NFC'));
  if (found !== undefined) return found.id;
  if (/^[\da-f-]{36}$/.test(name) && (await repositories.collections.read(name)) !== null) return name;
  const names = all.map((one) => one.name);
  const near = nearestName(name, names);
  const others =
    names.length === 0 ? ' `candy collection add` makes one.' : ` There are: ${names.map(visible).join(', ')}.`;
  throw new Refused(`There is no collection ${visible(name)}.${near === null ? others : didYouMean(near)}`);
}
