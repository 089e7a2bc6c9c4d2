// What @cc/health needs of a transaction manager. Any object of this shape serves; with a real one it opens connections of
// its own beside the pool.
import type { Capabilities, ConnectionLease, ConnectionOptions, ManagerEvent, PoolStats } from '@cc/tx';

/** What the monitor needs of a transaction manager. */
export interface HealthSource {
  /** Without credentials: reports show it. */
  readonly url: string;
  readonly capabilities?: Pick<Capabilities, 'target'>;
  subscribe(listener: (event: ManagerEvent) => void): () => void;
  stats(): PoolStats;
  getConnection(options?: ConnectionOptions): Promise<ConnectionLease>;
}
