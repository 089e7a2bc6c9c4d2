// One model with everything around it, and the collections that models lie in.
import { dirname, sep } from 'node:path';
import type { CollectionSummary } from '@cc/repositories';
import { type MetadataValue, type Model, type ModelId, models as modelsTable } from '@cc/schema';
import { duplicateHashes } from '@cc/schema/derived';
import { and, eq, gt, gte, lt, ne } from 'drizzle-orm';
import type { Library } from '../library.js';
import type { ModelDetail } from './contract.js';
import { addressOf, boxOf, cardOf } from './model-card.js';
import { asked, notFound, topic } from './problem.js';
import { createCollection, deleteCollection, listCollections, showModel, updateCollection } from './routes.js';
import type { Serving } from './serving.js';

/** The routes of one model, and of collections. */
export function showingRoutes({ library }: Serving) {
  const { collections } = library.repositories;
  return topic()
    .openapi(showModel, async (c) => {
      const id = c.req.valid('param').id as ModelId;
      // One moment: what is shown together was true together.
      const detail = await library.transactions.read(() => detailOf(library, id), { label: 'show' });
      if (detail === null) throw notFound('The model');
      return c.json(detail, 200);
    })
    .openapi(listCollections, async (c) => {
      const { parent = null, inside = 'directly' } = c.req.valid('query');
      const path = parent === null ? [] : await asked(() => collections.pathOf(parent));
      if (parent !== null && path.length === 0) throw notFound('The collection');
      const items = await (inside === 'all'
        ? library.transactions.read(() => allInside(library, parent), { label: 'collections' })
        : collections.list(parent));
      return c.json(
        {
          items: items.map(({ id, parentId, name, description, models, collections: within }) => ({
            ...{ id, parentId, name, description, models, collections: within },
          })),
          path: path.map(({ id, name }) => ({ id, name })),
        },
        200,
      );
    })
    .openapi(createCollection, async (c) =>
      c.json({ id: await asked(() => collections.create(c.req.valid('json'))) }, 201),
    )
    .openapi(updateCollection, async (c) => {
      const { id } = c.req.valid('param');
      const { name, ...others } = c.req.valid('json');
      const patch = { ...others, ...(name !== undefined && { name }) };
      if (!(await asked(() => collections.update(id, patch)))) throw notFound('The collection');
      return c.body(null, 204);
    })
    .openapi(deleteCollection, async (c) => {
      const { id } = c.req.valid('param');
      if (!(await asked(() => collections.delete(id)))) throw notFound('The collection');
      return c.body(null, 204);
    });
}

/** Each behind the one that it lies in. */
async function allInside(library: Library, parent: string | null): Promise<readonly CollectionSummary[]> {
  const found: CollectionSummary[] = [];
  for (const each of await library.repositories.collections.list(parent)) {
    found.push(each);
    if (each.collections > 0) found.push(...(await allInside(library, each.id)));
  }
  return found;
}

async function detailOf(library: Library, id: ModelId): Promise<ModelDetail | null> {
  const { models, tags, metadata, collections } = library.repositories;
  const model = await models.read(id);
  if (model === null) return null;
  const values = await metadata.getMetadata(id);
  const places: ModelDetail['collections'] = [];
  for (const { id: place, name } of await collections.collectionsOf(id)) {
    const path = await collections.pathOf(place);
    places.push({ id: place, name, path: path.map((step) => step.name) });
  }
  const { description, filePath, fileHash, author, license, sourceUrl, parseError, vertices, volume } = model;
  return {
    ...cardOf(model, await tags.getTags(id)),
    ...{ description, filePath, fileHash, author, license, sourceUrl, parseError, vertices, volume },
    ...boxOf(model),
    fileModifiedAt: model.fileModifiedAt?.toISOString() ?? null,
    fileUrl: addressOf(model, 'file'),
    metadata: Object.entries(values).map(([key, value]) => ({ key, type: typeOf(value), value })),
    collections: places,
    beside: await besideOf(library, model),
    ...(await equalTo(library, model)),
    history: historyOf(model),
  };
}

function typeOf(value: MetadataValue): ModelDetail['metadata'][number]['type'] {
  if (value === null) return 'null';
  if (typeof value === 'string') return 'text';
  return typeof value === 'number' || typeof value === 'boolean' ? (typeof value as 'number' | 'boolean') : 'json';
}

/** Other models with the same content, the oldest first. */
async function equalTo(
  { transactions: { db } }: Library,
  { id, fileHash }: Model,
): Promise<Pick<ModelDetail, 'equal' | 'equalCount'>> {
  const { name, filePath, status } = modelsTable;
  const equal = await db
    .select({ id: modelsTable.id, name, filePath, status })
    .from(modelsTable)
    .where(and(eq(modelsTable.fileHash, fileHash), ne(modelsTable.id, id)))
    .orderBy(modelsTable.seq)
    .limit(most);
  // All of them, with the model itself.
  const [all] = await db
    .select({ count: duplicateHashes.models })
    .from(duplicateHashes)
    .where(eq(duplicateHashes.fileHash, fileHash));
  return { equal, equalCount: all === undefined ? 0 : all.count - 1 };
}

/** Models whose files lie in the same folder, in the order of their paths. */
async function besideOf({ transactions: { db } }: Library, { id, filePath }: Model): Promise<ModelDetail['beside']> {
  const folder = dirname(filePath);
  const start = folder.endsWith(sep) ? folder : folder + sep;
  const end = start.slice(0, -1) + String.fromCharCode(sep.charCodeAt(0) + 1);
  const { name, fileName, format, filePath: path } = modelsTable;
  const found: ModelDetail['beside'] = [];
  // Folders inside come in between: they are passed over page by page, a bounded number of times.
  for (let from = start, pages = 0; pages < 10; pages += 1) {
    const rows = await db
      .select({ id: modelsTable.id, name, fileName, format, path })
      .from(modelsTable)
      .where(and(pages === 0 ? gte(path, from) : gt(path, from), lt(path, end), ne(modelsTable.id, id)))
      .orderBy(path)
      .limit(pageSize);
    const near = rows.filter((row) => dirname(row.path) === folder);
    found.push(...near.map((row) => ({ id: row.id, name: row.name, fileName: row.fileName, format: row.format })));
    const last = rows.at(-1);
    if (last === undefined || rows.length < pageSize || found.length >= most) break;
    from = last.path;
  }
  return found.slice(0, most);
}

const most = 100;
const pageSize = 200;

function historyOf({ createdAt, updatedAt, printedAt, fileModifiedAt, version }: Model): ModelDetail['history'] {
  const steps: (readonly [Date | null, ModelDetail['history'][number]['what']])[] = [
    [createdAt, 'added'],
    [version > 1 ? updatedAt : null, 'changed'],
    [printedAt, 'printed'],
    [fileModifiedAt, 'file written'],
  ];
  return steps
    .flatMap(([at, what]) => (at === null ? [] : [{ at: at.toISOString(), what }]))
    .sort((a, b) => b.at.localeCompare(a.at));
}
