// candy saved …: searches under a name.
import { nearestName } from '@cc/schema/validation';
import type { Command } from 'commander';
import { Refused } from '../failure.js';
import type { Library } from '../library.js';
import type { Output } from '../output.js';
import { columns, counted, didYouMean, visible } from '../terminal.js';
import { withExamples } from './examples.js';
import { addFilterFlags, type FilterFlags, filterIn, filterOf } from './filter.js';
import type { PageFlags } from './pages.js';
import { addPageFlags, showFound } from './search.js';
import type { CommandSurroundings, CommonFlags } from './surroundings.js';

/** Adds `saved list`, `add`, `run` and `remove` to the program. */
export function addSavedCommands(program: Command, { common, run }: CommandSurroundings): void {
  const saved = program.command('saved').description('searches under a name: list, add, run, remove');
  withExamples(saved, 'saved add "large gears" gear --min-triangles 100', 'saved run "large gears"');
  withExamples(common(saved.command('list').description('show them')), 'saved list').action((flags: CommonFlags) =>
    run(flags, savedListCommand),
  );
  const add = common(
    saved
      .command('add')
      .description('keep a search; one that had the name is replaced')
      .argument('<name>')
      .argument('[words...]'),
  );
  withExamples(
    addFilterFlags(add),
    'saved add bolts hex bolt --format stl',
    'saved add unprinted --never-printed',
  ).action(async (name: string, words: string[], flags: CommonFlags & FilterFlags) => {
    filterOf(flags);
    await run(flags, async (library, output) => {
      const filter = await filterIn(library, flags);
      const kept = await library.repositories.search.saveSearch(name, words.join(' '), filter);
      output.answer(kept, () => [`${visible(kept.name)} is saved: \`candy saved run "${visible(kept.name)}"\``]);
      return 0;
    });
  });
  const again = common(saved.command('run').description('search again').argument('<name>'));
  withExamples(addPageFlags(again, 100), 'saved run bolts', 'saved run bolts --jsonl').action(
    (name: string, flags: CommonFlags & PageFlags) =>
      run(flags, async (library, output) => {
        const { name: known, filters } = await savedNamed(library, name);
        const { search } = library.repositories;
        return await showFound(library, { filter: filters, flags }, output, (page) =>
          search.runSavedSearch(known, page),
        );
      }),
  );
  withExamples(
    common(saved.command('remove').description('remove one').argument('<name>')),
    'saved remove bolts',
  ).action((name: string, flags: CommonFlags) =>
    run(flags, async (library, output) => {
      const known = await savedNamed(library, name);
      await library.repositories.search.deleteSavedSearch(known.name);
      output.answer({ name: known.name, removed: true }, () => [`${visible(known.name)} is removed`]);
      return 0;
    }),
  );
}

async function savedListCommand({ repositories }: Library, output: Output): Promise<number> {
  const searches = await repositories.search.getSavedSearches();
  if (output.jsonl) {
    for (const one of searches) output.answer(one, () => []);
    return 0;
  }
  output.answer({ searches }, () => [
    ...columns(
      searches.map(({ name, query, filters, lastUsedAt }) => [
        name,
        query,
        Object.entries(filters)
          .map(([key, value]) => `${key}=${textOf(value)}`)
          .join(' '),
        lastUsedAt === null ? 'never run' : `last run ${lastUsedAt.toISOString()}`,
      ]),
    ),
    `${counted(searches.length, 'saved search', 'saved searches')}`,
  ]);
  return 0;
}

function textOf(value: unknown): string {
  if (value instanceof Date) return value.toISOString();
  return Array.isArray(value) ? value.join(',') : String(value);
}

async function savedNamed({ repositories }: Library, name: string) {
  const searches = await repositories.search.getSavedSearches();
  const found = searches.find((one) => one.name === name.normalize('NFC'));
  if (found !== undefined) return found;
  const near = nearestName(
    name,
    searches.map((one) => one.name),
  );
  throw new Refused(
    `There is no saved search ${visible(name)}.${near === null ? ' `candy saved list` shows them.' : didYouMean(near)}`,
  );
}
