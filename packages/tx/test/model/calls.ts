// How a program's steps are said to the manager: each kind of statement in each way, and each kind of block.
import { sql } from 'drizzle-orm';
import { integer, sqliteTable, text } from 'drizzle-orm/sqlite-core';
import type { Database, Transaction, TransactionManager } from '../../src/index.js';
import { type Operation, shown } from './oracle.js';
import type { BlockKind, Via } from './program.js';

/** The table of the programs. */
export const items = sqliteTable('items', {
  name: text('name').primaryKey(),
  amount: integer('amount').notNull().default(0),
});

/** Runs a statement; every way resolves to the rows, as text, or to the number of rows that changed. */
export async function execute(db: Database, { tag, verb, name }: Operation, via: Via): Promise<unknown> {
  const note = `/* ${tag} */`;
  if (verb === 'read' && via === 'builder') {
    return listed(
      await db
        .select()
        .from(items)
        .where(sql.raw(`1 ${note}`)),
    );
  }
  if (verb === 'insert' && via === 'builder') {
    return (
      await db
        .insert(items)
        .values({ name })
        .returning({ one: sql.raw(`1 ${note}`) })
    ).length;
  }
  const text = statements[verb].replace('/**/', note);
  const args = verb === 'read' ? [] : [name];
  if (via === 'client') {
    const { rows, rowsAffected } = await db.$client.execute({ sql: text, args });
    return verb === 'read' ? listed(rows) : rowsAffected;
  }
  const [before = '', after = ''] = text.split('?');
  if (verb === 'read') return listed(await db.all(sql.raw(text)));
  return (await db.run(sql`${sql.raw(before)}${name}${sql.raw(after)}`)).rowsAffected;
}

/** Begins a block around `work`, through the handle when there is one. */
export async function begin(
  manager: TransactionManager,
  kind: BlockKind,
  work: () => Promise<void>,
  { handle, signal }: { handle: Transaction | undefined; signal: AbortSignal | undefined },
): Promise<void> {
  const options = signal ? { signal } : {};
  switch (kind) {
    case 'drizzle':
      return (handle ?? manager).db.transaction(work);
    case 'savepoint':
      return handle ? handle.savepoint(work) : manager.transaction(work, { ...options, propagation: 'nested' });
    case 'read':
      return manager.read(work, options);
    case 'requires_new_read':
      return manager.transaction(work, { ...options, propagation: 'requires_new', mode: 'read' });
    default:
      return manager.transaction(work, { ...options, propagation: kind });
  }
}

const statements = {
  insert: 'insert into items (name) values (?) /**/',
  insert_or_rollback: 'insert or rollback into items (name) values (?) /**/',
  update: 'update items set amount = amount + 1 where name = ? /**/',
  delete: 'delete from items where name = ? /**/',
  read: 'select name, amount from items /**/',
};

function listed(rows: readonly unknown[]): string {
  const pairs = (rows as readonly { name: string; amount: number }[]).map(
    ({ name, amount }) => [name, amount] as const,
  );
  return shown(new Map(pairs));
}
