// Turns models into what the page is sent of them.
import type { Highlight, SearchHit } from '@cc/repositories';
import type { Model } from '@cc/schema';
import { tagKey } from '@cc/schema/validation';
import type { Library } from '../library.js';
import type { ModelCard } from './contract.js';

/** The cards of models, in their order; the tags of all are read at once. */
export async function cardsOf({ repositories: { tags } }: Library, models: readonly Model[]): Promise<ModelCard[]> {
  const tagsOf = await tags.getTagsOfMany(models.map(({ id }) => id));
  return models.map((model) => cardOf(model, tagsOf.get(model.id) ?? []));
}

/** The cards of hits. Where words were found, the tags are among what was looked through: nothing more is asked. */
export async function cardsOfHits(library: Library, hits: readonly SearchHit[]): Promise<ModelCard[]> {
  if (hits.some(({ highlight }) => highlight === null))
    return cardsOf(
      library,
      hits.map(({ model }) => model),
    );
  return hits.map(({ model, highlight }) => cardOf(model, highlight === null ? [] : tagsIn(highlight), highlight));
}

/** The names, a line each, in the order that tags have. */
function tagsIn({ tags }: Highlight): readonly string[] {
  const text = tags.map((part) => part.text).join('');
  if (text === '') return [];
  const names = text.split('\n');
  if (names.length === 1) return names;
  const keyed = names.map((name) => ({ name, key: tagKey(name) }));
  return keyed.sort((a, b) => (a.key < b.key ? -1 : 1)).map(({ name }) => name);
}

/** One card. */
export function cardOf(model: Model, tags: readonly string[], highlight: SearchHit['highlight'] = null): ModelCard {
  const { min, max } = boxOf(model);
  // Name by name: a hundred cards are made for an answer, and in its profile spreading them was a twentieth of the time.
  return {
    id: model.id,
    version: model.version,
    name: model.name,
    fileName: model.fileName,
    format: model.format,
    fileSize: model.fileSize,
    status: model.status,
    parseStatus: model.parseStatus,
    rating: model.rating,
    favorite: model.favorite,
    triangles: model.triangles,
    unit: model.unit,
    size: min === null || max === null ? null : sidesOf(min, max),
    printedAt: model.printedAt?.toISOString() ?? null,
    createdAt: model.createdAt.toISOString(),
    updatedAt: model.updatedAt.toISOString(),
    tags: [...tags],
    pictureUrl: addressOf(model, 'picture'),
    highlight: highlight && {
      name: [...highlight.name],
      fileName: [...highlight.fileName],
      description: [...highlight.description],
      tags: [...highlight.tags],
    },
  };
}

/** Where something of a model's content is had; the address is another one for other content. */
export function addressOf({ id, fileHash }: Model, what: 'picture' | 'file'): string {
  return `/api/models/${id}/${what}?v=${encodeURIComponent(fileHash)}`;
}

type Corner = [number, number, number];

/** The corners of a model's box; null where nothing was measured. */
export function boxOf({ minX, minY, minZ, maxX, maxY, maxZ }: Model): { min: Corner | null; max: Corner | null } {
  if (minX === null || minY === null || minZ === null) return { min: null, max: null };
  if (maxX === null || maxY === null || maxZ === null) return { min: null, max: null };
  return { min: [minX, minY, minZ], max: [maxX, maxY, maxZ] };
}

function sidesOf([minX, minY, minZ]: Corner, [maxX, maxY, maxZ]: Corner): Corner {
  return [maxX - minX, maxY - minY, maxZ - minZ];
}
