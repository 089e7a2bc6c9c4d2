// What `npm run demo` shows a newcomer: a sample library made on the spot, imported, tagged, searched and checked.
import { realpath } from 'node:fs/promises';
import { join, sep } from 'node:path';
import { formatHealthReport } from '@cc/health';
import { models } from '@cc/schema';
import { not, sql } from 'drizzle-orm';
import { importCommand } from './commands/import.js';
import { searchCommand } from './commands/search.js';
import type { Library } from './library.js';
import type { Output } from './output.js';
import { count } from './terminal.js';

/** Where the tour puts things, and how its last lines call the program. */
export interface TourOptions {
  /** The git-ignored folder of the library. */
  readonly folder: string;
  /** For example `npm run demo --`. */
  readonly program: string;
}

/** Shows the main job from end to end. Returns 0; a broken sample file is part of the show. */
export async function tour(
  library: Library,
  output: Output,
  signal: AbortSignal,
  options: TourOptions,
): Promise<number> {
  const say = (line: string): void => void output.stdout.write(`${line}\n`);
  const folder = join(options.folder, 'sample-models');
  const samples = await realpath(folder).catch(() => folder);
  if (await holdsOthers(library, samples)) {
    say('This library holds models of your own, and the tour would put its samples among them.');
    say(`To see it, name another place: ${options.program} --url file:tour.db`);
    say(`What there is to do: ${options.program} help`);
    return 0;
  }
  // The modelling library behind it would slow down the start of every other command.
  const { makeSampleLibrary } = await import('./sample-library.js');
  const { files } = await makeSampleLibrary(samples);

  say(`1. Importing ${count(files)} sample models from ${samples}\n`);
  const imported = await importCommand(library, [samples], output, signal);
  if (signal.aborted) return imported;

  say('\n2. Tagging');
  say(
    `   ${count(await tagFound(library, 'hex', 'fastener'))} models with "hex" in their name are now tagged "fastener"`,
  );
  say(`   ${count(await tagFound(library, 'gear', 'mechanical'))} models with "gear" are now tagged "mechanical"`);

  say('\n3. Searching');
  const { program } = options;
  const show = async (words: string[], flags: { format?: readonly ['stl']; tag?: readonly string[] }, line: string) => {
    say(`\n$ ${program} search ${line}`);
    await searchCommand(library, words, { ...flags, limit: 5 }, output);
  };
  await show(['hex', 'bolt'], {}, 'hex bolt');
  await show(['gea'], {}, 'gea                    (the last word may be the beginning of one)');
  await show(['m3x12'], { format: ['stl'] }, 'm3x12 --format stl');
  await show([], { tag: ['mechanical'] }, '--tag mechanical');

  say('\n4. Health\n');
  say(formatHealthReport(await library.health.generateHealthReport()));

  say('\nTry next:');
  say(`  ${program} import <folder with your own models>`);
  say(`  ${program} search bunny --json`);
  say(`  ${program} migrate status`);
  return 0;
}

/** Whether there are models that are no samples of the tour. */
async function holdsOthers(library: Library, samples: string): Promise<boolean> {
  const { db } = library.transactions;
  const isSample = sql`substr(${models.filePath}, 1, ${samples.length + 1}) = ${samples + sep}`;
  const found = await db.select({ id: models.id }).from(models).where(not(isSample)).limit(1);
  return found.length > 0;
}

/** Tags what a search finds, in one transaction. */
async function tagFound(library: Library, words: string, tag: string): Promise<number> {
  const { search } = library.repositories;
  return library.transactions.transaction(async () => {
    const { hits } = await search.searchModels(words, {}, { limit: 100 });
    for (const { model } of hits) await search.tag(model.id, tag);
    return hits.length;
  });
}
