// Loops of awaited calls must not keep the event loop, whatever the calls end with: a real timer runs beside each of them.
import type { ModelId } from '@cc/schema';
import { openTransactionManager } from '@cc/tx';
import { describe, expect, it, vi } from 'vitest';
import type { NewModel } from '../src/index.js';
import { createMapCache } from './map-cache.js';
import { modelInput } from './model-input.js';
import { type Library, openLibrary } from './open-library.js';

/** Ends what keeps its timer from firing: no machine is so busy. */
const starvedAfterMs = 120_000;

/** Awaits `call` again and again until a timer of 5 ms fires. @throws Error when the loop starves it */
async function untilTimerFires(call: () => PromiseLike<unknown>): Promise<void> {
  let hasFired = false;
  setTimeout(() => {
    hasFired = true;
  }, 5);
  const giveUpAt = performance.now() + starvedAfterMs;
  while (!hasFired) {
    await call();
    if (performance.now() > giveUpAt) throw new Error('the timer has not fired');
  }
}

const refused = (call: Promise<unknown>): Promise<unknown> =>
  call.then(
    () => {
      throw new Error('it was not refused');
    },
    () => undefined,
  );
const nobody = '018f4d1e-0000-7000-8000-000000000000' as ModelId;

type Loop = (library: Library, id: ModelId) => PromiseLike<unknown>;

const loops: Record<string, Loop> = {
  'reads of a model': ({ models }, id) => models.read(id),
  'new models that are refused': ({ models }) => refused(models.create({ ...modelInput(), name: '' })),
  'options that are refused': ({ models }) => refused(models.create(modelInput(), { no: 1 } as never)),
  'bulks that are refused': ({ models }) => refused(models.createMany([{ model: { name: '' } as never }])),
  'empty bulks': ({ models }) => models.createMany([]),
  'updates of another version': ({ models }, id) => refused(models.update(id, { name: 'x' }, { ifVersion: 99 })),
  'updates of a model that is not there': ({ models }) => models.update(nobody, { name: 'x' }),
  'empty batch reads': ({ models }) => models.readMany([]),
  'empty batch reads of metadata': ({ metadata }) => metadata.getMany([]),
  'metadata that is refused': ({ metadata }, id) => refused(metadata.setMetadataValue(id, '', 1)),
  'tags that are refused': ({ tags }, id) => refused(tags.tag(id, '')),
  'collections that are refused': ({ collections }) => refused(collections.create({ name: '' })),
  'searches that are refused': ({ search }) => refused(search.searchModels('x', {}, { limit: 0 })),
  'saved searches that are not there': ({ search }) => refused(search.runSavedSearch('none')),
  'empty filters': ({ models }) => models.list({ filter: { formats: [] } }),
};

describe.each([':memory:', 'file'] as const)('on %s', (target) => {
  it.each(Object.entries(loops))('a timer fires beside a loop of %s', async (_, loop) => {
    await using library = await openLibrary(target);
    const id = await library.models.create(modelInput());
    await untilTimerFires(() => loop(library, id));
  });

  it.each(Object.entries(loops))('a timer fires beside a loop of %s in a transaction', async (_, loop) => {
    await using library = await openLibrary(target);
    const id = await library.models.create(modelInput());
    await library.transactions.transaction(() => untilTimerFires(() => loop(library, id)));
  });
});

it('a timer fires beside a loop of models that come from the cache', async () => {
  await using library = await openLibrary(':memory:', { cache: createMapCache() });
  const id = await library.models.create(modelInput());
  await untilTimerFires(() => library.models.read(id));
});

it('a timer fires beside a loop of search pages that come from the cache', async () => {
  await using library = await openLibrary(':memory:', { cache: createMapCache() });
  await untilTimerFires(() => library.search.searchModels('x'));
});

it('a timer fires beside a loop of any method with wrong values', async () => {
  await using library = await openLibrary(':memory:');
  const { models, metadata, search, tags, collections } = library;
  const methods = [models, metadata, search, tags, collections]
    .flatMap((repository) => Object.entries(repository))
    .filter(([name]) => !['listAll', 'reindex', 'verifyIndex', 'refreshWords'].includes(name));
  for (const [, method] of methods)
    await untilTimerFires(() =>
      (method as (...wrong: unknown[]) => Promise<unknown>)(42, 42, 42).catch(() => undefined),
    );
});

describe('in the middle of one call', () => {
  /** Texts whose words cost more than reading the clock: whatever the machine, they are no matter of one turn. */
  const wordy = Array.from({ length: 1_500 }, (_, i) => `PartName${i}x${i}Mm`).join(' ');
  const wordyItems = (count: number): NewModel[] =>
    Array.from({ length: count }, (_, i) => ({ model: modelInput(`wordy ${i}`, { description: `${i} ${wordy}` }) }));

  /** How many turns the loop had from the call on until a statement. */
  async function turnsOf({ transactions }: Library, work: () => Promise<unknown>) {
    let turns = 0;
    let isRunning = true;
    const count = (): void => {
      turns += 1;
      if (isRunning) setImmediate(count);
    };
    const seen: { readonly sql: string; readonly turns: number }[] = [];
    const stop = transactions.subscribe((event) => {
      if (event.type === 'query') seen.push({ sql: event.sql, turns });
    });
    setImmediate(count);
    await work();
    isRunning = false;
    stop();
    return { turns, before: (text: RegExp) => seen.find(({ sql }) => text.test(sql))?.turns ?? 0 };
  }

  it('createMany gives turns while it checks what it is given', async () => {
    await using library = await openLibrary(':memory:');
    // Refused, so that nothing is written meanwhile.
    const items = Array.from({ length: 9_000 }, (_, i): NewModel => {
      const metadata = Object.fromEntries(Array.from({ length: 60 }, (_, key) => [`key ${key}`, { of: [i, key] }]));
      return { model: { ...modelInput(`${i}`), format: 'none' as never }, metadata };
    });
    const { before } = await turnsOf(library, async () => {
      await library.models.createMany(items, { batchSize: 10_000, onInvalid: 'skip' });
      await library.models.exists(nobody);
    });
    expect(before(/select/i)).toBeGreaterThan(2);
  });

  it('verifyIndex gives turns while it compares texts, and so does reindex, which compares the same way', async () => {
    await using library = await openLibrary(':memory:');
    await library.models.createMany(wordyItems(40));
    const { before } = await turnsOf(library, () => library.search.verifyIndex());
    expect(before(/"tags"\."model_count" <>/) - before(/"search_extra"/)).toBeGreaterThan(2);
  });

  it('reindex fills the index in slices, so that no statement is as long as the library is large', async () => {
    await using library = await openLibrary(':memory:');
    const items = Array.from({ length: 1_201 }, (_, i): NewModel => ({ model: modelInput(`gear ${i}`) }));
    await library.models.createMany(items);
    const slices: string[] = [];
    const stop = library.transactions.subscribe((event) => {
      if (event.type === 'query' && /insert into "models_fts" .* select/s.test(event.sql)) slices.push(event.sql);
    });
    await library.search.reindex();
    stop();
    expect(slices.length).toBe(3);
    expect(await library.search.verifyIndex()).toEqual({ ok: true, problems: [] });
  });

  it('verifyIndex counts values some models at a time, so that no statement is as long as the library is large', async () => {
    await using library = await openLibrary(':memory:');
    await library.models.createMany([{ model: modelInput('gear'), metadata: { key: 1 } }]);
    const counting: string[] = [];
    const stop = library.transactions.subscribe((event) => {
      if (event.type === 'query' && /count\(\*\)[^(]* from "model(?:s|_metadata)" .*group by 2/s.test(event.sql))
        counting.push(event.sql);
    });
    await library.search.verifyIndex();
    stop();
    const whole = counting.filter(
      (text) => !/"(?:seq|model_seq)" > \? and "\w+"\."(?:seq|model_seq)" <= \?/.test(text),
    );
    // What the triggers have not counted yet is few.
    expect(whole.filter((text) => !text.includes('model_counts'))).toEqual([]);
    expect(counting.length).toBeGreaterThan(10);
  });

  it('listAll gives turns to those who read without waiting for anything, and hears its signal', async () => {
    await using library = await openLibrary(':memory:');
    await library.models.createMany(Array.from({ length: 2_000 }, () => ({ model: modelInput() })));
    const stop = new AbortController();
    const reason = new Error('enough');
    const read = async (): Promise<void> => {
      for await (const _ of library.models.listAll({ batchSize: 10_000, signal: stop.signal })) {
        // What one row costs its reader.
        const until = performance.now() + 1;
        while (performance.now() < until);
      }
    };
    setTimeout(() => stop.abort(reason), 5);
    await expect(read()).rejects.toBe(reason);
  });

  it.each<[string, Loop, number]>([
    ['findByHash', ({ models }) => models.findByHash('same'), 20],
    ['findDuplicates', ({ models }) => models.findDuplicates(), 20],
    ['getMetadata', ({ metadata }, id) => metadata.getMetadata(id), 20],
    ['updateMetadata', ({ metadata }, id) => metadata.updateMetadata(id, record(1_001)), 1_001],
    ['readMany', ({ models }) => models.readMany(Array.from({ length: 2_001 }, uuid)), 7],
    ['getMany', ({ metadata }) => metadata.getMany(Array.from({ length: 2_001 }, uuid)), 7],
    ['getTagsOfMany', ({ tags }) => tags.getTagsOfMany(Array.from({ length: 2_001 }, uuid)), 7],
    ['collections.list', ({ collections }) => collections.list(), 1],
    ['searchModels with highlights', ({ search }) => search.searchModels('part', {}, { highlight: true }), 20],
  ])('%s gives turns whenever the clock says so', async (_name, call, atLeast) => {
    await using library = await openLibrary(':memory:');
    const { models, metadata, collections, transactions } = library;
    const items = Array.from({ length: 20 }, () => ({ model: { ...modelInput('part'), fileHash: 'same' } }));
    await models.createMany(items, { onDuplicateHash: 'allow' });
    const id = (await models.findByHash('same'))[0]?.id ?? nobody;
    await metadata.addMetadata(id, record(20));
    await transactions.transaction(async () => {
      for (let i = 0; i < 501; i += 1) await collections.create({ name: `${i}` });
    });
    // Once without: what is prepared looks at the clock, too.
    await call(library, id);
    // It runs on by a turn's length at each look.
    let now = performance.now();
    const clock = vi.spyOn(performance, 'now').mockImplementation(() => {
      now += 9;
      return now;
    });
    try {
      const { turns } = await turnsOf(library, async () => call(library, id));
      expect(turns).toBeGreaterThan(atLeast);
    } finally {
      clock.mockRestore();
    }
  });
});

const record = (keys: number) => Object.fromEntries(Array.from({ length: keys }, (_, i) => [`key ${i}`, i]));

const uuid = (_: unknown, i: number) => `018f4d1e-0000-7000-8000-${String(i).padStart(12, '0')}` as ModelId;

describe('thousands of models', () => {
  it('are read in slices and of one snapshot', async () => {
    await using library = await openLibrary('file');
    const { models, metadata, tags, transactions } = library;
    await models.createMany(
      Array.from({ length: 1_201 }, () => ({ model: modelInput('old'), metadata: { key: 'old' }, tags: ['old'] })),
    );
    const ids: ModelId[] = [];
    for await (const { id } of models.listAll()) ids.unshift(id);
    await using other = await openTransactionManager({ url: transactions.url });
    let writing: Promise<unknown> | undefined;
    let statements = 0;
    const stop = transactions.subscribe((event) => {
      if (event.type !== 'query' || !event.sql.startsWith('select')) return;
      statements += 1;
      writing ??= other.batch([
        other.db.run("update models set name = 'new', tags_text = 'new'"),
        other.db.run("update model_metadata set value_text = 'new'"),
      ]);
    });
    const values = (answer: ReadonlyMap<ModelId, unknown>): Set<string> => {
      expect([...answer.keys()]).toEqual(ids);
      return new Set(Array.from(answer.values(), (value) => JSON.stringify(value)));
    };
    const names = new Map(Array.from(await models.readMany(ids), ([id, model]) => [id, model?.name]));
    expect(statements).toBe(3);
    expect(values(names)).toEqual(new Set(['"old"']));
    await writing;
    expect(values(await metadata.getMany(ids))).toEqual(new Set(['{"key":"new"}']));
    expect(values(await tags.getTagsOfMany(ids))).toEqual(new Set(['["new"]']));
    stop();
  });

  it('lie in a collection in the order in which they were given, all or none', async () => {
    await using library = await openLibrary(':memory:');
    const { models, collections } = library;
    await models.createMany(Array.from({ length: 1_201 }, () => ({ model: modelInput() })));
    const ids: ModelId[] = [];
    for await (const { id } of models.listAll()) ids.unshift(id);
    const id = await collections.create({ name: 'all' });
    await expect(collections.addModels(id, [...ids, nobody])).rejects.toMatchObject({ code: 'MODEL_NOT_FOUND' });
    expect((await collections.modelsOf(id)).items).toEqual([]);
    expect(await collections.addModels(id, [...ids, ...ids])).toBe(1_201);
    const first = await collections.modelsOf(id, { limit: 1_000 });
    const second = await collections.modelsOf(id, { limit: 1_000, after: first.next });
    expect([...first.items, ...second.items].map((model) => model.id)).toEqual(ids);
    expect(await collections.removeModels(id, ids.slice(1))).toBe(1_200);
    expect((await collections.modelsOf(id)).items.map((model) => model.id)).toEqual(ids.slice(0, 1));
  });
});
