// Where the disk tier of a cache lies, and how it is told that the database is still the one that its values were read from.
import type { Coherence } from '../coherence/coherence.js';
import type { BoundTransactions } from '../contract/bound.js';
import type { CacheTier } from '../contract/tier.js';
import { pathOf } from '../options.js';

/** A disk tier, and how it is closed so that the next process can go on with it. */
export interface OpenDisk {
  readonly tier: CacheTier;
  /** From here on the transaction manager watches for commits; called before the last look at the database. */
  awaitEnd(): void;
  /** The tier is closed. */
  closed(): void;
}

/** What a disk tier is opened with, beside its own options. */
export interface DiskSurroundings {
  readonly transactions: BoundTransactions | undefined;
  readonly coherence: Coherence;
  readonly now: () => number;
  readonly onEvent: (reason: string) => void;
}

/** Opens the disk tier. @throws TypeError when its path is not given and the database is no local file, and where that is encrypted */
export async function diskTierOf(
  { path, maxBytes }: { readonly path: string | undefined; readonly maxBytes: number },
  { transactions, coherence, now, onEvent }: DiskSurroundings,
): Promise<OpenDisk> {
  if (transactions?.capabilities?.encrypted === true)
    throw new TypeError('disk: the database is encrypted, and what is kept of it on disk would not be; leave disk out');
  const place = path ?? besideDatabase(transactions);
  const { openDiskTier } = await import('./disk-tier.js');
  // A commit that nobody has looked at yet is in the proof and not in what is kept: the look comes second.
  const proof = (): string | undefined => {
    const told = transactions?.changes.proof();
    return coherence.isStill() ? told : undefined;
  };
  const tier = await openDiskTier({ path: place, maxBytes, now, onEvent, proof });
  let isClosed = false;
  return {
    tier,
    awaitEnd() {
      // The file of the database changes once more when it is closed: only then is it known what it is to be compared with.
      transactions?.changes.onClose((last) => {
        if (last !== undefined && isClosed) tier.seal(last);
      });
    },
    closed() {
      isClosed = true;
    },
  };
}

function besideDatabase(transactions: BoundTransactions | undefined): string {
  const url = transactions?.url ?? '';
  if (url.startsWith('file:')) return `${pathOf(url)}.cache`;
  throw new TypeError('disk: give its path; only beside a local database file is there a place for it by itself');
}
