// One item of createMany, checked: the model with its metadata and tags, in the form in which they are written.
import type { ModelId } from '@cc/schema';
import {
  holdsValues,
  type ModelInput,
  parseMetadataKey,
  parseMetadataValue,
  parseModelInput,
  parseNewTagName,
  tagKey,
} from '@cc/schema/validation';
import { checkObject, refuseUnknownKeys } from '../../checks.js';
import type { NewModel } from '../../contract/models.js';
import { toColumns, type ValueColumns } from '../../rows/metadata-value.js';

/** One checked item. */
export interface CheckedItem {
  readonly index: number;
  readonly id: ModelId;
  readonly model: ModelInput;
  readonly metadata: readonly NewValue[];
  /** First spellings by key. */
  readonly tags: ReadonlyMap<string, string>;
  /** UTF-16 code units of its long texts. */
  readonly chars: number;
}

interface NewValue extends ValueColumns {
  readonly key: string;
}

/** Returns `item` checked, with an id. @throws TypeError that names the index and the field */
export function checkItem(item: NewModel, index: number, newId: () => ModelId): CheckedItem {
  try {
    refuseUnknownKeys('item', checkObject('item', item), itemKeys);
    const model = parseModelInput(item.model);
    const metadata = checkMetadata(item.metadata);
    let chars = model.description?.length ?? 0;
    for (const value of metadata) chars += value.valueText?.length ?? 0;
    return {
      index,
      id: model.id ?? newId(),
      model,
      metadata,
      tags: item.tags === undefined ? noTags : checkTags(item.tags),
      chars,
    };
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
    throw new TypeError(`item ${index}: ${error.message}`, { cause: error });
  }
}

const itemKeys: readonly string[] = ['model', 'metadata', 'tags'];
const noTags: ReadonlyMap<string, string> = new Map();

function checkMetadata(metadata: NewModel['metadata']): readonly NewValue[] {
  if (metadata === undefined) return [];
  if (!holdsValues(metadata)) {
    throw new TypeError('metadata must be an object of values by key');
  }
  const values: NewValue[] = [];
  for (const [key, value] of Object.entries(metadata)) {
    const { valueType, valueText, valueNumber } = toColumns(parseMetadataValue(value));
    values.push({ key: parseMetadataKey(key), valueType, valueText, valueNumber });
  }
  return values;
}

function checkTags(given: readonly string[]): ReadonlyMap<string, string> {
  if (!Array.isArray(given)) throw new TypeError('tags must be a list of names');
  const tags = new Map<string, string>();
  for (const tag of given) {
    const name = parseNewTagName(tag);
    const key = tagKey(name);
    if (!tags.has(key)) tags.set(key, name);
  }
  return tags;
}
