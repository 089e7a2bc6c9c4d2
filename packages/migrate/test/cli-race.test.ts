// Real processes at once on one database: each migration runs once, and every process ends well. CC_ROUNDS says how often.
import { type Child, startChild } from '@cc/testkit/child';
import { type TargetName, targets } from '@cc/testkit/targets';
import { afterAll, describe, expect, test } from 'vitest';
import {
  base,
  counted,
  countedTags,
  expectConsistent,
  expectRows,
  fill,
  repeatable,
  toldRuns,
} from './processes/counted.js';
import { makeScratch, type Opened, type Scratch, type Written } from './scratch.js';

const rounds = Number(process.env.CC_ROUNDS ?? 3);
const timeout = 600_000 + rounds * 60_000;
const raced = targets.filter((target): target is TargetName => target !== ':memory:' && target !== 'replica');

/** A database with rows, and the folder that is raced for. */
async function ground(
  target: TargetName,
  folder: readonly Written[],
): Promise<{ readonly scratch: Scratch; readonly opened: Opened }> {
  const scratch = await makeScratch(target);
  await scratch.write([base]);
  const opened = await scratch.open();
  await opened.migrations.applyMigrations();
  await fill(opened);
  await scratch.write(folder);
  return { scratch, opened };
}

const ours = ({ url, folder }: Scratch, ...words: string[]): readonly string[] => [
  ...['cc-migrate', ...words, '--json', '--url', url, '--folder', folder],
];

interface Ended {
  readonly code: number;
  readonly errors: string;
  /** What it says that it ran; empty when it failed. */
  readonly claimed: readonly string[];
}

// Loaded once for all rounds: what races is a command in a process, not the start of one.
let racers: readonly Child[] = [];
afterAll(async () => {
  for (const racer of racers) racer.finish();
  // A command that left something running would keep its process.
  for (const racer of racers) {
    const { code, signal, errors } = await racer.ended();
    if (code !== 0 || errors !== '') throw new Error(`a racer ended with ${signal ?? code}: ${errors}`);
  }
});

/** Lets processes begin all commands together, and waits until all have ended. */
async function race(commands: readonly (readonly string[])[]): Promise<readonly Ended[]> {
  if (racers.length === 0)
    racers = commands.map(() => startChild(new URL('processes/migrate-on-word.mjs', import.meta.url), []));
  const starting = racers;
  try {
    for (const [index, racer] of starting.entries()) racer.send(JSON.stringify(commands[index]));
    for (const racer of starting) expect(await racer.line()).toBe('ready');
    for (const racer of starting) racer.send('go');
    return await Promise.all(starting.map(endOf));
  } catch (error) {
    // The next test gets others.
    racers = [];
    await Promise.all(starting.map((racer) => racer.kill()));
    throw error;
  }
}

async function endOf(racer: Child): Promise<Ended> {
  const answer: { code: number; errors: string; said: { migrations?: { version: string }[] }[] } = JSON.parse(
    await racer.line(),
  );
  const [result] = answer.said;
  return {
    code: answer.code,
    errors: answer.errors,
    claimed: (result?.migrations ?? []).map(({ version }) => version),
  };
}

const four = <T>(make: () => T): T[] => Array.from({ length: 4 }, make);

describe.each(raced)('on %s', (target) => {
  test(`four processes apply each migration once, ${rounds} times`, { timeout }, async ({ annotate }) => {
    let shared = 0;
    for (let round = 1; round <= rounds; round += 1) {
      const { scratch } = await ground(target, counted);
      await using _ = scratch;
      const ends = await race(four(() => ours(scratch, 'up')));
      expect(ends.map(({ code, errors }) => [code, errors])).toEqual(four(() => [0, '']));
      expect(ends.flatMap(({ claimed }) => claimed).toSorted()).toEqual(countedTags);
      const told = await expectConsistent(scratch);
      expect(told.map(({ step }) => step)).toEqual(countedTags);
      if (ends.filter(({ claimed }) => claimed.length > 0).length > 1) shared += 1;
    }
    await annotate(`${target}: ${rounds} rounds, the work was shared in ${shared}`);
  });

  test(`up against down: two of each take turns, ${rounds} times`, { timeout }, async ({ annotate }) => {
    const codes = new Map<number, number>();
    let turns = 0;
    for (let round = 1; round <= rounds; round += 1) {
      const { scratch, opened } = await ground(target, counted);
      await using _ = scratch;
      await opened.migrations.applyMigrations({ steps: 4 });
      const up = ours(scratch, 'up');
      const down = ours(scratch, 'down', '--steps', '2', '--yes');
      for (const { code, errors } of await race([up, down, up, down])) {
        codes.set(code, (codes.get(code) ?? 0) + 1);
        // The ground was taken away: nothing else may go wrong.
        if (code !== 0) expect([code, errors]).toEqual([4, expect.stringContaining('[MIGRATION_LOCK_LOST]')]);
      }
      const told = await expectConsistent(scratch);
      turns += told.length - 4;
      await opened.migrations.applyMigrations();
      await expectConsistent(scratch);
    }
    const ends = [...codes].map(([code, count]) => `${count} × exit ${code}`).join(', ');
    await annotate(`${target}: ${rounds} rounds, ${turns} migrations run by racing processes; ${ends}`);
  });

  test(`ours never applies what drizzle's migrator has recorded, ${rounds} times`, { timeout }, async ({
    annotate,
  }) => {
    const tags = repeatable.slice(1).map(({ tag }) => tag);
    let twice = 0;
    const theirs = { ended: 0, failed: 0 };
    for (let round = 1; round <= rounds; round += 1) {
      const { scratch, opened } = await ground(target, repeatable);
      await using _ = scratch;
      const drizzle = ['drizzle', scratch.url, scratch.folder];
      const ends = await race([ours(scratch, 'up'), drizzle, ours(scratch, 'up'), drizzle]);
      for (const [index, { code }] of ends.entries()) if (index % 2 === 1) theirs[code === 0 ? 'ended' : 'failed'] += 1;

      const told = await toldRuns(opened);
      const first = new Map<string, string>();
      for (const { step, who } of told) {
        if (first.has(step)) expect([step, who]).toEqual([step, 'theirs']);
        else first.set(step, who);
      }
      expect([...first.keys()]).toEqual(tags);
      const { pending, problems } = await opened.migrations.status();
      await expectRows(scratch, told);
      const isTwice = told.length > tags.length;
      expect([pending, problems.map(({ kind }) => kind)]).toEqual([
        [],
        Array.from({ length: told.length - tags.length }, () => 'duplicate'),
      ]);
      if (isTwice) twice += 1;
      // 2: there are migrations that theirs has run again, and ours goes no further.
      for (const { code, errors } of ends.filter((_, index) => index % 2 === 0))
        if (code !== 0) expect([code, errors]).toEqual([isTwice ? expect.toBeOneOf([2, 4]) : 4, errors]);
    }
    await annotate(
      `${target}: ${rounds} rounds; theirs ended well ${theirs.ended} times and failed ${theirs.failed} times; ` +
        `it applied what was already applied in ${twice} rounds, and status() says so in each`,
    );
  });
});
