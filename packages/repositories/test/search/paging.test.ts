// Pages of ranked hits: whole results in a stable order, also while models come and go, for exact and bounded rankings.
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { SearchPage } from '../../src/index.js';
import { modelInput } from '../model-input.js';
import { type Library, openLibrary, targets } from '../open-library.js';

describe.each(targets)('pages of hits in %s', (target) => {
  test('of more hits than are ranked reach the last one, the ranked ones first and the others newest first', async () => {
    await using library = await openLibrary(target);
    const count = 700;
    await library.models.createMany(
      Array.from({ length: count }, (_, i) => ({
        model: modelInput(i % 8 === 0 ? `old gear ${i}` : `old part ${i}`, { description: 'of a gear' }),
      })),
    );
    const hits = await everyHit(library, 'gear', 90);
    expect(new Set(hits.map((hit) => hit.model.id)).size).toBe(count);
    expect(hits).toHaveLength(count);
    const ranked = hits.filter((hit) => hit.score !== null);
    expect(hits.slice(ranked.length).every((hit) => hit.score === null)).toBe(true);
    const scores = ranked.map((hit) => hit.score ?? 0);
    expect(scores).toEqual([...scores].sort((a, b) => b - a));
    const rest = hits.slice(ranked.length).map((hit) => Number(hit.model.name.split(' ')[2]));
    expect(rest).toEqual([...rest].sort((a, b) => b - a));
    // All models that have the word in their name come before the others, although few of them are among the newest.
    expect(hits.findIndex((hit) => !hit.model.name.includes('gear'))).toBe(50);
  });

  test.each([40, 400])('show none of %i models twice and miss none while others come and go', async (count) => {
    await using library = await openLibrary(target);
    await fc.assert(
      fc.asyncProperty(
        fc.record({
          limit: fc.integer({ min: 7, max: 60 }),
          // What happens after each page: how many models are added, and which ones leave.
          between: fc.array(fc.tuple(fc.integer({ min: 0, max: 4 }), fc.array(fc.nat(), { maxLength: 4 })), {
            maxLength: 6,
          }),
          names: fc.array(fc.constantFrom('gear', 'gear box', 'big gear', 'box', 'x'), { minLength: 3, maxLength: 9 }),
        }),
        async ({ limit, between, names }) => {
          const make = (n: number) =>
            Array.from({ length: n }, (_, i) => ({
              model: modelInput(names[i % names.length], { description: 'gear box' }),
            }));
          await library.models.createMany(make(count));
          const there = new Set<string>();
          for await (const model of library.models.listAll()) there.add(model.id);
          const gone = new Set<string>();
          const seen: string[] = [];
          const steps = [...between];
          for (let after: string | null = null; ; ) {
            const page: SearchPage = await library.search.searchModels('gear box', {}, { limit, after });
            seen.push(...page.hits.map((hit) => hit.model.id));
            after = page.next;
            if (after === null) break;
            const [added, leaving] = steps.shift() ?? [0, []];
            await library.models.createMany(make(added));
            const ids = [...there];
            for (const at of leaving) {
              const id = ids[at % ids.length];
              if (id !== undefined && (await library.models.delete(id as never))) gone.add(id);
            }
          }
          const missed = [...there].filter((id) => !gone.has(id) && !seen.includes(id));
          expect({ twice: seen.length - new Set(seen).size, missed }).toEqual({ twice: 0, missed: [] });
          for await (const model of library.models.listAll()) await library.models.delete(model.id);
        },
      ),
      { numRuns: target === ':memory:' || target === 'file' ? 12 : 1 },
    );
  });

  test('cursors of another query, filter or kind are refused', async () => {
    await using library = await openLibrary(target);
    await library.models.createMany(Array.from({ length: 4 }, (_, i) => ({ model: modelInput(`gear ${i}`) })));
    const { next } = await library.search.searchModels('gear', {}, { limit: 1 });
    const blank = await library.search.searchModels('', {}, { limit: 1 });
    const tagged = await library.models.list({ limit: 1 });
    for (const after of ['', 'x', blank.next, tagged.next, `${next}A`]) {
      await expect(library.search.searchModels('gear', {}, { after })).rejects.toThrow(TypeError);
    }
    await expect(library.search.searchModels('gear x', {}, { after: next })).rejects.toThrow(/another query/);
    await expect(library.search.searchModels('gear', { minRating: 1 }, { after: next })).rejects.toThrow(
      /another query/,
    );
    expect((await library.search.searchModels('gear', {}, { after: next })).hits).toHaveLength(3);
  });
});

async function everyHit(library: Library, query: string, limit: number): Promise<SearchPage['hits']> {
  const hits: SearchPage['hits'][number][] = [];
  for (let after: string | null = null; ; ) {
    const page: SearchPage = await library.search.searchModels(query, {}, { limit, after });
    hits.push(...page.hits);
    after = page.next;
    if (after === null) return hits;
  }
}
