// Work lists: what there is twice, could not be measured or is gone, and what to do about it. Forgetting can be taken back.
import { randomUUID } from 'node:crypto';
import type { MetadataRecord } from '@cc/repositories';
import type { Model, ModelId } from '@cc/schema';
import type { ModelInput } from '@cc/schema/validation';
import { entryPlace } from '../archives/entry-path.js';
import { isAbsent } from '../importing/absence.js';
import type { WorkList } from './contract-care.js';
import { placesOf, putAt } from './editing.js';
import { cardsOf } from './model-card.js';
import { asked, notFound, Refused, topic } from './problem.js';
import { listDuplicates, listMissing, listProblems, postForget, postRestore, postRetry } from './routes.js';
import type { Serving } from './serving.js';

/** The routes of work lists. */
export function workListRoutes(serving: Serving) {
  const { library, feed, imports } = serving;
  const { models } = library.repositories;
  const undoable = new Map<string, readonly Forgotten[]>();
  return topic()
    .openapi(listDuplicates, async (c) => {
      const page = c.req.valid('query');
      const { items, next } = await asked(() => models.findDuplicates({ ...page, modelsPerGroup }));
      const groups = [];
      for (const { fileHash, count, models: equal } of items)
        groups.push({ fileHash, count, models: await withPaths(serving, equal) });
      return c.json({ groups, next }, 200);
    })
    .openapi(listProblems, async (c) => {
      const reasonOf = ({ parseError }: Model): string => parseError ?? 'it could not be measured';
      return c.json(await workList(serving, { parseStatuses: ['unparsed'] }, reasonOf, c.req.valid('query')), 200);
    })
    .openapi(listMissing, async (c) =>
      c.json(await workList(serving, { statuses: ['missing'] }, () => 'its file is gone', c.req.valid('query')), 200),
    )
    .openapi(postForget, async (c) => {
      const { ids, present = false } = c.req.valid('json');
      const gone = await forget(serving, ids as ModelId[], present);
      const undo = randomUUID();
      undoable.set(undo, gone);
      for (const oldest of [...undoable.keys()].slice(0, -mostUndoable)) undoable.delete(oldest);
      return c.json({ forgotten: gone.map(({ model }) => model.id), undo }, 200);
    })
    .openapi(postRestore, async (c) => {
      const { undo } = c.req.valid('json');
      const gone = undoable.get(undo);
      if (gone === undefined) throw notFound('What was forgotten then');
      await feed.changing((told) =>
        library.transactions.transaction(
          async () => {
            for (const one of gone) await restore(serving, one);
            told(gone.map(({ model }) => model.id));
          },
          { label: 'restore' },
        ),
      );
      undoable.delete(undo);
      return c.json({ restored: gone.map(({ model }) => model.id) }, 200);
    })
    .openapi(postRetry, async (c) => {
      const found = await models.readMany(c.req.valid('json').ids as ModelId[]);
      const paths = [...found.values()]
        .flatMap((model) => (model === null ? [] : [pathOf(model)]))
        .filter((path) => !isAbsent(path));
      if (paths.length === 0)
        throw new Refused(409, 'FILE_GONE', 'None of these files is there: import the folder that they were moved to.');
      const what = `${paths.length} files again`;
      return c.json({ id: imports.add({ paths: [...new Set(paths)], what, options: { retry: true } }) }, 202);
    });
}

/** What an import reads: of a file in an archive the archive. */
function pathOf({ filePath }: Model): string {
  return isAbsent(filePath) ? (entryPlace(filePath)?.archive ?? filePath) : filePath;
}

const mostUndoable = 20;
/** The others come up when these are forgotten. */
const modelsPerGroup = 100;

interface Forgotten {
  readonly model: Model;
  readonly metadata: MetadataRecord;
  readonly tags: readonly string[];
  readonly places: ReadonlyMap<string, number>;
}

async function forget({ library, feed }: Serving, ids: readonly ModelId[], present: boolean): Promise<Forgotten[]> {
  const { models, metadata, tags } = library.repositories;
  return await feed.changing((told) =>
    library.transactions.transaction(
      async () => {
        const gone: Forgotten[] = [];
        for (const [id, model] of await models.readMany([...new Set(ids)])) {
          // Somebody else has forgotten it.
          if (model === null) continue;
          if (model.status !== 'missing' && !present)
            throw new Refused(
              409,
              'PRESENT',
              'A model among them is not missing. Nothing was forgotten: say `present` to forget it all the same.',
            );
          gone.push({
            model,
            metadata: await metadata.getMetadata(id),
            tags: await tags.getTags(id),
            places: await placesOf(library, id),
          });
          await models.delete(id);
        }
        told(gone.map(({ model }) => model.id));
        return gone;
      },
      { label: 'forget' },
    ),
  );
}

/** Everything that a model was given comes back; a collection that is gone meanwhile does not. */
async function restore({ library }: Serving, { model, metadata, tags, places }: Forgotten): Promise<void> {
  const { repositories } = library;
  const { updatedAt: _updatedAt, version: _version, ...given } = model;
  const input: ModelInput = given;
  await repositories.models.create(input, { onDuplicateHash: 'allow' });
  await repositories.metadata.addMetadata(model.id, metadata);
  for (const tag of tags) await repositories.search.tag(model.id, tag);
  for (const [collection, position] of places) {
    if ((await repositories.collections.read(collection)) === null) continue;
    await repositories.collections.addModels(collection, [model.id]);
    await putAt(library, { id: model.id, collection, position });
  }
}

async function withPaths({ library }: Serving, models: readonly Model[]) {
  const cards = await cardsOf(library, models);
  return cards.map((card, at) => ({ ...card, filePath: models[at]?.filePath ?? '' }));
}

async function workList(
  serving: Serving,
  filter: { readonly parseStatuses: readonly ['unparsed'] } | { readonly statuses: readonly ['missing'] },
  reasonOf: (model: Model) => string,
  page: { readonly after?: string | undefined; readonly limit?: number | undefined },
): Promise<WorkList> {
  const { models } = serving.library.repositories;
  const { items, next } = await asked(() => models.list({ filter, ...page }));
  const shown = await withPaths(serving, items);
  const total = await models.count(filter);
  return { items: shown.map((card, at) => ({ ...card, reason: reasonOf(items[at] as Model) })), next, total };
}
