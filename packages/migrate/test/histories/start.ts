// The database that a history begins with: what drizzle-kit makes of schema code, tables that drizzle does not know, views
// on views, triggers, and, now and then, keys that fit no index of their parent.
import { emptySnapshot } from '../../src/folder/snapshot.js';
import { kit, snapshotOf } from '../generate/planned.js';
import { codeOf } from './code.js';
import { addGenerated, newColumn, newTable } from './reshape.js';
import { type Column, createSql, indexSql, nextNumber, type Shape, type Table } from './shape.js';
import { insertSql } from './values.js';

/** A start: its shape, the SQL of its first migration, and its rows. */
export interface Start {
  readonly shape: Shape;
  readonly sql: string;
  readonly rows: readonly string[];
}

/** Makes the start that `draw` says. */
export async function startOf(draw: number): Promise<Start> {
  const shape: Shape = { tables: [], views: [], triggers: [], count: 0 };
  const users = knownTable(shape, 'users', draw % 3 === 0 ? 'auto' : 'integer');
  const email: Column = { ...newColumn(shape, 'email', 0), type: 'text', notNull: false, defaultSql: null };
  const name: Column = { ...newColumn(shape, 'name', 0), type: 'text', notNull: false, defaultSql: null };
  users.columns.push(email, name, newColumn(shape, 'size', draw));
  if (draw % 2 === 0) users.columns.push(...made(addGenerated(shape, users, draw, draw % 4 === 0)));
  const posts = knownTable(shape, 'posts', 'integer');
  const [key] = users.columns;
  const reference = { ...newColumn(shape, 'user_id', 0), type: 'integer', notNull: false, defaultSql: null } as const;
  posts.columns.push({ ...reference, parent: key ? { tid: users.tid, cid: key.cid } : null });
  posts.columns.push({ ...newColumn(shape, 'title', 1), notNull: false }, newColumn(shape, 'Kind', draw + 1));
  const isMismatched = draw % 5 === 0;
  const byEmail = { ...newColumn(shape, 'by_email', 0), type: 'text', notNull: false, defaultSql: null } as const;
  if (isMismatched) posts.columns.push({ ...byEmail, parent: { tid: users.tid, cid: email.cid } });
  const other = { ...newTable(shape, 'wallets', draw), isManaged: false, isWithoutRowid: false };
  const log: Table = { ...knownTable(shape, 'log', null), isManaged: false, isLog: true };
  log.columns.push({ ...newColumn(shape, 'line', 0), type: 'text', notNull: false, defaultSql: null });
  shape.tables.push(users, posts, other, log);
  users.indexes.push({ name: 'idx_users', cid: name.cid, kind: draw % 2 === 0 ? 'partial' : 'expression' });
  const custom = [createSql(shape, other), createSql(shape, log)];
  if (draw % 3 !== 1) {
    shape.views.push(
      { name: 'view_1', tid: users.tid, uses: [email.cid] },
      { name: 'view_2', tid: users.tid, uses: [] },
    );
    custom.push('CREATE VIEW view_1 AS SELECT id, email FROM users', 'CREATE VIEW view_2 AS SELECT * FROM view_1');
  }
  if (draw % 4 !== 1) {
    shape.triggers.push({ name: 'trigger_1', tid: users.tid, uses: [name.cid] });
    custom.push('CREATE TRIGGER trigger_1 AFTER UPDATE OF name ON users BEGIN INSERT INTO log VALUES (old.name); END');
  }
  const built = await kit(emptySnapshot, await snapshotOf(codeOf(shape)));
  const rows = [users, posts, other].flatMap((table, index) => insertSql(shape, table, draw + index, (draw % 4) + 1));
  return { shape, sql: [...built.map(withoutEnd), ...custom].join(';\n'), rows };
}

function knownTable(shape: Shape, name: string, key: Column['key']): Table {
  const base = { ...newColumn(shape, 'id', 0), type: 'integer', notNull: false, defaultSql: null } as const;
  const columns: Column[] = key === null ? [] : [{ ...base, key }];
  return { tid: nextNumber(shape), name, columns, indexes: [], isManaged: true, isLog: false, isWithoutRowid: false };
}

function made(column: Column | null): readonly Column[] {
  return column ? [column] : [];
}

function withoutEnd(sql: string): string {
  return sql.trim().replace(/;$/, '');
}

/** All statements of a shape as one stock SQLite makes it, without its views and triggers. */
export function buildSql(shape: Shape): string {
  const tables = shape.tables.flatMap((table) => [
    createSql(shape, table),
    ...table.indexes.map((index) => indexSql(table, index)),
  ]);
  return tables.join(';\n');
}
