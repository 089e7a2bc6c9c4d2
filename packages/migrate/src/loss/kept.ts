// When a value counts as kept, as SQL over two columns. measure.ts puts it beside the keys.
//
// A value is kept when it is still the same, or when it comes back as the same: '12' as 12, but neither '007' nor '1e3',
// whose text a number does not give back. Where the type of a column changes, it must also be able to hold the value.
import type { Affinity } from './table.js';

/**
 * An SQL condition: the value `was` is not NULL, and `is` does not keep it. Both are column references; affinities are
 * those of their columns.
 */
export function lostSql(was: string, is: string, from: Affinity, to: Affinity): string {
  // A plus takes the affinity away, so that nothing is converted for the comparison; the collation must go, too.
  const same = `(+${was} COLLATE BINARY IS +${is})`;
  const kept = `(${same} OR ${comesBack(was, is)})`;
  return `(${was} IS NOT NULL AND NOT ${from === to ? kept : `(${kept}${fits(is, to)})`})`;
}

/**
 * Whether `is` gives back `was`, which is of another storage class. A number compared with text without affinity is
 * compared as a number only when all of the text is one.
 */
function comesBack(was: string, is: string): string {
  return `CASE typeof(${is})
WHEN 'text' THEN CASE typeof(${was}) WHEN 'integer' THEN CAST(${was} AS INTEGER) = +${is} WHEN 'real' THEN CAST(${was} AS REAL) = +${is} WHEN 'blob' THEN CAST(${is} AS BLOB) IS +${was} ELSE 0 END
WHEN 'blob' THEN typeof(${was}) = 'text' AND CAST(${was} AS BLOB) IS +${is}
WHEN 'null' THEN 0
ELSE typeof(${was}) = 'text' AND CAST(${is} AS TEXT) COLLATE BINARY IS +${was} END`;
}

const held: Readonly<Record<Affinity, string | null>> = {
  INTEGER: `'integer'`,
  REAL: `'real', 'integer'`,
  TEXT: `'text'`,
  // Dates, decimals and what has no type: anything.
  NUMERIC: null,
  BLOB: null,
};

function fits(is: string, to: Affinity): string {
  const classes = held[to];
  return classes === null ? '' : ` AND typeof(${is}) IN (${classes})`;
}
