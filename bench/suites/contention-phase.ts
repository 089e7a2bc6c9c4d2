// How long the event loop of a process stands still while it and two other processes write the same file, beside a process
// on the same cores at the same time that uses no database. The contrast lets SQLite wait inside its calls (busy_timeout).
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { setImmediate, setTimeout as sleep } from 'node:timers/promises';
import type { ConcurrentOperations } from '../contenders/contender.js';
import { openContender } from '../contenders/open.js';
import { type Measurement, summarise } from '../harness/measure.js';
import { quantile } from '../harness/ratios.js';
import type { Inspection, Job, Phase, TrialReport } from '../harness/suite.js';
import { idsOf } from './ids-of.js';
import { sumOfTriangles } from './inspect-file.js';

/** The contender that the rows of this phase refer to. */
export const byHand = 'busy_timeout 5000 by hand';

/** Three writing processes and one without a database. */
export const contentionPhase: Phase = {
  name: 'contention',
  contenders: [byHand, 'ours'],
  run: runProcess,
  inspect: inspectSum,
};

const control = 'no database';
const another = 'another ';
const warmupMs = 500;
const measuredMs = 1_500;

/** What one process tells another. */
interface Told {
  readonly gapsMs: readonly number[];
  readonly timesMs: readonly number[];
  readonly acknowledged: number;
  readonly failed: number;
}

/** The measured process starts the others from the same entry, with jobs of their own. */
function runProcess(job: Job): Promise<TrialReport> {
  return job.contender === control || job.contender.startsWith(another) ? accompany(job) : runMeasured(job);
}

async function runMeasured(job: Job): Promise<TrialReport> {
  const ids = await idsOf(job);
  const contender = await openContender(job.contender, job.databasePath);
  const before = sumOfTriangles(job.databasePath, ids);
  const names = [`${another}${job.contender}`, `${another}${job.contender}`, control];
  const others = names.map((name) => fork(process.argv[1] ?? '', [JSON.stringify({ ...job, contender: name })]));
  try {
    // What the others send first is that they are ready, and then their report.
    await Promise.all(others.map((child) => heard(child)));
    for (const child of others) child.send('go');
    const started = performance.now();
    const until = started + warmupMs + measuredMs;
    const own = await write(contender.concurrent, ids, () => performance.now() >= until);
    const elapsedMs = performance.now() - started;
    const reports = others.map((child) => heard(child));
    for (const child of others) child.send('stop');
    const [first, second, beside] = (await Promise.all(reports)) as readonly Told[];
    if (!first || !second || !beside) throw new Error('three processes were started');
    const durability = await contender.durability();
    await contender.close();
    const both = { acknowledged: first.acknowledged + second.acknowledged, failed: first.failed + second.failed };
    const facts = { before, acknowledged: own.acknowledged, failed: own.failed };
    const told = { 'acknowledged by the others': both.acknowledged, 'failed at the others': both.failed };
    const rows: Record<string, Measurement> = {
      longestGap: longestGap(own),
      gapP99: { ...summarise(own.gapsMs, 'ms', null), value: quantile(own.gapsMs, 0.99) },
      controlLongestGap: longestGap(beside),
      controlGapP99: { ...summarise(beside.gapsMs, 'ms', null), value: quantile(beside.gapsMs, 0.99) },
      contended: summarise(own.timesMs, 'ms', null, { ...facts, ...told }),
      together: summarise([elapsedMs / (own.acknowledged + both.acknowledged)], 'ms', null),
    };
    return { rows, durability };
  } finally {
    for (const child of others) child.kill('SIGKILL');
  }
}

function longestGap({ gapsMs }: Told): Measurement {
  const longGaps = gapsMs.filter((gap) => gap >= 20).length;
  const gaps = summarise(gapsMs, 'ms', null, { 'gaps of 20 ms or more': longGaps, 'of all': gapsMs.length });
  return { ...gaps, value: gaps.max };
}

/** The message that `child` sends next. @throws Error when it ends first */
async function heard(child: ChildProcess): Promise<unknown> {
  const stop = new AbortController();
  const { signal } = stop;
  const ended = once(child, 'exit', { signal }).then(() => {
    throw new Error('a process beside the measured one ended');
  });
  try {
    const [message] = (await Promise.race([once(child, 'message', { signal }), ended])) as unknown[];
    return message;
  } finally {
    ended.catch(() => undefined);
    stop.abort();
  }
}

/** The part of a process beside the measured one: it goes on until it is told to stop. */
async function accompany(job: Job): Promise<never> {
  process.once('disconnect', () => process.exit());
  const ids = await idsOf(job);
  const contender =
    job.contender === control ? undefined : await openContender(job.contender.slice(another.length), job.databasePath);
  process.send?.('ready');
  await once(process, 'message');
  let stopped = false;
  process.once('message', () => {
    stopped = true;
  });
  const told = await (contender ? write(contender.concurrent, ids, () => stopped) : turn(() => stopped));
  await contender?.close();
  process.send?.(told);
  // Ended by the measured process.
  return new Promise(() => undefined);
}

/** Adds one to models again and again, each in a transaction with a turn of the event loop inside. */
async function write(operations: ConcurrentOperations, ids: readonly string[], done: () => boolean): Promise<Told> {
  const idAt = (i: number): string => ids[i % ids.length] ?? '';
  const timesMs: number[] = [];
  let [acknowledged, failed] = [0, 0];
  const look = watchGaps();
  for (let i = 0; !done(); i += 1) {
    const started = performance.now();
    const succeeded = await operations
      .increment(idAt(i), idAt(i + 3), () => setImmediate())
      .then(
        () => true,
        () => false,
      );
    if (succeeded) acknowledged += 1;
    else failed += 1;
    if (look.warm) timesMs.push(performance.now() - started);
    // Hand-written calls answer without leaving the turn of the event loop that they began in.
    await setImmediate();
  }
  return { gapsMs: look.end(), timesMs, acknowledged, failed };
}

/** Turns the event loop every millisecond. */
async function turn(done: () => boolean): Promise<Told> {
  const look = watchGaps();
  while (!done()) await sleep(1);
  return { gapsMs: look.end(), timesMs: [], acknowledged: 0, failed: 0 };
}

/** Notes how late a timer of one millisecond is called, from the end of the warm-up on. */
function watchGaps(): { readonly warm: boolean; end(): readonly number[] } {
  const gapsMs: number[] = [];
  const started = performance.now();
  let last = started;
  const look = (): void => {
    const now = performance.now();
    if (now - started > warmupMs) gapsMs.push(now - last);
    last = now;
  };
  const timer = setInterval(look, 1);
  return {
    get warm() {
      return performance.now() - started > warmupMs;
    },
    end() {
      look();
      clearInterval(timer);
      return gapsMs;
    },
  };
}

async function inspectSum(job: Job, { rows }: TrialReport): Promise<Inspection> {
  const facts = rows['contended']?.facts;
  const acknowledged = Number(facts?.['acknowledged']) + Number(facts?.['acknowledged by the others']);
  const onDisk = sumOfTriangles(job.databasePath, await idsOf(job)) - Number(facts?.['before']);
  if (onDisk !== acknowledged) throw new Error(`${job.contender}: ${onDisk} of ${acknowledged} increments are on disk`);
  return { digest: null, facts: { contended: { 'on disk, of all': onDisk } } };
}
