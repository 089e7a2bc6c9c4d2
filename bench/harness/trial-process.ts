// Starts a fresh process for one contender and one trial, on its own copy of the prepared database.
import { fork } from 'node:child_process';
import { copyFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Trial } from './equality.js';
import type { Job, Phase, TrialReport } from './suite.js';

/** What the runner knows about a trial before it starts. */
export interface TrialOrder {
  readonly suite: string;
  readonly phase: Phase;
  readonly contender: string;
  readonly trial: number;
  /** The prepared database; it is copied, never opened. */
  readonly preparedPath: string;
  readonly inputsPath: string;
  readonly workDirectory: string;
  /** The built entry of the trial process. */
  readonly entry: string;
  /** Each process writes a CPU profile into this folder. Profiling makes everything slower. */
  readonly profileFolder?: string | undefined;
}

/** A trial that takes longer has hung. */
const timeoutMs = 600_000;

/** Runs one trial and looks at the file it leaves. @throws Error when the process fails, hangs, or left wrong rows */
export async function runTrial(order: TrialOrder): Promise<Trial> {
  const { phase, contender, trial } = order;
  const databasePath = join(
    order.workDirectory,
    `${phase.name}-${trial}-${order.phase.contenders.indexOf(contender)}.db`,
  );
  await copyFile(order.preparedPath, databasePath);
  try {
    const job: Job = { suite: order.suite, phase: phase.name, contender, databasePath, inputsPath: order.inputsPath };
    const report = await inFreshProcess(order, job);
    return { phase: phase.name, contender, trial, report, inspection: await phase.inspect(job, report) };
  } finally {
    for (const suffix of ['', '-wal', '-shm']) await rm(`${databasePath}${suffix}`, { force: true });
  }
}

async function inFreshProcess({ entry, profileFolder, phase }: TrialOrder, job: Job): Promise<TrialReport> {
  const profile =
    profileFolder === undefined
      ? []
      : ['--cpu-prof', `--cpu-prof-dir=${profileFolder}`, `--cpu-prof-name=${job.phase}-${job.contender}.cpuprofile`];
  // gc() lets every row start with a clean heap.
  const child = fork(entry, [JSON.stringify(job)], {
    execArgv: ['--expose-gc', '--enable-source-maps', ...profile],
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  });
  const name = `${job.phase}, ${job.contender}`;
  return new Promise<TrialReport>((resolve, reject) => {
    let report: TrialReport | undefined;
    const timer = setTimeout(() => {
      child.kill('SIGKILL');
      const unfinished = `no result after ${timeoutMs / 1_000} s`;
      if (phase.mayNotFinish?.includes(job.contender)) resolve({ rows: {}, durability: [], unfinished });
      else reject(new Error(`${name}: ${unfinished}`));
    }, timeoutMs);
    // The only message is what trial.ts sends.
    child.on('message', (message) => {
      report = message as TrialReport;
    });
    child.on('error', reject);
    child.on('close', (code, signal) => {
      clearTimeout(timer);
      if (code === 0 && report !== undefined) resolve(report);
      else reject(new Error(`${name}: the process ended with ${signal ?? `exit code ${code}`}`));
    });
  });
}
