// What a statement does and to which tables, as the conventions of OpenTelemetry name it. Read from its fingerprint, which has
// neither literals nor comments, and of names only in the places where a table stands: nothing else may be shown.
// https://opentelemetry.io/docs/specs/semconv/database/database-spans/#generating-a-summary-of-the-query
import { fingerprint } from './fingerprint.js';
import { foldName } from './fold-name.js';

/** A statement in few words. */
export interface StatementSummary {
  /** Such as `SELECT`; `OTHER` for what SQLite does not know. */
  readonly operation: string;
  /** Tables in the order in which they first stand, as they are written, without quotes. */
  readonly tables: readonly string[];
  /** The operation and the tables. */
  readonly text: string;
}

/** Returns the summary of `sql`. Reads what `fingerprint` reads. */
export function summaryOf(sql: string): StatementSummary {
  const words = (fingerprint(sql).match(word) ?? []).map((text) => ({ text, key: foldName(text) }));
  const operation = operationOf(words);
  const tables = rows.has(operation) ? tablesOf(words) : [];
  return { operation, tables, text: textOf(operation, tables) };
}

interface Word {
  readonly text: string;
  readonly key: string;
}

/** Quoted names, names and keywords, and each other sign by itself. */
const word = /"(?:[^"]|"")*"?|`(?:[^`]|``)*`?|\[[^\]]*\]?|[A-Za-z_\u0080-\uffff][\w$\u0080-\uffff]*|\S/g;

const rows: ReadonlySet<string> = new Set(['SELECT', 'INSERT', 'UPDATE', 'DELETE', 'REPLACE', 'VALUES']);

/** What statements begin with; of anything else the first word may be a value. */
const operations: ReadonlySet<string> = new Set([
  ...rows,
  ...['CREATE', 'DROP', 'ALTER', 'PRAGMA', 'BEGIN', 'COMMIT', 'END', 'ROLLBACK', 'SAVEPOINT', 'RELEASE'],
  ...['ANALYZE', 'REINDEX', 'VACUUM', 'EXPLAIN', 'ATTACH', 'DETACH'],
]);

function operationOf(words: readonly Word[]): string {
  let [first] = words;
  if (first?.key === 'with') {
    // Behind the common tables, which stand in parentheses.
    let depth = 0;
    first = words.find(({ text, key }) => {
      depth += Number(text === '(') - Number(text === ')');
      return depth === 0 && rows.has(key.toUpperCase());
    });
  }
  const name = first?.key.toUpperCase() ?? '';
  return operations.has(name) ? name : 'OTHER';
}

function tablesOf(words: readonly Word[]): string[] {
  const tables = new Map<string, string>();
  const common = commonTables(words);
  // Whether a comma goes on with another table, for each parenthesis that is open.
  const isListed: boolean[] = [false];
  words.forEach(({ text, key }, i) => {
    if (text === '(') isListed.push(false);
    else if (text === ')') isListed.pop();
    else if (ends.has(key)) isListed[isListed.length - 1] = false;
    if (!introduces(words, i) && !(text === ',' && isListed.at(-1) === true)) return;
    if (key === 'from') isListed[isListed.length - 1] = true;
    const name = nameAt(words, i + 1);
    if (name !== null && !common.has(foldName(name))) tables.set(foldName(name), name);
  });
  return [...tables.values()];
}

/** Words behind which no table of a FROM comes any more. */
const ends: ReadonlySet<string> = new Set([
  ...['where', 'group', 'order', 'having', 'limit', 'window', 'union', 'except', 'intersect'],
  ...['select', 'set', 'returning'],
]);

/** Whether a table stands behind the word at `i`. */
function introduces(words: readonly Word[], i: number): boolean {
  const [key, before, next] = [words[i]?.key ?? '', words[i - 1]?.key ?? '', words[i + 1]?.key ?? ''];
  // `a IS DISTINCT FROM b` compares.
  if (key === 'from') return before !== 'distinct';
  if (key === 'join' || key === 'into') return true;
  // `UPDATE OR IGNORE parts`, but neither `DO UPDATE SET` nor `ON UPDATE`.
  if (key === 'update') return before !== 'do' && before !== 'on' && next !== 'or';
  return words[i - 1]?.key === 'or' && words[i - 2]?.key === 'update';
}

/** The table that is named at `i`; null for a subquery and for a function that makes rows. */
function nameAt(words: readonly Word[], i: number): string | null {
  const [first, point, second] = [words[i], words[i + 1], words[i + 2]];
  if (first === undefined || !isName(first)) return null;
  const isQualified = point?.text === '.' && second !== undefined && isName(second);
  const table = isQualified ? second : first;
  if (words[i + (isQualified ? 3 : 1)]?.text === '(' && words[i - 1]?.key !== 'into') return null;
  const isMain = !isQualified || foldName(unquoted(first.text)) === 'main';
  return isMain ? unquoted(table.text) : `${unquoted(first.text)}.${unquoted(table.text)}`;
}

function isName({ text }: Word): boolean {
  return /^["`[A-Za-z_\u0080-\uffff]/.test(text);
}

function unquoted(name: string): string {
  const quote = name[0];
  if (quote === '[') return name.slice(1).replace(/\]$/, '');
  if (quote !== '"' && quote !== '`') return name;
  const inner = name.endsWith(quote) && name.length > 1 ? name.slice(1, -1) : name.slice(1);
  return inner.replaceAll(quote + quote, quote);
}

/** Names of common tables: `name AS (` and `name (columns) AS (`, in a statement that begins with WITH or has one inside. */
function commonTables(words: readonly Word[]): ReadonlySet<string> {
  const names = new Set<string>();
  if (!words.some(({ key }) => key === 'with')) return names;
  words.forEach(({ key }, i) => {
    const isBody = words[i + 1]?.text === '(' || words[i + 1]?.key === 'materialized' || words[i + 1]?.key === 'not';
    if (key !== 'as' || !isBody) return;
    let at = i - 1;
    if (words[at]?.text === ')') while (at >= 0 && words[at]?.text !== '(') at -= 1;
    const name = words[at]?.text === '(' ? words[at - 1] : words[at];
    if (name && isName(name)) names.add(foldName(unquoted(name.text)));
  });
  return names;
}

/** The conventions ask for at most 255 characters, cut between two names. */
const longest = 255;

function textOf(operation: string, tables: readonly string[]): string {
  let text = operation;
  for (const table of tables) {
    if (text.length + 1 + table.length > longest) break;
    text += ` ${table}`;
  }
  return text;
}
