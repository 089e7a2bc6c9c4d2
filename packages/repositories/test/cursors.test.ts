// A cursor that somebody has changed is refused as one, whatever stands in it: the database never sees what no page wrote.
import { afterAll, beforeAll, expect, test } from 'vitest';
import { modelInput } from './model-input.js';
import { type Library, openLibrary } from './open-library.js';

let library: Library;
let collection: string;
beforeAll(async () => {
  library = await openLibrary(':memory:');
  collection = await library.collections.create({ name: 'all' });
  for (let i = 0; i < 6; i += 1) {
    const fields = { fileHash: `hash ${i % 3}`, printedAt: i % 2 === 0 ? new Date(i) : null };
    const id = await library.models.create(modelInput(`Gear wheel ${i}`, fields), { onDuplicateHash: 'allow' });
    await library.tags.tag(id, 'toy');
    await library.metadata.setMetadataValue(id, 'layer', i);
    await library.collections.addModels(collection, [id]);
  }
});
afterAll(() => library[Symbol.asyncDispose]());

type Paged = (after: string | null) => Promise<{ readonly next: string | null }>;

const calls: Readonly<Record<string, Paged>> = {
  ...Object.fromEntries(
    (['added', 'createdAt', 'name', 'printedAt'] as const).map((by): [string, Paged] => [
      `models.list by ${by}`,
      (after) => library.models.list({ sort: { by }, limit: 1, after }),
    ]),
  ),
  'models.search': (after) => library.models.search({ text: 'gear' }, { limit: 1, after }),
  'models.findDuplicates': (after) => library.models.findDuplicates({ limit: 1, after }),
  'metadata.searchByMetadata': (after) =>
    library.metadata.searchByMetadata({ key: 'layer', op: '>=', value: 0 }, { limit: 1, after }),
  'search.searchModels': (after) => library.search.searchModels('gear wheel', {}, { limit: 1, after }),
  'search.searchModels, corrected': (after) => library.search.searchModels('gaer', {}, { limit: 1, after }),
  'search.searchModels, some words': (after) => library.search.searchModels('gear zzzz', {}, { limit: 1, after }),
  'search.searchModels, no words': (after) => library.search.searchModels('', {}, { limit: 1, after }),
  'search.searchByTags': (after) => library.search.searchByTags(['toy'], { limit: 1, after }),
  'search.searchByDateRange': (after) => library.search.searchByDateRange({}, { limit: 1, after }),
  'search.searchByFileType': (after) => library.search.searchByFileType('stl', { limit: 1, after }),
  'collections.modelsOf': (after) => library.collections.modelsOf(collection, { limit: 1, after }),
  'collections.modelsOf, nested': (after) =>
    library.collections.modelsOf(collection, { nested: true, limit: 1, after }),
};

/** As JSON, which may say what no number of JavaScript is written as. */
const numbers = ['-1', '0', '0.5', '1e308', '-1e308', '1e999', '-1e999', '9007199254740993', '5', '300'];
const others = ['null', 'true', '"x"', '[]', '{}', '""', '"-1"', '"1,x"', '"1e999"', `"${'1,'.repeat(3_000)}1"`];

function changed(cursor: string, field: number, json: string): string {
  const fields = JSON.parse(Buffer.from(cursor, 'base64url').toString()) as readonly unknown[];
  const texts = fields.map((value, i) => (i === field ? json : JSON.stringify(value)));
  return Buffer.from(`[${texts.join()}]`).toString('base64url');
}

test.each(Object.keys(calls))(
  'a cursor of %s with another value in any of its fields is refused, or is a page',
  async (name) => {
    const call = calls[name];
    const next = (await call?.(null))?.next;
    if (call === undefined || next == null) throw new Error(`${name} has no second page`);
    const { length } = JSON.parse(Buffer.from(next, 'base64url').toString()) as readonly unknown[];
    for (let field = 0; field < length; field += 1) {
      for (const json of [...numbers, ...others]) {
        const error = await call(changed(next, field, json)).then(
          () => null,
          (thrown: unknown) => thrown,
        );
        if (error !== null) expect([field, json, error]).toEqual([field, json, expect.any(TypeError)]);
        if (error !== null) expect(String(error)).toMatch(/after: this .*cursor/);
      }
    }
  },
);
