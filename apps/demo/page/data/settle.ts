// What the person has chosen where two changed the same: their values are written over the others', field by field.
import type { Conflict, Edit } from '../../src/serve/contract.js';
import { type Contest, contest, edit } from './edits.js';

/** A field of a model that both changed: the model's id and the field's name. */
export function placeOf(id: string, field: string): string {
  return `${id} ${field}`;
}

/** Writes the edits once more with the fields of `mine` (places) and without the others that are contested. */
export async function settle({ edits, what, conflict }: Contest, mine: ReadonlySet<string>): Promise<void> {
  contest.value = null;
  const again = edits
    .map((each) => withoutTheirs(each, conflict, mine))
    .filter(({ id, set, metadata, tags, collections }) => id !== '' && (set ?? metadata ?? tags ?? collections));
  if (again.length > 0) await edit(again, what);
}

function withoutTheirs(each: Edit, { conflicts }: Conflict, mine: ReadonlySet<string>): Edit {
  const found = conflicts.find(({ id }) => id === each.id);
  if (found === undefined) return each;
  // It is not there any more: nothing of it can be written.
  if (found.version === null) return { id: '' };
  const theirs = found.fields.map(({ field }) => field).filter((field) => !mine.has(placeOf(each.id, field)));
  const keysOf = theirs
    .filter((field) => field.startsWith('metadata.'))
    .map((field) => field.slice('metadata.'.length));
  const { set, metadata, tags, collections } = each;
  const restSet = without(set, theirs);
  const restMetadata = metadata && {
    ...(metadata.set && { set: without(metadata.set, keysOf) ?? {} }),
    ...(metadata.remove && { remove: metadata.remove.filter((key) => !keysOf.includes(key)) }),
  };
  return {
    id: each.id,
    ifVersion: found.version,
    ...(restSet && { set: restSet }),
    ...(restMetadata && { metadata: restMetadata }),
    ...(tags && !theirs.includes('tags') && { tags }),
    ...(collections && !theirs.includes('collections') && { collections }),
  };
}

/** The record without these keys; undefined when nothing is left of it. */
function without<T extends object>(record: T | undefined, keys: readonly string[]): T | undefined {
  if (record === undefined) return undefined;
  const rest = Object.entries(record).filter(([key]) => !keys.includes(key));
  return rest.length === 0 ? undefined : (Object.fromEntries(rest) as T);
}
