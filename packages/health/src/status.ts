// The rules that turn figures into a status with reasons in words.
import type { PoolStats } from '@cc/tx';
import type { ResolvedOptions } from './options.js';
import type { RecentWindow } from './recent-queries.js';
import type { StorageReport } from './storage.js';
import { milliseconds, percent } from './words.js';

/** How the database is. `UNKNOWN`: there is too little to judge by. */
export type HealthStatus = 'OK' | 'WARNING' | 'CRITICAL' | 'UNKNOWN';

/** What is judged. */
export interface Figures {
  readonly monitoring: boolean;
  readonly recent: RecentWindow;
  /** Null when the pool did not answer. */
  readonly pool: PoolStats | null;
  /** Null when the storage was not read yet. */
  readonly storage: StorageReport | null;
}

/** Returns the worst status that a rule found, and what each rule has to say. */
export function judge(
  figures: Figures,
  options: ResolvedOptions,
): { readonly status: HealthStatus; readonly reasons: readonly string[] } {
  const findings = rules
    .map((rule) => rule(figures, options))
    .filter((finding) => finding !== null)
    .sort((a, b) => severity.indexOf(a.status) - severity.indexOf(b.status));
  return { status: findings[0]?.status ?? 'OK', reasons: findings.map(({ reason }) => reason) };
}

const severity: readonly HealthStatus[] = ['CRITICAL', 'WARNING', 'UNKNOWN', 'OK'];

interface Finding {
  readonly status: HealthStatus;
  readonly reason: string;
}

type Rule = (figures: Figures, options: ResolvedOptions) => Finding | null;

const storageAnswers: Rule = ({ storage }) => {
  if (storage === null || storage.readable) return null;
  const damaged = storage.errorType === 'integrity';
  return damaged
    ? { status: 'CRITICAL', reason: `The database file is damaged: ${storage.message}` }
    : { status: 'WARNING', reason: `The figures of the database file could not be read: ${storage.message}` };
};

const fewFailures: Rule = ({ recent }, { minQueries, errorRateWarning, errorRateCritical }) => {
  if (recent.calls === 0 || recent.calls < minQueries) return null;
  const rate = recent.faults / recent.calls;
  const limit = exceeded(rate, errorRateWarning, errorRateCritical);
  if (limit === null) return null;
  const reason = `${recent.faults} of ${recent.calls} recent statements failed (${percent(rate)}, limit ${percent(limit.limit)})`;
  return { status: limit.status, reason };
};

const quickStatements: Rule = ({ recent }, { minQueries, p95WarningMs, p95CriticalMs }) => {
  if (recent.calls === 0 || recent.calls < minQueries) return null;
  const p95Ms = recent.percentile(0.95);
  const limit = exceeded(p95Ms, p95WarningMs, p95CriticalMs);
  if (limit === null) return null;
  const reason = `5 % of the recent statements take ${milliseconds(p95Ms)} or longer (limit ${milliseconds(limit.limit)})`;
  return { status: limit.status, reason };
};

const shortQueue: Rule = ({ pool }, { poolWaitersWarning, poolWaitersCritical }) => {
  if (pool === null) return { status: 'UNKNOWN', reason: 'The connection pool does not answer' };
  const waiting = pool.writersWaiting + pool.readersWaiting;
  const limit = exceeded(waiting, poolWaitersWarning, poolWaitersCritical);
  if (limit === null) return null;
  return { status: limit.status, reason: `${waiting} calls wait for a connection (limit ${limit.limit})` };
};

const watched: Rule = ({ monitoring, recent }) =>
  monitoring || recent.calls > 0 ? null : { status: 'UNKNOWN', reason: 'Monitoring is off: call startMonitoring()' };

const rules: readonly Rule[] = [storageAnswers, fewFailures, quickStatements, shortQueue, watched];

function exceeded(
  value: number,
  warning: number,
  critical: number,
): { readonly status: 'WARNING' | 'CRITICAL'; readonly limit: number } | null {
  if (value > critical) return { status: 'CRITICAL', limit: critical };
  return value > warning ? { status: 'WARNING', limit: warning } : null;
}
