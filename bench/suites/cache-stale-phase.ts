// How often a reader gets what it knows to be replaced: this process and two others write the same rows, a quarter of this
// one's transactions is rolled back, and readers of this process read through a cache. The judge is the log of all commits.
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as sleep, setImmediate as turn } from 'node:timers/promises';
import { seededRandom } from '@cc/testkit/random';
import Database from 'libsql';
import { openStaleReader, type StaleReader, staleReaders } from '../caches/stale-readers.js';
import type { Measurement } from '../harness/measure.js';
import type { Job, Phase, Row, TrialReport } from '../harness/suite.js';
import { at } from './library-phase.js';

const writer = 'a writer beside';

/** The caches, each read by the same readers. */
export const cacheStalePhase: Phase = {
  name: 'stale',
  contenders: staleReaders,
  // How often each is stale is what is shown.
  mayDiffer: staleReaders,
  hasDatabase: false,
  run: (job) => (job.contender === writer ? write(job) : readBesideWriters(job)),
  inspect: async () => ({ digest: null, facts: {} }),
};

const section = {
  section: 'Stale reads, while this process and two others write the same eight rows',
  reference: 'ours',
  unit: '%',
} as const;
const none = [{ text: 'ours = 0', contender: 'ours', atMost: 0 }];

/** The rows of the phase. */
export const cacheStaleRows: readonly Row[] = [
  { ...section, id: 'staleAlone', title: 'nobody tells the cache what other processes write', bars: none },
  {
    ...section,
    id: 'staleTold',
    title: 'each of their commits reaches it as a message, as a bus would bring it, and counts as known only then',
    bars: none,
  },
];

const ids = [1, 2, 3, 4, 5, 6, 7, 8];
const readersAtOnce = 4;
const measuredMs = 2_500;
/** What a transaction adds that is rolled back: so it is recognised when somebody gets it. */
const undone = 1_000_000;

/** What a writer says when its COMMIT has returned. */
interface Told {
  readonly id: number;
  readonly version: number;
}

async function readBesideWriters(job: Job): Promise<TrialReport> {
  const database = new Database(job.databasePath);
  database.exec('CREATE TABLE IF NOT EXISTS versions (id INTEGER PRIMARY KEY, version INTEGER NOT NULL) STRICT');
  for (const id of ids) database.prepare('INSERT INTO versions VALUES (?, 1)').run([id]);
  database.close();
  const rows: Record<string, Measurement> = {
    staleAlone: await judged(job, false),
    staleTold: await judged(job, true),
  };
  return { rows, durability: [] };
}

async function judged(job: Job, tells: boolean): Promise<Measurement> {
  const reader = await openStaleReader(job.contender, job.databasePath);
  const children = [1, 2].map(() => fork(process.argv[1] ?? '', [JSON.stringify({ ...job, contender: writer })]));
  const known = new Map<number, number>();
  const learn = ({ id, version }: Told): void => void known.set(id, Math.max(known.get(id) ?? 0, version));
  let foreign = 0;
  for (const child of children)
    child.on('message', (message) => {
      // What `write` sends.
      const told = message as Told | 'ready';
      if (told === 'ready') return;
      foreign += 1;
      if (tells) void reader.forget(told.id).then(() => learn(told));
      else learn(told);
    });
  await Promise.all(children.map((child) => once(child, 'message')));
  for (const child of children) child.send('go');
  const until = performance.now() + measuredMs;
  const counts = { reads: 0, stale: 0, uncommitted: 0, backwards: 0, own: 0 };
  const goesOn = (): boolean => performance.now() < until;
  await Promise.all([
    ...Array.from({ length: readersAtOnce }, (_, seed) => readAll(reader, known, counts, seed, goesOn)),
    writeHere(reader, learn, counts, goesOn),
  ]);
  await Promise.all(children.map((child) => ended(child)));
  const facts = reader.facts?.();
  await reader.close();
  const { reads, stale, uncommitted, backwards, own } = counts;
  const wrong = (100 * (stale + uncommitted)) / reads;
  const wrongOnes = { reads, stale, 'never committed': uncommitted, 'older than before': backwards };
  return {
    ...{ value: wrong, samples: reads, mean: wrong, p95: wrong, max: wrong, digest: null },
    facts: { ...wrongOnes, 'commits here': own, 'commits of others': foreign, ...facts },
  };
}

interface Counts {
  reads: number;
  stale: number;
  uncommitted: number;
  backwards: number;
  own: number;
}

async function readAll(
  reader: StaleReader,
  known: ReadonlyMap<number, number>,
  counts: Counts,
  seed: number,
  goesOn: () => boolean,
): Promise<void> {
  const random = seededRandom(seed);
  const last = new Map<number, number>();
  for (let i = 0; goesOn(); i += 1) {
    const id = random.pick(ids);
    const floor = known.get(id) ?? 1;
    const version = await reader.read(id);
    counts.reads += 1;
    if (version >= undone) counts.uncommitted += 1;
    else {
      if (version < floor) counts.stale += 1;
      if (version < (last.get(id) ?? 1)) counts.backwards += 1;
      last.set(id, version);
    }
    if (i % 8 === 0) await turn();
  }
}

async function writeHere(
  reader: StaleReader,
  learn: (told: Told) => void,
  counts: Counts,
  goesOn: () => boolean,
): Promise<void> {
  const random = seededRandom(99);
  while (goesOn()) {
    const id = random.pick(ids);
    const version = await reader.write(id, random.chance(0.25) ? undone : 1);
    if (version !== null) {
      learn({ id, version });
      counts.own += 1;
    }
    await sleep(random.below(6));
  }
}

/** Writes until its parent goes away or the time is over, and says each version that it has committed. */
async function write({ databasePath }: Job): Promise<TrialReport> {
  const database = new Database(databasePath, { timeout: 5_000 });
  const update = database.prepare('UPDATE versions SET version = version + 1 WHERE id = ? RETURNING version');
  const random = seededRandom(process.pid);
  process.send?.('ready');
  await once(process, 'message');
  const until = performance.now() + measuredMs;
  while (performance.now() < until) {
    const id = at(ids, random.below(ids.length));
    database.exec('BEGIN IMMEDIATE');
    // The column that RETURNING names.
    const { version } = update.get([id]) as { readonly version: number };
    database.exec('COMMIT');
    process.send?.({ id, version } satisfies Told);
    await sleep(2 + random.below(8));
  }
  database.close();
  return { rows: {}, durability: [] };
}

async function ended(child: ChildProcess): Promise<void> {
  if (child.exitCode === null) await once(child, 'exit');
}
