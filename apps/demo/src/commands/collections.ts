// candy collection …: named groups of models.
import type { Library } from '../library.js';
import { findModels, NoSuchModel } from '../model-reference.js';
import type { Output } from '../output.js';
import { columns, count } from '../terminal.js';

/** Shows the collections at the top, or the models of one. */
export async function collectionListCommand(
  library: Library,
  name: string | undefined,
  output: Output,
): Promise<number> {
  const { collections } = library.repositories;
  if (name === undefined) {
    const all = await collections.list();
    output.answer({ collections: all }, () => columns(all.map((one) => [one.name, one.models, one.id])));
    return 0;
  }
  const id = await collectionNamed(library, name);
  const { items, next } = await collections.modelsOf(id, { limit: 1000 });
  output.answer({ id, name, models: items, next }, () => [
    ...columns(items.map((model) => [model.name, model.format, model.id])),
    `${count(items.length)}${next === null ? '' : ' and more'} models`,
  ]);
  return 0;
}

/** Puts models into a collection, which is made when there is none of the name, or takes them out. */
export async function collectionChangeCommand(
  library: Library,
  { name, names, remove, workingFolder }: CollectionChange,
  output: Output,
): Promise<number> {
  const { collections } = library.repositories;
  const changed = await library.transactions.transaction(async () => {
    const known = (await collections.list()).find((one) => one.name === name.normalize('NFC'));
    const ids = await findModels(library, names, workingFolder);
    if (remove) return await collections.removeModels(await collectionNamed(library, name), ids);
    return await collections.addModels(known?.id ?? (await collections.create({ name })), ids);
  });
  output.answer({ collection: name, changed }, () => [`${count(changed)} models ${remove ? 'taken out' : 'put in'}`]);
  return 0;
}

/** What changes in a collection. */
export interface CollectionChange {
  readonly name: string;
  readonly names: readonly string[];
  readonly remove: boolean;
  readonly workingFolder: string;
}

async function collectionNamed({ repositories }: Library, name: string): Promise<string> {
  const all = await repositories.collections.list();
  const found = all.find((one) => one.name === name.normalize('NFC') || one.id === name);
  if (found !== undefined) return found.id;
  const others = all.map((one) => one.name).join(', ');
  throw new NoSuchModel(`There is no collection ${name}${others === '' ? '' : `; there are: ${others}`}.`);
}
