// Statements that are good elsewhere, but not where they are sent.
import type { TransactionMode } from '@libsql/client';
import { readOnly } from '../errors/refusals.js';
import { type StatementKind, statementKind } from './statement-kind.js';
import { tokensOf } from './statement-text.js';

/** Refuses what a statement of its own must not do, because it would meet one of several connections. @throws TypeError */
export function refuseForeign(kind: StatementKind, sql: string): void {
  if (kind === 'control') {
    throw new TypeError('Transactions are begun and ended by transaction() and savepoint(), not by SQL text');
  }
  if (kind !== 'connection') return;
  const [first = '', second = ''] = tokensOf(sql);
  throw new TypeError(
    `${first} ${second} … changes one connection only, and there are several: set pragmas with the option 'pragmas', and hold a connection with getConnection() for TEMP objects, ATTACH, and a tool that sets a pragma for a while`,
  );
}

/** Refuses what a client's transaction of mode `read` does not take. @throws DatabaseError `readonly` (`TX_READ_ONLY`) */
export function refuseWriteIn(mode: TransactionMode, sql: string): void {
  if (mode !== 'read') return;
  const kind = statementKind(sql);
  const asks = kind === 'read' || kind === 'explain' || kind === 'control' || (kind === 'database' && !acts.test(sql));
  if (!asks) throw readOnly(sql);
}

const acts = /=|vacuum|optimize|checkpoint/i;
