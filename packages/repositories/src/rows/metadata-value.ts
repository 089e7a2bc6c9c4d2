// A metadata value as columns and back. The type is kept in a column of its own, so 1, '1', true and null stay apart.
import type { MetadataValue, MetadataValueType } from '@cc/schema';
import { DatabaseError } from '@cc/tx/errors';

/** The columns of one value. */
export interface ValueColumns {
  readonly valueType: MetadataValueType;
  readonly valueText: string | null;
  readonly valueNumber: number | null;
}

/** Returns the columns that keep `value`. */
export function toColumns(value: MetadataValue): ValueColumns {
  switch (typeof value) {
    case 'string':
      return { valueType: 'text', valueText: value, valueNumber: null };
    case 'number':
      // SQLite stores -0.0 as 0; JSON can say it.
      if (Object.is(value, -0)) return { valueType: 'json', valueText: '-0', valueNumber: null };
      return { valueType: 'number', valueText: null, valueNumber: value };
    case 'boolean':
      return { valueType: 'boolean', valueText: null, valueNumber: value ? 1 : 0 };
    default:
      if (value === null) return { valueType: 'null', valueText: null, valueNumber: null };
      return { valueType: 'json', valueText: JSON.stringify(value), valueNumber: null };
  }
}

/** Returns the value that `toColumns` made these columns of. @throws DatabaseError `METADATA_UNREADABLE` for JSON that is none */
export function fromColumns(type: unknown, text: unknown, number: unknown): MetadataValue {
  switch (type) {
    case 'text':
      return String(text);
    case 'number':
      return Number(number);
    case 'boolean':
      return Number(number) === 1;
    case 'null':
      return null;
    default:
      return fromJson(String(text));
  }
}

/** Of toColumns, or of another program: the table takes any text. */
function fromJson(text: string): MetadataValue {
  try {
    return JSON.parse(text) as MetadataValue;
  } catch (cause) {
    throw new DatabaseError('A metadata value of type json is no JSON', {
      type: 'integrity',
      code: 'METADATA_UNREADABLE',
      operation: 'metadata.getMetadata',
      hint: `Another program wrote it: set it anew or delete it. select model_seq, metadata_key from model_metadata where value_type = 'json' and not json_valid(value_text) lists such values`,
      cause,
    });
  }
}

/** Sets `record[key]`, also for the one key that assignment would treat as the prototype. */
export function setValue(record: Record<string, MetadataValue>, key: string, value: MetadataValue): void {
  if (key !== '__proto__') record[key] = value;
  else Object.defineProperty(record, key, { value, enumerable: true, configurable: true, writable: true });
}
