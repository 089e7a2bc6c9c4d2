// A server over HTTP and WebSocket and a replica of it beside a local file: what the network's round trips cost, and what
// @cc/tx adds to plain drizzle + @libsql/client on the same server. Every process has a server of its own.
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { type Sqld, sqldMissing, startSqld } from '@cc/testkit/sqld';
import type { OpenTarget, Place } from '../contenders/targets.js';
import { type Measurement, measure } from '../harness/measure.js';
import type { Job, Phase, TrialReport } from '../harness/suite.js';
import { idsOf } from './ids-of.js';
import { digestOfLibrary } from './inspect-file.js';

const targets = ['http', 'ws', 'replica'] as const;
type Target = 'file' | (typeof targets)[number];

/** The contender that the rows of this phase refer to. */
export const oursOnFile = 'ours, file';

/** The pairs on the same target. */
export const pairsOnServer = targets.map((target) => ({
  target,
  ours: `ours, ${target}`,
  peer: `drizzle + @libsql/client, ${target}`,
}));

/** Reads and writes on every kind of target. Without a server there is nothing to compare: the phase has no contenders. */
export const targetsPhase: Phase = {
  name: 'targets',
  contenders: sqldMissing === null ? [oursOnFile, ...pairsOnServer.flatMap(({ ours, peer }) => [ours, peer])] : [],
  run: runOnTarget,
  inspect: async ({ databasePath }) => ({ digest: digestOfLibrary(databasePath), facts: {} }),
};

async function runOnTarget(job: Job): Promise<TrialReport> {
  const target = job.contender.split(', ').at(-1);
  if (target === 'file') return measureOn(job, { url: pathToFileURL(job.databasePath).href });
  const server = await startSqld({ database: job.databasePath });
  try {
    return await measureOn(job, placeOf(server, targets.find((each) => each === target) ?? 'http'));
  } finally {
    await server.giveBack();
  }
}

function placeOf(server: Sqld, target: Exclude<Target, 'file'>): Place {
  if (target === 'http') return { url: server.url.http };
  if (target === 'ws') return { url: server.url.ws };
  return { url: pathToFileURL(join(server.folder, 'replica.db')).href, syncUrl: server.url.http };
}

async function measureOn(job: Job, place: Place): Promise<TrialReport> {
  const ids = await idsOf(job);
  const idAt = (i: number): string => ids[i % ids.length] ?? '';
  const { openDrizzleOn, openOursOn } = await import('../contenders/targets.js');
  const open = job.contender.startsWith('ours') ? openOursOn : openDrizzleOn;
  const database: OpenTarget = await open(place);
  const rows: Record<string, Measurement> = {
    targetRead: await measure({
      unit: 'µs',
      warmup: 200,
      samples: 200,
      operation: (i) => database.readByKey(idAt(i)),
    }),
    targetCollect: await measure({
      unit: 'µs',
      warmup: 20,
      samples: 50,
      operation: (i) => database.collect(`collection ${i}`, idAt(i)),
    }),
    targetWriteAndRead: await measure({
      unit: 'µs',
      warmup: 20,
      samples: 50,
      operation: (i) => database.writeAndRead(idAt(i), i),
    }),
    targetBatch: await measure({
      unit: 'ms',
      warmup: 2,
      samples: 10,
      operation: (i) => database.insertBatch(`batch ${i}`),
    }),
  };
  const durability = await database.durability();
  await database.close();
  return { rows, durability };
}
