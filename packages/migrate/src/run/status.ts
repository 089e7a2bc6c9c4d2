// The public picture of where a database stands, for status().

import type { MigrationStatus } from '../types.js';
import type { Standing } from './standing.js';
import { wayBackOf } from './way-back.js';

/** Returns `standing` without file texts. */
export function statusOf({ applied, pending, problems }: Standing): MigrationStatus {
  return {
    current: applied.at(-1)?.version ?? null,
    applied: applied.map(({ version, createdAt, hash, run, downSql }) => ({
      version,
      createdAt,
      hash,
      appliedAt: run?.at ?? null,
      durationMs: run?.durationMs ?? null,
      reversible: wayBackOf(downSql) === 'ready',
      wayBack: wayBackOf(downSql),
    })),
    pending: pending.map(({ version, createdAt, hash, downSql }) => ({
      version,
      createdAt,
      hash,
      reversible: wayBackOf(downSql) === 'ready',
      wayBack: wayBackOf(downSql),
    })),
    problems,
  };
}
