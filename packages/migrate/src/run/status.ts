// The public picture of where a database stands, for status().

import type { MigrationStatus } from '../contract/migration.js';
import { lastRunOf } from './ledger.js';
import type { Standing } from './standing.js';
import { wayBackOf } from './way-back.js';

/** Returns `standing` without file texts. */
export function statusOf({ applied, pending, problems, ledger }: Standing): MigrationStatus {
  return {
    current: applied.at(-1)?.version ?? null,
    applied: applied.map(({ version, createdAt, hash, run, downSql }) => {
      const ran = run && lastRunOf(ledger.log, run);
      return {
        version,
        createdAt,
        hash,
        appliedAt: ran?.at ?? null,
        durationMs: ran?.durationMs ?? null,
        kind: run?.kind ?? 'drizzle',
        wayBack: wayBackOf(downSql),
      };
    }),
    pending: pending.map(({ version, createdAt, hash, downSql }) => ({
      version,
      createdAt,
      hash,
      wayBack: wayBackOf(downSql),
    })),
    problems,
  };
}
