// candy collection …: named groups of models.
import type { Command } from 'commander';
import type { Library } from '../library.js';
import { findModels } from '../model-reference.js';
import type { Output } from '../output.js';
import { columns, count, counted } from '../terminal.js';
import { collectionNamed } from './collection-named.js';
import { withExamples } from './examples.js';
import { modelArgument } from './of-models.js';
import { everyItem } from './pages.js';
import type { CommandSurroundings, CommonFlags } from './surroundings.js';

/** Adds `collection list`, `add` and `remove` to the program. */
export function addCollectionCommands(program: Command, { common, run, workingFolder }: CommandSurroundings): void {
  const collection = program.command('collection').description('named groups of models: list, add, remove');
  withExamples(collection, 'collection add Robot "Gear 12 teeth" "Hex nut M5"', 'collection list');
  const list = common(
    collection.command('list').description('show the collections, or the models of one').argument('[collection]'),
  );
  withExamples(list, 'collection list', 'collection list Robot').action(
    (name: string | undefined, flags: CommonFlags) =>
      run(flags, (library, output) => collectionListCommand(library, name, output)),
  );
  for (const [verb, description] of [
    ['add', 'put models into a collection; a new name makes one'],
    ['remove', 'take models out of a collection'],
  ] as const) {
    const change = common(
      collection.command(verb).description(description).argument('<collection>').argument('<model...>', modelArgument),
    );
    withExamples(change, `collection ${verb} Robot "Gear 12 teeth"`).action(
      (name: string, names: string[], flags: CommonFlags) =>
        run(flags, (library, output) =>
          collectionChangeCommand(library, { name, names, remove: verb === 'remove', workingFolder }, output),
        ),
    );
  }
}

/** Shows the collections at the top, or the models of one. */
async function collectionListCommand(library: Library, name: string | undefined, output: Output): Promise<number> {
  const { collections } = library.repositories;
  if (name === undefined) {
    const all = await collections.list();
    if (output.jsonl) {
      for (const one of all) output.answer(one, () => []);
      return 0;
    }
    output.answer({ collections: all }, () => columns(all.map((one) => [one.name, one.models, one.id])));
    return 0;
  }
  const id = await collectionNamed(library, name);
  if (output.jsonl) {
    await output.items(everyItem({}, 500, (page) => collections.modelsOf(id, page)));
    return 0;
  }
  const { items, next } = await collections.modelsOf(id, { limit: 1000 });
  output.answer({ id, name, models: items, next }, () => [
    ...columns(items.map((model) => [model.name, model.format, model.id])),
    next === null ? counted(items.length, 'model') : `${count(items.length)} and more models`,
  ]);
  return 0;
}

/** Puts models into a collection, which is made when there is none of the name, or takes them out. */
async function collectionChangeCommand(
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
  output.answer({ collection: name, changed }, () => [
    `${counted(changed, 'model')} ${remove ? 'taken out' : 'put in'}`,
  ]);
  return 0;
}

/** What changes in a collection. */
interface CollectionChange {
  readonly name: string;
  readonly names: readonly string[];
  readonly remove: boolean;
  readonly workingFolder: string;
}
