// What a person gives a model: a rating, a mark, a status, metadata.
import { type MetadataValue, type ModelId, type ModelStatus, modelStatuses } from '@cc/schema';
import { type ModelPatch, nearestName } from '@cc/schema/validation';
import { InvalidArgumentError } from 'commander';
import { Refused } from '../failure.js';
import type { Library } from '../library.js';
import { NoSuchModel } from '../model-reference.js';
import type { Output } from '../output.js';
import { columns, didYouMean, visible } from '../terminal.js';
import { oneOfNames } from './flag-values.js';

/** Changes fields of a model and shows them. */
export async function updateCommand(library: Library, id: ModelId, patch: ModelPatch, output: Output): Promise<number> {
  if (!(await library.repositories.models.update(id, patch))) throw new NoSuchModel(`The model ${id} was removed.`);
  output.answer({ id, ...patch }, () =>
    Object.entries(patch).map(([field, value]) => `${field}: ${value === null ? 'none' : String(value)}`),
  );
  return 0;
}

/** Shows the metadata of a model, or one value. Returns 1 when there is no such key. */
export async function metaGetCommand(
  library: Library,
  id: ModelId,
  key: string | undefined,
  output: Output,
): Promise<number> {
  const all = await library.repositories.metadata.getMetadata(id);
  if (key === undefined) {
    output.answer({ id, metadata: all }, () =>
      columns(Object.entries(all).map(([name, value]) => [name, JSON.stringify(value)])),
    );
    return 0;
  }
  if (!Object.hasOwn(all, key)) {
    const near = didYouMean(nearestName(key, Object.keys(all)));
    throw new Refused(`The model has no metadata ${visible(key)}; without a key all are shown.${near}`);
  }
  output.answer({ id, key, value: all[key] ?? null }, () => [JSON.stringify(all[key] ?? null)]);
  return 0;
}

/** Sets one value. */
export async function metaSetCommand(
  library: Library,
  id: ModelId,
  [key, value]: readonly [key: string, value: MetadataValue],
  output: Output,
): Promise<number> {
  await library.repositories.metadata.setMetadataValue(id, key, value);
  output.answer({ id, key, value }, () => [`${visible(key)}: ${JSON.stringify(value)}`]);
  return 0;
}

/** Removes one value. */
export async function metaUnsetCommand(library: Library, id: ModelId, key: string, output: Output): Promise<number> {
  const removed = await library.repositories.metadata.deleteMetadata(id, key);
  output.answer({ id, key, removed: removed > 0 }, () => [
    removed > 0 ? `${visible(key)} is removed` : `There was no ${visible(key)}`,
  ]);
  return 0;
}

/** A rating from 1 to 5, or null for 0 and none. */
export function parseRating(text: string): number | null {
  if (/^(?:0|none)$/.test(text)) return null;
  if (/^[1-5]$/.test(text)) return Number(text);
  throw new InvalidArgumentError('It must be a whole number from 1 to 5, or none.');
}

/** A status that people give: a model is missing by its file alone. */
export function parseStatus(text: string): ModelStatus {
  return oneOfNames(
    text,
    modelStatuses.filter((status) => status !== 'missing'),
  );
}
