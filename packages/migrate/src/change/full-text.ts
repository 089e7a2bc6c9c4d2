// What a full-text table says of itself: whose text it indexes. A rebuild or a rename of that table concerns it.

import type { SchemaObject } from '../schema/schema.js';
import { foldName, wordsOf } from '../sql/words.js';

/** The declaration of a virtual table. */
export interface FullText {
  /** Lower case: `fts5`, `rtree` … */
  readonly module: string;
  /** Table or view whose text it indexes, as written; empty for a contentless one; null when it keeps its own. */
  readonly content: string | null;
  /** Column of `content` that is its rowid; null = the rowid. */
  readonly contentRowid: string | null;
  /** Indexed columns. */
  readonly columns: readonly string[];
}

/** Reads the declaration of `table`. */
export function readFullText({ sql }: SchemaObject): FullText {
  const words = wordsOf(sql);
  const using = words.findIndex(({ keyword }) => keyword === 'USING');
  const declared: string[] = [];
  let content: string | null = null;
  let contentRowid: string | null = null;
  let startsItem = true;
  for (let i = using + 3; i < words.length - 1; i += 1) {
    const word = words[i];
    if (!word) break;
    const isOption = words[i + 1]?.name === '=';
    if (startsItem && isOption && foldName(word.name) === 'content') content = words[i + 2]?.name ?? '';
    if (startsItem && isOption && foldName(word.name) === 'content_rowid') contentRowid = words[i + 2]?.name ?? '';
    if (startsItem && !isOption) declared.push(word.name);
    startsItem = word.kind === 'sign' && word.name === ',';
  }
  return { module: foldName(words[using + 1]?.name ?? ''), content, contentRowid, columns: declared };
}

/** Whether `table` is a full-text index over the text of another table. */
export function indexesAnother(table: SchemaObject): boolean {
  const { module, content } = readFullText(table);
  return module === 'fts5' && content !== null && content !== '';
}
