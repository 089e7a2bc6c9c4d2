// Texts whose columns are those that the schema has when they run. Others name theirs themselves.

const star = /\*/;
const countOfAll = /\bcount\s*\(\s*\*\s*\)/gi;

/** Whether the rows of `sql` may have other columns after a change of the schema. A false alarm only costs looking. */
export function asksEveryColumn(sql: string): boolean {
  return star.test(sql) && star.test(sql.replaceAll(countOfAll, ''));
}
