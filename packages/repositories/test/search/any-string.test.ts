// Any string is safe to search for: random text, full-text syntax, SQL, scripts and lone surrogates.
import { setImmediate } from 'node:timers/promises';
import type { TargetName } from '@cc/testkit/targets';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { modelInput } from '../model-input.js';
import { openLibrary, runsOn, targets } from '../open-library.js';

const pieces = fc.constantFrom(
  ...['"', "'", '(', ')', '*', '-', '+', '^', ':', '{', '}', ',', ';', '--', '%', '_', '\\', '\0', '\n', ' ', '\u00a0'],
  ...['AND', 'OR', 'NOT', 'NEAR', 'NEAR(', 'name:', '{name} :', 'rowid', 'match', 'rank', 'bm25', 'DROP TABLE models'],
  ...['gear', 'M3x12', 'ß', 'İ', 'ﬁ', '模', '型', 'ไ', 'é', '\u0301', '\u093f', '\u{1f600}', '\ud800', '\udc00', '½'],
  ...[
    'tag:',
    'format:',
    'author:',
    '-tag:',
    'tag:"',
    'author:"x',
    'format:stl,',
    'a|b',
    '|',
    'gear|',
    'tag:x|y',
    ':',
    'AUTHOR:İ',
  ],
  ...['\ufdd0', '\u200d', '\ufeff', '１２', '“', '„', '«', 'a'.repeat(300), '字'.repeat(300), '('.repeat(300)],
);
const queries = fc.oneof(
  fc.array(pieces, { maxLength: 40 }).map((parts) => parts.join('')),
  fc.array(pieces, { maxLength: 40 }).map((parts) => parts.join(' ')),
  fc.string({ unit: 'binary', maxLength: 60 }),
  fc.array(fc.integer({ min: 0, max: 0xffff }), { maxLength: 40 }).map((units) => String.fromCharCode(...units)),
  fc.string({ maxLength: 60 }),
);

/** The long form: SEARCH_FUZZ_RUNS=100000. */
const asked = Number(process.env['SEARCH_FUZZ_RUNS'] ?? 0);
const fuzzRuns = (target: TargetName): number => (asked > 0 ? asked : runsOn(target, 600));
const fuzzTimeoutMs = asked > 0 ? 3_600_000 : 600_000;

describe.each(targets)('any string in %s', (target) => {
  test(
    'gives a page, never an error',
    async () => {
      await using library = await openLibrary(target);
      for (const name of ['gear', 'M3x12', '模型螺丝', 'Straße', 'a AND b', 'NOT "this"']) {
        await library.models.create(modelInput(name));
      }
      // fast-check prints the seed and the shortest string that fails.
      await fc.assert(
        fc.asyncProperty(queries, fc.boolean(), async (query, extras) => {
          // Statements of a local database end without a turn of the event loop; the driver frees their memory in one.
          await setImmediate();
          const page = await library.search.searchModels(query, {}, { highlight: extras, facets: extras });
          await library.search.getSearchSuggestions(query);
          expect(page.hits.length).toBe(Math.min(page.total, 20));
          const listed = await library.models.search({ text: query });
          const asGiven = page.corrected === null && page.matching === 'all';
          expect(listed.items).toHaveLength(asGiven ? page.total : 0);
        }),
        { numRuns: fuzzRuns(target) },
      );
    },
    fuzzTimeoutMs,
  );

  test('finds a model by its own name, whatever the name', async () => {
    await using library = await openLibrary(target);
    // Letters that Unicode got after 2012 are not in SQLite's tables; quotes and minus have a meaning of their own.
    const letters = 'aZ09_.,;:()*^~/ ßéÉñøŁæİıﬁＷ１½²ΣςπЖйبשก้हि模型⻳々ガｶﾞー한국어\u0301\u3099\u{1f600}';
    const unit = fc.constantFrom(...Array.from(letters));
    const named = fc
      .string({ unit, minLength: 1, maxLength: 30 })
      .filter((name) => /[\p{L}\p{N}]/u.test(name.normalize('NFKC')));
    await fc.assert(
      fc.asyncProperty(named, async (name) => {
        const id = await library.models.create(modelInput(name));
        const page = await library.models.search({ text: name }, { limit: 1_000 });
        expect(page.items.map((model) => model.id)).toContain(id);
        await library.models.delete(id);
      }),
      { numRuns: runsOn(target, 300) },
    );
  });

  test('what is not a string is refused', async () => {
    await using library = await openLibrary(target);
    for (const query of [null, undefined, 1, {}, ['gear']]) {
      await expect(library.search.searchModels(query as never)).rejects.toThrow(TypeError);
    }
  });
});
