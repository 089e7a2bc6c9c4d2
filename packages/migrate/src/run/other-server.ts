// A replica whose file comes from another server than the one it follows now, or from before that was set back: the first write
// would put the server's state in the place of the file's, which may be the only copy of its rows.
import { isDatabaseError } from '@cc/tx/errors';
import type { MigrationDatabase } from '../contract/connection.js';
import type { MigrationProblem } from '../contract/migration.js';
import { type Ledger, type LogEntry, readLedger } from './ledger.js';

/** How long `status()` waits for a turn to ask the server. */
const askTimeoutMs = 1_000;

/** What the file of a replica says; null where the database is read where it is written. */
export async function ledgerOfFile(transactions: MigrationDatabase, table: string): Promise<Ledger | null> {
  if (!transactions.capabilities.sync) return null;
  using lease = await transactions.getConnection({ mode: 'read' });
  return await readLedger(lease.client, table);
}

/** What the server of a replica says; null where there is none, or it does not answer: the file is all that is known then. */
export async function ledgerOfServer(transactions: MigrationDatabase, table: string): Promise<Ledger | null> {
  if (!transactions.capabilities.sync) return null;
  try {
    using lease = await transactions.getConnection({ mode: 'write', timeoutMs: askTimeoutMs });
    return await readLedger(lease.client, table);
  } catch (error) {
    if (isDatabaseError(error)) return null;
    throw error;
  }
}

/** The problem of a replica whose `file` is not from its `server`. A log only grows, so that of the file begins the server's. */
export function otherServer(file: Ledger, server: Ledger, url: string): MigrationProblem[] {
  const isFurther = file.log.every((entry, index) => {
    const there = server.log[index];
    return there !== undefined && markOf(there) === markOf(entry);
  });
  // drizzle's migrator keeps no log: only ours takes what it applied back.
  const lacks = file.rows.find(({ hash }) => server.log.length === 0 && !server.rows.some((row) => row.hash === hash));
  if (isFurther && !lacks) return [];
  const newest = file.log.at(-1)?.version ?? `a migration of drizzle's migrator`;
  const path = url.replace(/^file:/, '');
  return [
    {
      kind: 'other_server',
      version: newest,
      message: `The replica ${path} holds ${newest} from another server than the one it follows now, or from before that was set back: the first write there would put the server's state in its place`,
      hint: `Follow the server that it came from. If its rows are wanted on this one, make the server from a copy of the file; if not, move ${path} and the files beside it (${path}-*) away, so that it begins anew. Then: cc-migrate status`,
    },
  ];
}

function markOf({ version, direction, hash, at, createdAt }: LogEntry): string {
  return [version, direction, hash, at.getTime(), createdAt].join(' ');
}
