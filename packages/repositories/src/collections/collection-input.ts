// What callers hand in for collections, checked before any SQL runs.
import { isBlank, textLimits } from '@cc/schema/validation';
import { isCollectionId, isStorable, refuseUnknownKeys } from '../checks.js';
import type { CollectionPatch } from '../contract/collections.js';

/** Returns `id` when it can be the id of a collection. @throws TypeError */
export function checkId(id: unknown): string {
  if (isCollectionId(id)) return id;
  throw new TypeError('id must be the id of a collection');
}

/** Fields of a collection after their checks; absent ones are undefined. */
export interface CheckedCollection {
  readonly name: string | undefined;
  readonly parentId: string | null | undefined;
  readonly description: string | null | undefined;
}

/** Returns the fields of `input`. @throws TypeError that names the wrong one */
export function checkInput(input: CollectionPatch): CheckedCollection {
  if (typeof input !== 'object' || input === null) throw new TypeError('collection must be an object');
  refuseUnknownKeys('collection', input, ['name', 'parentId', 'description']);
  const { parentId, description } = input;
  // Composed, so that a name is one name however its accents were typed.
  const name = typeof input.name === 'string' ? input.name.normalize('NFC') : input.name;
  if (name !== undefined && (!isText(name, textLimits.name) || name.trim() === '')) {
    throw new TypeError(`collection.name must be a text of 1 to ${textLimits.name} characters`);
  }
  if (name !== undefined && isBlank(name)) {
    throw new TypeError('collection.name must have a sign that can be seen: this one has invisible characters only');
  }
  if (parentId != null) checkId(parentId);
  if (description != null && !isText(description, textLimits.description)) {
    throw new TypeError(`collection.description must be a text of at most ${textLimits.description} characters`);
  }
  return { name, parentId, description };
}

function isText(value: unknown, maxLength: number): value is string {
  return typeof value === 'string' && value.length <= maxLength && isStorable(value);
}
