// Where the texts that begin alike end, in the order of SQLite: by code points, or with ASCII letters in lower case.
import { type SQL, type SQLWrapper, sql } from 'drizzle-orm';

/** Returns the first text after all that begin with `prefix`; null when there is none. */
export function afterPrefix(prefix: string): string | null {
  const characters = Array.from(prefix);
  for (let last = characters.pop(); last !== undefined; last = characters.pop()) {
    const code = last.codePointAt(0) ?? 0;
    if (code === lastCode) continue;
    // There are no characters between the two: the halves of others.
    return characters.join('') + String.fromCodePoint(code === 0xd7ff ? 0xe000 : code + 1);
  }
  return null;
}

/** Returns the same in the order of NOCASE, where the sign before A is followed by the one after Z. */
export function afterPrefixNocase(prefix: string): string | null {
  const end = afterPrefix(prefix.replace(/[A-Z]/g, (letter) => letter.toLowerCase()));
  return end?.endsWith('A') ? `${end.slice(0, -1)}[` : (end ?? null);
}

/** Returns what is true for `text` before the end that is bound under `name`; null there means no end. */
export function isBefore(text: SQLWrapper, name: string): SQL {
  // Every text is before every blob.
  return sql`${text} < coalesce(${sql.placeholder(name)}, x'')`;
}

const lastCode = 0x10ffff;
