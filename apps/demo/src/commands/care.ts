// What is wrong or superfluous in a library, and what to do about it: duplicates, problems, missing files.
// Copies and checks of the library itself are in backup.ts, verify.ts and maintain.ts; forget.ts removes models.
import type { ModelFilter } from '@cc/repositories';
import type { Model, ModelId } from '@cc/schema';
import { Refused } from '../failure.js';
import { openGeometryReader } from '../geometry/reader.js';
import { formerStatus } from '../importing/file-stamp.js';
import { modelOf, nameOf, patchOf } from '../importing/model-input.js';
import type { Library } from '../library.js';
import type { Output } from '../output.js';
import { bytes, columns, count, counted, visible } from '../terminal.js';
import { everyItem } from './pages.js';

/** Shows the groups of models with the same content. */
export async function duplicatesCommand(library: Library, limit: number | undefined, output: Output): Promise<number> {
  const { models: repository } = library.repositories;
  if (output.jsonl) {
    await output.items(everyItem({ limit }, 100, (page) => repository.findDuplicates(page)));
    return 0;
  }
  const { items, next } = await repository.findDuplicates({ limit: limit ?? defaultLimit });
  output.answer({ groups: items, next }, () => [
    ...items.flatMap(({ models }) => [
      `${bytes(models[0]?.fileSize ?? 0)}, ${models.length} times:`,
      ...models.map(({ id, filePath }) => `  ${id}  ${visible(filePath)}`),
    ]),
    `${next === null ? counted(items.length, 'group') : `${count(items.length)} and more groups`} of models with the same content`,
  ]);
  return 0;
}

/** Shows the models that are unparsed or missing, with the reasons. */
export async function problemsCommand(library: Library, given: number | undefined, output: Output): Promise<number> {
  const { models } = library.repositories;
  const [unparsed, missing] = [{ parseStatuses: ['unparsed'] }, { statuses: ['missing'] }] as const;
  if (output.jsonl) {
    const every = (filter: ModelFilter) => everyItem({ limit: given }, 500, (page) => models.list({ filter, ...page }));
    await output.items(every(unparsed));
    await output.items(every({ ...missing, parseStatuses: ['parsed', 'pending'] }));
    return 0;
  }
  const limit = given ?? defaultLimit;
  const pages = [
    await models.list({ filter: unparsed, limit }),
    await models.list({ filter: missing, limit }),
  ] as const;
  const totals = { unparsed: await models.count(unparsed), missing: await models.count(missing) };
  output.answer({ totals, unparsed: pages[0].items, missing: pages[1].items }, () => [
    ...pages[0].items.map(({ filePath, parseError }) => `unparsed  ${visible(filePath)}: ${visible(parseError ?? '')}`),
    ...pages[1].items.map(({ filePath }) => `missing   ${visible(filePath)}: its file is gone`),
    `${count(totals.unparsed)} unparsed, ${count(totals.missing)} missing`,
  ]);
  return 0;
}

/** Shows the models whose files are gone. */
export async function missingCommand(library: Library, limit: number | undefined, output: Output): Promise<number> {
  const { models } = library.repositories;
  const filter = { statuses: ['missing'] } as const;
  if (output.jsonl) {
    await output.items(everyItem({ limit }, 500, (page) => models.list({ filter, ...page })));
    return 0;
  }
  const { items, next } = await models.list({ filter, limit: limit ?? defaultLimit });
  const total = await models.count(filter);
  output.answer({ total, next, models: items }, () => [
    ...columns(items.map(({ id, filePath }) => [id, filePath])),
    `${total === 1 ? 'One model is' : `${count(total)} models are`} missing; they come back when an import finds their files, and go with \`forget\``,
  ]);
  return 0;
}

const defaultLimit = 100;

/** Says that a missing model is the one that now lies at `path`: it gets its file, and keeps everything it was given. */
export async function movedCommand(library: Library, id: ModelId, path: string, output: Output): Promise<number> {
  const { models, tags } = library.repositories;
  await using geometry = await openGeometryReader();
  const [reading] = await geometry.readMany([path]);
  if (reading === undefined || reading.print === null || reading.result.format === null) {
    throw new Refused(`${visible(path)} cannot be read: ${reading?.problem ?? 'it is no model file'}.`);
  }
  const input = modelOf(path, reading.print, reading.result.format, reading);
  await library.transactions.transaction(async () => {
    const model = await models.read(id);
    if (model?.status !== 'missing') throw new Refused(`The model ${id} is not missing.`);
    const there = await models.readByPath(path);
    // It may be back at its own path.
    if (there !== null && there.id !== id) {
      await requireNothingGiven(library, there);
      for (const tag of await tags.getTags(there.id)) await tags.tag(id, tag);
      await models.delete(there.id);
    }
    await models.update(id, { ...patchOf(input), status: formerStatus(model.fileStamp) });
  });
  output.answer({ id, path }, () => [`${id} is at ${visible(path)} now`]);
  return 0;
}

/** Of two models only one is left: what a person has given the other is not thrown away. */
async function requireNothingGiven({ repositories }: Library, model: Model): Promise<void> {
  const { metadata, collections } = repositories;
  const { id, rating, favorite, printedAt } = model;
  const given = Object.entries({
    'a name': model.name !== nameOf(model.fileName),
    'a description': model.description !== null,
    'an author': model.author !== null,
    'a license': model.license !== null,
    'a source': model.sourceUrl !== null,
    'a place in the archive': model.status === 'archived',
    'a rating': rating !== null,
    'the mark of a favorite': favorite,
    'a time of printing': printedAt !== null,
    metadata: Object.keys(await metadata.getMetadata(id)).length > 0,
    'a place in a collection': (await collections.collectionsOf(id)).length > 0,
  }).flatMap(([what, is]) => (is ? [what] : []));
  if (given.length === 0) return;
  throw new Refused(
    `The file there is the model ${id}, which was given ${given.join(', ')} since. Nothing was changed: note what you need of it (\`show\`), then \`forget --present ${id}\`.`,
  );
}

/** Shows how many models there are, by format and status. */
export async function statsCommand(library: Library, output: Output): Promise<number> {
  const { models, tags, search } = library.repositories;
  const { facets } = await search.searchModels('', {}, { limit: 1, facets: true });
  const numbers = {
    models: await models.count(),
    unparsed: await models.count({ parseStatuses: ['unparsed'] }),
    missing: await models.count({ statuses: ['missing'] }),
    favorites: await models.count({ favorite: true }),
    printed: await models.count({ printed: true }),
  };
  const topTags = await tags.listTags({ limit: 10 });
  const formats = facets?.formats ?? [];
  output.answer({ ...numbers, formats, tags: topTags }, () => [
    ...columns([
      ...Object.entries(numbers).map(([name, n]) => [name, n]),
      ...formats.map(({ value, models: n }) => [`  ${value}`, n]),
      ...topTags.map(({ name, models: n }) => [`  tag ${name}`, n]),
    ]),
  ]);
  return 0;
}
