// Takes out of messages what must not be in them: bound values that the engine echoes, tokens and passwords.

/** Returns `text` without tokens and without the user and password of URLs. */
export function withoutSecrets(text: string): string {
  if (!suspicious.test(text)) return text;
  return secrets.reduce((cleaned, [pattern, replacement]) => cleaned.replace(pattern, replacement), text);
}

/** Returns `message` without the bound values that it repeats. What stands in the SQL text of `operation` is no value. */
export function withoutValues(message: string, operation: string): string {
  const echo = echoes.find((pattern) => pattern.test(message));
  if (!echo) return message;
  return message.replace(echo, (whole: string, value: string) =>
    // ALTER TABLE puts a name between quotes that had none.
    operation.includes(value) || operation.includes(value.replace(/^"(.*)"$/s, '$1'))
      ? whole
      : whole.replace(value, '…'),
  );
}

const suspicious = /bearer|token|:\/\/|eyJ/i;

const secrets: readonly (readonly [pattern: RegExp, replacement: string])[] = [
  // Tokens with characters that no header can carry are quoted whole in the message that refuses them.
  [/("bearer ).*?("|$)/gis, '$1…$2'],
  [/\b(bearer )[^\s"…]+/gi, '$1…'],
  // In a URL; `where token = ?` is SQL.
  [/([?&](?:auth_?)?token=|\bauth_?token=)[^&\s"'`?:@$]+/gi, '$1…'],
  [/(:\/\/)[^/\s"'`@]+@/g, '$1…@'],
  [/\beyJ[\w-]+\.[\w-]+\.[\w-]*/g, '…'],
];

/** Messages of the engine that quote what a statement was given, not only what it says. */
const echoes: readonly RegExp[] = [
  /fts5: syntax error near "([^]+)"/,
  /fts5: (?:unknown|no such) [^:]*: ([^]+)/,
  // A search text 'x:y' asks for the column x.
  /no such column: ([^]+?)(?: \(at offset \d+\))?$/,
  /bad JSON path: '?([^]+?)'?$/,
  /JSON path error near '([^]+)'/,
  /unable to open database: ([^]+)/,
  /unknown special query: ([^]+)/,
];
