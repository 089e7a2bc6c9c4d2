// Many transactions at once on a few rows, and reads beside an open write transaction: what each contender takes, and what it
// loses. Nothing but the contender touches the file while it runs; what was acknowledged is counted on disk afterwards, by
// another process.
import { readFile, stat } from 'node:fs/promises';
import type { ConcurrentOperations } from '../contenders/contender.js';
import { openMeasuredPeer } from '../contenders/measured-peer.js';
import { digest } from '../harness/digest.js';
import { type Measurement, summarise } from '../harness/measure.js';
import type { Inspection, Job, Phase, TrialReport } from '../harness/suite.js';
import { sumOfTriangles } from './inspect-file.js';
import { mayLose, moreDurable, peerNames } from './peer-names.js';
import { readPeersInputs } from './peers-phase-inputs.js';
import { readBesideWrite } from './read-beside.js';

const [atOnce, rounds] = [200, 8];
const contenders = peerNames.flatMap((name) => {
  if (name === 'ours with cache') return [];
  return name === 'ours' ? [name, 'ours, queries built anew'] : [name];
});
const shared = { mayDiffer: mayLose, mayBeMoreDurable: moreDurable, contenders };

/** 200 transactions at once, with and without an await inside, each in a process of its own. */
export const togetherPhases: readonly Phase[] = [
  { name: 'together', run: (job: Job) => runTogether(job, 'together'), inspect: inspectTogether, ...shared },
  { name: 'waiting', run: (job: Job) => runTogether(job, 'waiting'), inspect: inspectTogether, ...shared },
];

/** Reads beside an open write transaction. */
export const besidePhase: Phase = {
  name: 'beside',
  run: runBeside,
  inspect: async () => ({ digest: null, facts: {} }),
  ...shared,
  contenders: contenders.filter((name) => name !== 'ours, queries built anew'),
};

async function runTogether(job: Job, row: 'together' | 'waiting'): Promise<TrialReport> {
  const { hot } = readPeersInputs(await readFile(job.inputsPath, 'utf8'));
  const peer = await openMeasuredPeer(job.contender, job.databasePath);
  const rows: Record<string, Measurement> = {};
  if (row === 'together' || peer.cannotWait === undefined) {
    const pause = row === 'waiting' ? () => stat(job.inputsPath) : undefined;
    const timesMs: number[] = [];
    let acknowledged = 0;
    for (let round = 0; round < rounds; round += 1) {
      const started = performance.now();
      acknowledged += await incrementAll(peer.concurrent, hot.ids, pause);
      timesMs.push(performance.now() - started);
    }
    const failed = rounds * atOnce - acknowledged;
    const facts = { acknowledged, failed };
    const lost = { failed, digest: digest(facts) };
    rows[`${row} first`] = { ...summarise(timesMs.slice(0, 1), 'ms', null), failed };
    rows[row] = { ...summarise(timesMs.slice(1), 'ms', null, facts), ...lost };
  }
  // A peer's connection may be past asking after what it went through.
  const durability = mayLose.includes(job.contender) ? [] : await peer.durability();
  await peer.close();
  return { rows, durability };
}

async function incrementAll(
  operations: ConcurrentOperations,
  ids: readonly string[],
  pause: (() => Promise<unknown>) | undefined,
): Promise<number> {
  const idAt = (i: number): string => ids[i % ids.length] ?? '';
  const settled = await Promise.allSettled(
    Array.from({ length: atOnce }, (_, i) => operations.increment(idAt(i), idAt(i + 3), pause)),
  );
  return settled.filter(({ status }) => status === 'fulfilled').length;
}

async function inspectTogether(job: Job, { rows }: TrialReport): Promise<Inspection> {
  const row = rows[job.phase];
  if (row === undefined) return { digest: null, facts: {} };
  const { hot } = readPeersInputs(await readFile(job.inputsPath, 'utf8'));
  const onDisk = sumOfTriangles(job.databasePath, hot.ids) - hot.triangles;
  const acknowledged = Number(row.facts['acknowledged']);
  if (!mayLose.includes(job.contender) && (onDisk !== acknowledged || acknowledged !== rounds * atOnce))
    throw new Error(`${job.contender}: ${acknowledged} of ${rounds * atOnce} acknowledged, ${onDisk} on disk`);
  return { digest: String(onDisk), facts: { [job.phase]: { 'on disk': onDisk } } };
}

/** Reads one row again and again while a transaction that changed it is open, a turn of the event loop between two reads. */
async function runBeside(job: Job): Promise<TrialReport> {
  const { hot } = readPeersInputs(await readFile(job.inputsPath, 'utf8'));
  const peer = await openMeasuredPeer(job.contender, job.databasePath);
  const rows: Record<string, Measurement> = {};
  if (peer.cannotWait === undefined) Object.assign(rows, await readBeside(peer.concurrent, hot.ids[0] ?? ''));
  const durability = mayLose.includes(job.contender) ? [] : await peer.durability();
  await peer.close();
  return { rows, durability };
}

async function readBeside(operations: ConcurrentOperations, id: string): Promise<Record<string, Measurement>> {
  const { timesMs, dirty } = await readBesideWrite(operations, id, 200);
  const beside = summarise(timesMs, 'ms', digest([dirty]), { reads: timesMs.length, dirty });
  return {
    beside,
    'beside p95': { ...beside, value: beside.p95, digest: null, facts: {} },
    'beside max': { ...beside, value: beside.max, digest: null, facts: {} },
  };
}
