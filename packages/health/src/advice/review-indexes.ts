// reviewIndexes: indexes that cost each write and are worth nothing. A doubled one is the beginning of another; an unused one
// is in no plan of the statements that were given.
/// <reference path="../raw-text.d.ts" />
import { refuseUnknownOptions } from '@cc/tx/known-options';
import { databaseFileOf } from '@cc/tx/side-program';
import { runBeside } from '../beside.js';
import { asBytes, askerOf, type DatabaseSource, decoded, quoted } from '../questions.js';
import { refuseNoSignal } from '../signal.js';
import { foldName } from '../statistics/fold-name.js';
import { vectorIndexes } from '../vector-indexes.js';
import { createCommand } from './create-command.js';
import program from './plans-worker.js?raw';
import { onCopy } from './proof.js';
import { type ReadQuery, readQuery } from './read-query.js';
import { wordsOf } from './statement-words.js';
import type { AnalyzeOptions, BoundValue, QueryToAnalyze } from './types.js';

/** An index that need not be there. */
export interface NeedlessIndex {
  readonly name: string;
  readonly table: string;
  /** `doubled`: another begins with the same columns. `unused`: no plan of the statements that were given has it. */
  readonly fault: 'doubled' | 'unused';
  /** What it is for, and what does that instead. */
  readonly message: string;
  readonly bytes: number;
  readonly sql: string;
  /** A line for a shell that writes it as a migration, with its way back. */
  readonly command: string;
}

/** What the program is asked. */
export interface PlansRequest {
  readonly path: string;
  readonly encryptionKey: string | undefined;
  readonly queries: readonly { readonly sql: string; readonly sets: readonly (readonly BoundValue[])[] }[];
}

/** What the program answers. */
export interface Plans {
  /** Lines of all plans. */
  readonly details: readonly string[];
  /** Bytes by name of the table or index. */
  readonly bytes: ReadonlyMap<string, number>;
  /** Statements that could not be explained. */
  readonly failed: number;
}

/**
 * Returns the indexes that need not be there, doubled ones first. Unique indexes, partial ones, vector indexes, those that
 * serve a foreign key and those that something asks for by name (`INDEXED BY`) are not doubted. Without `queries` only doubled ones are looked for; with them an index is unused as far as
 * they go, and never one of a table that a trigger works on: no plan shows what that does.
 *
 * @throws TypeError for an unknown option, for what is no single statement that reads or writes rows, and for values that do
 *   not fit its placeholders
 * @throws DatabaseError `aborted`, or what the database cannot answer
 */
export async function reviewIndexes(
  source: DatabaseSource,
  queries: readonly QueryToAnalyze[] = [],
  options: AnalyzeOptions = {},
): Promise<readonly NeedlessIndex[]> {
  refuseUnknownOptions('reviewIndexes', options, ['signal']);
  refuseNoSignal('reviewIndexes', options.signal);
  if (!Array.isArray(queries)) throw new TypeError('reviewIndexes takes a list of statements with their values');
  const read = queries.map((query: QueryToAnalyze) => readQuery('reviewIndexes', query));
  const asked = await readForced(source, read, options.signal);
  const indexes = (await readIndexes(source, options.signal)).map((index) =>
    asked.has(foldName(index.name)) ? { ...index, isDoubtable: false } : index,
  );
  const triggered = queries.length === 0 ? new Set() : await readTriggered(source, options.signal);
  const plans = await explain(source, read, options.signal);
  const named = new Set(indexes.filter(({ name }) => plans.details.some((detail) => mentions(detail, name))));
  // Of a table there are few: all of them with each other would keep the event loop for seconds.
  const ofTable = new Map<string, Index[]>();
  for (const index of indexes) ofTable.set(index.table, [...(ofTable.get(index.table) ?? []), index]);
  const besides = ({ table }: Index): readonly Index[] => ofTable.get(table) ?? [];
  // What stands in for a used one that is doubled is used when that is gone.
  const standsIn = (index: Index): boolean => besides(index).some((one) => named.has(one) && covers(index, one));
  const used = new Set(indexes.filter((index) => named.has(index) || standsIn(index)));
  const found = indexes
    .filter(({ isDoubtable }) => isDoubtable)
    .flatMap((index): readonly NeedlessIndex[] => {
      const bytes = plans.bytes.get(index.name) ?? 0;
      const better = besides(index).find((other) => covers(other, index));
      if (better) return [needless(index, 'doubled', `${better.name} begins with the same columns`, bytes)];
      if (queries.length === 0 || used.has(index) || triggered.has(foldName(index.table))) return [];
      const explained = queries.length - plans.failed;
      return [needless(index, 'unused', `None of the ${explained} statements given uses it`, bytes)];
    });
  return found.sort((a, b) => a.fault.localeCompare(b.fault) || b.bytes - a.bytes);
}

interface Index {
  readonly name: string;
  readonly table: string;
  readonly sql: string;
  /** With collation and direction; null for an expression. */
  readonly parts: readonly (string | null)[];
  readonly isPartial: boolean;
  readonly isDoubtable: boolean;
}

async function readIndexes(source: DatabaseSource, signal: AbortSignal | undefined): Promise<readonly Index[]> {
  const ask = askerOf(source, signal);
  const rows = await ask(
    `SELECT ${asBytes('t.name')}, ${asBytes('l.name')}, ${asBytes('s.sql')}, l."unique", l.partial, ${asBytes('c.name')}, c.desc, c.coll,
        EXISTS (SELECT 1 FROM pragma_foreign_key_list(t.name) f WHERE c.seqno = 0 AND f."from" = c.name COLLATE NOCASE)
      FROM pragma_table_list t JOIN pragma_index_list(t.name) l JOIN pragma_index_xinfo(l.name) c
        LEFT JOIN sqlite_schema s ON s.type = 'index' AND s.name = l.name
      WHERE t.schema = 'main' AND t.type = 'table' AND c.key = 1 AND l.name NOT IN (SELECT name FROM ${vectorIndexes})
        AND t.name NOT IN (SELECT name || '_shadow' FROM ${vectorIndexes})
      ORDER BY l.name, c.seqno`,
  );
  const indexes = new Map<string, Index & { parts: (string | null)[]; isDoubtable: boolean }>();
  for (const [table, index, sql, isUnique, isPartial, column, descending, collation, isForeignKey] of rows) {
    const name = decoded(index);
    const known = indexes.get(name) ?? {
      ...{ name, table: decoded(table), sql: sql === null ? '' : decoded(sql), parts: [] },
      ...{ isPartial: Number(isPartial) !== 0, isDoubtable: sql !== null && !Number(isUnique) && !Number(isPartial) },
    };
    known.parts.push(
      column === null ? null : `${decoded(column)} ${foldName(String(collation))} ${Number(descending)}`,
    );
    if (Number(isForeignKey)) known.isDoubtable = false;
    indexes.set(name, known);
  }
  return [...indexes.values()];
}

/** Indexes that a view, a trigger or a statement asks for by name, in lower case: without them it fails. */
async function readForced(
  source: DatabaseSource,
  queries: readonly ReadQuery[],
  signal: AbortSignal | undefined,
): Promise<ReadonlySet<string>> {
  const rows = await askerOf(
    source,
    signal,
  )(`SELECT ${asBytes('sql')} FROM sqlite_schema WHERE type IN ('view', 'trigger')`);
  const names = [...rows.map(([sql]) => decoded(sql)), ...queries.map(({ sql }) => sql)].flatMap((sql) => {
    const words = wordsOf(sql);
    return words.filter((_, at) => words[at - 1]?.key === 'by' && words[at - 2]?.key === 'indexed');
  });
  return new Set(names.map(({ text }) => foldName(text)));
}

/** Names in what triggers do, those of tables among them, in lower case. */
async function readTriggered(source: DatabaseSource, signal: AbortSignal | undefined): Promise<ReadonlySet<unknown>> {
  const rows = await askerOf(source, signal)(`SELECT ${asBytes('sql')} FROM sqlite_schema WHERE type = 'trigger'`);
  const names = rows.flatMap(([sql]) => {
    const words = wordsOf(decoded(sql));
    // Behind the table that it waits for.
    return words.slice(words.findIndex(({ key }) => key === 'on') + 2).map(({ text }) => foldName(text));
  });
  return new Set(names);
}

/** Whether `other`, of the same table, answers all that `index` does. Of two alike the one with the name that comes first stays. */
function covers(other: Index, index: Index): boolean {
  if (other.name === index.name || other.isPartial) return false;
  if (index.parts.some((part, at) => part === null || other.parts[at] !== part)) return false;
  const alike = other.parts.length === index.parts.length && other.isDoubtable;
  return !alike || other.name < index.name;
}

/** Whether a line of a plan goes through the index. An outer join and the right side of `IN` are told behind its name. */
function mentions(detail: string, name: string): boolean {
  const [, rest] = detail.split(/(?:^| )USING (?:AUTOMATIC )?(?:PARTIAL )?(?:COVERING )?INDEX /);
  return rest?.startsWith(name) === true && /^(?:$| \(| LEFT-JOIN| FOR IN-OPERATOR)/.test(rest.slice(name.length));
}

function needless(
  { name, table, sql }: Index,
  fault: NeedlessIndex['fault'],
  message: string,
  bytes: number,
): NeedlessIndex {
  const drop = `DROP INDEX ${quoted(name)}`;
  const command = createCommand(`drop-${name.toLowerCase().replaceAll(/[^a-z0-9_]+/g, '-')}`, drop, sql);
  return { name, table, fault, message, bytes, sql: drop, command };
}

function explain(
  source: DatabaseSource,
  queries: readonly ReadQuery[],
  signal: AbortSignal | undefined,
): Promise<Plans> {
  const asked = queries.map(({ sql, sets }) => ({ sql, sets: sets.slice(0, 3) }));
  const run = (file: Omit<PlansRequest, 'queries'>): Promise<Plans> =>
    runBeside<Plans>(program, { ...file, queries: asked } satisfies PlansRequest, { name: '@cc/health/plans', signal });
  const { target } = source.capabilities;
  const file = target === 'local' || target === 'replica' ? databaseFileOf(source) : null;
  return file ? run(file) : onCopy(source, signal, run);
}
