// The trial process: does one phase with one contender, sends the report to the runner (harness/trial-process.ts), ends.
import type { Job } from './harness/suite.js';
import { suiteNamed } from './suites/suites.js';

// Written by the runner.
const job = JSON.parse(process.argv[2] ?? '{}') as Job;
const suite = suiteNamed(job.suite);
const phase = suite.phases.find(({ name }) => name === job.phase);
if (phase === undefined || process.send === undefined) throw new Error('trial.js is started by run.js');
process.send(await phase.run(job));
process.disconnect();
