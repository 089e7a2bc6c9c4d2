// Which rows a statement may change, by its words: enough to say which tables need no look. What happened to their values
// is measured (measure.ts). Triggers are followed; foreign keys are off while migrations run.
import type { Readable } from '../run/ledger.js';
import { targetOf } from '../sql/data-statements.js';
import { type Word, wordsOf } from '../sql/words.js';

/** A table whose rows a statement may change or remove. */
export interface Effect {
  /** In lower case. */
  readonly table: string;
  /** Columns that it sets, in lower case; empty when it only removes rows. */
  readonly columns: ReadonlySet<string> | 'all';
}

/** A trigger of the schema. */
export interface Trigger {
  /** In lower case. */
  readonly table: string;
  readonly sql: string;
}

interface Worded {
  readonly words: readonly Word[];
}

/** Whether none of `statements` can take anything from rows that were there before. */
export function keepsEverything(statements: readonly Worded[]): boolean {
  return statements.every(({ words }) => {
    const keyword = (at: number): string => words[at]?.keyword ?? '';
    if (['PRAGMA', 'SELECT', 'CREATE', 'ANALYZE', 'REINDEX'].includes(keyword(0))) return true;
    if (keyword(0) === 'DROP') return keyword(1) !== 'TABLE';
    return keyword(0) === 'ALTER' && (keyword(3) === 'ADD' || (keyword(3) === 'RENAME' && keyword(4) === 'TO'));
  });
}

/** What a statement may change, through `triggers` as well. `replacing`: tables whose own constraints replace rows. */
export function effectsOf(
  words: readonly Word[],
  triggers: readonly Trigger[],
  replacing: ReadonlySet<string>,
): readonly Effect[] {
  const table = targetOf(words);
  const at = verbAt(words);
  const verb = words[at]?.keyword;
  if (table === null || verb === undefined) return [];
  const direct = ((): Effect['columns'] | null => {
    if (verb === 'DELETE') return new Set();
    if (verb === 'UPDATE') return assignedIn(words, at);
    return verb === 'REPLACE' || replacing.has(table) || overwrites(words) ? 'all' : null;
  })();
  const effects = new Map<string, Effect>();
  if (direct !== null) effects.set(table, { table, columns: direct });
  // With recursive_triggers a row that is replaced fires those of DELETE, too.
  const events = verb === 'DELETE' || verb === 'UPDATE' ? [verb] : anyEvent;
  addTriggered({ table, events }, { triggers, replacing, effects, followed: new Set() });
  return [...effects.values()];
}

const anyEvent = ['INSERT', 'UPDATE', 'DELETE'] as const;

interface Following {
  readonly triggers: readonly Trigger[];
  readonly replacing: ReadonlySet<string>;
  readonly effects: Map<string, Effect>;
  /** Tables and events that were followed. */
  readonly followed: Set<string>;
}

/** The tables that triggers of `table` may change, and theirs in turn: all of their columns, to be sure. */
function addTriggered(
  { table, events }: { readonly table: string; readonly events: readonly string[] },
  following: Following,
): void {
  const { triggers, replacing, effects, followed } = following;
  const key = `${events.join()} ${table}`;
  if (followed.has(key)) return;
  followed.add(key);
  for (const { table: on, sql } of triggers) {
    if (on !== table) continue;
    const words = wordsOf(sql);
    const begin = words.findIndex(({ keyword }) => keyword === 'BEGIN');
    if (!words.slice(0, begin).some(({ keyword }) => events.includes(keyword))) continue;
    for (const written of writtenIn(words.slice(begin))) {
      if (!written.onlyAdds || replacing.has(written.table))
        effects.set(written.table, { table: written.table, columns: 'all' });
      // What only adds rows fires triggers as well.
      addTriggered({ table: written.table, events: anyEvent }, following);
    }
  }
}

/** The tables that the body of a trigger writes. */
function writtenIn(body: readonly Word[]): readonly { readonly table: string; readonly onlyAdds: boolean }[] {
  const onlyAdds = !body.some(({ keyword }) => keyword === 'REPLACE' || keyword === 'CONFLICT');
  const at = (index: number): string => body[index]?.name.toLowerCase() ?? '';
  return body.flatMap(({ keyword }, index) => {
    const starts = body[index - 1]?.name === ';' || index === 1;
    if (keyword === 'DELETE' && body[index + 1]?.keyword === 'FROM') return [{ table: at(index + 2), onlyAdds: false }];
    if (keyword === 'UPDATE' && starts)
      return [{ table: at(body[index + 1]?.keyword === 'OR' ? index + 3 : index + 1), onlyAdds: false }];
    return keyword === 'INTO' ? [{ table: at(index + 1), onlyAdds }] : [];
  });
}

/** `OR REPLACE`, or an upsert. */
function overwrites(words: readonly Word[]): boolean {
  return words.some(
    ({ keyword }, index) =>
      (keyword === 'OR' && words[index + 1]?.keyword === 'REPLACE') ||
      (keyword === 'DO' && words[index + 1]?.keyword === 'UPDATE'),
  );
}

const verbs = new Set(['INSERT', 'REPLACE', 'UPDATE', 'DELETE']);

function verbAt(words: readonly Word[]): number {
  if (words[0]?.keyword !== 'WITH') return 0;
  let depth = 0;
  return words.findIndex(({ kind, name, keyword }) => {
    if (kind === 'sign') depth += name === '(' ? 1 : name === ')' ? -1 : 0;
    return depth === 0 && verbs.has(keyword);
  });
}

/** The names on the left of each `=` between SET and what follows, in lower case. */
function assignedIn(words: readonly Word[], from: number): ReadonlySet<string> {
  const names = new Set<string>();
  const begin = words.findIndex(({ keyword }, index) => index > from && keyword === 'SET');
  let depth = 0;
  let isTarget = true;
  for (const { kind, name, keyword } of words.slice(begin + 1)) {
    const sign = kind === 'sign' ? name : '';
    if (sign === '(') depth += 1;
    else if (sign === ')') depth -= 1;
    else if (depth === 0 && (keyword === 'FROM' || keyword === 'WHERE' || keyword === 'RETURNING')) break;
    else if (depth === 0 && sign === '=') isTarget = false;
    else if (depth === 0 && sign === ',') isTarget = true;
    else if (sign === '' && isTarget) names.add(name.toLowerCase());
  }
  return names;
}

/** The triggers of a schema. */
export async function readTriggers(connection: Readable): Promise<readonly Trigger[]> {
  const { rows } = await connection.execute(`SELECT tbl_name, sql FROM sqlite_schema WHERE type = 'trigger'`);
  return rows.map((row) => ({ table: String(row['tbl_name']).toLowerCase(), sql: String(row['sql']) }));
}
