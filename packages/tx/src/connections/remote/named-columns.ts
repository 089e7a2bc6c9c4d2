// `select *` on a server. It asks what the columns are called before it runs a statement, which may have been prepared for an older
// schema; SQLite runs it for the present one, and each value stands under the name of another column (sqld 0.24), or the server
// fails. Behind a statement that has looked at the schema, in one transaction, all of it is of one moment.
import type { Client, InStatement, ResultSet, Transaction } from '@libsql/client';
import { asksEveryColumn } from '../../statements/every-column.js';
import { statementKind } from '../../statements/statement-kind.js';
import { statementIndexOf } from './statement-groups.js';

/** Only what reads a table is compared with the schema of the database. */
const look = 'SELECT 1 FROM sqlite_schema LIMIT 1';

/** Runs a statement on its own. */
export async function executeNamed(client: Client, statement: InStatement): Promise<ResultSet> {
  const sql = textOf(statement);
  // A write that fails in part would leave nothing in a transaction, and by itself what it had done.
  if (!asksEveryColumn(sql) || statementKind(sql) !== 'read') return client.execute(statement);
  const [, result] = await batchOf(0, () => client.batch([look, statement], 'deferred'));
  return result as ResultSet;
}

/** Runs statements in a transaction, in one request. */
export async function batchNamed(
  transaction: Pick<Transaction, 'batch'>,
  statements: readonly InStatement[],
): Promise<ResultSet[]> {
  const at = statements.findIndex((statement) => asksEveryColumn(textOf(statement)));
  if (at < 0) return transaction.batch([...statements]);
  const results = await batchOf(at, () =>
    transaction.batch([...statements.slice(0, at), look, ...statements.slice(at)]),
  );
  return results.toSpliced(at, 1);
}

/** What a batch gives in which `look` stands at `at`: a failure is told by the place that its statement had without it. */
async function batchOf(at: number, send: () => Promise<ResultSet[]>): Promise<ResultSet[]> {
  try {
    return await send();
  } catch (error) {
    const told = statementIndexOf(error);
    throw told !== undefined && told > at ? Object.assign(error as Error, { statementIndex: told - 1 }) : error;
  }
}

/** The text of a statement of the client. */
export function textOf(statement: InStatement): string {
  return typeof statement === 'string' ? statement : statement.sql;
}
