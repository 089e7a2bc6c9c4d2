// What an old model gives to one that an import has taken in already: what the library does not know. What it knows otherwise
// stays, and the old value is kept beside it.

import type { Repositories } from '@cc/repositories';
import type { MetadataValue, Model } from '@cc/schema';
import { type ModelPatch, tagKey } from '@cc/schema/validation';
import { nameOf } from '../importing/model-input.js';
import type { RemarkList } from './remarks.js';
import type { Translated } from './translate.js';

/** The model of the library, with what belongs to it. */
export interface Present {
  readonly model: Model;
  readonly tags: readonly string[];
  readonly metadata: Readonly<Record<string, MetadataValue>>;
}

/** Joins the two; with `dryRun` only says what the library has otherwise. */
export async function joinModel(
  { models, tags, metadata }: Repositories,
  old: Translated,
  present: Present,
  { dryRun, on }: { readonly dryRun: boolean; readonly on: RemarkList },
): Promise<void> {
  const { id } = present.model;
  const { patch, others } = filled(old, present.model);
  const values = new Map<string, MetadataValue>();
  const put = (key: string, value: MetadataValue): void => {
    const own = Object.hasOwn(present.metadata, key) ? present.metadata[key] : undefined;
    if (own === undefined) values.set(key, value);
    else if (JSON.stringify(own) !== JSON.stringify(value)) others.set(key, value);
  };
  for (const [key, value] of Object.entries(old.metadata)) put(key, value);
  for (const [key, value] of others) {
    on.changed('library has its own', key);
    values.set(`adopted_${key}`.slice(0, 200), value);
  }
  if (dryRun) return;
  if (Object.keys(patch).length > 0) await models.update(id, patch);
  const known = new Set(present.tags.map(tagKey));
  for (const tag of old.tags) if (!known.has(tagKey(tag))) await tags.tag(id, tag);
  await metadata.updateMetadata(id, Object.fromEntries(values));
}

/** What people give a model, in the order in which it is told. */
const given = ['description', 'author', 'license', 'sourceUrl', 'rating', 'printedAt'] as const;

/** The fields that the library has not, and the old values of those that it has otherwise. */
function filled(
  { model: old, isNamed }: Translated,
  model: Model,
): { readonly patch: ModelPatch; readonly others: Map<string, MetadataValue> } {
  const others = new Map<string, MetadataValue>();
  const patch: Record<string, unknown> = {};
  // A name that an import gave is nobody's choice.
  if (isNamed && old.name !== model.name) {
    if (model.name === nameOf(model.fileName)) patch['name'] = old.name;
    else others.set('name', old.name);
  }
  for (const field of given) {
    const value = old[field] ?? null;
    if (value === null) continue;
    if (model[field] === null) patch[field] = value;
    else if (Number(value) !== Number(model[field]) && value !== model[field]) others.set(field, asValue(value));
  }
  if (old.favorite === true && !model.favorite) patch['favorite'] = true;
  if (old.createdAt.getTime() !== model.createdAt.getTime()) others.set('created_at', asValue(old.createdAt));
  return { patch, others };
}

function asValue(value: string | number | Date): MetadataValue {
  return value instanceof Date ? value.toISOString() : value;
}
