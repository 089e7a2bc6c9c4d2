// SQL that moves rows between tables, as people write it by hand: copies into new tables, backfills, updates from others.
import { type Draw, freeTableName, pick } from './reshape.js';
import { createSql, keyOf, nextNumber, plainColumns, type Shape, type Table } from './shape.js';
import { quoted } from './stock.js';

/** A condition over the rows of a table. */
export function conditionOf(table: Table, other: Table | undefined, draw: number): string {
  const column = pick(table.columns, draw);
  const name = quoted(column?.name ?? '');
  const [key, otherKey] = [keyOf(table), other && keyOf(other)];
  const isIn =
    key && other && otherKey
      ? `${quoted(key.name)} IN (SELECT ${quoted(otherKey.name)} FROM ${quoted(other.name)})`
      : `${name} > ''`;
  return (
    [`${name} IS NOT NULL`, `${name} > 3`, `length(${name}) % 3 > 0`, `${name} = '007'`, isIn, '1 LIMIT 2'][draw % 6] ??
    '1'
  );
}

/** Copies all columns, or constants in their place, into a new table. */
export function copyOut(shape: Shape, table: Table, other: Table | undefined, { b, c }: Draw): readonly string[] {
  const key = keyOf(table);
  const made: Table = {
    ...{ tid: nextNumber(shape), name: freeTableName(shape, b), columns: [], indexes: [] },
    ...{ isManaged: b % 2 === 0, isLog: false, isWithoutRowid: false },
  };
  const selected: string[] = [];
  if (key) {
    made.columns.push({ ...key, cid: nextNumber(shape), key: key.key === 'auto' ? 'integer' : key.key });
    selected.push(quoted(key.name));
  }
  for (const column of table.columns.filter(({ key: isKey }) => isKey === null)) {
    made.columns.push({ ...column, cid: nextNumber(shape), notNull: false, formula: null, parent: null });
    selected.push(c % 3 === 0 ? `''` : quoted(column.name));
  }
  shape.tables.push(made);
  const where = c % 4 === 1 ? ` WHERE ${conditionOf(table, other, b)}` : '';
  const copy = `INSERT INTO ${quoted(made.name)} SELECT ${selected.join(', ')} FROM ${quoted(table.name)}${where}`;
  return [createSql(shape, made), copy];
}

/** Adds the rows that another table has and this one has not. */
export function backfillRows(shape: Shape, table: Table, source: Table, { c }: Draw): readonly string[] {
  const [to, from] = [keyOf(table), keyOf(source)];
  if (!to || !from || to.type !== from.type) return [];
  const filled = plainColumns(table).filter(({ notNull, parent }) => notNull || parent === null);
  const [text = 'NULL'] = plainColumns(source).map(({ name }) => `coalesce(s.${quoted(name)}, 0)`);
  const names = [to, ...filled].map(({ name }) => quoted(name)).join(', ');
  const values = [`s.${quoted(from.name)}`, ...filled.map((_, index) => (index === 0 ? text : `'x'`))].join(', ');
  const select = `SELECT ${values} FROM ${quoted(source.name)} s`;
  const into = quoted(table.name);
  const isThere = `SELECT 1 FROM ${into} x WHERE x.${quoted(to.name)} = s.${quoted(from.name)}`;
  return c % 3 === 0
    ? [`INSERT OR IGNORE INTO ${into} (${names}) ${select}`]
    : [`INSERT INTO ${into} (${names}) ${select} WHERE NOT EXISTS (${isThere})`];
}

/** Takes the values of one column from the same rows of another table. */
export function updateFrom(table: Table, source: Table, { b, c }: Draw): readonly string[] {
  const [to, from] = [keyOf(table), keyOf(source)];
  const target = pick(
    plainColumns(table).filter(({ parent, notNull }) => parent === null && !notNull),
    b,
  );
  const read = pick(plainColumns(source), c);
  if (!to || !from || !target || !read) return [];
  const onlyEmpty = c % 2 === 0 ? ` AND ${quoted(table.name)}.${quoted(target.name)} IS NULL` : '';
  return [
    `UPDATE ${quoted(table.name)} SET ${quoted(target.name)} = s.${quoted(read.name)} FROM ${quoted(source.name)} s WHERE s.${quoted(from.name)} = ${quoted(table.name)}.${quoted(to.name)}${onlyEmpty}`,
  ];
}
