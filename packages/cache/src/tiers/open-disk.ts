// Where the disk tier of a cache lies, and how it is told that the database is still the one that its values were read from.
import { fileURLToPath } from 'node:url';
import type { BoundTransactions } from '../types.js';
import type { CacheTier } from './tier.js';

/** A disk tier, and what is to be done once it is closed. */
export interface OpenDisk {
  readonly tier: CacheTier;
  readonly close: () => void;
}

/** Opens the disk tier. @throws TypeError when its path is not given and the database is no local file */
export async function diskTierOf(
  { path, maxBytes }: { readonly path: string | undefined; readonly maxBytes: number },
  transactions: BoundTransactions | undefined,
  now: () => number,
  onEvent: (reason: string) => void,
): Promise<OpenDisk> {
  const place = path ?? besideDatabase(transactions);
  const { openDiskTier, sealDiskTier } = await import('./disk-tier.js');
  const tier = await openDiskTier({ path: place, maxBytes, now, onEvent, proof: () => transactions?.changes.proof() });
  return {
    tier,
    // The file of the database changes once more when it is closed: only then is it known what it is to be compared with.
    close: () => void transactions?.changes.onClose((proof) => proof !== undefined && sealDiskTier(place, proof)),
  };
}

function besideDatabase(transactions: BoundTransactions | undefined): string {
  const url = transactions?.url ?? '';
  if (url.startsWith('file://')) return `${fileURLToPath(url)}.cache`;
  if (url.startsWith('file:')) return `${decodeURIComponent(url.slice('file:'.length))}.cache`;
  throw new TypeError('disk: give its path; only beside a local database file is there a place for it by itself');
}
