// Counters, tag texts and the search index stay right whoever writes: repositories, plain SQL, cascades, blocks undone.
// CC_RANDOM_OPERATIONS says how many random operations are done; the suite has the short form.
import type { ModelId } from '@cc/schema';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { modelInput } from './model-input.js';
import { type Library, openLibrary, runsOn, targets } from './open-library.js';

const operations = Number(process.env['CC_RANDOM_OPERATIONS'] ?? 600);

const kinds = [
  ...['create', 'twin', 'many', 'upsert', 'update', 'rehash', 'reformat', 'delete', 'metadata', 'unset'],
  ...['tag', 'untag', 'renameTag', 'mergeTags', 'deleteTag', 'collect', 'uncollect'],
  ...['rawInsert', 'rawUpsert', 'rawIgnore', 'rawUpdate', 'rawDelete', 'rawTag', 'rawKey', 'rawCascade'],
] as const;

const step = fc.record({
  kind: fc.constantFrom(...kinds),
  at: fc.nat(400),
  word: fc.constantFrom('hexBolt', 'gear', 'M3x12', 'ß'),
});
const block = fc.record({
  steps: fc.array(step, { minLength: 1, maxLength: 9 }),
  ends: fc.constantFrom('alone', 'alone', 'commit', 'rollback', 'savepoint rollback', 'savepoint rollback'),
});

describe.each(targets)('upkeep in %s', (target) => {
  test(
    'any operations leave counters, tag texts and the index as if they were made anew',
    async () => {
      await using library = await openLibrary(target);
      const blocks = Math.ceil(runsOn(target, operations) / 5);
      await fc.assert(
        fc.asyncProperty(fc.array(block, { minLength: blocks, maxLength: blocks }), async (all) => {
          for (const one of all) await runBlock(library, one);
          expect(await library.search.verifyIndex()).toEqual({ ok: true, problems: [] });
          const { $client } = library.transactions.db;
          const { rows } = await $client.execute('select count(*) as n from models');
          expect(await library.models.count()).toBe(Number(rows[0]?.['n']));
        }),
        { numRuns: 1, endOnFailure: true },
      );
    },
    operations * 100 + 30_000,
  );

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

async function runBlock(library: Library, { steps, ends }: typeof block extends fc.Arbitrary<infer T> ? T : never) {
  const work = async () => {
    for (const { kind, at, word } of steps) await apply(library, kind, at, word);
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

async function apply(library: Library, kind: (typeof kinds)[number], at: number, word: string): Promise<void> {
  const { models, metadata, tags, collections, transactions } = library;
  const execute = (sql: string, ...args: (string | number)[]) => transactions.db.$client.execute({ sql, args });
  const pick = async (): Promise<ModelId | undefined> => {
    const { rows } = await execute(
      'select id from models order by seq limit 1 offset ? % max(1, (select count(*) from models))',
      at,
    );
    return rows[0]?.['id'] as ModelId | undefined;
  };
  const id = (await pick()) ?? (await models.create(modelInput(word)));
  const key = `key${at % 5}`;
  const tag = `${word} ${at % 4}`;
  const path = `/raw/${at}`;
  const insert = `into models (id, name, format, file_name, file_path, file_hash, file_size, license, created_at, updated_at)
    values (?, ?, ?, 'raw.stl', ?, ?, 1, ?, ?, 1)`;
  const row = [
    `00000000-0000-7000-8000-${String(at).padStart(12, '0')}`,
    'plain words',
    at % 2 === 0 ? 'stl' : 'ply',
    path,
    `hash ${at % 7}`,
    `l${at % 3}`,
    at * 1e10,
  ];
  switch (kind) {
    case 'create':
      await models.create(modelInput(word, { license: word, createdAt: new Date(at * 1e10) }));
      break;
    case 'twin':
      await models.create(modelInput(word, { fileHash: `hash ${at % 7}` }), { onDuplicateHash: 'allow' });
      break;
    case 'many':
      await models.createMany(
        [
          { model: modelInput(word, { fileHash: `hash ${at % 7}` }), tags: [tag, 'many'], metadata: { [key]: at } },
          { model: modelInput(`${word} 2`), tags: ['many'], metadata: { [key]: null, other: [at] } },
        ],
        { onDuplicateHash: 'allow' },
      );
      break;
    case 'upsert':
      await models.upsertByPath(modelInput(word, { filePath: `/fixed/${at % 20}`, license: `l${at % 3}` }));
      break;
    case 'update':
      await models.update(id, { name: `${word} ${at}`, description: at % 2 === 0 ? word : null });
      break;
    case 'rehash':
      await models.update(id, { fileHash: `hash ${at % 7}` });
      break;
    case 'reformat':
      await models.update(id, { format: at % 2 === 0 ? 'obj' : '3mf', license: at % 3 === 0 ? null : `l${at % 3}` });
      break;
    case 'delete':
      await models.delete(id);
      break;
    case 'metadata':
      await metadata.updateMetadata(id, { [key]: at, [word]: true });
      break;
    case 'unset':
      await metadata.deleteMetadata(id, at % 2 === 0 ? key : undefined);
      break;
    case 'tag':
      await tags.tag(id, tag);
      break;
    case 'untag':
      await tags.untag(id, tag);
      break;
    case 'renameTag':
      await tags.renameTag(tag, `renamed ${at}`).catch((error: { code?: string }) => {
        if (error.code !== 'DUPLICATE_TAG') throw error;
      });
      break;
    case 'mergeTags':
      await tags.mergeTags([tag, 'many'], `${word} ${(at + 1) % 4}`);
      break;
    case 'deleteTag':
      await tags.deleteTag(tag);
      break;
    case 'collect': {
      const [first] = await collections.listCollections();
      await collections.addModels(first?.id ?? (await collections.createCollection({ name: 'all' })), [id]);
      break;
    }
    case 'uncollect': {
      const [first] = await collections.listCollections();
      if (first !== undefined) await collections.deleteCollection(first.id);
      break;
    }
    // The parts of glued names in search_extra are the repositories' alone, so plain SQL writes plain words.
    case 'rawInsert':
    case 'rawIgnore':
      await execute(`insert or ignore ${insert}`, ...row);
      break;
    case 'rawUpsert':
      await execute(
        `insert ${insert} on conflict (file_path) do update set name = excluded.name, search_extra = '', file_hash = excluded.file_hash,
        license = null on conflict (id) do nothing`,
        ...row,
      );
      break;
    case 'rawUpdate':
      await execute(
        `update models set format = 'off', created_at = created_at + 4e10, file_hash = 'hash 1' where id = ?`,
        id,
      );
      break;
    case 'rawDelete':
      await execute('delete from models where seq % 11 = ?', at % 11);
      break;
    case 'rawTag':
      await execute(
        `insert into model_tags (tag_id, model_seq) select tags.id, seq from tags, models
        where models.id = ? on conflict do nothing`,
        id,
      );
      break;
    case 'rawKey':
      await execute(`update or ignore model_metadata set metadata_key = 'key1' where metadata_key = ?`, key);
      break;
    case 'rawCascade':
      await execute('delete from tags where id % 5 = ?', at % 5);
      break;
    default:
      kind satisfies never;
  }
}
