// A process that a trial process starts for itself: what is measured there has just been started.
import { fork } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import type { Json } from './json.js';
import type { Job, TrialReport } from './suite.js';

/** Runs the phase `phase` of the job's suite on its database in a fresh process. @throws Error when that fails */
export async function inInnerProcess(job: Job, phase: string, inputs: Json): Promise<TrialReport> {
  const inputsPath = `${job.databasePath}.inner.json`;
  await writeFile(inputsPath, JSON.stringify(inputs));
  const inner: Job = { ...job, phase, inputsPath };
  const child = fork(process.argv[1] ?? '', [JSON.stringify(inner)], {
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  });
  return new Promise<TrialReport>((resolve, reject) => {
    let report: TrialReport | undefined;
    // The only message is what trial.ts sends.
    child.on('message', (message) => {
      report = message as TrialReport;
    });
    child.on('error', reject);
    child.on('close', (code, signal) => {
      if (code === 0 && report !== undefined) resolve(report);
      else reject(new Error(`${phase}, ${JSON.stringify(inputs)}: the process ended with ${signal ?? `code ${code}`}`));
    });
  });
}
