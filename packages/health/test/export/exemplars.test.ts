// Exemplars: from a bucket of a scrape to the trace that fell into it, judged by a real Prometheus and by prom-client.
import { once } from 'node:events';
import { createServer } from 'node:http';
import { context, trace } from '@opentelemetry/api';
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks';
import { BasicTracerProvider } from '@opentelemetry/sdk-trace-base';
import { Hono } from 'hono';
import { type OpenMetricsContentType, Registry } from 'prom-client';
import { expect, onTestFinished, test } from 'vitest';
import { createHealthMonitor, honoHealthHandler, nodeHealthHandler } from '../../src/index.js';
import { activeSpan } from '../../src/otel.js';
import { registerHealth } from '../../src/prometheus.js';
import { items, openDatabase } from '../database.js';
import { missing, openBusy, startPrometheus, valueOf } from './scraped.js';

/** A monitor whose statements and transactions run in a span of a recorded trace, and one in a span that is not. */
async function openTraced() {
  const { manager } = await openDatabase();
  context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());
  onTestFinished(() => context.disable());
  const tracer = new BasicTracerProvider().getTracer('test');
  const monitor = createHealthMonitor(manager, { exemplar: activeSpan });
  await monitor.startMonitoring();
  onTestFinished(() => monitor.stopMonitoring());
  await manager.db.insert(items).values({ name: 'outside of any span' });
  const ids = await tracer.startActiveSpan('request', async (span) => {
    await manager.transaction(() => manager.db.insert(items).values({ name: 'inside' }));
    span.end();
    return span.spanContext();
  });
  const unsampled = { traceId: 'a'.repeat(32), spanId: 'b'.repeat(16), traceFlags: 0 };
  await context.with(trace.setSpanContext(context.active(), unsampled), () => manager.db.select().from(items));
  await monitor.getHealthMetrics();
  return { monitor, ...ids };
}

test('OpenMetrics has exemplars on buckets, and the other format has none', async () => {
  const { monitor, traceId, spanId } = await openTraced();
  const text = monitor.toPrometheus({ format: 'openmetrics' });
  const exemplars = text.split('\n').filter((line) => line.includes(' # '));
  expect(exemplars.length).toBeGreaterThanOrEqual(2);
  for (const line of exemplars) {
    const [, name, le, labels = '', value] =
      /^(\w+)\{le="([^"]+)"\} \d+ # \{(.*)\} (\S+) \d+(?:\.\d+)?$/.exec(line) ?? [];
    expect(name).toMatch(/^cc_db_(?:query|transaction)_duration_seconds_bucket$/);
    expect(labels).toBe(`trace_id="${traceId}",span_id="${spanId}"`);
    expect(labels.replaceAll(/[="]/g, '').length).toBeLessThanOrEqual(128);
    expect(Number(value)).toBeLessThanOrEqual(Number(le?.replace('+Inf', 'Infinity')));
  }
  expect(text).toMatch(/le="1\.0"/);
  expect(text).toMatch(/\n# EOF\n$/);
  expect(monitor.toPrometheus()).not.toMatch(/trace_id|# EOF|le="1\.0"/);
  expect(() => monitor.toPrometheus({ format: 'OpenMetrics' as never })).toThrow(
    /format must be one of prometheus, open/,
  );
  expect(() => monitor.toPrometheus({ formt: 'openmetrics' } as never)).toThrow(/did you mean 'format'/);

  // prom-client writes the same from a registry.
  const registry = new Registry<OpenMetricsContentType>();
  registry.setContentType(Registry.OPENMETRICS_CONTENT_TYPE);
  registerHealth(monitor, registry);
  const ofDurations = (written: string): string[] =>
    written.split('\n').filter((line) => /^cc_db_(?:query|transaction)_duration/.test(line));
  expect(ofDurations(await registry.metrics())).toEqual(ofDurations(text));
});

test.each([
  [undefined, 'text/plain'],
  ['text/plain;version=0.0.4', 'text/plain'],
  ['application/openmetrics-text;q=0.2, text/plain;q=0.8', 'text/plain'],
  ['application/openmetrics-text;q=0, */*', 'text/plain'],
  ['*/*', 'text/plain'],
  [
    'application/openmetrics-text; version=1.0.0; q=0.5,text/plain;version=0.0.4;q=0.3,*/*;q=0.1',
    'application/openmetrics-text',
  ],
])('whoever accepts %o is served %s', async (accept, type) => {
  const { monitor } = await openBusy();
  const app = new Hono().all('/*', honoHealthHandler(monitor));
  const response = await app.request('/metrics', { headers: accept === undefined ? {} : { accept } });
  expect(response.headers.get('content-type')).toMatch(new RegExp(`^${type};`));
  expect((await response.text()).endsWith('# EOF\n')).toBe(type !== 'text/plain');
});

test.each([
  [
    'throws',
    () => {
      throw new Error('no tracer');
    },
  ],
  ['is nothing', () => undefined],
  ['is null', () => null],
  ['has ids of zeros', () => ({ traceId: '0'.repeat(32), spanId: '0'.repeat(16) })],
  ['has an id with a quote', () => ({ traceId: `"${'a'.repeat(31)}`, spanId: 'b'.repeat(16) })],
])('a span that %s is no exemplar, and its statement counts', async (_, exemplar) => {
  const { manager } = await openDatabase();
  const monitor = createHealthMonitor(manager, { exemplar: exemplar as () => undefined });
  await monitor.startMonitoring();
  onTestFinished(() => monitor.stopMonitoring());
  await manager.db.select().from(items);
  const text = monitor.toPrometheus({ format: 'openmetrics' });
  expect(text).toContain('\ncc_db_queries_total 1\n');
  expect(text).not.toContain(' # {');
});

test.skipIf(missing !== '')(`a real Prometheus keeps the exemplars${missing}`, async () => {
  const { monitor, traceId } = await openTraced();
  const server = createServer(nodeHealthHandler(monitor)).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const ask = await startPrometheus(server, '--enable-feature=exemplar-storage');
  expect(await valueOf(ask, 'cc_db_transactions_total{outcome="commit"}')).toBe('1');
  const span = `start=${Date.now() / 1_000 - 3_600}&end=${Date.now() / 1_000 + 3_600}`;
  const [found] = await ask(`query_exemplars?query=cc_db_transaction_duration_seconds_bucket&${span}`);
  expect(found).toMatchObject({ exemplars: [{ labels: { trace_id: traceId } }] });
});
