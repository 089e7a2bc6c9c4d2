// Repositories with a cache beside some without, on one database: after any writes, alone, in transactions, undone or side
// by side, both give the same answers. The cache here never drops anything by itself, so that what a write does not tell
// stays old. CC_RANDOM_OPERATIONS says how many random writes are done, CC_SEED which.
import { inspect, isDeepStrictEqual } from 'node:util';
import type { ModelId } from '@cc/schema';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createRepositories, type Repositories } from '../../src/index.js';
import { createMapCache, type MapCache } from '../map-cache.js';
import { type Library, openLibrary, runsOn, targets } from '../open-library.js';
import { apply, kinds, type Step, searchKinds, words } from '../random-operations.mjs';
import { type Read, readsOf } from './reads.js';
import { applyFurther, expectedIds, furtherKinds, unlessRefused } from './writes.js';

const operations = Number(process.env['CC_RANDOM_OPERATIONS'] ?? 90);
const seed = Number(process.env['CC_SEED'] ?? Date.now() % 2 ** 31);

const told = [...kinds.filter((kind) => !kind.startsWith('raw')), ...searchKinds, ...furtherKinds];
const past = kinds.filter((kind) => kind.startsWith('raw'));
const step = fc.record({
  kind: fc.oneof(
    { weight: 9, arbitrary: fc.constantFrom(...told) },
    { weight: 1, arbitrary: fc.constantFrom(...past) },
  ),
  at: fc.nat(400),
  word: fc.constantFrom(...words),
});
const block = fc.record({
  steps: fc.array(step, { minLength: 1, maxLength: 5 }),
  ends: fc.constantFrom('alone', 'alone', 'commit', 'rollback', 'savepoint', 'savepoint rollback', 'side by side'),
});
type Block = ReturnType<typeof block.generate>['value'];

describe.each(targets)(`a cache in %s, seed ${seed}`, (target) => {
  test(
    'changes no answer, whatever was written',
    async () => {
      const pair = await openPair(target);
      await using _ = pair.library;
      const count = Math.ceil(runsOn(target, operations) / 3);
      await fc.assert(
        fc.asyncProperty(fc.array(block, { minLength: count, maxLength: count }), async (blocks) => {
          for (const [i, one] of blocks.entries()) {
            await run(pair, one);
            await expectSame(pair, `block ${i}: ${JSON.stringify(one)}`);
          }
        }),
        { numRuns: 1, endOnFailure: true, seed },
      );
      // A cache that is never asked changes nothing either.
      expect(pair.cache.log.filter((what) => what.startsWith('hit')).length).toBeGreaterThan(count);
    },
    operations * 2_000 + 600_000,
  );
});

interface Pair {
  readonly library: Library;
  readonly cache: MapCache;
  readonly plain: Repositories;
}

async function openPair(target: Parameters<typeof openLibrary>[0]): Promise<Pair> {
  const cache = createMapCache();
  const library = await openLibrary(target, { cache });
  return { library, cache, plain: createRepositories(library.transactions) };
}

let applied = 0;

async function run({ library, cache, plain }: Pair, { steps, ends }: Block): Promise<void> {
  const { transactions } = library;
  const one = async ({ kind, at, word }: Omit<Step, 'n'>): Promise<void> => {
    applied += 1;
    const numbered = { kind, at, word, n: `n${applied}` };
    library.tick();
    if (furtherKinds.includes(kind)) await applyFurther(library, numbered, await nthId(plain, at));
    else await apply(library, numbered);
  };
  const work = async (): Promise<void> => {
    for (const each of steps) {
      await one(each);
      if (transactions.current() !== undefined)
        await expectSame({ library, cache, plain }, `inside, after ${each.kind}`);
    }
  };
  const undone = new Error('undone on purpose');
  const undoing = async (): Promise<void> => {
    await work();
    throw undone;
  };
  const swallow = (error: unknown): void => {
    if (error !== undone) throw error;
  };
  if (ends === 'alone') await work();
  else if (ends === 'side by side') {
    const reads = readsOf(await subjectsOf(plain));
    const reading = reads.map(([, ask]) => ask(library).catch(() => undefined));
    // Seed 805469197: one adds a model to a collection while another deletes it.
    await Promise.all([...steps.map((each) => unlessRefused(() => one(each))), ...reading]);
  } else if (ends === 'commit') await transactions.transaction(work);
  else if (ends === 'rollback') await transactions.transaction(undoing).catch(swallow);
  else if (ends === 'savepoint') await transactions.transaction((tx) => tx.savepoint(work));
  else await transactions.transaction(async (tx) => tx.savepoint(undoing).catch(swallow));
  // What goes past the repositories is for the cache to see: this one is told.
  if (steps.some(({ kind }) => past.includes(kind))) cache.clear();
}

async function nthId(plain: Repositories, at: number): Promise<ModelId | undefined> {
  const { items } = await plain.models.list({ sort: { by: 'added' }, limit: 1_000 });
  return items[at % Math.max(1, items.length)]?.id;
}

async function subjectsOf(plain: Repositories): Promise<Parameters<typeof readsOf>[0]> {
  const { items } = await plain.models.list({ sort: { by: 'added' }, limit: 8 });
  const top = await plain.collections.list();
  const inner = top[0] === undefined ? [] : await plain.collections.list(top[0].id);
  return {
    models: [...expectedIds, ...items.map(({ id }) => id)],
    collections: [...top, ...inner].slice(0, 5).map(({ id }) => id),
  };
}

/** Asks twice: what the first reading keeps, the second one finds. */
async function expectSame(
  { library, plain }: Pick<Pair, 'library' | 'plain'> & Partial<Pair>,
  when: string,
): Promise<void> {
  for (const read of readsOf(await subjectsOf(plain))) {
    const right = await answer(read, plain);
    for (const time of ['first', 'second']) {
      const given = await answer(read, library);
      if (isDeepStrictEqual(given, right)) continue;
      throw new Error(`${read[0]}, ${time} time, ${when}:\n${shown(given)}\nwhere the database says\n${shown(right)}`);
    }
  }
}

function shown(value: unknown): string {
  return inspect(value, { depth: 8, breakLength: 160 }).slice(0, 3_000);
}

async function answer([, ask]: Read, repositories: Repositories): Promise<unknown> {
  return ask(repositories);
}
