// Foreign keys that SQLite can neither check nor use: what they refer to is no key of the parent. `pragma foreign_key_check`
// fails as a whole where one is, so whoever checks foreign keys asks here first (https://sqlite.org/foreignkeys.html, 3).
import type { ConnectionLease } from '@cc/tx';

/** A foreign key to columns that are neither the primary key of its parent nor unique. */
export interface KeyMismatch {
  readonly child: string;
  readonly parent: string;
  /** As the key names them; empty when it names none, and the parent has no primary key of that many columns. */
  readonly parentColumns: readonly string[];
}

type Row = Readonly<Record<string, unknown>>;

/** Returns the mismatches in the database behind `connection`. Reads no rows of its tables. */
export async function keyMismatches(
  connection: Pick<ConnectionLease['client'], 'execute'>,
): Promise<readonly KeyMismatch[]> {
  const { rows: keys } = await connection.execute(
    `SELECT s.name AS child, k.id AS id, k."table" AS parent, k."to" AS parent_column FROM sqlite_schema s
JOIN pragma_foreign_key_list(s.name) k WHERE s.type = 'table' ORDER BY s.name, k.id, k.seq`,
  );
  if (keys.length === 0) return [];
  const { rows: unique } = await connection.execute(
    `SELECT lower(s.name) AS tbl, 'primary' AS idx, lower(c.name) AS col FROM sqlite_schema s JOIN pragma_table_info(s.name) c
WHERE s.type = 'table' AND c.pk > 0 UNION ALL
SELECT lower(s.name), i.name, lower(c.name) FROM sqlite_schema s JOIN pragma_index_list(s.name) i JOIN pragma_index_info(i.name) c
WHERE s.type = 'table' AND i."unique" AND NOT i.partial UNION ALL SELECT lower(name), NULL, NULL FROM sqlite_schema WHERE type = 'table'`,
  );
  return grouped(keys, ({ child, id }) => `${String(child)} ${String(id)}`).flatMap((key) => {
    const parent = String(key[0]?.['parent']);
    const ofParent = unique.filter(({ tbl }) => tbl === parent.toLowerCase());
    // Rows that refer to a table that is not there are violations that can be counted.
    if (ofParent.length === 0) return [];
    const named = key.flatMap(({ parent_column: name }) => (name === null ? [] : [String(name)]));
    const columnSets = grouped(
      ofParent.filter(({ idx }) => idx !== null && (named.length > 0 || idx === 'primary')),
      ({ idx }) => String(idx),
    );
    const fits = columnSets.some(
      (columns) =>
        columns.length === key.length &&
        (named.length === 0 || columns.every(({ col }) => named.some((name) => name.toLowerCase() === col))),
    );
    return fits ? [] : [{ child: String(key[0]?.['child']), parent, parentColumns: named }];
  });
}

/** What is wrong, in a sentence without a full stop. */
export function describeMismatch({ child, parent, parentColumns }: KeyMismatch): string {
  if (parentColumns.length === 0)
    return `the foreign key of ${child} refers to the primary key of ${parent}, which has none of that many columns`;
  const columns = parentColumns.join(', ');
  return `the foreign key of ${child} refers to ${parent} (${columns}), which has no unique index on (${columns})`;
}

function grouped(rows: readonly Row[], keyOf: (row: Row) => string): readonly (readonly Row[])[] {
  const groups = new Map<string, Row[]>();
  for (const row of rows) groups.set(keyOf(row), [...(groups.get(keyOf(row)) ?? []), row]);
  return [...groups.values()];
}
