// Which rows a statement may change, by its words: enough to say which tables need no look. What happened to their values
// is measured (measure.ts). Triggers are followed; foreign keys are off while migrations run.
import type { Readable } from '../contract/connection.js';
import { assignedIn } from '../sql/assignments.js';
import { foldName, type Word, wordsOf } from '../sql/words.js';
import { takesFromIndex, writingOf } from '../sql/writing.js';

/** A table whose rows a statement may change or remove. */
export interface Effect {
  /** In lower case. */
  readonly table: string;
  /** Columns that it sets, in lower case; `all` where rows may go, too. */
  readonly columns: ReadonlySet<string> | 'all';
  /** How. A row that gives way to another (REPLACE) fires no trigger. */
  readonly ways: ReadonlySet<Way>;
}

/** What may happen to a row. `insert`: rows come, and nothing happens to any. */
export type Way = 'update' | 'delete' | 'replace' | 'insert';

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
    return keyword(0) === 'ALTER' && (keyword(3) === 'ADD' || keyword(3) === 'RENAME');
  });
}

/** What a statement may change, through `triggers` as well. `replacing`: tables whose own constraints replace rows. */
export function effectsOf(
  words: readonly Word[],
  triggers: readonly Trigger[],
  replacing: ReadonlySet<string>,
): readonly Effect[] {
  const writing = writingOf(words);
  if (!writing) return [];
  const { table, verb, at } = writing;
  const replaces = verb === 'REPLACE' || has(words, 'OR', 'REPLACE');
  const following: Following = { triggers, replacing, replaces, effects: new Map(), followed: new Set() };
  if (verb !== 'DELETE' && (replaces || replacing.has(table))) add(following, table, 'all', 'replace');
  if (verb === 'INSERT' || verb === 'REPLACE') add(following, table, new Set(), 'insert');
  // In an ordinary table with a column of its own name it is a row like any other: looking costs little.
  if (verb === 'DELETE' || takesFromIndex(words, writing)) add(following, table, 'all', 'delete');
  if (verb === 'UPDATE') {
    const set = words.findIndex(({ keyword }, index) => index > at && keyword === 'SET');
    add(following, table, new Set(assignedIn(words, set)), 'update');
  }
  if (has(words, 'DO', 'UPDATE')) add(following, table, 'all', 'update');
  // With recursive_triggers a row that is replaced fires those of DELETE, too.
  const events = verb === 'DELETE' || verb === 'UPDATE' ? [verb] : anyEvent;
  addTriggered({ table, events }, following);
  return [...following.effects.values()];
}

const anyEvent = ['INSERT', 'UPDATE', 'DELETE'] as const;

interface Following {
  readonly triggers: readonly Trigger[];
  readonly replacing: ReadonlySet<string>;
  /** What a statement says of conflicts holds for all that its triggers do (https://sqlite.org/lang_createtrigger.html). */
  readonly replaces: boolean;
  readonly effects: Map<string, Effect>;
  /** Tables and events that were followed. */
  readonly followed: Set<string>;
}

function add({ effects }: Following, table: string, columns: Effect['columns'], way: Way): void {
  const known = effects.get(table);
  const isAll = columns === 'all' || known?.columns === 'all';
  effects.set(table, {
    table,
    columns: isAll ? 'all' : new Set([...(known?.columns ?? []), ...columns]),
    ways: new Set([...(known?.ways ?? []), way]),
  });
}

/** The tables that triggers of `table` may change, and theirs in turn: all of their columns, to be sure. */
function addTriggered(
  { table, events }: { readonly table: string; readonly events: readonly string[] },
  following: Following,
): void {
  const { triggers, replacing, replaces, followed } = following;
  const key = `${events.join()} ${table}`;
  if (followed.has(key)) return;
  followed.add(key);
  for (const { table: on, sql } of triggers) {
    if (on !== table) continue;
    const words = wordsOf(sql);
    const event = words.findIndex(({ keyword }) => keyword === 'ON');
    if (!words.slice(0, event).some(({ keyword }) => events.includes(keyword))) continue;
    // From WHEN on, if there is one: `begin` may be a column there.
    for (const written of writtenIn(words.slice(event + 2))) {
      for (const way of written.ways) add(following, written.table, way === 'insert' ? new Set() : 'all', way);
      if (replaces || replacing.has(written.table)) add(following, written.table, 'all', 'replace');
      // What only adds rows fires triggers as well.
      addTriggered({ table: written.table, events: anyEvent }, following);
    }
  }
}

/** The tables that the body of a trigger writes. */
function writtenIn(body: readonly Word[]): readonly { readonly table: string; readonly ways: readonly Way[] }[] {
  const into: Way[] = ['insert'];
  if (body.some(({ keyword }) => keyword === 'REPLACE')) into.push('replace');
  if (has(body, 'DO', 'UPDATE')) into.push('update');
  const at = (index: number): string => foldName(body[index]?.name ?? '');
  return body.flatMap(({ keyword }, index) => {
    const before = body[index - 1];
    const starts = before?.name === ';' || before?.keyword === 'BEGIN';
    if (keyword === 'DELETE' && body[index + 1]?.keyword === 'FROM')
      return [{ table: at(index + 2), ways: ['delete' as const] }];
    if (keyword === 'UPDATE' && starts) {
      const isOr = body[index + 1]?.keyword === 'OR';
      return [{ table: at(isOr ? index + 3 : index + 1), ways: ['update' as const, ...(isOr ? into : [])] }];
    }
    return keyword === 'INTO' ? [{ table: at(index + 1), ways: into }] : [];
  });
}

function has(words: readonly Word[], first: string, second: string): boolean {
  return words.some(({ keyword }, index) => keyword === first && words[index + 1]?.keyword === second);
}

/** The tables whose rows triggers may change when a statement runs, but for those that they only add to. In lower case. */
export function changedByTriggers(words: readonly Word[], triggers: readonly Trigger[]): readonly string[] {
  const alone = new Set(effectsOf(words, [], new Set()).map(({ table }) => table));
  return effectsOf(words, triggers, new Set()).flatMap(({ table, columns, ways }) =>
    (alone.has(table) ? columns === 'all' && ways.size > 1 : [...ways].some((way) => way !== 'insert')) ? [table] : [],
  );
}

/** The triggers of a schema. */
export async function readSchemaTriggers(connection: Readable): Promise<readonly Trigger[]> {
  const { rows } = await connection.execute(`SELECT tbl_name, sql FROM sqlite_schema WHERE type = 'trigger'`);
  return rows.map((row) => ({ table: foldName(String(row['tbl_name'])), sql: String(row['sql']) }));
}

/** The triggers of a schema, temporary ones included. */
export async function readTriggers(connection: Readable): Promise<readonly Trigger[]> {
  const { rows } = await connection.execute(
    `SELECT tbl_name, sql FROM sqlite_schema WHERE type = 'trigger' UNION ALL SELECT tbl_name, sql FROM sqlite_temp_schema WHERE type = 'trigger'`,
  );
  return rows.map((row) => ({ table: foldName(String(row['tbl_name'])), sql: String(row['sql']) }));
}
