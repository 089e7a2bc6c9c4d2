// A metadata value as its three columns and back, for the contenders that do without the repositories.
import type { MetadataValue, MetadataValueType } from '@cc/schema';

/** `value_type`, `value_text` and `value_number`. */
export function storedValue(
  value: MetadataValue,
): readonly [type: MetadataValueType, text: string | null, number: number | null] {
  switch (typeof value) {
    case 'string':
      return ['text', value, null];
    case 'number':
      return ['number', null, value];
    case 'boolean':
      return ['boolean', null, value ? 1 : 0];
    default:
      return value === null ? ['null', null, null] : ['json', JSON.stringify(value), null];
  }
}

/** The value of three columns. */
export function valueOf(type: MetadataValueType, text: string | null, number: number | null): MetadataValue {
  switch (type) {
    case 'text':
      return text ?? '';
    case 'number':
      return number ?? 0;
    case 'boolean':
      return number === 1;
    case 'null':
      return null;
    case 'json':
      // Written by storedValue.
      return JSON.parse(text ?? 'null') as MetadataValue;
  }
}
