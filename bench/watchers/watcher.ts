// What listens to the statements of a manager in the phase `watching`: our monitor, and the usual histograms of others with
// the text of the statement as their label, as a hand would wire them up.
import { createHealthMonitor } from '@cc/health';
import type { ManagerEvent } from '@cc/tx';
import {
  AggregationTemporality,
  InMemoryMetricExporter,
  MeterProvider,
  PeriodicExportingMetricReader,
} from '@opentelemetry/sdk-metrics';
import { Histogram, Registry } from 'prom-client';

/** The contenders; the second one is the null control. */
export const watcherNames = ['ours', 'nobody', 'prom-client', 'OpenTelemetry'] as const;

type Listener = (event: ManagerEvent) => void;

/** Someone who counts statements. */
export interface Watcher {
  readonly listen: Listener;
  /** Everything counted so far, as it is handed to whoever asks; null when nothing is counted. */
  readonly scrape: (() => unknown) | null;
  close(): Promise<void>;
}

/** Returns the watcher `name`, without a database. @throws TypeError for another name */
export async function openWatcher(name: string): Promise<Watcher> {
  if (name === 'ours') return ours();
  if (name === 'nobody') return { listen: () => undefined, scrape: null, close: async () => undefined };
  if (name === 'prom-client') return promClient();
  if (name === 'OpenTelemetry') return openTelemetry();
  throw new TypeError(`There is no watcher '${name}'`);
}

async function ours(): Promise<Watcher> {
  let listen: Listener = () => undefined;
  const noDatabase = (): never => {
    throw new Error('there is no database');
  };
  const monitor = createHealthMonitor(
    {
      url: ':memory:',
      subscribe(listener) {
        listen = listener;
        return () => undefined;
      },
      stats: noDatabase,
      getConnection: noDatabase,
    },
    { maxStatements: 1_000 },
  );
  await monitor.startMonitoring();
  return { listen, scrape: () => monitor.toPrometheus(), close: () => monitor.stopMonitoring() };
}

async function promClient(): Promise<Watcher> {
  const registry = new Registry();
  const duration = new Histogram({
    ...{ name: 'duration_seconds', help: 'Durations of statements', labelNames: ['statement'] as const },
    registers: [registry],
  });
  return {
    listen: (event) => {
      if (event.type === 'query') duration.observe({ statement: event.sql }, event.durationMs / 1_000);
    },
    scrape: () => registry.metrics(),
    close: async () => registry.clear(),
  };
}

async function openTelemetry(): Promise<Watcher> {
  const reader = new PeriodicExportingMetricReader({
    exporter: new InMemoryMetricExporter(AggregationTemporality.CUMULATIVE),
    exportIntervalMillis: 2 ** 30,
  });
  const provider = new MeterProvider({ readers: [reader] });
  const duration = provider.getMeter('bench').createHistogram('db.client.operation.duration', { unit: 's' });
  return {
    listen: (event) => {
      if (event.type === 'query') duration.record(event.durationMs / 1_000, { 'db.query.text': event.sql });
    },
    scrape: () => reader.collect(),
    close: () => provider.shutdown(),
  };
}
