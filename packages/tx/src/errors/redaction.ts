// Takes out of messages what must not be in them: values that the engine echoes, tokens and passwords.
import type { Symptom } from './driver-error.js';
import { isEngineWord } from './engine-words.js';

/** Returns `text` without tokens and without the user and password of URLs. */
export function withoutSecrets(text: string): string {
  if (!suspicious.test(text)) return text;
  return secrets.reduce((cleaned, [pattern, replacement]) => cleaned.replace(pattern, replacement), text);
}

/** An SQL text, or the name of a call, as messages tell it: in one line, not longer than is read, without secrets. */
export function shortened(operation: string): string {
  const oneLine = withoutSecrets(operation).replace(/\s+/g, ' ').trim();
  return oneLine.length > 300 ? `${oneLine.slice(0, 300)}…` : oneLine;
}

/**
 * Returns the message of a symptom without the values that it repeats, bound now or stored before, whole or a part that the engine has cut
 * out. Which message of which function of the engine does so cannot be listed; so what passes is what is known to be no
 * value: the engine's own words, and what stands in the SQL text of `operation`.
 */
export function withoutValues({ code, message, quotesSql }: Symptom, operation: string): string {
  if (quotesSql || namesRule.test(code) || holdsNoValue.test(message)) return message;
  // Only the functions of pragmas take the name of a table as a value.
  if (missingTable.test(message) && !/\bpragma_/i.test(operation)) return message;
  // A name with its table is told without the quotes that drizzle puts around each of the two.
  const plainSql = operation.replace(nameQuotes, '');
  const inSql = (text: string): boolean =>
    operation.includes(text) || operation.includes(withoutQuotes(text)) || plainSql.includes(text);
  const named = message.replace(asked, (whole, start: string, value: string) => (inSql(value) ? whole : `${start}…`));
  if (!toldByEngine.test(code)) return named;
  const unquoted = quotations.every((quotation) => (named.match(quotation) ?? []).every(inSql))
    ? named
    : named.replace(widestQuotation, (whole, quote: string) => (inSql(whole) ? whole : `${quote}…${quote}`));
  return unquoted.replace(words, (word) => (isPlain(word) || inSql(word) ? word : '…'));
}

const nameQuotes = /["`[\]]/g;

/** ALTER TABLE puts a name between quotes that had none. */
function withoutQuotes(text: string): string {
  return text.replace(/^(["'])(.*)\1$/s, '$2');
}

/** Positions and sizes are told in numbers, and no bound number is so short that it would tell anything. */
function isPlain(word: string): boolean {
  return isEngineWord(word) || /^\d{1,4}(?:st|nd|rd|th)?$/.test(word);
}

/** Broken rules are told by the names of the schema, or in the words of RAISE(). */
const namesRule = /^SQLITE_(?:CONSTRAINT|MISMATCH)/;

/** A server of several passes the words of another on. */
const toldByEngine = /^(?:SQL|PROXY_ERROR$|GRPC_PermissionDenied$)/;

/** Messages about what stands in the schema, which a statement of another text may meet, of the file that is opened, and of the disk. */
const holdsNoValue =
  /^Unable to open connection to |^error in (?:table|view|trigger|index|generated column) |^foreign key mismatch - |^no such collation sequence: |^malformed database schema |^view [^]+ is circularly defined$|^variable number must be between |^file is not a database$|^disk I\/O error$|^attempt to write a readonly database$|^SQL logic error$|^interrupted$|^cannot start a transaction within a transaction$/;

const missingTable = /^no such table: /;

/** What was asked for and is not there is told behind a colon, as it was given. */
const asked = /((?:\b(?:no such|unknown|unable to open|parse error in|fts5:) [^:'"]*|\bbad JSON path): )([^]+)$/;

const quotations: readonly RegExp[] = [/"[^"]*"/g, /'[^']*'/g];

/** A value may hold quotes itself. */
const widestQuotation = /(["'])[^]*\1/;

const words = /[^\s!-/:-@[-^`{-~…]+/g;

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
