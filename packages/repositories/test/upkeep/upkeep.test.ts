// Counters, tag texts and the search index stay right whoever writes: repositories, plain SQL, cascades, blocks undone.
// CC_RANDOM_OPERATIONS says how many random operations are done, CC_SEED which; the suite has the short form.
import { isDeepStrictEqual } from 'node:util';
import type { ModelId } from '@cc/schema';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { modelInput } from '../model-input.js';
import { type Library, openLibrary, runsOn, targets } from '../open-library.js';
import { rightButForRawNames } from '../outdated-words.js';
import { apply, kinds, replaceKinds, words } from '../random-operations.mjs';

const operations = Number(process.env['CC_RANDOM_OPERATIONS'] ?? 600);
const seed = Number(process.env['CC_SEED'] ?? Date.now() % 2 ** 31);

function blockOf(kinds: readonly string[]) {
  const step = fc.record({ kind: fc.constantFrom(...kinds), at: fc.nat(400), word: fc.constantFrom(...words) });
  return fc.record({
    steps: fc.array(step, { minLength: 1, maxLength: 9 }),
    ends: fc.constantFrom('alone', 'alone', 'commit', 'rollback', 'savepoint rollback', 'savepoint rollback'),
  });
}

describe.each(targets)(`upkeep in %s, seed ${seed}`, (target) => {
  test(
    'any operations leave counters, tag texts and the index as if they were made anew',
    async () => {
      await using library = await openLibrary(target);
      const block = blockOf(target === 'file' ? [...kinds, ...replaceKinds] : kinds);
      // A block has a little more than four steps.
      const blocks = Math.ceil(runsOn(target, operations) / 4);
      await fc.assert(
        fc.asyncProperty(fc.array(block, { minLength: blocks, maxLength: blocks }), async (all) => {
          for (const one of all) await runBlock(library, one);
          expect(await library.search.verifyIndex()).toEqual(await rightButForRawNames(library.transactions));
          await library.search.reindex();
          expect(await library.search.verifyIndex()).toEqual({ ok: true, problems: [] });
          const { rows } = await library.transactions.db.$client.execute('select count(*) as n from models');
          expect(await library.models.count()).toBe(Number(rows[0]?.['n']));
        }),
        { numRuns: 1, endOnFailure: true, seed },
      );
    },
    operations * 500 + 600_000,
  );

  test('what OR REPLACE leaves without the delete triggers is reported, and mended by reindex', async () => {
    await using library = await openLibrary(target, {}, {});
    for (let at = 0; at < 20; at += 1) await apply(library, { kind: 'rawInsert', n: at, at, word: 'gear' });
    for (const kind of replaceKinds) {
      // What is in the way of each of them.
      for (const before of ['rawInsert', 'upsert', 'metadata', 'tag'])
        await apply(library, { kind: before, n: kind, at: 3, word: 'gear' });
      expect(await library.search.verifyIndex()).toEqual(await rightButForRawNames(library.transactions));
      await apply(library, { kind, n: kind, at: 3, word: 'gear' });
      // A replaced tag is right by its cascade.
      const isRight = isDeepStrictEqual(
        await library.search.verifyIndex(),
        await rightButForRawNames(library.transactions),
      );
      expect([kind, isRight]).toEqual([kind, kind === 'replaceTag']);
      await library.search.reindex();
    }
    expect(await library.search.verifyIndex()).toEqual({ ok: true, problems: [] });
  });

  test('what was printed is counted and found as if it were counted anew, through every kind of change', async () => {
    await using library = await openLibrary(target);
    const { models, search } = library;
    const ids = [];
    for (let i = 0; i < 6; i += 1) {
      ids.push(await models.create(modelInput(`part ${i}`, { printedAt: i % 2 === 0 ? new Date(1_000 - i) : null })));
    }
    const named = async () => {
      const { items } = await models.list({ filter: { printed: true }, sort: { by: 'printedAt' } });
      expect(await models.count({ printed: true })).toBe(items.length);
      expect(await models.count({ printed: false })).toBe((await models.count()) - items.length);
      expect(await search.verifyIndex()).toEqual({ ok: true, problems: [] });
      return items.map(({ name }) => name);
    };
    expect(await named()).toEqual(['part 0', 'part 2', 'part 4']);
    const [a, b, c] = ids;
    if (!a || !b || !c) throw new Error('three models');
    await models.update(b, { printedAt: new Date(2_000) });
    await models.update(a, { printedAt: null });
    await models.update(c, { printedAt: new Date(3_000) });
    expect(await named()).toEqual(['part 2', 'part 1', 'part 4']);
    await models.delete(c);
    expect(await named()).toEqual(['part 1', 'part 4']);
    await search.reindex();
    expect(await named()).toEqual(['part 1', 'part 4']);
  });

  test('duplicates are the contents of several models, through every kind of change', async () => {
    await using library = await openLibrary(target);
    const { models } = library;
    const same = { onDuplicateHash: 'allow' } as const;
    const ids: ModelId[] = [];
    for (const fileHash of ['x', 'x', 'y', 'x', 'z'])
      ids.push(await models.create(modelInput('m', { fileHash }), same));
    const groups = async () =>
      (await models.findDuplicates()).items.map((group) => [group.fileHash, group.models.map((model) => model.id)]);
    const [a, b, c, d, e] = ids;
    if (!a || !b || !c || !d || !e) throw new Error('five models');
    expect(await groups()).toEqual([['x', [a, b, d]]]);
    await models.update(e, { fileHash: 'y' });
    await models.delete(a);
    expect(await groups()).toEqual([
      ['x', [b, d]],
      ['y', [c, e]],
    ]);
    await models.update(b, { fileHash: 'y' });
    expect(await groups()).toEqual([['y', [b, c, e]]]);
    const first = await models.findDuplicates({ limit: 1 });
    expect(first.next).toBeNull();
    await models.update(d, { fileHash: 'y' });
    await models.delete(b);
    expect(await groups()).toEqual([['y', [c, d, e]]]);
  });
});

let applied = 0;

async function runBlock(
  library: Library,
  { steps, ends }: ReturnType<typeof blockOf> extends fc.Arbitrary<infer T> ? T : never,
) {
  const work = async () => {
    for (const step of steps) {
      applied += 1;
      await apply(library, { ...step, n: applied });
    }
  };
  const undone = new Error('undone on purpose');
  const undoing = async () => {
    await work();
    throw undone;
  };
  const swallow = (error: unknown) => {
    if (error !== undone) throw error;
  };
  if (ends === 'alone') await work();
  else if (ends === 'commit') await library.transactions.transaction(work);
  else if (ends === 'rollback') await library.transactions.transaction(undoing).catch(swallow);
  else await library.transactions.transaction(async (tx) => tx.savepoint(undoing).catch(swallow));
}
