// Opens the database of a fuzz on every kind of target.
import { patient, placeIn, type TargetName } from '@cc/testkit/targets';
import { temporaryFolder } from '@cc/testkit/temporary-folder';
import { openTransactionManager } from '@cc/tx';
import { onTestFinished } from 'vitest';
import { type Manager, makeVersions, schema } from './run-fuzz.js';

/** A manager on a database with the table, and where others reach the same database. */
export interface Opened {
  readonly transactions: Manager;
  readonly url: string;
  readonly folder: string;
}

/** Opens it; it is closed after the test. `first`: the version that a row begins with. */
export async function openVersions(name: TargetName, first = (_id: number): number => 1): Promise<Opened> {
  const folder = await temporaryFolder();
  const place = await placeIn(folder, name);
  const transactions = await openTransactionManager({ ...place, schema, ...patient });
  onTestFinished(() => transactions.close({ drainMs: 0 }));
  await makeVersions(transactions, first);
  return { transactions, url: place.syncUrl ?? place.url, folder };
}
