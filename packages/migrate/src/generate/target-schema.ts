// The schema that an up must make: what the schema code says, and everything that custom SQL made beside it, under its
// new names. Triggers and full-text tables are unknown to drizzle and are kept here.
import { readFullText } from '../change/full-text.js';
import type { Rename, Renames } from '../change/renames.js';
import { tableMessage } from '../schema/compare-schemas.js';
import { compareTables, isSameTable } from '../schema/compare-tables.js';
import { describeObject } from '../schema/read-schema.js';
import { isOfVirtual, type Schema, type SchemaObject, type Table } from '../schema/schema.js';
import { foldName, quoteName, replaceSpans, type Word, wordsOf } from '../sql/words.js';

/** The schemas that a target is put together from, each with the renames done. */
export interface Sources {
  /** What the migrations before it make. */
  readonly present: Schema;
  /** What the schema code before it makes. */
  readonly codeBefore: Schema;
  /** What the schema code makes now. */
  readonly code: Schema;
  readonly renames: Renames;
  readonly views: readonly Rename[];
  /** Views that the code declares as existing, in lower case: they stay as they are. */
  readonly existing: readonly string[];
  /** Tables that keep a shape of their own: own-shapes.ts. */
  readonly shapes: ReadonlyMap<string, Table>;
}

/** The target, and what cannot be kept. */
export interface Target {
  readonly schema: Schema;
  readonly notes: readonly string[];
}

/** Puts the target of an up together. */
export function targetSchema(sources: Sources): Target {
  const { present, codeBefore, code } = sources;
  const notes: string[] = [];
  const virtualTables = new Map<string, SchemaObject>();
  const renamedColumns = new Map<string, ReadonlyMap<string, string>>();
  for (const [key, table] of present.virtualTables) {
    const followed = followContent(table, sources.renames);
    const { content } = readFullText(followed.object);
    const isLost = content && !code.tables.has(foldName(content)) && codeBefore.tables.has(foldName(content));
    if (isLost) notes.push(`${table.name} goes with ${content}, whose text it indexes`);
    else virtualTables.set(key, followed.object);
    if (followed.columns.size > 0) renamedColumns.set(key, followed.columns);
  }
  const tables = mergeTables(sources, notes);
  const views = merge(present.views, codeBefore.views, code.views, sources);
  const remains = ({ name, table }: SchemaObject): boolean => {
    const isThere = tables.has(foldName(table)) || views.has(foldName(table));
    if (!isThere) notes.push(`${name} goes with ${table}`);
    return isThere;
  };
  const indexes = merge(present.indexes, codeBefore.indexes, code.indexes, sources, remains);
  const triggers = new Map(
    [...merge(present.triggers, codeBefore.triggers, code.triggers, sources, remains)].map(([key, trigger]) => [
      key,
      renameColumnLists(trigger, renamedColumns),
    ]),
  );
  return { schema: { tables, virtualTables, indexes, views, triggers }, notes };
}

function mergeTables({ present, codeBefore, code, shapes }: Sources, notes: string[]): ReadonlyMap<string, Table> {
  const tables = new Map<string, Table>();
  for (const [key, table] of present.tables) if (!codeBefore.tables.has(key)) tables.set(key, table);
  for (const [key, table] of code.tables) {
    const before = codeBefore.tables.get(key);
    const now = present.tables.get(key);
    const isUntouched = before && isSameTable(compareTables(before, table), false);
    if (isVirtual({ present, codeBefore }, key)) {
      if (!isUntouched) notes.push(`${table.name} is a virtual table: it stays as SQL of your own makes it`);
      continue;
    }
    const kept = isUntouched ? now : shapes.get(key);
    tables.set(key, kept ?? table);
    const custom = before && now && !kept ? tableMessage(now, before, false) : null;
    if (custom !== null)
      notes.push(`${table.name} was changed by custom SQL (${custom}); its new shape follows the schema code`);
  }
  return tables;
}

/**
 * Whether the code names a virtual table, to query it, or one of those behind it, as drizzle-kit pull does. Of the latter only
 * what the code had before: a new one may be an ordinary table.
 */
function isVirtual({ present, codeBefore }: Pick<Sources, 'present' | 'codeBefore'>, key: string): boolean {
  return isOfVirtual(present, key) && (present.virtualTables.has(key) || codeBefore.tables.has(key));
}

/** What the code has, and of what it does not know, what is there. */
function merge(
  present: ReadonlyMap<string, SchemaObject>,
  codeBefore: ReadonlyMap<string, SchemaObject>,
  code: ReadonlyMap<string, SchemaObject>,
  { views, existing }: Sources,
  remains: (object: SchemaObject) => boolean = () => true,
): ReadonlyMap<string, SchemaObject> {
  const merged = new Map<string, SchemaObject>();
  for (const [key, object] of present) {
    const followed = views.reduce(renameInText, object);
    const isOthers = !codeBefore.has(key) || existing.includes(key);
    if (isOthers && !code.has(key) && remains(followed)) merged.set(key, followed);
  }
  for (const [key, object] of code) {
    const isUntouched = codeBefore.get(key)?.normal === object.normal;
    merged.set(key, (isUntouched ? present.get(key) : undefined) ?? object);
  }
  return merged;
}

/** SQLite renames no views, so the custom objects that name one are written anew. */
function renameInText(object: SchemaObject, { from, to }: Rename): SchemaObject {
  const isOld = (name: string): boolean => foldName(name) === foldName(from);
  const words = wordsOf(object.sql).filter((word) => word.kind !== 'text' && isOld(word.name));
  if (words.length === 0) return object;
  return describeObject(
    object.name,
    isOld(object.table) ? to : object.table,
    rewrite(object.sql, words, () => to),
  );
}

/** SQLite renames nothing inside a virtual table: the names of its content are followed here. */
function followContent(
  table: SchemaObject,
  renames: Renames,
): { readonly object: SchemaObject; readonly columns: ReadonlyMap<string, string> } {
  const { content, contentRowid, columns } = readFullText(table);
  if (!content) return { object: table, columns: new Map() };
  const newContent = renames.tables.find(({ from }) => foldName(from) === foldName(content))?.to ?? content;
  const newColumn = new Map(
    renames.columns
      .filter((rename) => foldName(rename.table) === foldName(newContent))
      .map(({ from, to }) => [foldName(from), to]),
  );
  const renamed = columns.filter((column) => newColumn.has(foldName(column)));
  const words = wordsOf(table.sql);
  const isValueOf = (option: string, index: number): boolean =>
    words[index - 1]?.name === '=' && foldName(words[index - 2]?.name ?? '') === option;
  const edited = words.filter((word, index) => {
    if (isValueOf('content', index)) return newContent !== content;
    if (isValueOf('content_rowid', index)) return newColumn.has(foldName(contentRowid ?? ''));
    const startsItem = words[index - 1]?.name === ',' || words[index - 1]?.name === '(';
    return startsItem && words[index + 1]?.name !== '=' && newColumn.has(foldName(word.name));
  });
  if (edited.length === 0) return { object: table, columns: new Map() };
  const sql = rewrite(table.sql, edited, ({ name }) => newColumn.get(foldName(name)) ?? newContent);
  return {
    object: describeObject(table.name, table.table, sql),
    columns: new Map(renamed.map((column) => [foldName(column), newColumn.get(foldName(column)) ?? column])),
  };
}

/** In `INSERT INTO full_text (…)` of a trigger, the columns of a full-text table whose columns have new names. */
function renameColumnLists(
  trigger: SchemaObject,
  renamed: ReadonlyMap<string, ReadonlyMap<string, string>>,
): SchemaObject {
  const words = wordsOf(trigger.sql);
  const edits: { word: Word; to: string }[] = [];
  for (const [index, word] of words.entries()) {
    const columns = word.keyword === 'INTO' ? renamed.get(foldName(words[index + 1]?.name ?? '')) : undefined;
    if (!columns || words[index + 2]?.name !== '(') continue;
    for (let i = index + 3; words[i] && words[i]?.name !== ')'; i += 1) {
      const to = columns.get(foldName(words[i]?.name ?? ''));
      const listed = words[i];
      if (to !== undefined && listed) edits.push({ word: listed, to });
    }
  }
  if (edits.length === 0) return trigger;
  const sql = rewrite(
    trigger.sql,
    edits.map(({ word }) => word),
    (word) => edits.find((edit) => edit.word === word)?.to ?? word.name,
  );
  return describeObject(trigger.name, trigger.table, sql);
}

function rewrite(sql: string, words: readonly Word[], nameOf: (word: Word) => string): string {
  return replaceSpans(
    sql,
    words.map((word) => ({ start: word.start, end: word.end, text: quoteName(nameOf(word)) })),
  );
}
