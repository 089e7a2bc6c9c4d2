// The tags of the old database: one text with all of a model, as a JSON array, a list of Python, or names between commas.
import { parseNewTagName, tagKey } from '@cc/schema/validation';

/** The tags in a text. */
export interface OldTags {
  readonly tags: readonly string[];
  /** How many items are no tags: too long, or not a name. */
  readonly refused: number;
  /** Whether a name was changed: line breaks became spaces. */
  readonly changed: boolean;
}

/** Reads the tags of a text, each once, in their order. */
export function tagsOf(text: string): OldTags {
  const tags = new Map<string, string>();
  let [refused, changed] = [0, false];
  for (const item of itemsOf(text)) {
    const given = typeof item === 'number' || typeof item === 'boolean' ? String(item) : item;
    if (typeof given === 'string' && given.trim() === '') continue;
    const name = typeof given === 'string' ? nameOf(given) : null;
    if (name === null) refused += 1;
    else {
      if (name !== String(given).trim()) changed = true;
      const key = tagKey(name);
      if (!tags.has(key)) tags.set(key, name);
    }
  }
  return { tags: [...tags.values()], refused, changed };
}

function nameOf(given: string): string | null {
  const oneLine = given
    .toWellFormed()
    .replaceAll('\0', '\ufffd')
    .replace(/(?<!\s)\s*[\n\r]\s*/g, ' ');
  try {
    return parseNewTagName(oneLine);
  } catch (error) {
    if (error instanceof TypeError) return null;
    throw error;
  }
}

function itemsOf(text: string): readonly unknown[] {
  const trimmed = text.trim();
  const list = /^[[{(](.*)[\]})]$/s.exec(trimmed);
  if (list === null && !trimmed.startsWith('"')) return trimmed.split(/[,;\n\r]/);
  const parsed = parsedJson(trimmed);
  if (typeof parsed === 'string') return parsed.split(/[,;\n\r]/);
  if (Array.isArray(parsed)) return parsed;
  const inner = list?.[1] ?? trimmed;
  return quotedItems(inner) ?? inner.split(/[,;\n\r]/).map((item) => item.trim().replace(/^(["'])(.*)\1$/s, '$2'));
}

function parsedJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}

/** The items of a Python list: texts in either kind of quotes, with backslashes before quotes. */
function quotedItems(inner: string): readonly string[] | null {
  const item = /\s*(?:'((?:[^'\\]|\\.)*)'|"((?:[^"\\]|\\.)*)")\s*(?:,|$)/sy;
  const items: string[] = [];
  while (item.lastIndex < inner.length) {
    const match = item.exec(inner);
    if (match === null) return null;
    items.push((match[1] ?? match[2] ?? '').replace(/\\(['"\\])/g, '$1'));
  }
  return items;
}
