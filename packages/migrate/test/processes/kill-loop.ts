// Kills processes, or their server, with SIGKILL at random moments of a migration, and checks each time that the database
// is before or after it and that others can go on. Run by kills.test.ts, in its long form by `npm run torture`.
import { join } from 'node:path';
import { setTimeout as after } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';
import { type Child, startChild } from '@cc/testkit/child';
import type { Random } from '@cc/testkit/random';
import { runRounds } from '@cc/testkit/rounds';
import { type Sqld, startSqld } from '@cc/testkit/sqld';
import { emptyServer, patient } from '@cc/testkit/targets';
import { openTransactionManager } from '@cc/tx';
import { type Opened, openedOn, writeFolder } from '../scratch.js';
import { checkWhole, fillKilled, fingerprint, killedFolder } from './killed-folder.js';

/** Who is killed: a process with a file, a client of a server over http or ws by turns, or the server under it. */
export type Victim = 'file' | 'client' | 'server';

/** Which rounds to run. */
export interface KillOptions {
  readonly victim: Victim;
  readonly kills: number;
  readonly seed: number;
  /** The first round of the seed. */
  readonly from: number;
}

/** Where the kills fell and what they left. */
export interface KillSummary {
  readonly victim: Victim;
  kills: number;
  /** Between two migrations: while the next one was read and planned, and after the one that was aimed at. */
  before: number;
  after: number;
  /** Between the first word of a migration and its last. */
  during: number;
  /** Of those: rolled back, and committed without a word. */
  undone: number;
  committed: number;
  /** Of those that told of every statement: by thirds of their statements. */
  readonly thirds: [number, number, number];
  /** Longest wait until the lock that a victim held could be taken, in milliseconds. */
  longestWaitMs: number;
  /** How the clients of killed servers ended. */
  readonly clientEnds: Record<string, number>;
}

/**
 * Kills as `options` say. A round can be repeated from its seed and number; what the processes do meanwhile cannot.
 *
 * @throws Error that names the round of the seed after which something was torn, lost or locked; the files are kept
 */
export async function killLoop({ victim, kills, seed, from }: KillOptions): Promise<KillSummary> {
  const counts = { kills: 0, before: 0, after: 0, during: 0, undone: 0, committed: 0 };
  const summary: KillSummary = { victim, ...counts, thirds: [0, 0, 0], longestWaitMs: 0, clientEnds: {} };
  const server = victim === 'file' ? null : await startSqld();
  try {
    await runRounds<Ground>({
      seed,
      from,
      option: '--migration-from',
      roundsPerGround: roundsPerDatabase,
      goesOn: () => summary.kills < kills,
      open: async (path) => {
        const folder = join(path, 'drizzle');
        await writeFolder(folder, killedFolder);
        if (server) await emptyServer(server);
        return await prepare({ url: server?.url.http ?? pathToFileURL(join(path, 'app.db')).href, folder, server });
      },
      run: (ground, random, round) => killOnce(ground, random, summary, round),
    });
  } finally {
    await server?.close();
  }
  return summary;
}

/** The log of our migrations grows, and is read before each one. */
const roundsPerDatabase = 25;
const top = killedFolder.length - 1;
const cycle = 2 * top;

interface Place {
  readonly url: string;
  readonly folder: string;
  readonly server: Sqld | null;
}

/** A database that is all the way up, and what is known of it. */
interface Ground extends Place {
  /** By how many migrations are applied beyond the first: the digests that rows and schema may have. */
  readonly states: readonly ReadonlySet<string>[];
  /** By the number of migrations that a process has run: how long the next one takes. */
  readonly tookMs: number[];
}

/** Fills the database and walks it down and up, to learn its states and how long each migration takes. */
async function prepare(place: Place): Promise<Ground> {
  return await opening(place, async (opened) => {
    const states = Array.from({ length: top + 1 }, () => new Set<string>());
    const tookMs: number[] = [];
    const { migrations } = opened;
    await migrations.applyMigrations({ steps: 1 });
    await fillKilled(opened);
    const learn = async (height: number): Promise<void> => void states[height]?.add(await fingerprint(opened));
    for (let height = 0; height <= top; height += 1) {
      if (height > 0) await migrations.applyMigrations({ steps: 1 });
      await learn(height);
    }
    for (let n = 1; n <= cycle; n += 1) {
      const started = performance.now();
      await (n <= top ? migrations.rollbackMigration() : migrations.applyMigrations({ steps: 1 }));
      tookMs.push(performance.now() - started);
      await learn(heightAfter(n));
    }
    return { ...place, states, tookMs };
  });
}

async function killOnce(ground: Ground, random: Random, summary: KillSummary, round: number): Promise<void> {
  const { server, tookMs, folder } = ground;
  const url = server && round % 2 === 1 ? server.url.ws : ground.url;
  const child = startChild(new URL('migrate-until-killed.mjs', import.meta.url), [
    url,
    folder,
    server && random.chance(0.5) ? 'whole' : 'each',
  ]);
  try {
    const ends = random.below(cycle);
    // Most kills are aimed at the transaction, the others at what is read before it.
    const isInside = random.chance(0.8);
    const word = isInside ? 'begin' : ends === 0 ? 'ready' : 'end';
    const count = isInside ? ends + 1 : Math.max(1, ends);
    await child.until((lines) => lines.filter((line) => line.startsWith(word)).length >= count);
    await after(random.next() * 1.1 * (tookMs[ends] ?? 0));
    let heard: readonly string[] = [...child.lines];
    if (summary.victim === 'server') {
      await server?.kill();
      await expectCleanEnd(child, summary);
      await server?.restart();
    } else {
      await child.kill();
      heard = child.lines;
    }
    countKill(heard, ends, summary);
    learnFrom(heard, tookMs);
    await opening(ground, (opened) => check(opened, ground, allowedAfter(child.lines), summary));
    await opening(ground, ({ migrations }) => migrations.applyMigrations());
    await opening(ground, (opened) => expectState(opened, ground.states[top]));
  } finally {
    await child.kill();
  }
}

/** The client of a killed server says what failed and ends by itself. */
async function expectCleanEnd(child: Child, { clientEnds }: KillSummary): Promise<void> {
  const { code, signal, errors } = await child.ended();
  const last = child.lines.at(-1) ?? '';
  if (code !== 0 || signal !== null || errors !== '' || !last.startsWith('failed '))
    throw new Error(`the client ended with ${signal ?? code} and said: ${last} ${errors}`);
  clientEnds[last] = (clientEnds[last] ?? 0) + 1;
}

/** Adjusts what is known of how long migrations take: the machine may be busier now. */
function learnFrom(heard: readonly string[], tookMs: number[]): void {
  for (const [n, line] of heard.filter(isEnd).entries()) {
    const ms = Number(line.split(' ')[1]);
    tookMs[n] = 0.5 * (tookMs[n] ?? ms) + 0.5 * ms;
  }
}

/** Where in the work of a process the kill fell. It was aimed at the migration after `ends` others. */
function countKill(heard: readonly string[], ends: number, summary: KillSummary): void {
  summary.kills += 1;
  const [begin, told] = lastBegun(heard);
  if (begin === null) summary[endsIn(heard) > ends ? 'after' : 'before'] += 1;
  else {
    summary.during += 1;
    if (told.length > 0) summary.thirds[thirdOf(Number(told.at(-1)), Number(begin.split(' ')[1]))] += 1;
  }
}

function thirdOf(count: number, total: number): 0 | 1 | 2 {
  const share = count / total;
  if (share < 1 / 3) return 0;
  return share < 2 / 3 ? 1 : 2;
}

/** The line with which the migration began that has not ended, and what was told of its statements. */
function lastBegun(lines: readonly string[]): readonly [string | null, readonly string[]] {
  const at = lines.findLastIndex((line) => line.startsWith('begin'));
  if (at <= lines.findLastIndex(isEnd)) return [null, []];
  return [lines[at] ?? null, lines.slice(at + 1).filter((line) => /^\d+$/.test(line))];
}

/** How many migrations may be applied beyond the first after a process has said `lines`. */
function allowedAfter(lines: readonly string[]): readonly number[] {
  const ends = endsIn(lines);
  return lastBegun(lines)[0] === null ? [heightAfter(ends)] : [heightAfter(ends), heightAfter(ends + 1)];
}

function endsIn(lines: readonly string[]): number {
  return lines.filter(isEnd).length;
}

function isEnd(line: string): boolean {
  return line.startsWith('end');
}

/** Processes begin all the way up, go down, and up again. */
function heightAfter(migrations: number): number {
  return Math.abs(top - (migrations % cycle));
}

async function check(
  opened: Opened,
  { states }: Ground,
  allowed: readonly number[],
  summary: KillSummary,
): Promise<void> {
  const { transactions, migrations } = opened;
  const started = performance.now();
  // Whatever lock the victim held, others get it; and what it had sent has come to its end by then.
  {
    using lease = await transactions.getConnection();
    const transaction = await lease.client.transaction('write');
    // A client over HTTP begins with the first statement.
    await transaction.execute('SELECT 1');
    await transaction.rollback();
  }
  summary.longestWaitMs = Math.max(summary.longestWaitMs, Math.round(performance.now() - started));

  const { applied, pending, problems } = await migrations.status();
  const height = applied.length - 1;
  if (problems.length > 0) throw new Error(`status(): ${problems.map(({ message }) => message).join('; ')}`);
  if (applied.length + pending.length !== killedFolder.length) throw new Error('status() has lost migrations');
  if (!allowed.includes(height)) throw new Error(`${height} migrations are applied, not ${allowed.join(' or ')}`);
  if (allowed.length > 1) summary[height === allowed[0] ? 'undone' : 'committed'] += 1;
  await expectState(opened, states[height]);
}

async function expectState(opened: Opened, known: ReadonlySet<string> | undefined): Promise<void> {
  if (!known?.has(await fingerprint(opened))) throw new Error('schema, rows or marks are between two migrations');
  await checkWhole(opened);
}

async function opening<T>({ url, folder }: Place, work: (opened: Opened) => Promise<T>): Promise<T> {
  await using transactions = await openTransactionManager({ url, ...patient });
  return await work(openedOn(transactions, folder));
}
