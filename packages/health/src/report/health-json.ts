// The status as health+json: https://datatracker.ietf.org/doc/html/draft-inadarei-api-health-check
import type { HealthMetric } from '../metrics/metric.js';
import type { CurrentHealth, HealthStatus } from '../status.js';

/** The media type of the body. */
export const healthJsonContentType = 'application/health+json';

/** One observation. */
export interface HealthCheck {
  readonly componentType: 'datastore' | 'system' | 'component';
  readonly observedValue: number;
  readonly observedUnit: string;
  readonly time: string;
}

/** A status for HTTP. */
export interface HealthJson {
  /** 200 for OK and WARNING; 503 for CRITICAL and UNKNOWN. */
  readonly httpStatus: 200 | 503;
  readonly body: {
    readonly status: 'pass' | 'warn' | 'fail';
    /** The reasons, a sentence each. */
    readonly output?: string | undefined;
    readonly notes: readonly string[];
    readonly checks: Readonly<Record<string, readonly HealthCheck[]>>;
  };
}

/** Returns the status and a few figures. */
export function healthJson({ status, reasons, asOf }: CurrentHealth, metrics: readonly HealthMetric[]): HealthJson {
  const checks = Object.entries(shown).flatMap(([name, [key, componentType]]) => {
    const metric = metrics.find((candidate) => candidate.name === name);
    if (typeof metric?.value !== 'number') return [];
    const { value: observedValue, unit: observedUnit } = metric;
    return [[key, [{ componentType, observedValue, observedUnit, time: asOf.toISOString() }]] as const];
  });
  const told = words[status];
  return {
    httpStatus: told === 'fail' ? 503 : 200,
    body: {
      status: told,
      ...(reasons.length > 0 && { output: reasons.join('. ') }),
      notes: [status],
      checks: Object.fromEntries(checks),
    },
  };
}

const words: Readonly<Record<HealthStatus, HealthJson['body']['status']>> = {
  OK: 'pass',
  WARNING: 'warn',
  CRITICAL: 'fail',
  // What is not known is never passed off as well.
  UNKNOWN: 'fail',
};

const shown: Readonly<Record<string, readonly [key: string, type: HealthCheck['componentType']]>> = {
  cc_db_recent_query_p95_seconds: ['database:responseTime', 'datastore'],
  cc_db_recent_query_error_ratio: ['database:errorRate', 'datastore'],
  cc_db_connection_waiters: ['database:waiters', 'datastore'],
  cc_db_wal_bytes: ['database:log', 'datastore'],
  cc_disk_free_bytes: ['disk:free', 'system'],
  cc_process_resident_bytes: ['memory:utilization', 'system'],
  cc_process_uptime_seconds: ['uptime', 'system'],
};
