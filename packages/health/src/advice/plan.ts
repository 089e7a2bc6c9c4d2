// Plans of SQLite as a tree, and what in them is work that an index could save.
import type { Proof } from './proof.js';
import type { PlanNode } from './types.js';

/** Returns the rows of EXPLAIN QUERY PLAN as a tree. */
export function planTree(rows: Proof['plan'], parent = 0): readonly PlanNode[] {
  return rows
    .filter(([, under]) => under === parent)
    .map(([id, , , detail]) => ({ detail, children: planTree(rows, id) }));
}

/** What is sorted on the way. */
export function temporarySortsOf(rows: Proof['plan']): readonly string[] {
  return unique(rows, /^USE TEMP B-TREE FOR (?:LAST (?:TERM|\d+ TERMS) OF |RIGHT PART OF )?(.+)$/);
}

function unique(rows: Proof['plan'], pattern: RegExp): readonly string[] {
  const found = rows
    .map(([, , , detail]) =>
      pattern
        .exec(detail)
        ?.slice(1)
        .find((name) => name !== undefined),
    )
    .filter((name) => name !== undefined);
  return [...new Set(found)];
}
