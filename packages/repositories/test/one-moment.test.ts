// An answer is that of one moment: another program that writes between any two statements of a call is never seen in part.
// The judge is the call itself, asked while nobody writes: its answer must be that of one state of the library or the other.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { type ModelId, schema } from '@cc/schema';
import { type Sqld, startSqld } from '@cc/testkit/sqld';
import { openTransactionManager } from '@cc/tx';
import Database from 'libsql';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createRepositories, type Repositories } from '../src/index.js';
import { modelInput } from './model-input.js';
import { migrate, targets } from './open-library.js';

const models = 30;

/** What the other program makes of the library, in one transaction each. */
const states = ['alpha', 'beta'].map((word, i) => {
  const isAlpha = i === 0;
  return `
    begin immediate;
    update models set name = '${word} ' || seq, favorite = ${Number(isAlpha)}, rating = ${isAlpha ? 5 : 1},
      file_size = ${isAlpha ? '5000 + seq' : '900000 + seq'}, status = '${isAlpha ? 'active' : 'archived'}',
      printed_at = case when seq % 2 = ${i} then 1000000 + seq end,
      file_hash = case when seq % 3 = ${i} then '${word.padEnd(64, '0')}' else printf('%064d', seq) end;
    delete from model_tags;
    update tags set name = '${isAlpha ? 'Metal' : 'Wood'}', key = '${isAlpha ? 'metal' : 'wood'}';
    insert into model_tags (tag_id, model_seq) select tags.id, models.seq from tags, models where models.seq % 2 = ${i};
    update model_metadata set value_text = '${word}';
    delete from collection_models where true;
    insert into collection_models (collection_id, model_seq, position)
      select collections.id, models.seq, models.seq from collections, models where models.seq % 2 = ${i};
    commit`;
});

/** Every read that is made of several statements, or may be. */
const calls: Readonly<Record<string, (library: Repositories, collection: string) => Promise<unknown>>> = {
  'searchModels by words': ({ search }) => search.searchModels('alpha', {}, { facets: true, highlight: true }),
  'searchModels by words and a filter': ({ search }) => search.searchModels('alpha', { favorite: true }),
  'searchModels by a beginning': ({ search }) => search.searchModels('alp', { minRating: 5 }, { facets: true }),
  'searchModels without words': ({ search }) => search.searchModels('', { favorite: true }, { facets: true }),
  'searchModels by an exclusion': ({ search }) => search.searchModels('-alpha', {}, { facets: true }),
  'searchModels by a tag': ({ search }) => search.searchModels('tag:metal', {}, { facets: true }),
  'searchModels by tags of a filter': ({ search }) => search.searchModels('', { tagsAll: ['metal'] }, { facets: true }),
  'searchModels in a collection': ({ search }, id) => search.searchModels('alpha', { collectionsAny: [id] }),
  searchByTags: ({ search }) => search.searchByTags(['metal']),
  'searchByTags without': ({ search }) => search.searchByTags(['metal'], { mode: 'none' }),
  'models.search by words and metadata': (library) =>
    library.models.search({ text: 'alpha', metadata: [{ key: 'word', op: '=', value: 'alpha' }] }),
  'models.list by the time of printing': (library) => library.models.list({ sort: { by: 'printedAt' } }),
  'models.list by tags': (library) => library.models.list({ filter: { tagsAny: ['metal'], minRating: 1 } }),
  'models.list in a collection': (library, id) =>
    library.models.list({ filter: { collectionsAny: [id], minRating: 5 } }),
  'models.count by tags': (library) => library.models.count({ tagsAll: ['metal'] }),
  'models.count by several': (library) => library.models.count({ tagsAll: ['metal'], minRating: 1 }),
  'models.count of a range': (library) => library.models.count({ minFileSize: 4_500, maxFileSize: 950_000 }),
  'models.count of the size of some': (library) => library.models.count({ minFileSize: 4_500, maxFileSize: 40_000 }),
  'models.count without a tag': (library) => library.models.count({ tagsNone: ['metal'] }),
  'models.count by what nearly all are': (library) => library.models.count({ statuses: ['active'] }),
  'models.count by no favorite': (library) => library.models.count({ favorite: false }),
  'models.count by words': (library) => library.models.count({ text: 'alpha', favorite: true }),
  findDuplicates: (library) => library.models.findDuplicates(),
  'collections.modelsOf': ({ collections }, id) => collections.modelsOf(id),
  'metadata.searchByMetadata': ({ metadata }) => metadata.searchByMetadata([{ key: 'word', op: '=', value: 'alpha' }]),
  getSearchSuggestions: ({ search }) => search.getSearchSuggestions('metal alp'),
};

describe.each(targets.filter((target) => target !== ':memory:'))('an answer is that of one moment on %s', (target) => {
  let folder: string;
  let server: Sqld | undefined;
  let transactions: Awaited<ReturnType<typeof openTransactionManager<typeof schema>>>;
  /** Nobody was seen writing by it yet, so that it reads without a snapshot at first. */
  const unwarned = (): Repositories => createRepositories(transactions);
  let library: Repositories;
  let other: Database.Database;
  /** Before which of the statements of a call the other program writes. */
  let disturbed: (statement: number) => boolean = () => false;
  let statement = 0;
  let state = 0;
  let collection: string;

  const change = (): void => {
    state = 1 - state;
    other.exec(states[state] ?? '');
  };

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'cc-one-moment-'));
    const path = join(folder, 'library.db');
    server = target === 'file' ? undefined : await startSqld();
    const url = server?.url.http ?? pathToFileURL(path).href;
    const logQuery = (): void => {
      statement += 1;
      if (disturbed(statement)) change();
    };
    transactions = await openTransactionManager({
      url,
      schema,
      logger: { logQuery },
    });
    await migrate(transactions);
    library = createRepositories(transactions);
    const ids: ModelId[] = [];
    for (let i = 0; i < models; i += 1) {
      const id = await library.models.create(modelInput(`alpha ${i}`));
      await library.metadata.updateMetadata(id, { word: 'alpha' });
      ids.push(id);
    }
    for (const id of ids) await library.tags.tag(id, 'Metal');
    collection = await library.collections.create({ name: 'Shelf' });
    await library.search.refreshWords();
    // Without waiting, also on a server: it writes between two statements of a call.
    other = new Database(server ? url : path);
    change();
    change();
  });

  afterAll(async () => {
    other.close();
    await transactions.close();
    await server?.close();
    await rm(folder, { recursive: true, force: true });
  });

  test.each(Object.keys(calls))('%s', async (name) => {
    const call = calls[name];
    if (call === undefined) throw new Error('no such call');
    const answers: unknown[] = [];
    for (let i = 0; i < 2; i += 1) {
      answers.push(await call(library, collection));
      change();
    }
    const moments = [() => true, ...Array.from({ length: 8 }, (_, i) => (at: number) => at === i + 1)];
    for (const [i, moment] of [...moments, ...moments].entries()) {
      if (i === moments.length) change();
      // On a server it always reads in a snapshot.
      for (const asked of server ? [library] : [unwarned(), library]) {
        statement = 0;
        disturbed = moment;
        const answer = await call(asked, collection).finally(() => (disturbed = () => false));
        expect(answers).toContainEqual(answer);
      }
    }
  });

  test.each(Object.keys(calls))('%s beside writes of the same process', async (name) => {
    const call = calls[name];
    if (call === undefined) throw new Error('no such call');
    const write = async (): Promise<void> => {
      state = 1 - state;
      await transactions.db.$client.executeMultiple(states[state] ?? '');
    };
    const answers: unknown[] = [];
    for (let i = 0; i < 2; i += 1) {
      answers.push(await call(library, collection));
      await write();
    }
    for (let round = 0; round < (server ? 2 : 20); round += 1) {
      const asked = server ? [library] : [library, unwarned(), unwarned()];
      const writes = write();
      for (const answer of await Promise.all(asked.map((each) => call(each, collection))))
        expect(answers).toContainEqual(answer);
      await writes;
    }
  });

  test('verifyIndex finds nothing wrong with words that were true when it looked', async () => {
    // What plain SQL has renamed has lost its place in the order by name, with a writer in between or without.
    const quiet = await library.search.verifyIndex();
    for (let at = 1; at <= 60; at += 1) {
      await library.search.refreshWords();
      statement = 0;
      disturbed = (each) => each === at;
      const report = await library.search.verifyIndex().finally(() => (disturbed = () => false));
      expect(report).toEqual(quiet);
    }
    expect(quiet.problems).toHaveLength(1);
    expect(statement).toBeLessThan(60);
  });
});
