// candy search and candy list: models as a table, or whole as JSON.
import type { Model, ModelId } from '@cc/schema';
import type { Library } from '../library.js';
import type { Output } from '../output.js';
import { bytes, columns, count } from '../terminal.js';
import { type FilterFlags, filterOf } from './filter.js';

/** Shows the models that contain the words, best first. */
export async function searchCommand(
  library: Library,
  words: readonly string[],
  flags: FilterFlags,
  output: Output,
): Promise<number> {
  const { search, tags: tagsOf } = library.repositories;
  const page = await search.searchModels(words.join(' '), filterOf(flags), { limit: flags.limit, after: flags.after });
  const models = page.hits.map(({ model }) => model);
  const tags = await tagsOf.getTagsOfMany(models.map(({ id }) => id));
  const hits = page.hits.map(({ model, score }) => ({ ...model, tags: tags.get(model.id) ?? [], score }));
  const { total, totalIsExact, ranking, corrected, matching, next } = page;
  output.answer({ total, totalIsExact, ranking, corrected, matching, next, hits }, () => [
    ...(corrected === null ? [] : [`No model has what was typed; these have: ${corrected}`]),
    ...(matching === 'all' ? [] : ['No model has all of the words; these have some']),
    ...table(models, tags, flags),
    `${total === 0 ? 'No model matches' : `${count(models.length)} of ${totalIsExact ? '' : 'more than '}${count(total)} models`}${more(next)}`,
  ]);
  return 0;
}

/** Shows the models that pass the filter, newest first; with `--printed` the last printed ones first. */
export async function listCommand(library: Library, flags: FilterFlags, output: Output): Promise<number> {
  const { models, tags: tagsOf } = library.repositories;
  const filter = filterOf(flags);
  const sort = flags.printed === true ? ({ by: 'printedAt' } as const) : undefined;
  const { items, next } = await models.list({ filter, sort, limit: flags.limit, after: flags.after });
  const total = await models.count(filter);
  const tags = await tagsOf.getTagsOfMany(items.map(({ id }) => id));
  output.answer({ total, next, models: items.map((model) => ({ ...model, tags: tags.get(model.id) ?? [] })) }, () => [
    ...table(items, tags, flags),
    `${count(items.length)} of ${count(total)} models${more(next)}`,
  ]);
  return 0;
}

function table(
  models: readonly Model[],
  tags: ReadonlyMap<ModelId, readonly string[]>,
  { printed = false }: FilterFlags,
): string[] {
  if (models.length === 0) return [];
  const rows = models.map((model) => [
    model.name,
    model.format,
    model.triangles ?? '',
    bytes(model.fileSize),
    ...(printed ? [dayOf(model.printedAt)] : []),
    (tags.get(model.id) ?? []).join(', '),
    model.id,
  ]);
  return columns([['NAME', 'FORMAT', 'TRIANGLES', 'SIZE', ...(printed ? ['PRINTED'] : []), 'TAGS', 'ID'], ...rows]);
}

/** The day where its person lives, as `--since` takes it. */
function dayOf(time: Date | null): string {
  if (time === null) return '';
  const two = (part: number): string => String(part).padStart(2, '0');
  return `${time.getFullYear()}-${two(time.getMonth() + 1)}-${two(time.getDate())}`;
}

function more(next: string | null): string {
  return next === null ? '' : `; next page: --after ${next}`;
}
