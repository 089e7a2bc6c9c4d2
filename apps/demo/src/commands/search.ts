// candy search and candy list: models as a table, as one JSON document, or all of them in lines of JSON.
import type { ModelFilter } from '@cc/repositories';
import type { Model, ModelId } from '@cc/schema';
import type { Command } from 'commander';
import type { Library } from '../library.js';
import type { Output } from '../output.js';
import { bytes, columns, count, counted, cut } from '../terminal.js';
import { withExamples } from './examples.js';
import {
  addFilterFlags,
  addOrderFlags,
  type FilterFlags,
  filterIn,
  filterOf,
  type OrderFlags,
  sortOf,
} from './filter.js';
import { parseWhole } from './flag-values.js';
import { nearTags } from './near-tags.js';
import { everyItem, type PageFlags } from './pages.js';
import type { CommandSurroundings, CommonFlags } from './surroundings.js';

type ListFlags = FilterFlags & OrderFlags & PageFlags;

/** Adds `search` and `list` to the program. */
export function addListingCommands(program: Command, { common, run }: CommandSurroundings): void {
  const search = common(
    program.command('search').description('find models by words; the last may be a beginning').argument('[words...]'),
  );
  addOrderFlags(addPageFlags(addFilterFlags(search), 100), 'best first');
  withExamples(
    search,
    'search hex bolt --format stl',
    'search gear --tag mechanical --since 7d',
    `search '"hex bolt" -m8' --sort name`,
    'search --min-triangles 10k --jsonl',
  ).action(async (words: string[], flags: CommonFlags & ListFlags) => {
    filterOf(flags);
    await run(flags, (library, output) => searchCommand(library, words, flags, output));
  });
  const list = common(program.command('list').description('list models, newest first'));
  addOrderFlags(addPageFlags(addFilterFlags(list), 1000), 'created, newest first');
  withExamples(
    list,
    'list --sort name --limit 10',
    'list --without-tag mechanical --max-size 1MB --until 2999-01-31',
    'list --min-rating 4 --favorite --never-printed',
    'list --fits 220x220x250',
    `list --meta 'layer>=0.2' --desc`,
    'list --jsonl',
  ).action(async (flags: CommonFlags & ListFlags) => {
    filterOf(flags);
    await run(flags, (library, output) => listCommand(library, flags, output));
  });
}

/** Adds `--limit` and `--after`. */
export function addPageFlags(command: Command, most: number): Command {
  return command
    .option('--limit <n>', 'most models to show (default: 20; with --jsonl all)', parseWhole(1, most))
    .option('--after <cursor>', 'the next page: the cursor that the last one showed');
}

/** Shows the models that contain the words, best first, or in another order where one is asked for. */
export async function searchCommand(
  library: Library,
  words: readonly string[],
  flags: ListFlags,
  output: Output,
): Promise<number> {
  const filter = await filterIn(library, flags);
  const query = words.join(' ');
  if (flags.meta !== undefined || flags.sort !== undefined || flags.asc === true || flags.desc === true) {
    return await showSorted(library, { query, filter, flags }, output);
  }
  return await showFound(library, { filter, flags }, output, (page) =>
    library.repositories.search.searchModels(query, filter, page),
  );
}

/** What was asked for, and which page of it. */
export interface Asked {
  readonly filter: ModelFilter;
  readonly flags: PageFlags & Pick<FilterFlags, 'printed'>;
}

/** Shows pages of hits, of a search that was typed or of a saved one. */
export async function showFound(
  library: Library,
  { filter, flags }: Asked,
  output: Output,
  find: (page: {
    readonly limit: number;
    readonly after?: string | null | undefined;
  }) => ReturnType<Library['repositories']['search']['searchModels']>,
): Promise<number> {
  if (output.jsonl) {
    const hits = everyItem(flags, 100, async (page) => {
      const { hits: items, next } = await find(page);
      const tags = await tagsOf(
        library,
        items.map(({ model }) => model),
      );
      return { items: items.map(({ model, score }) => ({ ...model, tags: tags.get(model.id) ?? [], score })), next };
    });
    await output.items(hits);
    return 0;
  }
  const page = await find({ limit: flags.limit ?? defaultLimit, after: flags.after });
  const models = page.hits.map(({ model }) => model);
  const tags = await tagsOf(library, models);
  const hits = page.hits.map(({ model, score }) => ({ ...model, tags: tags.get(model.id) ?? [], score }));
  const { total, totalIsExact, ranking, corrected, matching, next } = page;
  output.answer({ total, totalIsExact, ranking, corrected, matching, next, hits }, () => [
    ...(corrected === null ? [] : [`No model has what was typed; these have: ${corrected}`]),
    ...(matching === 'all' ? [] : ['No model has all of the words; these have some']),
    ...table(models, tags, flags, output),
    `${total === 0 ? 'No model matches' : `${count(models.length)} of ${totalIsExact ? '' : 'more than '}${count(total)} models`}${more(next)}`,
  ]);
  if (models.length === 0) await nearTags(library, filter, output);
  return 0;
}

async function showSorted(
  library: Library,
  { query, filter, flags }: { readonly query: string; readonly filter: ModelFilter; readonly flags: ListFlags },
  output: Output,
): Promise<number> {
  const { models } = library.repositories;
  const criteria = { ...filter, text: query === '' ? undefined : query, metadata: flags.meta };
  const read = pageReader(library, (page) => models.search(criteria, { sort: sortOf(flags), ...page }));
  if (output.jsonl) {
    await output.items(everyItem(flags, 500, read));
    return 0;
  }
  const { items, next } = await read({ limit: flags.limit ?? defaultLimit, after: flags.after });
  // Counting would read all of them.
  output.answer(
    { total: null, totalIsExact: false, ranking: null, corrected: null, matching: 'all', next, hits: items },
    () => [
      ...table(items, new Map(items.map(({ id, tags }) => [id, tags])), flags, output),
      items.length === 0 ? 'No model matches' : `${counted(items.length, 'model')}${more(next)}`,
    ],
  );
  if (items.length === 0) await nearTags(library, filter, output);
  return 0;
}

/** Shows the models that pass the filter, newest first; with `--printed` the last printed ones first. */
async function listCommand(library: Library, flags: ListFlags, output: Output): Promise<number> {
  const { models } = library.repositories;
  const filter = await filterIn(library, flags);
  const sort = sortOf(flags);
  const read = pageReader(library, (page) =>
    flags.meta === undefined
      ? models.list({ filter, sort, ...page })
      : models.search({ ...filter, metadata: flags.meta }, { sort, ...page }),
  );
  if (output.jsonl) {
    await output.items(everyItem(flags, 500, read));
    return 0;
  }
  const { items, next } = await read({ limit: flags.limit ?? defaultLimit, after: flags.after });
  // What metadata say is counted by reading it.
  const total = flags.meta === undefined ? await models.count(filter) : null;
  output.answer({ total, next, models: items }, () => [
    ...table(items, new Map(items.map(({ id, tags }) => [id, tags])), flags, output),
    `${count(items.length)}${total === null ? '' : ` of ${count(total)}`} models${more(next)}`,
  ]);
  if (items.length === 0) await nearTags(library, filter, output);
  return 0;
}

const defaultLimit = 20;

type Tagged = Model & { readonly tags: readonly string[] };
type ReadPage<T> = (page: {
  limit: number;
  after?: string | null | undefined;
}) => Promise<{ items: readonly T[]; next: string | null }>;

function pageReader(library: Library, read: ReadPage<Model>): ReadPage<Tagged> {
  return async (page) => {
    const { items, next } = await read(page);
    const tags = await tagsOf(library, items);
    return { items: items.map((model) => ({ ...model, tags: tags.get(model.id) ?? [] })), next };
  };
}

function tagsOf({ repositories }: Library, models: readonly Model[]): Promise<ReadonlyMap<ModelId, readonly string[]>> {
  return repositories.tags.getTagsOfMany(models.map(({ id }) => id));
}

function table(
  models: readonly Model[],
  tags: ReadonlyMap<ModelId, readonly string[]>,
  { printed = false }: Pick<FilterFlags, 'printed'>,
  { paint, screen = false }: Output,
): string[] {
  if (models.length === 0) return [];
  const rows = models.map((model) => [
    screen ? cut(model.name, longestName) : model.name,
    model.format,
    model.triangles ?? '',
    bytes(model.fileSize),
    ...(printed ? [dayOf(model.printedAt)] : []),
    (tags.get(model.id) ?? []).join(', '),
    model.id,
  ]);
  const head = ['NAME', 'FORMAT', 'TRIANGLES', 'SIZE', ...(printed ? ['PRINTED'] : []), 'TAGS', 'ID'];
  const [first = '', ...lines] = columns([head, ...rows]);
  return [paint.strong(first), ...lines];
}

/** Columns of a name on a screen. */
const longestName = 60;

/** The day where its person lives, as `--since` takes it. */
function dayOf(time: Date | null): string {
  if (time === null) return '';
  const two = (part: number): string => String(part).padStart(2, '0');
  return `${time.getFullYear()}-${two(time.getMonth() + 1)}-${two(time.getDate())}`;
}

function more(next: string | null): string {
  return next === null ? '' : `; next page: --after ${next}`;
}
