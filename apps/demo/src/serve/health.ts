// How the library is, for people and for programs that watch it; and the jobs that look after it.
import { type HealthAlert, honoHealthHandler, type PlanNode } from '@cc/health';
import type { HealthPage } from './contract-care.js';
import { type chartRanges, chartsOf } from './health-charts.js';
import { asked, notFound, topic } from './problem.js';
import { acknowledge, health, listJobs, postAnalyze, postJob } from './routes.js';
import type { Serving } from './serving.js';

/** The routes of health. */
export function healthRoutes(serving: Serving) {
  const { library, jobs } = serving;
  const monitor = library.health;
  return topic()
    .openapi(health, async (c) => c.json(await healthOf(serving, c.req.valid('query').range), 200))
    .openapi(acknowledge, (c) => {
      if (!monitor.acknowledgeAlert(c.req.valid('param').id, { by: 'the page' })) throw notFound('Such an alert');
      return c.body(null, 204);
    })
    .openapi(postAnalyze, async (c) => {
      const found = await asked(() =>
        monitor.analyzeQuery(c.req.valid('json').statement, { signal: c.req.raw.signal }),
      );
      const { statement, plan, fullScans, temporarySorts, message, advice } = found;
      return c.json(
        {
          ...{
            statement,
            message,
            plan: linesOf(plan),
            fullScans: [...fullScans],
            temporarySorts: [...temporarySorts],
          },
          advice: advice.map(({ table, sql, command, stepsBefore, stepsAfter, bytes }) => ({
            ...{ table, sql, command, stepsBefore, stepsAfter, bytes },
          })),
        },
        200,
      );
    })
    .openapi(postJob, (c) => c.json({ id: jobs.add(c.req.valid('json').kind) }, 202))
    .openapi(listJobs, (c) => c.json({ items: [...jobs.list()] }, 200));
}

/** `/healthz`, `/readyz` and `/metrics`, for programs. */
export function probeRoutes({ library }: Serving) {
  const answer = honoHealthHandler(library.health);
  return topic()
    .get('/healthz', (c) => c.text('ok\n', 200, { 'cache-control': 'no-store' }))
    .get('/readyz', answer)
    .get('/metrics', answer);
}

async function healthOf({ library, jobs }: Serving, range: keyof typeof chartRanges = 'hour'): Promise<HealthPage> {
  const report = await library.health.generateHealthReport();
  const { queries, storage, cache, process: own } = report;
  return {
    status: report.status,
    asOf: report.generatedAt.toISOString(),
    reasons: [...report.reasons],
    alerts: report.alerts.map(alertOf),
    recommendations: report.recommendations.map(({ reason, ...advice }) => ({ reason, ...adviceOf(advice) })),
    charts: await chartsOf(library, range, report.generatedAt),
    queries: { ...durationsOf(queries), statements: queries.statements, errorRate: queries.recent.errorRate },
    slowest: queries.slowest.map(({ statement, share, rows, labels, plan, fullScans, ...durations }) => ({
      ...{ statement, share, rows },
      ...durationsOf(durations),
      labels: labels.map(({ label }) => label),
      plan: plan && [...plan],
      fullScans: fullScans && [...fullScans],
    })),
    storage: storage.readable
      ? {
          bytes: storage.bytes,
          freeBytes: storage.freePages * storage.pageSize,
          walBytes: storage.walBytes,
          diskFreeBytes: storage.disk?.freeBytes ?? null,
          journalMode: storage.journalMode,
        }
      : null,
    cache: cache && {
      ...{
        hits: cache.hits,
        misses: cache.misses,
        hitRatio: cache.hitRatio,
        bytes: cache.bytes,
        entries: cache.entries,
      },
      regions: Object.entries(cache.regions).map(([name, { hits, misses, hitRatio }]) => ({
        name,
        hits,
        misses,
        hitRatio,
      })),
    },
    checks: report.checks.map(({ kind, status, message, startedAt, findings }) => ({
      ...{ kind, status, message, startedAt: startedAt.toISOString() },
      findings: findings.map(({ message: what, hint }) => ({ message: what, hint })),
    })),
    settings: (report.settings ?? []).map(({ setting, severity, reason, text }) => ({
      setting,
      severity,
      reason,
      text,
    })),
    backups: await jobs.backups(),
    process: { rssBytes: own.rssBytes, uptimeSeconds: own.uptimeMs / 1_000 },
  };
}

function alertOf(alert: HealthAlert): HealthPage['alerts'][number] {
  const { id, rule, state, severity, reason, advice, startedAt, acknowledged } = alert;
  return {
    ...{ id, rule, state, severity, reason, advice: advice && adviceOf(advice), startedAt: startedAt.toISOString() },
    acknowledged: acknowledged && { at: acknowledged.at.toISOString(), by: acknowledged.by },
  };
}

function adviceOf({ text, sql, command }: { text: string; sql?: string | undefined; command?: string | undefined }) {
  return { text, ...(sql !== undefined && { sql }), ...(command !== undefined && { command }) };
}

function durationsOf({ calls, errors, totalMs, meanMs, p50Ms, p95Ms, p99Ms, maxMs }: Durations): Durations {
  return { calls, errors, totalMs, meanMs, p50Ms, p95Ms, p99Ms, maxMs };
}

type Durations = Omit<HealthPage['queries'], 'statements' | 'errorRate'>;

function linesOf(plan: readonly PlanNode[], depth = 0): string[] {
  return plan.flatMap(({ detail, children }) => [`${'  '.repeat(depth)}${detail}`, ...linesOf(children, depth + 1)]);
}
