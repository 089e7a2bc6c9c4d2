// What an adoption has to say about single rows: what was changed on the way, and what was not taken, each with its reason.

/** What was changed, as the reason that people read. */
export const changes = {
  'bytes replaced': 'bytes that are no text, or NUL characters, became \ufffd',
  'type converted': 'a value of another type was read as what its column means',
  'kept as metadata': 'a value that its field cannot hold is kept whole among the metadata',
  'text cut': 'a text longer than its field is cut there, and kept whole among the metadata',
  'path resolved': 'a path that was relative, or had detours, is absolute now',
  'name from file': 'a model without a name has that of its file',
  'format from file': 'a format that was missing is that of the path',
  'hash unknown': 'no hash of the content was noted: an import of its folder finds it',
  'size unknown': 'no size was noted: an import of its folder finds it',
  'date unknown': 'no date can be read: it counts as added now',
  unrated: 'a rating of 0, which the old program wrote for everything, is none',
  'tag on one line': 'line breaks in a tag became spaces',
  'library has its own':
    'the model is in the library with another value, which stays; the old one is kept as adopted_…',
} as const;

/** Why something was not taken, as the reason that people read. */
export const refusals = {
  'no path': 'a model without a path to its file',
  'path too long': 'a path of more than 4,096 characters',
  'same path': 'another model of the old file has the path, and comes first',
  'not storable': 'a model that the library cannot hold',
  'no such model': 'metadata of a model that is not there',
  'no key': 'metadata without a key, or with one of more than 200 characters',
  'later value': 'metadata of which the model has a later value under the same key',
  'too long': 'a value of more than 1,000,000 characters',
  binary: 'a value that is no text',
  'not a tag': 'a tag that is no name, or has more than 200 characters',
} as const;

/** A kind of change. */
export type Change = keyof typeof changes;
/** A kind of refusal. */
export type Refusal = keyof typeof refusals;

/** Something about one row. */
export type Remark = {
  readonly table: 'models' | 'model_metadata';
  readonly row: string;
  readonly column: string | null;
} & ({ readonly what: 'changed'; readonly kind: Change } | { readonly what: 'refused'; readonly kind: Refusal });

/** Collects the remarks about one row. */
export interface RemarkList {
  changed(kind: Change, column?: string | null): void;
  refused(kind: Refusal, column?: string | null): void;
}

/** Makes a collector for a row. */
export function remarksOn(table: Remark['table'], row: string, into: Remark[]): RemarkList {
  return {
    changed: (kind, column = null) => void into.push({ table, row, column, what: 'changed', kind }),
    refused: (kind, column = null) => void into.push({ table, row, column, what: 'refused', kind }),
  };
}
