// verify: tries migrations on a copy of the real database, away from it. round-trips.ts walks the copy up, down and up again.

import { join } from 'node:path';
import { performance } from 'node:perf_hooks';
import { pathToFileURL } from 'node:url';
import { openTransactionManager } from '@cc/tx';
import { DatabaseError, isDatabaseError } from '@cc/tx/errors';
import type { MigrationVerification, VerifyOptions } from '../contract/care.js';
import type { Ground } from '../run/call.js';
import { holding } from '../run/call.js';
import { inPlace, makePlace } from './place.js';
import { walk } from './round-trips.js';

/** Tries the migrations of `ground` on a copy of its database. @throws DatabaseError as `MigrationCare.verify` */
export async function verify(ground: Ground, { steps, encryptionKey }: VerifyOptions): Promise<MigrationVerification> {
  const started = performance.now();
  const options = encryptionKey === undefined ? {} : { encryptionKey };
  const { answer: migrations, copy } = await onCopy(ground, options, (copied) => walk(copied, steps));
  return {
    ok: migrations.every(({ faults }) => faults.length === 0),
    migrations,
    copy: { bytes: copy.bytes, durationMs: Math.round(copy.durationMs) },
    durationMs: Math.round(performance.now() - started),
  };
}

/** Runs `work` on a copy of the database of `ground`, which is gone afterwards. */
export async function onCopy<T>(
  ground: Ground,
  { encryptionKey }: Pick<VerifyOptions, 'encryptionKey'>,
  work: (copied: Ground) => Promise<T>,
): Promise<{ readonly answer: T; readonly copy: { readonly bytes: number; readonly durationMs: number } }> {
  await using place = await makePlace();
  const path = join(place.folder, 'copy.db');
  try {
    const copy = (await isEmpty(ground)) ? { bytes: 0, durationMs: 0 } : await ground.transactions.backup(path);
    // Not into memory, where a table would not fit: what a statement may have to undo. But of secrets nothing goes to such files.
    const settings = encryptionKey ? { encryptionKey } : { pragmas: { temp_store: 'FILE' } };
    await using transactions = await openTransactionManager({ url: pathToFileURL(path).href, ...settings }).catch(
      withoutKey,
    );
    return { answer: await work({ ...ground, transactions }), copy };
  } catch (error) {
    throw inPlace(error);
  }
}

/** A copy that is verified, and no database to whoever opens it, is encrypted. */
function withoutKey(error: unknown): never {
  if (!isDatabaseError(error) || error.code !== 'SQLITE_NOTADB') throw error;
  const { type, code, operation } = error;
  throw new DatabaseError('The copy of an encrypted database opens only with its key', {
    ...{ type, code, operation },
    hint: 'Give it: verify({ encryptionKey }), or plan({ measure: true, encryptionKey })',
    cause: error,
  });
}

/** A new database has nothing to copy, and no page of it could be verified. */
function isEmpty(ground: Ground): Promise<boolean> {
  return holding(ground, 'ask', async (connection) => {
    const { rows } = await connection.execute('SELECT count(*) AS n FROM sqlite_schema');
    return Number(rows[0]?.['n']) === 0;
  });
}
