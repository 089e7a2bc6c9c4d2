// What the names in a database may not do to the terminal of whoever looks at it.

/** A text whose lines and tabs are kept, and in which all else that steers a terminal is written out, as JSON writes it. */
export function harmless(text: string): string {
  return text.replace(/[^\n\t\P{Cc}]|[\p{Zl}\p{Zp}\u202a-\u202e\u2066-\u2069]/gu, (sign) => {
    const code = sign.codePointAt(0) ?? 0;
    return `\\u${code.toString(16).padStart(4, '0')}`;
  });
}
