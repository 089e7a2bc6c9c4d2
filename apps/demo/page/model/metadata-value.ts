// Metadata values in a form: each type has its own field, so that 1, "1" and true stay three values.

/** The types that a value can have. */
export const valueTypes = ['text', 'number', 'boolean', 'null', 'json'] as const;

/** One of `valueTypes`. */
export type ValueType = (typeof valueTypes)[number];

/** A value as a person reads it. */
export function valueText(value: unknown): string {
  if (value === null) return 'nothing';
  if (typeof value === 'boolean') return value ? 'yes' : 'no';
  return typeof value === 'object' ? JSON.stringify(value) : String(value);
}

/** What a form field holds of a value. */
export function fieldText(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value);
}

/** The value that a form means, or why it means none. */
export function parseValue(type: ValueType, text: string): { readonly value: unknown } | { readonly wrong: string } {
  if (type === 'null') return { value: null };
  if (type === 'boolean') return { value: text === 'true' };
  if (type === 'text') return { value: text };
  if (type === 'number') {
    const value = Number(text);
    return text.trim() === '' || !Number.isFinite(value) ? { wrong: 'Not a number.' } : { value };
  }
  try {
    return { value: JSON.parse(text) as unknown };
  } catch {
    // The parser's words name places that nobody counts.
    return { wrong: 'Not JSON: texts in it need "quotation marks".' };
  }
}
