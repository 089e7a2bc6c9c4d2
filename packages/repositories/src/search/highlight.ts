// Where the words of a search were found, for the hits of one page: FTS5 marks them, the marks become parts of the text.
import { inArray, sql } from 'drizzle-orm';
import type { Context } from '../context.js';
import { type Cells, statement } from '../statement.js';
import type { Highlight, HighlightPart } from './search-repository.js';

// Noncharacters: no text that is meant to be exchanged holds them. A text that does only gets other parts.
const begin = '\ufdd0';
const end = '\ufdd1';

/** Returns the highlights of hits by their row numbers. */
export type Highlighter = (
  match: string,
  hits: readonly { readonly seq: number }[],
) => Promise<ReadonlyMap<number, Highlight>>;

/** Returns what tells where in a model the words of a search were found. */
export function createHighlighter({ db }: Context): Highlighter {
  const marked = (column: number) => sql`highlight(models_fts, ${sql.raw(String(column))}, ${begin}, ${end})`;
  const query = statement(
    'search.searchModels',
    db
      .select({
        seq: sql`rowid`,
        name: marked(0),
        fileName: marked(2),
        description: sql`snippet(models_fts, 1, ${begin}, ${end}, '…', 32)`,
        tags: marked(3),
      })
      .from(sql`models_fts`)
      .where(
        sql`models_fts match ${sql.placeholder('match')} and ${inArray(sql`rowid`, sql`(select value from json_each(${sql.placeholder('seqs')}))`)}`,
      )
      .prepare(),
  );
  return async (match, hits) => {
    const rows = await query.cells({ match, seqs: JSON.stringify(hits.map((hit) => hit.seq)) });
    return new Map(rows.map((cells) => [Number(cells[0]), toHighlight(cells)]));
  };
}

function toHighlight(cells: Cells): Highlight {
  return {
    name: toParts(cells[1]),
    fileName: toParts(cells[2]),
    description: toParts(cells[3]),
    tags: toParts(cells[4]),
  };
}

function toParts(marked: unknown): readonly HighlightPart[] {
  if (typeof marked !== 'string' || marked === '') return [];
  const parts: HighlightPart[] = [];
  let match = false;
  for (const piece of marked.split(/([\ufdd0\ufdd1])/u)) {
    if (piece === begin) match = true;
    else if (piece === end) match = false;
    else if (piece !== '') parts.push({ text: piece, match });
  }
  return parts;
}
