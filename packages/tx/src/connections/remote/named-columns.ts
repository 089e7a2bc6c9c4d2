// `select *` on a server. It asks what the columns are called before it runs a statement, which may have been prepared for an older
// schema; SQLite runs it for the present one, and each value stands under the name of another column (sqld 0.24), or the server
// fails. Behind a statement that has looked at the schema, in one transaction, all of it is of one moment.
import type { Client, InStatement, ResultSet, Transaction } from '@libsql/client';
import { LibsqlBatchError, LibsqlError } from '@libsql/core/api';
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
  try {
    const [, result] = await client.batch([look, statement], 'deferred');
    return result as ResultSet;
  } catch (error) {
    throw error instanceof LibsqlBatchError ? asAlone(error) : error;
  }
}

/** Runs statements in a transaction, in one request. */
export async function batchNamed(
  transaction: Pick<Transaction, 'batch'>,
  statements: readonly InStatement[],
): Promise<ResultSet[]> {
  const at = statements.findIndex((statement) => asksEveryColumn(textOf(statement)));
  if (at < 0) return transaction.batch([...statements]);
  try {
    const results = await transaction.batch([...statements.slice(0, at), look, ...statements.slice(at)]);
    return results.toSpliced(at, 1);
  } catch (error) {
    // Told by the place that its statement had without the look.
    const told = statementIndexOf(error);
    throw told !== undefined && told > at ? Object.assign(error as Error, { statementIndex: told - 1 }) : error;
  }
}

/** What the client throws for one statement, which is no batch for whoever asked. */
function asAlone({ message, code, extendedCode, rawCode, cause }: LibsqlBatchError): LibsqlError {
  // A batch has the code in front of its message twice.
  return new LibsqlError(message.replaceAll(`${code}: `, ''), code, extendedCode, rawCode, cause as Error);
}

/** The text of a statement of the client. */
export function textOf(statement: InStatement): string {
  return typeof statement === 'string' ? statement : statement.sql;
}
