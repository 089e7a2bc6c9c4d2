// Every statement that the repositories run is explained, on a connection of its own: no plan reads a big table whole.
import { pathToFileURL } from 'node:url';
import type { ModelId } from '@cc/schema';
import { openTransactionManager } from '@cc/tx';
import { expect, test } from 'vitest';
import type { MetadataCriteria, ModelFilter, ModelSort } from '../src/index.js';
import { modelInput } from './model-input.js';
import { type Library, openLibrary } from './open-library.js';

/** Tables that hold a row for each model, value, tag or word. */
const bigTables = [
  'models',
  'model_metadata',
  'model_tags',
  'tags',
  'collections',
  'collection_models',
  'duplicate_hashes',
  'search_terms',
  'search_deletes',
];

/** Models read in the order of a page, which stops when the page is full. */
function endsEarly(sql: string, step: string): boolean {
  const page = / order by (?:"models"\.)?"(\w+)".* limit (?:\?|\d+)/s.exec(sql);
  const column = page?.[1] ?? / order by (?:"models"\.)?"(name)" collate nocase/.exec(sql)?.[1];
  if (column === 'seq') return step === 'SCAN models';
  return column !== undefined && step === `SCAN models USING INDEX idx_models_${column}`;
}

test('no statement reads a big table whole, but in the order of a page that ends early', async () => {
  await using library = await openLibrary('file');
  const statements = new Set<string>();
  const end = library.transactions.subscribe((event) => {
    if (event.type === 'query') statements.add(event.sql);
  });
  await runEverything(library);
  end();
  // A misread filter would leave this test with less to look at.
  expect(statements.size).toBeGreaterThan(100);

  if (library.path === null) throw new Error('not a file');
  // An explained statement stays open on its connection: this one is closed after them.
  await using explaining = await openTransactionManager({ url: pathToFileURL(library.path).href });
  const problems: string[] = [];
  for (const sql of statements) {
    const args = sql.match(/\?/g)?.map(() => null) ?? [];
    const { rows } = await explaining.db.$client.execute({ sql: `explain query plan ${sql}`, args });
    const steps = rows.map((row) => String(row['detail']));
    const scans = steps.filter((step) => scansBigTable(step) && !endsEarly(sql, step));
    if (scans.length > 0) problems.push([sql, ...steps].join('\n  '));
  }
  expect(problems.join('\n\n')).toBe('');
}, 120_000);

function scansBigTable(step: string): boolean {
  // This index holds the favorites only.
  if (step.endsWith(' idx_models_favorite')) return false;
  const table = /^SCAN (\w+)/.exec(step)?.[1];
  return table !== undefined && bigTables.includes(table);
}

async function runEverything(library: Library): Promise<void> {
  const { models, metadata, search, tags } = library;
  // More than a filter may leave for its own table to be read first, so that both ways into the models are seen.
  const many = Array.from({ length: 5_100 }, (_, i) => ({
    model: modelInput(`gear ${i}`, { triangles: i, rating: i % 6, author: 'Many', license: 'CC0' }),
    metadata: { material: 'PLA', layer: i, list: [i] },
    tags: ['common'],
  }));
  await models.createMany(many, { batchSize: 10_000 });
  const ids: ModelId[] = [];
  for (let i = 0; i < 30; i += 1) {
    ids.push(
      await models.create(modelInput(`gear wheel ${i}`, { fileHash: `hash ${i % 10}`, rating: i % 6 }), {
        onDuplicateHash: 'allow',
      }),
    );
  }
  const [first, second] = ids;
  if (first === undefined || second === undefined) throw new Error('no models');
  await models.create(modelInput('x', { fileHash: 'hash 0' }), { onDuplicateHash: 'skip' });
  await models.createMany([{ model: modelInput('many'), metadata: { a: 1 }, tags: ['red'] }], { onConflict: 'skip' });
  await models.createMany([{ model: modelInput('more') }], { onDuplicateHash: 'allow' });
  await models.upsertByPath(modelInput('up'));
  await models.update(first, { name: 'pinion', rating: 3 });
  await models.update(first, { rating: 4 }, { ifVersion: 2 });
  await models.read(first);
  await models.readMany(ids);
  await models.readByPath('/x');
  await models.findByHash('hash 1');
  await models.exists(first);
  await models.findDuplicates({ limit: 3 });
  for await (const model of models.listAll({ batchSize: 10 })) expect(model.id).toBeTypeOf('string');

  await metadata.addMetadata(first, { material: 'PLA', layer: 0.2 });
  await metadata.updateMetadata(second, { material: 'ABS', printed: true, nothing: null, list: [1] });
  await metadata.setMetadataValue(second, 'layer', 0.1);
  await metadata.getMetadata(first);
  await metadata.getMany(ids);
  await metadata.getMetadataValue(first, 'layer');
  await metadata.getMetadataKeys();
  await metadata.deleteMetadata(first, 'layer');
  await metadata.deleteMetadata(first);

  await tags.tag(first, 'red');
  await tags.tag(second, 'blue');
  await tags.tag(second, 'big');
  await tags.untag(second, 'big');
  await tags.getTags(first);
  await tags.listTags();
  await tags.listTags({ prefix: 'r' });
  await tags.renameTag('blue', 'azure');
  await tags.mergeTags(['azure'], 'red');
  await tags.tag(second, 'gone');
  await tags.deleteTag('gone');

  await search.searchModels('gear');
  await search.searchModels('gear wheel', { formats: ['stl'], tagsAll: ['red'] }, { highlight: true });
  await search.searchModels('');
  await search.searchModels('-gear');
  await search.searchByTags(['red']);
  await search.searchByDateRange({ from: new Date(0) });
  await search.searchByFileType('stl');
  await search.saveSearch('one', 'gear');
  await search.getSavedSearches();
  await search.runSavedSearch('one');
  await search.deleteSavedSearch('one');

  for (const filter of filters) {
    for (const sort of sorts) {
      const page = await models.list({ filter, sort, limit: 5 });
      if (page.next !== null) await models.list({ filter, sort, limit: 5, after: page.next });
    }
    await search.searchModels('gear', filter);
    await models.count(filter);
  }
  for (const criteria of criteriaOfEachKind) {
    await metadata.searchByMetadata(criteria);
    await models.search({ metadata: criteria, text: 'gear -wheel', formats: ['stl'] });
  }
  await models.delete(first);
}

const sorts: readonly ModelSort[] = [
  { by: 'added' },
  { by: 'createdAt', direction: 'desc' },
  { by: 'createdAt' },
  { by: 'name' },
  { by: 'name', direction: 'desc' },
];

const filters: readonly ModelFilter[] = [
  {},
  { formats: ['stl'] },
  { formats: ['stl', 'obj'] },
  { statuses: ['active'] },
  { statuses: ['missing'] },
  { statuses: ['missing', 'archived'] },
  { parseStatuses: ['pending'] },
  { parseStatuses: ['pending', 'parsed'] },
  { createdFrom: new Date(0) },
  { createdFrom: new Date(0), createdTo: new Date(1e12) },
  { minTriangles: 1 },
  { minTriangles: 1, maxTriangles: 10 },
  { minFileSize: 1, maxFileSize: 2_000 },
  { minRating: 2 },
  { favorite: true },
  { favorite: false },
  { author: 'Ada' },
  { author: 'Many' },
  { license: 'CC0', minRating: 1 },
  { license: 'MIT' },
  { tagsAll: ['red'] },
  { tagsAll: ['common'] },
  { tagsAny: ['common', 'red'] },
  { tagsAny: ['red', 'blue'] },
  { tagsNone: ['red'] },
  { tagsAll: ['red'], formats: ['stl'], minRating: 1, author: 'Ada', createdFrom: new Date(0) },
];

const criteriaOfEachKind: readonly MetadataCriteria[] = [
  { key: 'material', op: '=', value: 'PLA' },
  { key: 'material', op: 'prefix', value: 'P' },
  { key: 'material', op: '>', value: 'A' },
  { key: 'layer', op: '>=', value: 0.1 },
  { key: 'printed', op: '=', value: true },
  { key: 'nothing', op: '=', value: null },
  { key: 'list', op: 'exists' },
  { key: 'printed', op: 'exists' },
  { key: 'layer', op: '>=', value: 5_000 },
  { any: [{ key: 'layer', op: '<', value: 1 }, { all: [{ key: 'material', op: 'exists' }] }] },
];
