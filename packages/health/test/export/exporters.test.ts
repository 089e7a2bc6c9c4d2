// What other programs get: judged by those programs (promtool, a real Prometheus, prom-client, Hono, the SDK of
// OpenTelemetry, pino), not by a parser of our own.
import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { createServer, type IncomingMessage, request } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Writable } from 'node:stream';
import { context, trace } from '@opentelemetry/api';
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks';
import {
  AggregationTemporality,
  InMemoryMetricExporter,
  MeterProvider,
  PeriodicExportingMetricReader,
} from '@opentelemetry/sdk-metrics';
import { BasicTracerProvider, InMemorySpanExporter, SimpleSpanProcessor } from '@opentelemetry/sdk-trace-base';
import { Hono } from 'hono';
import { pino } from 'pino';
import { Counter, Gauge, type OpenMetricsContentType, Registry } from 'prom-client';
import { expect, onTestFinished, test } from 'vitest';
import { createHealthMonitor, honoHealthHandler, nodeHealthHandler, pinoLogger } from '../../src/index.js';
import { instrumentDatabase } from '../../src/otel.js';
import { registerHealth } from '../../src/prometheus.js';
import { items, onlyWhenAsked, openDatabase } from '../database.js';
import { missing, openBusy, programs, startPrometheus, valueOf } from './scraped.js';

test.skipIf(missing !== '')(`promtool finds nothing wrong with the metrics${missing}`, async () => {
  const { monitor } = await openBusy();
  const check = (input: string): string =>
    execFileSync(programs.promtool, ['check', 'metrics'], {
      input,
      encoding: 'utf8',
      stdio: ['pipe', 'pipe', 'pipe'],
    });
  expect(check(monitor.toPrometheus())).toBe('');
  const registry = new Registry();
  registerHealth(monitor, registry);
  expect(check(await registry.metrics())).toBe('');
});

test.skipIf(missing !== '')(`a real Prometheus scrapes every sample${missing}`, async () => {
  const { monitor } = await openBusy();
  const server = createServer(nodeHealthHandler(monitor)).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const ask = await startPrometheus(server);
  expect(await valueOf(ask, 'cc_db_transactions_total{outcome="commit"}')).toBe('1');
  expect(await valueOf(ask, 'cc_db_query_duration_seconds_bucket{le="+Inf"}')).toBe('3');
  expect(await valueOf(ask, 'up{job="cc"}')).toBe('1');
});

test.skipIf(missing !== '')(`a real Prometheus scrapes a registry that writes OpenMetrics${missing}`, async () => {
  const { monitor } = await openBusy();
  const registry = new Registry<OpenMetricsContentType>();
  registry.setContentType(Registry.OPENMETRICS_CONTENT_TYPE);
  registerHealth(monitor, registry);
  new Counter({ name: 'own_total', help: 'Of the application.', registers: [registry] }).inc();
  const server = createServer((_, response) => {
    void registry.metrics().then((text) => {
      response.setHeader('content-type', registry.contentType);
      response.end(text);
    });
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const ask = await startPrometheus(server);
  expect(await valueOf(ask, 'own_total')).toBe('1');
  expect(await valueOf(ask, 'cc_db_transactions_total{outcome="commit"}')).toBe('1');
  expect(await valueOf(ask, 'cc_db_query_duration_seconds_count')).toBe('3');
  expect(await valueOf(ask, 'up{job="cc"}')).toBe('1');
});

test('counters of OpenMetrics end in _total once, and their family does not', async () => {
  const { monitor } = await openBusy();
  const registry = new Registry();
  const end = registerHealth(monitor, registry);
  registry.setContentType(Registry.OPENMETRICS_CONTENT_TYPE as never);
  const text = await registry.metrics();
  expect(text).toContain('# TYPE cc_db_queries counter\ncc_db_queries_total 3\n');
  expect(text).not.toMatch(/_total_total|# TYPE \w+_total/);
  expect(text).toMatch(/# EOF\n$/);
  registry.setContentType(Registry.PROMETHEUS_CONTENT_TYPE);
  expect(await registry.metrics()).toContain('# TYPE cc_db_queries_total counter\ncc_db_queries_total 3\n');
  end();
  expect(registry.getMetricsAsArray()).toEqual([]);
});

test('a registry that has one of the names gets none of the others, and all of them when it is gone', async () => {
  const { monitor } = await openBusy();
  const registry = new Registry();
  new Gauge({ name: 'cc_process_heap_bytes', help: 'Of somebody else.', registers: [registry] });
  expect(() => registerHealth(monitor, registry)).toThrow(/has a metric cc_process_heap_bytes already/);
  expect(registry.getMetricsAsArray()).toHaveLength(1);
  registry.removeSingleMetric('cc_process_heap_bytes');
  registerHealth(monitor, registry);
  expect(() => registerHealth(monitor, registry)).toThrow(/registry of its own/);
});

test('the text of Prometheus and a registry of prom-client carry the same samples', async () => {
  const { monitor } = await openBusy();
  const registry = new Registry();
  const end = registerHealth(monitor, registry);
  const [theirs, ours] = [await registry.metrics(), monitor.toPrometheus()];
  const samples = (text: string, names: RegExp): string[] =>
    text
      .split('\n')
      .filter((line) => names.test(line))
      .sort();
  const counted = /^cc_(?:db_(?:quer|trans|statement|connect)|cache|operation)\w*(?:_total|_count|_bucket|_sum)?[{ ]/;
  expect(samples(ours, counted).length).toBeGreaterThan(60);
  const steady = (text: string): string[] => samples(text, counted).filter((line) => !line.includes('oldest'));
  expect(steady(theirs)).toEqual(steady(ours));
  expect(ours).not.toContain('secret');
  expect(ours).not.toMatch(/unsupported|unknown\b(?!")|NaN/);
  end();
  expect(await registry.metrics()).toBe('\n');
});

test('halves of surrogate pairs, which UTF-8 does not have, make no two series of one name', async () => {
  const halves = ['\ud83d', '\ud83e', '\udc00'];
  const counts = { hits: 1, misses: 1, errors: 0, bytes: 0 };
  const named = Object.fromEntries(halves.map((half) => [`a${half}`, counts]));
  const cacheStats = () => ({ ...counts, regions: named, tiers: named });
  const monitor = createHealthMonitor((await openDatabase()).manager, { ...onlyWhenAsked, cacheStats });
  for (const half of halves) {
    // The first two are what is left of a pair that was cut in the middle.
    monitor.recordQueryExecution({ sql: `select "${half}"`, durationMs: 1, success: true });
    monitor.recordQueryExecution({ sql: `select "${'x'.repeat(991)}${half}\udc00"`, durationMs: 1, success: true });
    await monitor.measure(`m${half}`, () => 1);
  }
  const registry = new Registry();
  const end = registerHealth(monitor, registry);
  for (const text of [monitor.toPrometheus(), await registry.metrics()]) {
    const series = Buffer.from(text)
      .toString()
      .split('\n')
      .filter((line) => line !== '' && !line.startsWith('#'))
      .map((line) => line.slice(0, line.lastIndexOf(' ')));
    expect(series.filter((one, at) => series.indexOf(one) !== at)).toEqual([]);
    expect(series.filter((one) => one.startsWith('cc_cache_tier_hits_total'))).toHaveLength(3);
  }
  end();
});

test('handlers of node:http and Hono answer probes, scrapes and people, and nothing else', async () => {
  const { monitor, manager } = await openBusy();
  const server = createServer(nodeHealthHandler(monitor)).listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => void server.close());
  const app = new Hono();
  app.all('/internal/*', honoHealthHandler(monitor, { basePath: '/internal' }));
  const base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const both = async (path: string, init?: RequestInit): Promise<Response[]> => [
    await fetch(base + path, init ?? {}),
    await app.request(`/internal${path}`, init),
  ];
  for (const response of await both('/livez')) expect([response.status, await response.text()]).toEqual([200, 'ok\n']);
  for (const response of await both('/readyz')) expect(response.status).toBe(200);
  for (const response of await both('/health')) {
    expect(response.headers.get('content-type')).toBe('application/health+json');
    expect(await response.json()).toMatchObject({
      status: 'pass',
      checks: { 'database:log': [{ observedUnit: 'bytes' }] },
    });
  }
  for (const response of await both('/metrics?x=1')) {
    expect(response.headers.get('content-type')).toContain('version=0.0.4');
    expect(await response.text()).toContain('\ncc_db_queries_total 3\n');
  }
  for (const response of await both('/report')) {
    expect(response.headers.get('content-security-policy')).toContain("default-src 'none'");
    expect(await response.text()).toContain('<h2>Slowest statements</h2>');
  }
  for (const response of await both('/report.json')) expect(await response.json()).toMatchObject({ status: 'OK' });
  for (const response of await both('/constructor')) expect(response.status).toBe(404);
  for (const method of ['POST', 'OPTIONS', 'DELETE']) {
    for (const response of await both('/livez', { method }))
      expect([response.status, response.headers.get('allow')]).toEqual([405, 'GET, HEAD']);
  }
  for (const response of await both('/report', { method: 'HEAD' })) expect(await response.text()).toBe('');
  await manager.close();
  for (const response of await both('/readyz')) expect(response.status).toBe(503);
  for (const response of await both('/livez')) expect(response.status).toBe(200);
});

test.each(['internal', 'internal/', '?a', '/a?b', 5, null])('the basePath %o is refused', async (basePath) => {
  const { monitor } = await openBusy();
  for (const make of [nodeHealthHandler, honoHealthHandler])
    expect(() => make(monitor, { basePath: basePath as never })).toThrow(
      /basePath must be a path that begins with '\/'/,
    );
});

test.each(['', '/', '/internal', '/internal/', '/a/b'])('the basePath %o is answered', async (basePath) => {
  const { monitor } = await openBusy();
  const server = createServer(nodeHealthHandler(monitor, { basePath })).listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => void server.close());
  const { port } = server.address() as AddressInfo;
  const path = `${basePath.replace(/\/$/, '')}/livez`;
  // As a client asks, and as a proxy may.
  for (const target of [path, `${path}?x=1`, `http://library.example${path}`]) {
    const asked = request({ port, host: '127.0.0.1', path: target, agent: false }).end();
    const [response] = (await once(asked, 'response')) as [IncomingMessage];
    response.resume();
    expect([target, response.statusCode]).toEqual([target, 200]);
  }
});

test('a response that somebody has answered or that takes no answer ends nothing', async () => {
  const { monitor } = await openBusy();
  const handler = nodeHealthHandler(monitor);
  const server = createServer((incoming, response) => {
    if (incoming.url === '/livez') response.writeHead(408).end('late');
    // As a framework's own response may.
    else
      response.writeHead = () => {
        throw new TypeError('not here');
      };
    handler(incoming, response);
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => void server.close());
  const base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  expect((await fetch(`${base}/livez`)).status).toBe(408);
  await expect(fetch(`${base}/health`)).rejects.toThrow('fetch failed');
  expect((await fetch(`${base}/livez`)).status).toBe(408);
});

test('statements of ever new tables make no series beyond a limit', async () => {
  const { manager } = await openDatabase();
  const exporter = new InMemoryMetricExporter(AggregationTemporality.CUMULATIVE);
  const reader = new PeriodicExportingMetricReader({ exporter, exportIntervalMillis: 3_600_000 });
  const meterProvider = new MeterProvider({ readers: [reader] });
  onTestFinished(() => meterProvider.shutdown());
  const listeners: ((event: never) => void)[] = [];
  instrumentDatabase({ subscribe: (listener) => (listeners.push(listener), () => undefined) }, { meterProvider });
  await manager.close();
  for (let i = 0; i < 3_000; i += 1) {
    const event = { type: 'query', sql: `select ${i} from table_${i % 1_500}`, durationMs: 1, transactionId: null };
    for (const listener of listeners) listener({ ...event, error: null } as never);
  }
  await reader.forceFlush();
  const metrics = exporter.getMetrics().flatMap(({ scopeMetrics }) => scopeMetrics.flatMap((scope) => scope.metrics));
  const counts = metrics.flatMap(({ dataPoints }): number[] =>
    dataPoints.map(({ value }) => (value as { readonly count: number }).count),
  );
  expect(counts.length).toBe(501);
  expect(counts.reduce((sum, count) => sum + count, 0)).toBe(3_000);
});

test('OpenTelemetry gets durations by the conventions, and spans around transactions', async () => {
  const manager = (await openDatabase()).manager;
  context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());
  onTestFinished(() => context.disable());
  const [spans, exporter] = [new InMemorySpanExporter(), new InMemoryMetricExporter(AggregationTemporality.CUMULATIVE)];
  const tracerProvider = new BasicTracerProvider({ spanProcessors: [new SimpleSpanProcessor(spans)] });
  const reader = new PeriodicExportingMetricReader({ exporter, exportIntervalMillis: 3_600_000 });
  const meterProvider = new MeterProvider({ readers: [reader] });
  onTestFinished(() => meterProvider.shutdown());
  const region = { hits: 0, misses: 0, entries: 0, bytes: 0, evictions: 0 };
  const monitor = createHealthMonitor(manager, { cacheStats: () => ({ ...region, regions: { models: region } }) });
  const end = instrumentDatabase(manager, {
    monitor,
    tracerProvider,
    meterProvider,
    statementSpans: true,
    namespace: 'library',
  });
  const tracer = tracerProvider.getTracer('test');
  await tracer.startActiveSpan('request', async (request) => {
    await manager.transaction(
      async (tx) => {
        await manager.db.insert(items).values({ name: 'secret' });
        await tx.savepoint(async () => manager.db.select().from(items));
      },
      { label: 'checkout' },
    );
    request.end();
  });
  await expect(manager.db.run('select * from nowhere')).rejects.toThrow('no such table');
  await reader.forceFlush();
  end();
  const tree = spans.getFinishedSpans().map((span) => {
    const parent = spans
      .getFinishedSpans()
      .find((other) => other.spanContext().spanId === span.parentSpanContext?.spanId);
    return `${parent?.name ?? '-'} > ${span.name}`;
  });
  expect(tree.sort()).toEqual(
    [
      ...[
        '- > SELECT nowhere',
        '- > request',
        'checkout > INSERT items',
        'checkout > checkout',
        'checkout > SELECT items',
      ].sort(),
      'request > checkout',
    ].sort(),
  );
  const metrics = exporter.getMetrics().flatMap(({ scopeMetrics }) => scopeMetrics.flatMap((scope) => scope.metrics));
  const durations = metrics.find(({ descriptor }) => descriptor.name === 'db.client.operation.duration');
  expect(durations?.descriptor.unit).toBe('s');
  expect(durations?.dataPoints.map(({ attributes }) => attributes)).toContainEqual({
    ...{ 'db.system.name': 'sqlite', 'db.namespace': 'library', 'db.operation.name': 'INSERT' },
    ...{ 'db.query.summary': 'INSERT items', 'db.collection.name': 'items' },
  });
  const names = metrics.map(({ descriptor }) => descriptor.name);
  expect(names).toContain('cc.db.wal');
  expect(names).toContain('cc.cache.bytes');
  expect(names.filter((name) => !/^(?:cc\.[a-z]+|db\.client\.operation)\.\w+$/.test(name))).toEqual([]);
  expect(JSON.stringify([metrics, spans.getFinishedSpans().map(({ attributes }) => attributes)])).not.toContain(
    'secret',
  );
  expect(trace.getActiveSpan()).toBeUndefined();
});

test('pino gets what went wrong as warnings and errors, and no values', async () => {
  const { manager } = await openDatabase();
  const lines: { level: number; msg: string }[] = [];
  const stream = new Writable({
    write(piece, _, done) {
      lines.push(JSON.parse(String(piece)) as { level: number; msg: string });
      done();
    },
  });
  const end = pinoLogger(manager, pino({ level: 'debug' }, stream), { slowQueryMs: 0 });
  await manager.db.insert(items).values({ name: 'secret' });
  await expect(manager.db.insert(items).values({ name: 'secret' })).rejects.toThrow('UNIQUE');
  await expect(manager.transaction(async (tx) => tx.rollback(), { label: 'undone' })).rejects.toThrow('TX_ROLLBACK');
  end();
  await manager.db.select().from(items);
  expect(lines.map(({ level, msg }) => `${level} ${msg}`)).toEqual([
    '40 slow statement',
    '50 statement failed',
    '20 transaction: begin',
    '30 transaction rolled back',
  ]);
  expect(JSON.stringify(lines)).not.toContain('secret');
});
