// Changes of a shape as people make them, as data: for schema code (code.ts writes it) and for rebuilds by hand.
import { type Column, isNamed, isParent, nextNumber, plainColumns, type Shape, type Table, types } from './shape.js';

/** One random change: what to do, and numbers to choose by. */
export interface Draw<Kind extends string = string> {
  readonly kind: Kind;
  readonly a: number;
  readonly b: number;
  readonly c: number;
}

/** Changes of the schema code. */
export const codeKinds = [
  'add table',
  'drop table',
  'rename table',
  'add column',
  'drop column',
  'drop column',
  'rename column',
  'reuse a column name',
  'retype',
  'retype',
  'not null',
  'default',
  'add generated',
  'to generated',
  'to plain',
  'other formula',
  'add reference',
  'add index',
  'drop index',
  'autoincrement',
  'reorder',
] as const;

// Few names, so that they come back; some that need quotes.
const columnNames = ['name', 'email', 'title', 'size', 'order', 'is ok', 'Kind'];
const tableNames = ['users', 'posts', 'wallets', 'group', 'old_users', 'Audit Trail'];

export function freeColumnName(table: Table, draw: number): string {
  const taken = new Set(table.columns.map(({ name }) => name.toLowerCase()));
  return free(columnNames, taken, draw);
}

export function freeTableName({ tables, views }: Shape, draw: number): string {
  return free(tableNames, new Set([...tables, ...views].map(({ name }) => name.toLowerCase())), draw);
}

export function freeIndexName({ tables }: Shape, draw: number): string {
  const taken = tables.flatMap(({ indexes }) => indexes.map(({ name }) => name.toLowerCase()));
  return free(['idx_name', 'idx_a', 'idx_b', 'Idx C'], new Set(taken), draw);
}

function free(names: readonly string[], taken: ReadonlySet<string>, draw: number): string {
  for (let n = 0; n < names.length; n += 1) {
    const name = names[(draw + n) % names.length] ?? '';
    if (!taken.has(name.toLowerCase())) return name;
  }
  for (let n = 2; ; n += 1) if (!taken.has(`${names[0] ?? ''}_${n}`)) return `${names[0] ?? ''}_${n}`;
}

/** Tables whose shape may change. */
export function openTables({ tables }: Shape, onlyManaged: boolean): readonly Table[] {
  return tables.filter(({ isLog, isManaged }) => !isLog && (isManaged || !onlyManaged));
}

export function pick<T>(from: readonly T[], draw: number): T | undefined {
  return from[draw % Math.max(1, from.length)];
}

export function newColumn(shape: Shape, name: string, draw: number): Column {
  const type = types[draw % 3] ?? 'text';
  const base = { cid: nextNumber(shape), name, type, key: null, formula: null, parent: null };
  const defaultSql = defaults[type];
  // NOT NULL without a default is for the rows to be filled somehow.
  const manners = [
    { notNull: false, defaultSql: null },
    { notNull: false, defaultSql },
    { notNull: true, defaultSql },
    { notNull: false, defaultSql: null },
    { notNull: true, defaultSql: null },
  ];
  return { ...base, ...(manners[draw % manners.length] ?? { notNull: false, defaultSql: null }) };
}

const defaults = { integer: '7', text: `'it''s'`, real: '0.5' } as const;

export function newTable(shape: Shape, name: string, draw: number): Table {
  const key = ([null, 'integer', 'auto', 'text', 'integer'] as const)[draw % 5] ?? null;
  const table: Table = {
    tid: nextNumber(shape),
    name,
    columns: [],
    indexes: [],
    isManaged: draw % 4 !== 3,
    isLog: false,
    isWithoutRowid: key === 'text' && draw % 4 === 3,
  };
  if (key !== null) {
    const type = key === 'text' ? 'text' : 'integer';
    table.columns.push({ ...newColumn(shape, 'id', 0), type, key, notNull: false, defaultSql: null });
  }
  for (let n = 0; n < 2 + (draw % 3); n += 1)
    table.columns.push(newColumn(shape, freeColumnName(table, draw + n), draw + n));
  return table;
}

export function addGenerated(shape: Shape, table: Table, draw: number, isStored: boolean): Column | null {
  const base = pick(plainColumns(table), draw);
  if (!base) return null;
  const kind = (['lower', 'length', 'tagged'] as const)[draw % 3] ?? 'lower';
  const made = newColumn(shape, freeColumnName(table, draw), 0);
  const type = kind === 'length' ? 'integer' : 'text';
  return { ...made, type, formula: { of: base.cid, kind, isStored } };
}

/** Applies a change to `shape`, where it fits. */
export function reshape(shape: Shape, { kind, a, b, c }: Draw, onlyManaged: boolean): void {
  if (kind === 'add table') {
    shape.tables.push({ ...newTable(shape, freeTableName(shape, a), b), isManaged: true, isWithoutRowid: false });
    return;
  }
  const table = pick(openTables(shape, onlyManaged), a);
  if (!table) return;
  if (kind === 'drop table') {
    const isNeeded =
      isParent(shape, table.tid) || [...shape.views, ...shape.triggers].some(({ tid }) => tid === table.tid);
    if (!isNeeded && shape.tables.length > 2) shape.tables = shape.tables.filter((each) => each !== table);
    return;
  }
  if (kind === 'rename table') table.name = freeTableName(shape, b);
  else if (kind === 'reorder') {
    const { columns } = table;
    table.columns = [
      ...columns.filter(({ key }) => key !== null),
      ...columns.filter(({ key }) => key === null).reverse(),
    ];
  } else reshapeColumns(shape, table, { kind, a, b, c });
}

function reshapeColumns(shape: Shape, table: Table, { kind, b, c }: Draw): void {
  const plain = plainColumns(table);
  const column = pick(plain, b);
  const generated = pick(
    table.columns.filter(({ formula }) => formula !== null),
    b,
  );
  const isFree = (each: Column): boolean => !isNamed(shape, each.cid) && each.parent === null;
  const put = (added: Column | null): void => {
    if (added) table.columns.push(added);
  };
  switch (kind) {
    case 'add column':
      return put(newColumn(shape, freeColumnName(table, b), c));
    case 'add generated':
      return put(addGenerated(shape, table, b, c % 2 === 0));
    case 'drop column': {
      const gone = pick(
        table.columns.filter((each) => each.key === null && !isNamed(shape, each.cid)),
        b,
      );
      if (gone && table.columns.length > 2) dropColumn(table, gone);
      return;
    }
    case 'add reference': {
      const parents = openTables(shape, true).filter(
        (each) => each.columns[0]?.key === 'integer' || each.columns[0]?.key === 'auto',
      );
      const parent = pick(parents, b);
      const [key] = parent?.columns ?? [];
      if (!parent || !key || !table.isManaged) return;
      const made = newColumn(shape, freeColumnName(table, c), 0);
      return put({
        ...made,
        type: 'integer',
        notNull: false,
        defaultSql: null,
        parent: { tid: parent.tid, cid: key.cid },
      });
    }
    case 'autoincrement': {
      const [key] = table.columns;
      if (key?.key === 'integer' || key?.key === 'auto') key.key = key.key === 'auto' ? 'integer' : 'auto';
      return;
    }
    case 'drop index': {
      const index = pick(
        table.indexes.filter((each) => each.kind !== 'unique' || !isNamed(shape, each.cid)),
        b,
      );
      table.indexes = table.indexes.filter((each) => each !== index);
      return;
    }
    case 'to plain':
      if (generated) generated.formula = null;
      return;
    case 'other formula': {
      if (!generated?.formula) return;
      const { of, kind: before, isStored } = generated.formula;
      generated.formula = {
        of,
        kind: before === 'lower' ? 'tagged' : 'lower',
        isStored: c % 3 === 0 ? !isStored : isStored,
      };
      generated.type = 'text';
      return;
    }
    default:
  }
  if (!column) return;
  switch (kind) {
    case 'rename column':
      column.name = freeColumnName(table, c);
      return;
    case 'reuse a column name': {
      const { name } = column;
      column.name = freeColumnName(table, c);
      return put(newColumn(shape, name, c));
    }
    case 'retype':
      if (!isFree(column) || isOfFormula(table, column)) return;
      column.type = types[(types.indexOf(column.type) + 1 + (c % 2)) % 3] ?? 'text';
      if (column.defaultSql !== null) column.defaultSql = defaults[column.type];
      return;
    case 'not null':
      if (column.parent !== null) return;
      column.notNull = !column.notNull;
      if (column.notNull && c % 3 > 0) column.defaultSql = defaults[column.type];
      return;
    case 'default':
      if (column.parent === null) column.defaultSql = column.defaultSql === null ? defaults[column.type] : null;
      return;
    case 'to generated': {
      const base = plainColumns(table).find((each) => each !== column && each.formula === null);
      if (!base || !isFree(column)) return;
      const kindNow = (['lower', 'tagged'] as const)[c % 2] ?? 'lower';
      Object.assign(column, { type: 'text', notNull: false, defaultSql: null });
      column.formula = { of: base.cid, kind: kindNow, isStored: c % 3 > 0 };
      table.indexes = table.indexes.filter(({ cid }) => cid !== column.cid);
      return;
    }
    case 'add index': {
      const kindNow = (['plain', 'partial', 'expression', 'plain', 'unique'] as const)[c % 5] ?? 'plain';
      table.indexes.push({ name: freeIndexName(shape, c), cid: column.cid, kind: kindNow });
      return;
    }
    default:
  }
}

function isOfFormula({ columns }: Table, { cid }: Column): boolean {
  return columns.some(({ formula }) => formula?.of === cid);
}

/** Takes a column out of its table. */
export function dropColumn(table: Table, column: Column): void {
  table.columns = table.columns.filter((each) => each !== column);
  table.indexes = table.indexes.filter(({ cid }) => cid !== column.cid);
}
