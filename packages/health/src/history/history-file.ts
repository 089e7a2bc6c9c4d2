// The history of figures and alerts in a libSQL file of its own: written at each reading in one transaction, so that a kill
// loses at most the last one. What fails here is counted and told as a reason; it never reaches the application.
import { resolve } from 'node:path';
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { TransactionManager } from '@cc/tx';
import { isDatabaseError, isError } from '@cc/tx/errors';
import { databaseFileOf } from '@cc/tx/side-program';
import type { AlertHistoryOptions, HealthAlert } from '../alerts/alert.js';
import type { HealthMetric } from '../metrics/metric.js';
import { asBytes, decoded } from '../questions.js';
import { openHistoryFile } from './open-file.js';
import { readFigures } from './read-figures.js';
import { keyOf } from './samples.js';

/** The monitor that writes. */
export interface HistoryRun {
  /** What the ids of its alerts end with, before their number. */
  readonly id: string;
  /** It writes at least as often. */
  readonly everyMs: number;
  /** @throws TypeError for the file of the database that is watched, which may have come to lie there */
  readonly refuse: (path: string) => void;
}

/** The history file of one monitor. */
export class HistoryFile {
  /** Readings that could not be written. */
  errors = 0;
  /** Why the last one could not be; undefined when it was. */
  failure: string | undefined;
  readonly #path: string;
  readonly #retentionMs: number;
  readonly #run: HistoryRun;
  readonly #series = new Map<string, number>();
  #manager: TransactionManager | undefined;
  /** Shared by all who ask before it is open. */
  #opening: Promise<TransactionManager> | undefined;
  /** Calls under way. */
  #uses = 0;
  /** Whether it stays open between two calls: from the first reading that is written until `close`. */
  #isKept = false;
  #writes = 0;

  constructor({ path, retentionMs }: { readonly path: string; readonly retentionMs: number }, run: HistoryRun) {
    this.#path = resolve(path);
    this.#retentionMs = retentionMs;
    this.#run = run;
  }

  /** Writes one reading, and the alerts that have changed. `isFiring`: some alert is. Never rejects. */
  async write(
    at: number,
    metrics: readonly HealthMetric[],
    alerts: readonly HealthAlert[],
    isFiring: boolean,
  ): Promise<void> {
    this.#isKept = true;
    try {
      await this.#use(() => this.#unlessGone(() => this.#writeReading(at, metrics, alerts, isFiring)));
      this.#writes += 1;
      this.failure = undefined;
    } catch (error) {
      this.errors += 1;
      // A series that was new in what was rolled back is not in the file.
      this.#series.clear();
      // The hint would be about a library: a history that is damaged is deleted, not restored.
      this.failure = isDatabaseError(error) ? error.reason : isError(error) ? error.message : 'it failed';
    }
  }

  /** Runs `work`, and once more on the file that is made anew when the one that was open is gone. */
  async #unlessGone(work: () => Promise<void>): Promise<void> {
    try {
      await work();
    } catch (error) {
      if (!isDatabaseError(error) || error.code !== 'SQLITE_READONLY_DBMOVED') throw error;
      await this.#shut();
      await work();
    }
  }

  async #writeReading(
    at: number,
    metrics: readonly HealthMetric[],
    alerts: readonly HealthAlert[],
    isFiring: boolean,
  ): Promise<void> {
    const manager = await this.#open();
    await manager.transaction(async () => {
      const { $client: client } = manager.db;
      for (const alert of alerts) {
        const { id, rule, startedAt } = alert;
        await client.execute({
          sql: 'INSERT OR REPLACE INTO alerts (id, rule, started_at, alert) VALUES (?, ?, ?, ?)',
          args: [id, rule, startedAt.getTime(), JSON.stringify(alert)],
        });
      }
      const numbers = metrics.filter(({ value }) => typeof value === 'number');
      await this.#learnSeries(manager, numbers);
      const values = numbers.map(({ name, labels, value }) => [this.#series.get(keyOf(name, labels)), value]);
      // Nobody else waits for this file: the event loop comes in between.
      await nextTurn();
      await client.execute({
        sql: `INSERT OR REPLACE INTO samples (series, at, value)
            SELECT value ->> 0, ?, value ->> 1 FROM json_each(?)`,
        args: [at, JSON.stringify(values)],
      });
      await nextTurn();
      if (isFiring) await this.#mark(manager, at, at + this.#run.everyMs * missedWrites + slowestWriteMs);
      if (this.#writes % writesToSweep === 0) await this.#sweep(manager, at);
      await nextTurn();
    });
  }

  /** Figures in order of time; null when the file cannot be read. */
  metrics(name: string | undefined, since: number, until: number): Promise<HealthMetric[] | null> {
    return this.#ask((manager) => readFigures(manager, { name, since, until }));
  }

  /** Notes that nobody judges the alerts of this monitor any more. Never rejects: without it they end a little later. */
  async end(at: number): Promise<void> {
    if (this.#manager) await this.#ask((manager) => this.#mark(manager, at, at));
  }

  /**
   * Alerts that have fired, the newest first; null when the file cannot be read. `now`: one that was firing when its monitor
   * ended has ended with it.
   */
  alerts({ rule, since, until, limit = 100 }: AlertHistoryOptions, now: number): Promise<HealthAlert[] | null> {
    return this.#ask(async (manager) => {
      const { rows } = await manager.db.$client.execute({
        sql: `SELECT ${asBytes('alert')} alert FROM alerts WHERE (? IS NULL OR rule = ?) AND started_at BETWEEN ? AND ?
          ORDER BY started_at DESC LIMIT ?`,
        args: [rule ?? null, rule ?? null, since?.getTime() ?? 0, until?.getTime() ?? Number.MAX_SAFE_INTEGER, limit],
      });
      const runs = await manager.db.$client.execute(
        `SELECT ${asBytes('id')} id, CAST(seen_at AS INTEGER) seen_at, CAST(alive_until AS INTEGER) alive_until FROM runs`,
      );
      const byId = new Map(runs.rows.map((row) => [decoded(row['id']), row]));
      return rows.map((row) => {
        const alert = alertOf(decoded(row['alert']));
        const run = byId.get(runOf(alert.id));
        const seenAt = Number(run?.['seen_at'] ?? alert.startedAt.getTime());
        // Either way: by a clock that was set back, one that was killed before would live until that time comes again.
        const lives = Math.abs(now - seenAt) < Number(run?.['alive_until'] ?? 0) - seenAt;
        if (alert.state !== 'firing' || lives) return alert;
        const resolvedAt = new Date(seenAt);
        return { ...alert, state: 'resolved', resolvedAt, reason: `${alert.reason}; monitoring ended meanwhile` };
      });
    });
  }

  /** Removes what is past its time and returns how many rows that were. @throws what the file fails with */
  sweep(at: number): Promise<number> {
    return this.#use(async () => {
      const manager = await this.#open();
      for (let total = 0; ; ) {
        const rows = await manager.transaction(() => this.#sweep(manager, at));
        total += rows;
        if (rows < rowsToSweep) return total;
      }
    });
  }

  /** Closes the file, after the calls under way; the next one opens it again. */
  async close(): Promise<void> {
    this.#isKept = false;
    if (this.#uses === 0) await this.#shut();
  }

  /** Null when it cannot be read: whoever asks gets what is in memory, and the next writing says why. */
  #ask<T>(read: (manager: TransactionManager) => Promise<T>): Promise<T | null> {
    return this.#use(async () => read(await this.#open())).catch(() => null);
  }

  /** The last of several calls closes a file that is not kept open: one that has its answer must not take it from the others. */
  async #use<T>(work: () => Promise<T>): Promise<T> {
    this.#uses += 1;
    try {
      return await work();
    } finally {
      this.#uses -= 1;
      if (this.#uses === 0 && !this.#isKept) await this.#shut();
    }
  }

  async #shut(): Promise<void> {
    const manager = this.#manager;
    this.#manager = undefined;
    this.#series.clear();
    await manager?.close({ drainMs: 0 });
  }

  async #open(): Promise<TransactionManager> {
    if (this.#manager) {
      // A write looks only every few milliseconds, and what it wrote would be gone with the file.
      databaseFileOf(this.#manager);
      return this.#manager;
    }
    this.#run.refuse(this.#path);
    this.#opening ??= openHistoryFile(this.#path).finally(() => {
      this.#opening = undefined;
    });
    this.#manager = await this.#opening;
    return this.#manager;
  }

  /** Numbers the series that are new to this monitor, in one statement to each few. */
  async #learnSeries(manager: TransactionManager, metrics: readonly HealthMetric[]): Promise<void> {
    const unknown = metrics.filter(({ name, labels }) => !this.#series.has(keyOf(name, labels)));
    for (let from = 0; from < unknown.length; from += seriesAtOnce) {
      const pairs = unknown.slice(from, from + seriesAtOnce).map(({ name, labels }) => [name, sortedJson(labels)]);
      await nextTurn();
      const { rows } = await manager.db.$client.execute({
        // Without WHERE the conflict would be read as a join.
        sql: `INSERT INTO series (name, labels) SELECT value ->> 0, value ->> 1 FROM json_each(?) WHERE true
          ON CONFLICT (name, labels) DO UPDATE SET name = excluded.name
          RETURNING id, ${asBytes('name')} name, ${asBytes('labels')} labels`,
        args: [JSON.stringify(pairs)],
      });
      for (const { id, name, labels } of rows)
        this.#series.set(keyOf(decoded(name), JSON.parse(decoded(labels)) as Record<string, string>), Number(id));
    }
  }

  async #mark(manager: TransactionManager, seenAt: number, aliveUntil: number): Promise<void> {
    await manager.db.$client.execute({
      sql: 'INSERT OR REPLACE INTO runs (id, seen_at, alive_until) VALUES (?, ?, ?)',
      args: [this.#run.id, seenAt, aliveUntil],
    });
  }

  /**
   * In small pieces: the first one after a long pause may find days of figures, and one by a clock that was set forward by mistake
   * all of them. Alerts go no sooner than the figures of their time. Returns how many rows went.
   */
  async #sweep(manager: TransactionManager, at: number): Promise<number> {
    const { $client: client } = manager.db;
    const before = at - this.#retentionMs;
    const samples = await client.execute({
      sql: 'DELETE FROM samples WHERE (at, series) IN (SELECT at, series FROM samples WHERE at < ? LIMIT ?)',
      args: [before, rowsToSweep],
    });
    const { rows } = await client.execute({
      sql: 'SELECT min(at, ?1) FROM samples ORDER BY at LIMIT 1',
      args: [before],
    });
    const oldest = Number(rows[0]?.[0] ?? before);
    const alerts = await client.execute({ sql: sweepAlerts, args: [oldest] });
    await client.execute({ sql: 'DELETE FROM runs WHERE seen_at < ?', args: [oldest] });
    return samples.rowsAffected + alerts.rowsAffected;
  }
}

/** An alert is as old as its end, and one that fires as what its monitor has written last: it may fire for longer than is kept. */
const sweepAlerts = `DELETE FROM alerts WHERE started_at < ?1 AND coalesce(
    CASE WHEN json_valid(alert) THEN unixepoch(alert ->> '$.resolvedAt') * 1000 END,
    (SELECT max(seen_at) FROM runs WHERE instr(alerts.id, '-' || runs.id) > 0), 0) < ?1`;

/** Labels in the order of their names: one text to a series. */
function sortedJson(labels: Readonly<Record<string, string>>): string {
  return JSON.stringify(Object.fromEntries(Object.entries(labels).sort(([a], [b]) => (a < b ? -1 : 1))));
}

const seriesAtOnce = 25;
const rowsToSweep = 20_000;
const writesToSweep = 60;
/** So many are missing, and `slowestWriteMs` more: then the monitor is taken for ended. */
const missedWrites = 3;
const slowestWriteMs = 5_000;

/** Ids of alerts end with the id of their monitor and a number. */
function runOf(alertId: string): string {
  const end = alertId.lastIndexOf('-') + 1;
  return alertId.slice(end, end + runIdLength);
}

/** How long the id of a monitor is. */
export const runIdLength = 8;

function alertOf(text: string): HealthAlert {
  const { startedAt, firedAt, resolvedAt, acknowledged, ...alert } = JSON.parse(text) as Omit<
    HealthAlert,
    'startedAt' | 'firedAt' | 'resolvedAt' | 'acknowledged'
  > & {
    readonly startedAt: string;
    readonly firedAt: string | null;
    readonly resolvedAt: string | null;
    readonly acknowledged: { readonly at: string; readonly by: string | null } | null;
  };
  return {
    ...alert,
    startedAt: new Date(startedAt),
    firedAt: firedAt === null ? null : new Date(firedAt),
    resolvedAt: resolvedAt === null ? null : new Date(resolvedAt),
    acknowledged: acknowledged && { at: new Date(acknowledged.at), by: acknowledged.by },
  };
}
