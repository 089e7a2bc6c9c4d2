// Statements that are good elsewhere, but not where they are sent.
import type { TransactionMode } from '@libsql/client';
import { needsKey, readOnly } from '../errors/refusals.js';
import { type StatementKind, settingIn, statementKind } from './statement-kind.js';
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

/**
 * Refuses the keys of files on a connection that was opened without one: it has no layer that encrypts. A file attached so
 * would be written in plain, and a new key for the database would end the process.
 *
 * @throws DatabaseError `UNSUPPORTED_STATEMENT`
 */
export function refuseKey(sql: string): void {
  const words = [...tokensOf(sql)].map((word) => word.toLowerCase()).filter((word) => word !== ';');
  // `ATTACH 'a.db' AS key` names the schema.
  const attachesWithKey = words[0] === 'attach' && words.lastIndexOf('key') > words.lastIndexOf('as') + 1;
  if (attachesWithKey || words.some((word) => word.includes('vfs=multipleciphers'))) throw needsKey('ATTACH … KEY');
  const setting = settingIn(sql);
  if (setting !== undefined && keys.test(setting)) throw needsKey(`PRAGMA ${setting}`);
}

const keys = /^(?:hex|text)?(?:re)?key$/;

/** Refuses what a client's transaction of mode `read` does not take. @throws DatabaseError `readonly` (`TX_READ_ONLY`) */
export function refuseWriteIn(mode: TransactionMode, sql: string): void {
  if (mode !== 'read') return;
  const kind = statementKind(sql);
  const asks = kind === 'read' || kind === 'explain' || kind === 'control' || (kind === 'database' && !acts.test(sql));
  if (!asks) throw readOnly(sql);
}

const acts = /=|vacuum|optimize|checkpoint/i;
