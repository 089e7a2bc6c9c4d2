// The copy of a database that is made before migrations run, and how errors say the way back to it. call.ts asks.

import { basename, dirname, join } from 'node:path';
import { DatabaseError, isDatabaseError } from '@cc/tx/errors';
import type { MigrationDatabase } from '../contract/connection.js';
import { typed } from '../errors.js';
import { pathOf } from './database-file.js';

/**
 * Makes a verified copy at `where`, or with `true` under a name of its own, and returns its path.
 *
 * @throws DatabaseError of `backup()`; nothing has run then
 */
export async function backUp(
  transactions: MigrationDatabase,
  where: string | true,
  { version, now }: { readonly version: string | null; readonly now: Date },
): Promise<string> {
  // A replica's file is copied as it is: first it must have what its server has.
  if (transactions.capabilities.sync) await transactions.sync();
  const { path } = await transactions.backup(where === true ? nameFor(transactions.url, version, now) : where);
  return path;
}

/** `app.0003_tags.20250102T030405Z.db` beside `app.db`; in the current folder when there is no file beside which. */
function nameFor(url: string, version: string | null, now: Date): string {
  const stamp = now.toISOString().replaceAll(/[-:]|\.\d+/g, '');
  const path = pathOf(url) ?? null;
  const name = path === null ? 'database' : basename(path).replace(/\.(?:db|sqlite3?)$/, '');
  return join(path === null ? '.' : dirname(path), `${name}.${version ?? 'empty'}.${stamp}.db`);
}

/** `error` with the way back in its hint. */
export function withWayBack(error: unknown, backup: string): unknown {
  if (!isDatabaseError(error)) return error;
  const { type, code, operation, constraint, outcome, recoverable, hint, cause } = error;
  return new DatabaseError(error.reason, {
    type,
    code,
    operation,
    outcome,
    recoverable,
    hint: `${hint}${hint === '' ? '' : '. '}The database from before is in ${backup}: cc-migrate restore ${typed(backup)}`,
    ...(constraint && { constraint }),
    cause: cause ?? error,
  });
}
