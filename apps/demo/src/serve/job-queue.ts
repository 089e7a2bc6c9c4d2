// Checks, maintenance and backups, one after another. Like imports they belong to the server, not to the page that began them.
import { mkdir, readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { Library } from '../library.js';
import type { HealthPage, Job } from './contract-care.js';
import type { Feed } from './feed.js';

/** The jobs of a server. */
export interface JobQueue {
  /** Begins one, or puts it behind those that wait, and returns its id. The same job is not put there twice. */
  add(kind: Job['kind']): string;
  /** The newest first. */
  list(): readonly Job[];
  /** The backups that are there, the newest first. */
  backups(): Promise<HealthPage['backups']>;
  /** Ends the job under way and starts no other. */
  close(): Promise<void>;
}

const mostKept = 50;

/** Opens the queue of jobs; backups are written to `folder`. */
export function openJobQueue(
  library: Library,
  feed: Feed,
  folder: string,
  now: () => Date = () => new Date(),
): JobQueue {
  const jobs: Job[] = [];
  const closing = new AbortController();
  const { signal } = closing;
  let last: Promise<void> = Promise.resolve();
  let count = 0;

  const run = async (job: Job): Promise<void> => {
    const tell = (change: Partial<Job>): void => {
      Object.assign(job, change);
      feed.publish('job', { ...job });
    };
    if (signal.aborted) return tell({ state: 'stopped', endedAt: now().toISOString() });
    const startedAt = now();
    tell({ state: 'running', startedAt: startedAt.toISOString() });
    try {
      const step = (progress: number): void => tell({ progress });
      const { lines, isWell } = await work[job.kind](library, { folder, signal, startedAt, step });
      const problem = isWell ? null : 'Not everything is as it should be: see the lines.';
      tell({ state: isWell ? 'done' : 'failed', lines: [...lines], problem, endedAt: now().toISOString() });
    } catch (error) {
      const problem = error instanceof Error ? error.message : String(error);
      tell({ state: signal.aborted ? 'stopped' : 'failed', problem, endedAt: now().toISOString() });
    }
  };

  return {
    add(kind) {
      const waiting = jobs.find((job) => job.kind === kind && job.state === 'queued');
      if (waiting !== undefined) return waiting.id;
      count += 1;
      const idle = { progress: null, startedAt: null, endedAt: null, lines: [], problem: null };
      const job: Job = { id: String(count), kind, state: 'queued', ...idle };
      jobs.unshift(job);
      jobs.splice(mostKept);
      feed.publish('job', { ...job });
      last = last.then(() => run(job));
      return job.id;
    },
    list: () => jobs,
    backups: () => backupsIn(folder),
    async close() {
      closing.abort(new Error('the server is closing'));
      await last;
    },
  };
}

interface Surroundings {
  readonly folder: string;
  readonly signal: AbortSignal;
  readonly startedAt: Date;
  readonly step: (progress: number) => void;
}

type Outcome = { readonly lines: readonly string[]; readonly isWell: boolean };

const work: Readonly<Record<Job['kind'], (library: Library, around: Surroundings) => Promise<Outcome>>> = {
  async check({ health, repositories }, { signal }) {
    const results = await health.runChecks(['integrity', 'foreignKeys', 'fts'], { signal });
    const index = await repositories.search.verifyIndex({ signal });
    const lines = results.map(({ message }) => message);
    return {
      lines: [...lines, ...(index.ok ? ['The search index is that of the models.'] : index.problems)],
      isWell: index.ok && results.every(({ status }) => status !== 'failed'),
    };
  },
  async maintenance({ health, repositories }, { signal }) {
    await repositories.search.refreshWords();
    const results = await health.runMaintenance({ signal });
    return {
      lines: results.map(({ task, message }) => `${task}: ${message}`),
      isWell: results.every(({ status }) => status !== 'failed'),
    };
  },
  async backup({ transactions }, { folder, signal, startedAt, step }) {
    await mkdir(folder, { recursive: true });
    const name = `library-${startedAt.toISOString().replace(/[:.]/g, '-')}.db`;
    const onProgress = ({ bytesDone, bytesTotal }: { readonly bytesDone: number; readonly bytesTotal: number }): void =>
      step(bytesTotal > 0 ? Math.min(1, bytesDone / bytesTotal) : 0);
    const { bytes } = await transactions.backup(join(folder, name), { signal, onProgress });
    return { lines: [`${name}: ${bytes} bytes, read back and sound`], isWell: true };
  },
};

async function backupsIn(folder: string): Promise<HealthPage['backups']> {
  let names: readonly string[];
  try {
    names = await readdir(folder);
  } catch {
    // None was made yet.
    return [];
  }
  const found: HealthPage['backups'] = [];
  for (const name of names.filter((one) => /^library-.*\.db$/.test(one))) {
    // It may have been removed meanwhile, or be a link to one that is gone.
    const look = await stat(join(folder, name)).catch(() => null);
    if (look) found.push({ name, bytes: look.size, at: look.mtime.toISOString() });
  }
  return found.sort((a, b) => b.name.localeCompare(a.name));
}
