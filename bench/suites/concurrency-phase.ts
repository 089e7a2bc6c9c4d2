// Many transactions at once on a few rows, and reads beside an open write transaction. What was acknowledged is counted on
// disk afterwards. drizzle + @libsql/client fails most of them: that is reported, ours and raw must not lose one.
import { stat } from 'node:fs/promises';
import { setImmediate } from 'node:timers/promises';
import type { ConcurrentOperations } from '../contenders/contender.js';
import { contenderNames, openContender } from '../contenders/open.js';
import { digest } from '../harness/digest.js';
import { type Measurement, summarise } from '../harness/measure.js';
import type { Inspection, Job, Phase, TrialReport } from '../harness/suite.js';
import { idsOf } from './ids-of.js';
import { sumOfTriangles } from './inspect-file.js';
import { readBesideWrite } from './read-beside.js';

const peer = 'drizzle + @libsql/client';
const twoHundred = { atOnce: 200, rounds: 20, warmup: 5 };
const fiveHundred = { atOnce: 500, rounds: 8, warmup: 2 };

/** Concurrent increments, and reads beside a writer. */
export const concurrencyPhase: Phase = {
  name: 'concurrency',
  contenders: contenderNames.filter((name) => name !== 'ours with cache'),
  mayDiffer: [peer],
  run: runConcurrency,
  inspect: inspectCounters,
};

async function runConcurrency(job: Job): Promise<TrialReport> {
  const ids = await idsOf(job);
  const contender = await openContender(job.contender, job.databasePath);
  const beside = await readBeside(contender.concurrent, ids[0] ?? '');
  await contender.settle();
  const { concurrent } = contender;
  const before = sumOfTriangles(job.databasePath, ids);
  const increments = await incrementAll(concurrent, ids, twoHundred, () => stat(job.inputsPath));
  const increments500 = await incrementAll(concurrent, ids, fiveHundred, () => stat(job.inputsPath));
  const shortIncrements = await incrementAll(concurrent, ids, twoHundred, () => setImmediate());
  // A peer's connection may be past asking after what it went through.
  const durability = job.contender === peer ? [] : await contender.durability();
  await contender.close();
  const rows = { increments: withFact(increments, { before }), increments500, shortIncrements, ...beside };
  return { rows, durability };
}

async function incrementAll(
  operations: ConcurrentOperations,
  ids: readonly string[],
  { atOnce, rounds, warmup }: typeof twoHundred,
  pause: () => Promise<unknown>,
): Promise<Measurement> {
  const idAt = (i: number): string => ids[i % ids.length] ?? '';
  const timesMs: number[] = [];
  let acknowledged = 0;
  for (let round = 0; round < rounds; round += 1) {
    const started = performance.now();
    const settled = await Promise.allSettled(
      Array.from({ length: atOnce }, (_, i) => operations.increment(idAt(i), idAt(i + 3), pause)),
    );
    const tookMs = performance.now() - started;
    if (round >= warmup) timesMs.push(tookMs);
    acknowledged += settled.filter(({ status }) => status === 'fulfilled').length;
  }
  const failed = rounds * atOnce - acknowledged;
  return { ...summarise(timesMs, 'ms', digest([acknowledged, failed]), { acknowledged, failed }), failed };
}

function withFact(measurement: Measurement, fact: Measurement['facts']): Measurement {
  return { ...measurement, facts: { ...measurement.facts, ...fact } };
}

async function readBeside(operations: ConcurrentOperations, id: string): Promise<Record<string, Measurement>> {
  const { timesMs, dirty } = await readBesideWrite(operations, id, 500);
  const reads = timesMs.length;
  const besideMedian = summarise(timesMs, 'ms', null);
  const beside = { ...summarise(timesMs, 'ms', digest([dirty]), { dirty, reads }), value: besideMedian.p95 };
  return { besideMedian, beside, besideMax: { ...besideMedian, value: besideMedian.max } };
}

async function inspectCounters(job: Job, { rows }: TrialReport): Promise<Inspection> {
  const all = [rows['increments'], rows['increments500'], rows['shortIncrements']];
  const sum = (fact: string) => all.reduce((total, row) => total + Number(row?.facts[fact]), 0);
  const [acknowledged, failed] = [sum('acknowledged'), sum('failed')];
  const onDisk = sumOfTriangles(job.databasePath, await idsOf(job)) - Number(rows['increments']?.facts['before']);
  if (job.contender !== peer && (failed !== 0 || onDisk !== acknowledged)) {
    throw new Error(`${job.contender}: ${failed} failed, and ${onDisk} of ${acknowledged} increments are on disk`);
  }
  if (job.contender !== peer && rows['beside']?.facts['dirty'] !== 0) throw new Error(`${job.contender}: dirty reads`);
  return { digest: String(onDisk), facts: { shortIncrements: { 'on disk, of the three rows': onDisk } } };
}
