// What the tests of the exporters share: a monitor with something of everything, and a real Prometheus that scrapes it.
import { spawn } from 'node:child_process';
import { mkdtemp, writeFile } from 'node:fs/promises';
import { type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort } from '@cc/testkit/sqld';
import { expect, onTestFinished } from 'vitest';
import { createHealthMonitor } from '../../src/index.js';
import { items, openDatabase } from '../database.js';
import { prometheusPrograms } from './prometheus-program.js';

export const programs = typeof prometheusPrograms === 'string' ? { promtool: '', prometheus: '' } : prometheusPrograms;
export const missing = typeof prometheusPrograms === 'string' ? ` (SKIPPED: ${prometheusPrograms})` : '';

/** A monitor with something of everything, hostile names included. */
export async function openBusy() {
  const { manager, file } = await openDatabase();
  const monitor = createHealthMonitor(manager, {
    cacheStats: () => ({
      hits: 9,
      misses: 1,
      regions: { 'a "quoted"\\region\n': { hits: 9, misses: 1, entries: 3, bytes: 100 } },
    }),
  });
  await monitor.startMonitoring();
  onTestFinished(() => monitor.stopMonitoring());
  await manager.db.run('select name as "a\\b", 1 as "new\nline" from items where name = \'secret\'');
  await expect(manager.db.run('select * from nowhere')).rejects.toThrow('no such table');
  await manager.transaction(async () => manager.db.insert(items).values({ name: 'a' }), { label: 'import' });
  await monitor.measure('an "operation"', () => 1);
  await monitor.getHealthMetrics();
  return { manager, monitor, file };
}

/** Asks by a path of the HTTP API. */
export type Ask = (path: string) => Promise<unknown[]>;

/** A real Prometheus that scrapes `server` each second. Asks it until there is an answer. */
export async function startPrometheus(server: Server, ...more: readonly string[]): Promise<Ask> {
  const folder = await mkdtemp(join(tmpdir(), 'cc-prometheus-data-'));
  const { port: own } = server.address() as AddressInfo;
  const config = join(folder, 'prometheus.yml');
  await writeFile(
    config,
    JSON.stringify({
      scrape_configs: [{ job_name: 'cc', scrape_interval: '1s', static_configs: [{ targets: [`127.0.0.1:${own}`] }] }],
    }),
  );
  const port = await freePort();
  const args = [
    `--config.file=${config}`,
    `--storage.tsdb.path=${folder}/data`,
    `--web.listen-address=127.0.0.1:${port}`,
    ...more,
  ];
  const program = spawn(programs.prometheus, args, { stdio: 'ignore' });
  onTestFinished(() => {
    program.kill('SIGKILL');
    server.closeAllConnections();
    server.close();
  });
  return async (path) => {
    for (;;) {
      const response = await fetch(`http://127.0.0.1:${port}/api/v1/${path}`).catch(() => undefined);
      const answer = response?.ok ? ((await response.json()) as { data: unknown[] | { result: unknown[] } }) : null;
      const found = answer === null ? [] : 'result' in answer.data ? answer.data.result : answer.data;
      if (found.length > 0) return found;
      await new Promise((resolve) => setTimeout(resolve, 200));
    }
  };
}

export async function valueOf(ask: Ask, query: string): Promise<string | undefined> {
  const [first] = (await ask(`query?query=${encodeURIComponent(query)}`)) as { value: [number, string] }[];
  return first?.value[1];
}
