// What goes with a table or view that is dropped and made anew, though no statement says so: its triggers, its indexes, and the
// mark of AUTOINCREMENT. look-ahead.ts asks, with the schema before and behind each migration in a scratch database.
import type { Connection, Readable } from '../contract/connection.js';
import type { MigrationWarning } from '../contract/migration.js';
import { describeObject } from '../schema/read-schema.js';
import { objectKey } from '../schema/schema.js';
import { isNoServers } from '../sql/bookkeeping.js';
import type { Statement } from '../sql/statements.js';
import { foldName, nameAt, quoteName, quoteText, type Word, wordsOf } from '../sql/words.js';
import { writingOf } from '../sql/writing.js';
import type { Followed } from './follow.js';
import type { LossTable } from './table.js';

/** A trigger or an index. */
export interface Attached {
  readonly kind: 'trigger' | 'index';
  readonly name: string;
  /** The table or view that it stands on. */
  readonly owner: string;
  readonly sql: string;
}

/** The triggers and indexes of a schema that statements made, and the names of its tables and views in lower case. */
export interface AttachedObjects {
  readonly attached: readonly Attached[];
  readonly owners: ReadonlySet<string>;
}

/** Reads the schema behind `connection`. */
export async function readAttached(connection: Readable): Promise<AttachedObjects> {
  const { rows } = await connection.execute(
    `SELECT type, name, tbl_name, sql FROM sqlite_schema WHERE sql IS NOT NULL AND ${isNoServers('name')} ORDER BY type DESC, rowid`,
  );
  const isAttached = ({ type }: (typeof rows)[number]): boolean => type === 'trigger' || type === 'index';
  return {
    attached: rows.filter(isAttached).map(({ type, name, tbl_name, sql }) => {
      return {
        kind: type === 'index' ? 'index' : 'trigger',
        name: String(name),
        owner: String(tbl_name),
        sql: String(sql),
      };
    }),
    owners: new Set(rows.filter((row) => !isAttached(row)).map(({ name }) => foldName(String(name)))),
  };
}

/** A table as it is before and behind a migration. */
type Tables = ReadonlyMap<string, LossTable>;

/** What was there before, and is gone behind `statements` though its table or view is there: without what they say themselves. */
export function goneAlong(
  statements: readonly Statement[],
  before: AttachedObjects,
  behind: AttachedObjects,
  tables: { readonly before: Tables; readonly behind: Tables },
): readonly Attached[] {
  const there = new Set(behind.attached.map(objectKey));
  const dropped = new Set(statements.flatMap(({ words }) => droppedBy(words)));
  const sameIndex = (index: Attached): boolean =>
    behind.attached.some((each) => each.kind === 'index' && textOf(each) === textOf(index));
  return before.attached.filter((each) => {
    const key = objectKey(each);
    if (there.has(key) || dropped.has(key) || !behind.owners.has(foldName(each.owner))) return false;
    return each.kind === 'trigger' || !(sameIndex(each) || goesWithColumn(each, tables));
  });
}

function textOf({ name, owner, sql }: Attached): string {
  return `${foldName(owner)} ${describeObject(name, owner, sql).normal}`;
}

function droppedBy(words: readonly Word[]): readonly string[] {
  const kind = words[1]?.keyword;
  if (words[0]?.keyword !== 'DROP' || (kind !== 'TRIGGER' && kind !== 'INDEX')) return [];
  const { name } = nameAt(words, words[2]?.keyword === 'IF' ? 4 : 2);
  return [objectKey({ kind: kind === 'INDEX' ? 'index' : 'trigger', name })];
}

/** An index over a column that is gone, too, cannot be made again. */
function goesWithColumn(
  { owner, sql }: Attached,
  { before, behind }: { readonly before: Tables; readonly behind: Tables },
): boolean {
  const names = (tables: Tables): readonly string[] =>
    tables.get(foldName(owner))?.columns.map(({ name }) => foldName(name)) ?? [];
  const kept = new Set(names(behind));
  const gone = new Set(names(before).filter((name) => !kept.has(name)));
  return wordsOf(sql).some(({ name }) => gone.has(foldName(name)));
}

/** The warnings of one migration. */
export function droppedWarnings(version: string, gone: readonly Attached[]): readonly MigrationWarning[] {
  const owners = new Map<string, Attached[]>();
  for (const each of gone) owners.set(each.owner, [...(owners.get(each.owner) ?? []), each]);
  return [...owners].map(([owner, objects]) => {
    const them = objects.length === 1 ? 'it' : 'them';
    const named = objects.map(({ kind, name }) => `${kind} ${name}`).join(', ');
    const message = `${version} drops ${owner} and makes it anew without what stood on it: ${named}. If that is not meant, make ${them} again behind it`;
    return { kind: 'dropped', message, table: owner, rows: null };
  });
}

/** Tables that are made anew without the mark of AUTOINCREMENT. `origin`: the table as the database has it now. */
export async function lostMarkWarnings(
  connection: Connection,
  version: string,
  statements: readonly Statement[],
  tables: readonly { readonly followed: Followed; readonly origin: LossTable }[],
): Promise<readonly MigrationWarning[]> {
  // Whoever writes there is told in another way (run/marks.ts), or takes the mark along.
  if (statements.some(({ words }) => writingOf(words)?.table === 'sqlite_sequence')) return [];
  const warnings: MigrationWarning[] = [];
  for (const { followed, origin } of tables) {
    const { heir, isCopied } = followed;
    if (!heir || !isCopied || !counts(origin) || !counts(heir.table)) continue;
    const { rows } = await connection.execute(
      `SELECT CAST(s.seq AS TEXT) AS seq, CAST(m.last AS TEXT) AS last FROM sqlite_sequence s, (SELECT coalesce(max(rowid), 0) AS last FROM ${quoteName(origin.name)}) m WHERE s.name = ${quoteText(origin.name)} AND s.seq > m.last`,
    );
    for (const { seq, last } of rows) {
      const message = `${version} makes ${heir.table.name} anew without its AUTOINCREMENT mark ${String(seq)}: numbers behind ${String(last)} that were given out may come again`;
      warnings.push({ kind: 'unmeasured', message, table: origin.name, rows: null });
    }
  }
  return warnings;
}

function counts({ sql }: LossTable): boolean {
  return wordsOf(sql).some(({ keyword }) => keyword === 'AUTOINCREMENT');
}
