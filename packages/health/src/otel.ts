// The entry @cc/health/otel: durations of statements after the semantic conventions of databases, spans around
// transactions, and the figures of a monitor as observable instruments. It speaks to the API only: without an SDK it does nothing.
// https://opentelemetry.io/docs/specs/semconv/database/
import type { ManagerEvent } from '@cc/tx';
import { refuseUnknownOptions } from '@cc/tx/known-options';
import {
  type Attributes,
  type Context,
  context,
  isSpanContextValid,
  type MeterProvider,
  metrics,
  type Observable,
  type Span,
  SpanKind,
  SpanStatusCode,
  TraceFlags,
  type TracerProvider,
  trace,
} from '@opentelemetry/api';
import { catalogue, type MetricDefinition } from './metrics/catalogue.js';
import type { HealthMetric } from './metrics/metric.js';
import type { HealthSource } from './source.js';
import type { TraceReference } from './statistics/exemplars.js';
import { fingerprint } from './statistics/fingerprint.js';
import { type StatementSummary, summaryOf } from './statistics/statement-summary.js';
import type { DatabaseHealthMonitor } from './types.js';

/** Options of `instrumentDatabase`. */
export interface InstrumentOptions {
  /** Its figures are observed at each collection. Default: durations and spans only. */
  readonly monitor?: Pick<DatabaseHealthMonitor, 'getHealthMetrics'> | undefined;
  /** `db.namespace` of everything. Default: none. */
  readonly namespace?: string | undefined;
  /** A span for each statement too, with its text without literals. Default false. */
  readonly statementSpans?: boolean | undefined;
  /** Default: the global ones. */
  readonly meterProvider?: MeterProvider | undefined;
  readonly tracerProvider?: TracerProvider | undefined;
}

/**
 * The span that is active here, if its trace is recorded: the option `exemplar` of `createHealthMonitor`, by which the buckets
 * of its histograms lead to traces.
 */
export function activeSpan(): TraceReference | undefined {
  const active = trace.getActiveSpan()?.spanContext();
  if (!active || !isSpanContextValid(active) || (active.traceFlags & TraceFlags.SAMPLED) === 0) return undefined;
  return { traceId: active.traceId, spanId: active.spanId };
}

type Event<T extends ManagerEvent['type']> = Extract<ManagerEvent, { readonly type: T }>;

/** Reports the statements and transactions of a manager. Returns the function that ends it. @throws TypeError for an unknown option */
export function instrumentDatabase(
  transactions: Pick<HealthSource, 'subscribe'>,
  options: InstrumentOptions = {},
): () => void {
  const known = ['monitor', 'namespace', 'statementSpans', 'meterProvider', 'tracerProvider'];
  refuseUnknownOptions('instrumentDatabase', options, known);
  const { monitor, meterProvider = metrics.getMeterProvider(), tracerProvider = trace.getTracerProvider() } = options;
  const meter = meterProvider.getMeter('@cc/health');
  const duration = meter.createHistogram('db.client.operation.duration', {
    unit: 's',
    description: 'Duration of database client operations.',
    advice: { explicitBucketBoundaries: [0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1, 5, 10] },
  });
  const spans = new TransactionSpans(tracerProvider.getTracer('@cc/health'), options);
  const summaries = new Summaries();
  const unsubscribe = transactions.subscribe((event) => {
    if (event.type === 'transaction') spans.transaction(event);
    if (event.type !== 'query') return;
    const attributes = attributesOf(event, summaries.of(event.sql), options);
    const around = spans.contextOf(event);
    if (options.statementSpans === true) spans.statement(event, attributes, around);
    duration.record(event.durationMs / 1_000, attributes, around);
  });
  const stop = monitor && observe(meter, monitor);
  return () => {
    unsubscribe();
    stop?.();
    spans.end();
  };
}

class TransactionSpans {
  readonly #tracer: ReturnType<TracerProvider['getTracer']>;
  readonly #options: InstrumentOptions;
  readonly #open = new Map<string, Span>();

  constructor(tracer: ReturnType<TracerProvider['getTracer']>, options: InstrumentOptions) {
    this.#tracer = tracer;
    this.#options = options;
  }

  transaction(event: Event<'transaction'>): void {
    const { id, phase, depth, mode, label, error } = event;
    if (phase === 'begin') {
      const parent = this.#open.get(outer(id));
      const attributes: Attributes = { ...common(this.#options), 'cc.transaction.mode': mode };
      if (label !== undefined) attributes['cc.transaction.label'] = label;
      const name = label ?? (depth === 0 ? 'transaction' : 'savepoint');
      const around = parent ? trace.setSpan(context.active(), parent) : context.active();
      this.#open.set(id, this.#tracer.startSpan(name, { kind: SpanKind.INTERNAL, attributes }, around));
      return;
    }
    const span = this.#open.get(id);
    if (!span) return;
    this.#open.delete(id);
    span.setAttribute('cc.transaction.outcome', phase);
    if (error) {
      span.setAttribute('error.type', error.code);
      span.setStatus({ code: SpanStatusCode.ERROR, message: error.code });
    }
    span.end();
  }

  statement(event: Event<'query'>, attributes: Attributes, around: Context): void {
    const startTime = Date.now() - event.durationMs;
    const name = String(attributes['db.query.summary']);
    const more = { ...attributes, 'db.query.text': fingerprint(event.sql) };
    const span = this.#tracer.startSpan(name, { kind: SpanKind.CLIENT, attributes: more, startTime }, around);
    if (event.error) span.setStatus({ code: SpanStatusCode.ERROR, message: event.error.code });
    span.end();
  }

  /** The context that a statement ran in, for SDKs that keep exemplars. */
  contextOf({ transactionId }: Event<'query'>): Context {
    const span = transactionId === null ? undefined : this.#open.get(transactionId);
    return span ? trace.setSpan(context.active(), span) : context.active();
  }

  end(): void {
    for (const span of this.#open.values()) span.end();
    this.#open.clear();
  }
}

/** The id of the transaction that a savepoint belongs to: that of the savepoint has a suffix. */
function outer(id: string): string {
  return id.slice(0, Math.max(0, id.lastIndexOf('.')));
}

function common({ namespace }: InstrumentOptions): Attributes {
  return { 'db.system.name': 'sqlite', ...(namespace !== undefined && { 'db.namespace': namespace }) };
}

/** Summaries of statements, few of them: they are labels of a metric, and every new one is a series that never goes. */
class Summaries {
  readonly #byText = new Map<string, StatementSummary>();
  readonly #known = new Set<string>();

  of(sql: string): StatementSummary {
    const known = this.#byText.get(sql);
    if (known) return known;
    const summary = this.#bounded(summaryOf(sql));
    if (this.#byText.size >= mostTexts) this.#byText.clear();
    if (sql.length <= longestText) this.#byText.set(sql, summary);
    return summary;
  }

  /** Beyond the limit only the operation is told. */
  #bounded(summary: StatementSummary): StatementSummary {
    const { operation, text } = summary;
    if (this.#known.has(text)) return summary;
    if (this.#known.size >= mostSummaries) return { operation, tables: [], text: operation };
    this.#known.add(text);
    return summary;
  }
}

const mostSummaries = 500;
const mostTexts = 1_000;
const longestText = 4_000;

function attributesOf({ error }: Event<'query'>, summary: StatementSummary, options: InstrumentOptions): Attributes {
  const { operation, tables, text } = summary;
  const [table, another] = tables;
  return {
    ...common(options),
    'db.operation.name': operation,
    'db.query.summary': text,
    ...(table !== undefined && another === undefined && { 'db.collection.name': table }),
    ...(error && { 'error.type': error.code }),
  };
}

type Meter = ReturnType<MeterProvider['getMeter']>;

/** Counters and gauges; the durations have their own histogram. */
function observe(meter: Meter, monitor: Pick<DatabaseHealthMonitor, 'getHealthMetrics'>): () => void {
  const instruments = new Map<string, Observable>();
  for (const [name, definition] of Object.entries<MetricDefinition>(catalogue)) {
    const { type, unit, help } = definition;
    if (type !== 'counter' && type !== 'gauge') continue;
    const settings = { unit: units[unit], description: help };
    const of = otelName(name);
    instruments.set(
      name,
      type === 'counter' ? meter.createObservableCounter(of, settings) : meter.createObservableGauge(of, settings),
    );
  }
  const all = [...instruments.values()];
  const callback: Parameters<Meter['addBatchObservableCallback']>[0] = async (result) => {
    for (const { name, labels, value } of await monitor.getHealthMetrics()) {
      const instrument = instruments.get(name);
      if (instrument && typeof value === 'number') result.observe(instrument, value, labels);
    }
  };
  meter.addBatchObservableCallback(callback, all);
  return () => meter.removeBatchObservableCallback(callback, all);
}

const units: Readonly<Record<HealthMetric['unit'], string>> = { count: '1', seconds: 's', bytes: 'By', ratio: '1' };

/** `cc_db_wal_bytes` is `cc.db.wal`: there the unit is no part of the name, unless nothing else is (`cc.cache.bytes`). */
function otelName(name: string): string {
  return name
    .replace(/_total$/, '')
    .replace(/^(cc_[a-z]+_\w+)_(?:bytes|seconds)$/, '$1')
    .replace(/^cc_(\w+?)_/, 'cc.$1.');
}
