// candy sample: a library of many invented models, for trying.
import type { NewModel } from '@cc/repositories';
import { type ModelId, models } from '@cc/schema';
import type { Command } from 'commander';
import { gte, lt, or } from 'drizzle-orm';
import { exitCodes } from '../exit-codes.js';
import { Refused } from '../failure.js';
import type { Library } from '../library.js';
import type { Output } from '../output.js';
import { showProgress } from '../progress.js';
import { sampleModel, sampleRoot } from '../sample/many-models.js';
import { count, duration } from '../terminal.js';
import { withExamples } from './examples.js';
import { parseWhole } from './flag-values.js';
import type { CommandSurroundings, CommonFlags } from './surroundings.js';

/** What is made. */
interface SampleFlags {
  readonly models: number;
  readonly seed: number;
}

/** Adds `sample` to the program. */
export function addSampleCommand(program: Command, { common, run, interruptible }: CommandSurroundings): void {
  const sample = common(program.command('sample').description('make a library of invented models, for trying'))
    .option('--models <n>', 'how many', parseWhole(1, 10_000_000), 1000)
    .option('--seed <n>', 'another number, other models', parseWhole(0, 999_999_999), 1);
  withExamples(
    sample,
    'sample --models 1000 --url file:sample.db',
    'sample --models 500 --seed 7 --url file:other.db',
  ).action((flags: CommonFlags & SampleFlags) =>
    run(flags, (library, output) => sampleCommand(library, flags, output, interruptible()), { create: true }),
  );
}

async function sampleCommand(
  library: Library,
  { models: total, seed }: SampleFlags,
  output: Output,
  signal: AbortSignal,
): Promise<number> {
  await refuseOthers(library);
  const started = performance.now();
  const progress = showProgress(output, { doing: 'Making', things: 'models' });
  const members = new Map<string, ModelId[]>();
  let made = { created: 0, skipped: 0 };
  try {
    await library.repositories.models.createMany(everyModel(seed, total, members), {
      onDuplicateHash: 'allow',
      onConflict: 'skip',
      signal,
      onProgress: ({ done, created, skipped }) => {
        made = { created, skipped };
        progress.show(done, total);
      },
    });
    await collect(library, members, signal);
    await library.repositories.search.refreshWords();
  } catch (error) {
    if (!signal.aborted) throw error;
  } finally {
    progress.end();
  }
  const ms = performance.now() - started;
  const answer = { ...made, seed, durationMs: Math.round(ms), interrupted: signal.aborted };
  output.answer(answer, () => [
    `${signal.aborted ? 'Interrupted: ' : ''}${count(made.created)} models made in ${duration(ms)} (${count(Math.round((made.created / Math.max(ms, 1)) * 1000))}/s), ${count(made.skipped)} were there`,
    ...(signal.aborted ? ['The same command makes the rest.'] : []),
  ]);
  return signal.aborted ? exitCodes.interrupted : exitCodes.ok;
}

/** Invented models among a person's own could only be told apart one by one. */
async function refuseOthers({ transactions }: Library): Promise<void> {
  const end = `${sampleRoot.slice(0, -1)}0`;
  const [other] = await transactions.db
    .select({ id: models.id })
    .from(models)
    .where(or(lt(models.filePath, sampleRoot), gte(models.filePath, end)))
    .limit(1);
  if (other === undefined) return;
  throw new Refused(
    'This library holds models of your own, and invented ones would lie among them: name another with --url, such as --url file:sample.db.',
  );
}

function* everyModel(seed: number, total: number, members: Map<string, ModelId[]>): Generator<NewModel> {
  for (let number = 0; number < total; number += 1) {
    const { collection, ...item } = sampleModel(seed, number);
    if (collection !== null) {
      const ids = members.get(collection);
      if (ids === undefined) members.set(collection, [item.model.id]);
      else ids.push(item.model.id);
    }
    yield item;
  }
}

async function collect(library: Library, members: ReadonlyMap<string, readonly ModelId[]>, signal: AbortSignal) {
  const { collections } = library.repositories;
  for (const [name, ids] of members) {
    signal.throwIfAborted();
    await library.transactions.transaction(async () => {
      // In here: another program may be making the same library.
      const known = (await collections.list()).find((each) => each.name === name);
      await collections.addModels(known?.id ?? (await collections.create({ name })), ids);
    });
  }
}
