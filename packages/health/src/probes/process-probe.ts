// Figures of this process: processor, memory, open files, and how late the event loop comes.

import { readdir } from 'node:fs/promises';
import { type IntervalHistogram, monitorEventLoopDelay, performance } from 'node:perf_hooks';
import { getHeapStatistics } from 'node:v8';

/** Figures of this process at one moment. Null: this system does not tell. */
export interface ProcessReport {
  readonly rssBytes: number | null;
  readonly heapBytes: number;
  readonly uptimeMs: number;
  /** Processor time since the process started, user and system. */
  readonly cpuMs: number;
  /** Processors kept busy since the last reading: 1 is one of them. Null at the first reading. */
  readonly cpuRatio: number | null;
  /** What a container or the system allows; null when there is no limit. */
  readonly memoryLimitBytes: number | null;
  readonly openFiles: number | null;
  /** Of the last one to two readings; null while monitoring is off. */
  readonly eventLoopDelay: { readonly p99Ms: number; readonly maxMs: number } | null;
}

/** Reads the figures of this process. */
export class ProcessProbe {
  #last: { readonly cpuMs: number; readonly at: number } | undefined;
  #delays: readonly [older: IntervalHistogram, newer: IntervalHistogram] | undefined;

  /** Begins to watch the event loop: one timer every 20 ms, which keeps no process alive. */
  start(): void {
    this.#delays ??= [startHistogram(), startHistogram()];
  }

  stop(): void {
    for (const histogram of this.#delays ?? []) histogram.disable();
    this.#delays = undefined;
  }

  async read(): Promise<ProcessReport> {
    return {
      ...{
        rssBytes: residentBytes(),
        heapBytes: getHeapStatistics().used_heap_size,
        uptimeMs: process.uptime() * 1_000,
      },
      ...this.#cpu(),
      memoryLimitBytes: memoryLimit(),
      openFiles: await openFiles(),
      eventLoopDelay: this.#delay(),
    };
  }

  #cpu(): { readonly cpuMs: number; readonly cpuRatio: number | null } {
    const { user, system } = process.cpuUsage();
    const [cpuMs, at] = [(user + system) / 1_000, performance.now()];
    const last = this.#last;
    this.#last = { cpuMs, at };
    return { cpuMs, cpuRatio: last && at > last.at ? (cpuMs - last.cpuMs) / (at - last.at) : null };
  }

  #delay(): ProcessReport['eventLoopDelay'] {
    if (!this.#delays) return null;
    const [older, newer] = this.#delays;
    const delay = { p99Ms: later(older.percentile(99)), maxMs: later(older.max) };
    // A reset hides the delay that comes right after it: so the one that was not reset is read next.
    older.reset();
    this.#delays = [newer, older];
    return delay;
  }
}

const resolutionMs = 20;

function startHistogram(): IntervalHistogram {
  const histogram = monitorEventLoopDelay({ resolution: resolutionMs });
  histogram.enable();
  return histogram;
}

/** From nanoseconds between two timers to how late the second one was. */
function later(nanoseconds: number): number {
  return Math.max(0, nanoseconds / 1e6 - resolutionMs);
}

/** Linux tells it in /proc, which a program in a chroot may not have. */
function residentBytes(): number | null {
  try {
    return process.memoryUsage.rss();
  } catch {
    return null;
  }
}

function memoryLimit(): number | null {
  const limit = process.constrainedMemory();
  // Without a limit it tells 0, or more than any machine has.
  return limit > 0 && limit < 2 ** 50 ? limit : null;
}

/** Only Linux lists them. */
async function openFiles(): Promise<number | null> {
  try {
    return (await readdir('/proc/self/fd')).length;
  } catch {
    return null;
  }
}
