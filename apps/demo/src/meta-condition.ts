// A condition on metadata as people type it, behind `--meta` and in the field of the page: 'key', 'key=0.2', 'key>=3', 'key^=beginning'.
import type { MetadataCriterion } from '@cc/repositories';
import type { MetadataValue } from '@cc/schema';

/** Returns the condition, or what is wrong with the text as a sentence. */
export function parseCondition(typed: string): MetadataCriterion | string {
  const [, key = typed, op, text = ''] = /^([^=<>^]+)(\^=|>=|<=|=|>|<)(.*)$/s.exec(typed) ?? [];
  if (!/^[^=<>^]*[^=<>^\s]/.test(typed)) return 'It must begin with a key.';
  if (op === undefined) return { key, op: 'exists' };
  if (op === '^=') return { key, op: 'prefix', value: text };
  const value = parseValue(text);
  if (op === '=' && (value === null || typeof value !== 'object')) return { key, op, value };
  if (op !== '=' && (typeof value === 'number' || typeof value === 'string')) {
    return { key, op: op as '>' | '>=' | '<' | '<=', value };
  }
  return 'It must compare with a number or a text; = also with true, false and null.';
}

/** A value as it is typed: numbers, true, false, null, lists and objects as JSON has them, anything else a text. */
export function parseValue(text: string): MetadataValue {
  if (!/^(?:-?\d|true$|false$|null$|[[{"])/.test(text)) return text;
  try {
    const value: MetadataValue = JSON.parse(text);
    // What does not come back as it was typed (a part number with 20 digits) is a text.
    return typeof value === 'number' && String(value) !== text ? text : value;
  } catch {
    return text;
  }
}
