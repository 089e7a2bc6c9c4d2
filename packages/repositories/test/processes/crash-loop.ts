// Kills a process with SIGKILL at random moments of its work on a library, and compares the file with one that was never
// killed: it did what was acknowledged, and the work under way whole or not at all. Run by crash.test.ts.
import { join } from 'node:path';
import { setTimeout as after } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';
import { schema } from '@cc/schema';
import { startChild } from '@cc/testkit/child';
import type { Random } from '@cc/testkit/random';
import { runRounds } from '@cc/testkit/rounds';
import { openTransactionManager, type TransactionManager } from '@cc/tx';
import { createRepositories } from '../../src/index.js';
import { type Library, migrate, openLibrary, replaceSafe } from '../open-library.js';
import { rightButForRawNames } from '../outdated-words.js';
import { commitsOf, perform, planOf, repeatable } from './random-plan.mjs';

/** What was killed and what it left. */
export interface CrashSummary {
  kills: number;
  /** Works whose acknowledgement was waited for before the kills. */
  awaited: number;
  /** Works that were acknowledged, and all there. */
  acknowledged: number;
  /** Kills after a commit and before its acknowledgement. */
  unsaid: number;
  /** Of those, kills between two commits of one work. */
  between: number;
}

/** Works between two kills, at most. */
const mostWorks = 14;

/**
 * Kills `kills` processes, from round `from` of `seed` on. A round can be repeated from its seed and number, with all that
 * its processes do; the moment of the kill cannot.
 *
 * @throws Error that names the round after which something was lost, torn or wrong; the file is kept
 */
export async function crashLoop(kills: number, seed: number, from: number): Promise<CrashSummary> {
  const summary: CrashSummary = { kills: 0, awaited: 0, acknowledged: 0, unsaid: 0, between: 0 };
  await runRounds<Ground>({
    seed,
    from,
    option: '--library-from',
    roundsPerGround: 30,
    goesOn: () => summary.kills < kills,
    open: openGround,
    close: ({ shadow }) => shadow[Symbol.asyncDispose](),
    run: (ground, random) => killOnce(ground, random, summary),
  });
  return summary;
}

/** A library that processes write and are killed over, and what it should be. */
interface Ground {
  readonly url: string;
  readonly shadow: Shadow;
  /** The number of the first work that the next process does. */
  next: number;
}

async function openGround(folder: string): Promise<Ground> {
  const url = pathToFileURL(join(folder, 'library.db')).href;
  await using created = await openTransactionManager({ url, schema });
  await migrate(created);
  return { url, shadow: await openShadow(), next: 1 };
}

/** The same library in memory, which is never killed. */
interface Shadow extends AsyncDisposable {
  begin(n: number): void;
  readonly library: Library;
}

async function openShadow(): Promise<Shadow> {
  const { begin, ...steady } = repeatable();
  const library = await openLibrary(':memory:', {}, replaceSafe);
  return {
    begin,
    library: { ...library, ...createRepositories(library.transactions, steady) },
    [Symbol.asyncDispose]: () => library[Symbol.asyncDispose](),
  };
}

/** Kills one process at its work and finds out how far it came. */
async function killOnce(ground: Ground, random: Random, summary: CrashSummary): Promise<void> {
  const { url, next, shadow } = ground;
  // Each round its own plan: work that a kill prevented is not what all later processes begin with.
  const plans = random.below(2 ** 31);
  const count = random.below(mostWorks);
  const lines = await runUntilKilled([url, String(plans), String(next)], count, random);
  const done = lines.length;
  summary.kills += 1;
  summary.awaited += count;
  summary.acknowledged += done;
  for (let n = next; n < next + done; n += 1) {
    if (lines[n - next] !== String(n)) throw new Error(`the process said ${lines.join(', ')}`);
    shadow.begin(n);
    await perform(shadow.library, planOf(plans, n));
  }

  await using transactions = await openTransactionManager({ url, schema });
  await expectWhole(transactions);
  const found = await contentOf(transactions);
  const wanted = await contentOf(shadow.library.transactions);
  ground.next = next + done;
  if (found === wanted) return;
  // Not the acknowledged state, so it must be that of the work under way, up to one of its commits.
  const plan = planOf(plans, next + done);
  const commits = commitsOf(plan);
  shadow.begin(next + done);
  for (let commit = 0; commit < commits; commit += 1) {
    await perform(shadow.library, plan, commit);
    if (found !== (await contentOf(shadow.library.transactions))) continue;
    summary.unsaid += 1;
    if (commit < commits - 1) summary.between += 1;
    ground.next += 1;
    return;
  }
  throw new Error(
    `after work ${next + done - 1} of ${plans}, killed in ${JSON.stringify(plan)}:\n${diff(wanted, found)}`,
  );
}

/** Starts the process, kills it some milliseconds after it has said `count` numbers, and returns all that it said. */
async function runUntilKilled(args: readonly string[], count: number, random: Random): Promise<readonly string[]> {
  const child = startChild(new URL('crash-writer.mjs', import.meta.url), args);
  await child.until(({ length }) => length > count);
  await after(random.next() * longestWorkMs);
  await child.kill();
  const { signal, errors } = await child.ended();
  if (signal !== 'SIGKILL')
    throw new Error(`the process ended by itself: ${child.lines.slice(-3).join(' | ')} ${errors}`);
  return child.lines.slice(1);
}

/** From here on the kill falls anywhere in the next works. */
const longestWorkMs = 8;

/** @throws Error that says what is damaged */
async function expectWhole(transactions: TransactionManager<typeof schema>): Promise<void> {
  const { $client } = transactions.db;
  for (const [check, sound] of [
    ['pragma integrity_check', '[["ok"]]'],
    ['pragma foreign_key_check', '[]'],
  ] as const) {
    const { rows } = await $client.execute(check);
    const said = JSON.stringify(rows.map((row) => Object.values(row)));
    if (said !== sound) throw new Error(`${check}: ${said.slice(0, 1_000)}`);
  }
  const report = JSON.stringify(await createRepositories(transactions).search.verifyIndex());
  const expected = JSON.stringify(await rightButForRawNames(transactions));
  if (report !== expected) throw new Error(`verifyIndex: ${report}, not ${expected}`);
}

const tables = [
  ...['models', 'model_metadata', 'tags', 'model_tags', 'collections', 'collection_models', 'saved_searches'],
];

/** Every row of the library as text, one to a line: those that no other follows from, and the texts beside them. */
async function contentOf({ db }: TransactionManager<typeof schema>): Promise<string> {
  const lines: string[] = [];
  for (const table of tables) {
    const { rows } = await db.$client.execute(`select * from ${table} order by 1, 2`);
    for (const row of rows) lines.push(`${table} ${JSON.stringify(row)}`);
  }
  return lines.join('\n');
}

/** The lines that only one of two texts has, with a sign before them; at most 20. */
function diff(wanted: string, found: string): string {
  const [before, now] = [wanted.split('\n'), found.split('\n')];
  const lost = before.filter((line) => !now.includes(line)).map((line) => `- ${line}`);
  return [...lost, ...now.filter((line) => !before.includes(line)).map((line) => `+ ${line}`)].slice(0, 20).join('\n');
}
