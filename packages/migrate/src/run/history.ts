// Every run of a migration, for history(): our log, and what drizzle's own migrator left without a time.

import type { MigrationHistoryEntry } from '../contract/migration.js';
import type { Applied, Standing } from './standing.js';

/**
 * Returns the runs, oldest first. Those of drizzle's migrator stand before the first run of ours that came on top of
 * them, which is as much as the database knows.
 */
export function historyOf({ applied, ledger }: Standing): readonly MigrationHistoryEntry[] {
  const history: MigrationHistoryEntry[] = [];
  let foreign = applied.filter(({ run }) => run === null);
  const settle = (below: number): void => {
    history.push(...foreign.filter(({ createdAt }) => createdAt < below).map(withoutTime));
    foreign = foreign.filter(({ createdAt }) => createdAt >= below);
  };
  for (const { version, direction, kind, repaired, hash, at, durationMs, who, createdAt } of ledger.log) {
    settle(createdAt);
    const tookMs = kind === 'run' ? durationMs : null;
    history.push({ version, direction, kind, repaired, hash, at, durationMs: tookMs, who });
  }
  settle(Infinity);
  return history;
}

function withoutTime({ version, hash }: Applied): MigrationHistoryEntry {
  return { version, direction: 'up', kind: 'run', repaired: null, hash, at: null, durationMs: null, who: null };
}
