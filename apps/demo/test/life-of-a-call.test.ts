// The path of a call through every package, as docs/architecture.md tells it, from the request of a page on, through public seams:
// the events of the transaction manager, the hooks of a transaction, and the events and statistics of the cache.
import type { CacheEvent } from '@cc/cache';
import type { ModelId } from '@cc/schema';
import type { ManagerEvent } from '@cc/tx';
import { expect, it, onTestFinished } from 'vitest';
import type { Library } from '../src/library.js';
import { serveLibrary } from '../src/serve/server.js';
import { asking, hear } from './serving.js';
import { makePlace, open } from './temporary-library.js';

interface Observed {
  readonly library: Library;
  readonly id: ModelId;
  /** What happened, in order. */
  readonly log: string[];
}

/** A library with one model, in which everything that happens from now on is written down. */
async function observe(): Promise<Observed> {
  const log: string[] = [];
  const onEvent = ({ type, namespace, key }: CacheEvent): void => {
    log.push(`cache ${namespace}: ${type}${key === null ? '' : ` ${key}`}`);
  };
  const library = await open(makePlace(), { cache: { onEvent } });
  const id = await library.repositories.models.create({
    name: 'Hex bolt',
    format: 'stl',
    fileName: 'bolt.stl',
    filePath: '/models/bolt.stl',
    fileHash: 'a'.repeat(64),
    fileSize: 684,
  });
  let misses = missesOf(library);
  library.transactions.subscribe((event) => {
    // The cache has no event for a miss: its statistics tell that one came before.
    if (missesOf(library) > misses) log.push('cache models: miss');
    misses = missesOf(library);
    log.push(describeEvent(event, library));
  });
  log.length = 0;
  return { library, id, log };
}

function missesOf({ cache }: Library): number {
  return cache.getCacheStats().regions['models']?.misses ?? 0;
}

/** The event, and where the call stands at that moment. */
function describeEvent(event: ManagerEvent, { transactions }: Library): string {
  if (event.type === 'transaction') return `${event.phase} ${event.mode}`;
  if (event.type !== 'query') return event.type;
  const current = transactions.current()?.id ?? null;
  const where = current === event.transactionId ? (current === null ? 'alone' : 'in the ambient transaction') : 'lost';
  const connection = transactions.stats().writerBusy ? 'the writer' : 'a reader';
  return `${event.sql.trimStart().split(' ', 1)[0]} ${where} on ${connection}`;
}

/** What a change of a model drops: the model, and the answers that it may be a part of. */
function dropped(id: ModelId): readonly string[] {
  const answers = ['search', 'suggestions', 'lists', 'metadata-lists', 'collection-models'];
  return [`cache models: invalidate ${id}`, ...answers.map((kind) => `cache ${kind}: clear`)];
}

it('a read asks the cache, then the database on a connection, then fills the cache; the next one stops there', async () => {
  const { library, id, log } = await observe();
  const { models } = library.repositories;
  log.push('call');
  const model = await models.read(id);
  log.push('answer');
  expect(model?.name).toBe('Hex bolt');
  const miss = ['call', 'cache models: miss', 'select alone on a reader', `cache models: fill ${id}`, 'answer'];
  expect(log).toEqual(miss);

  log.push('call');
  expect((await models.read(id))?.name).toBe('Hex bolt');
  log.push('answer');
  expect(log).toEqual([...miss, 'call', 'answer']);
});

it('a write goes to the connection of the ambient transaction, is committed, and only then drops what is cached', async () => {
  const { library, id, log } = await observe();
  const { models } = library.repositories;
  await models.read(id);
  log.length = 0;
  await library.transactions.transaction(async (tx) => {
    tx.afterCommit(() => log.push('hook before the write'));
    log.push('call');
    await models.update(id, { rating: 5 });
    log.push('answer');
    tx.afterCommit(() => log.push('hook after the write'));
  });
  log.push('done');
  expect(log).toEqual([
    'begin write',
    'call',
    'update in the ambient transaction on the writer',
    'answer',
    'commit write',
    'hook before the write',
    ...dropped(id),
    'hook after the write',
    'done',
  ]);
  expect((await models.read(id))?.rating).toBe(5);
});

it('a read inside the transaction passes the cache by, on the same connection', async () => {
  const { library, id, log } = await observe();
  const { models } = library.repositories;
  await models.read(id);
  log.length = 0;
  await library.transactions.transaction(async () => {
    await models.update(id, { rating: 4 });
    expect((await models.read(id))?.rating).toBe(4);
  });
  expect(log).toEqual([
    'begin write',
    'update in the ambient transaction on the writer',
    'select in the ambient transaction on the writer',
    'commit write',
    ...dropped(id),
  ]);
});

it('a write that is rolled back drops nothing', async () => {
  const { library, id, log } = await observe();
  const { models } = library.repositories;
  await models.read(id);
  log.length = 0;
  const failing = library.transactions.transaction(async (tx) => {
    tx.afterCommit(() => log.push('hook of a commit'));
    tx.afterRollback(() => log.push('hook of the rollback'));
    await models.update(id, { rating: 1 });
    tx.rollback();
  });
  await expect(failing).rejects.toMatchObject({ code: 'TX_ROLLBACK' });
  expect(log).toEqual([
    'begin write',
    'update in the ambient transaction on the writer',
    'rollback write',
    'hook of the rollback',
  ]);
  log.length = 0;
  expect((await models.read(id))?.rating).toBeNull();
  expect(log).toEqual([]);
});

it('a write alone is a statement that commits itself, and drops what it has changed before it answers', async () => {
  const { library, id, log } = await observe();
  const { models } = library.repositories;
  await models.read(id);
  log.length = 0;
  log.push('call');
  await models.update(id, { rating: 3 });
  log.push('answer');
  expect(log).toEqual(['call', 'update alone on the writer', ...dropped(id), 'answer']);
});

it('a savepoint that is rolled back drops nothing, and a snapshot passes the cache by', async () => {
  const { library, id, log } = await observe();
  const { models } = library.repositories;
  await models.read(id);
  log.length = 0;
  await library.transactions.transaction(async (tx) => {
    const inner = tx.savepoint(async () => {
      await models.update(id, { rating: 2 });
      throw new Error('undo');
    });
    await expect(inner).rejects.toThrow('undo');
  });
  await library.transactions.read(async () => {
    expect((await models.read(id))?.rating).toBeNull();
  });
  expect(log.filter((line) => line.startsWith('cache'))).toEqual([]);
  expect(log.filter((line) => line.startsWith('select'))).toHaveLength(1);
});

it('a write from a page is committed, drops what is cached, tells the other page, and only then is answered', async () => {
  const { library, id, log } = await observe();
  const server = await serveLibrary(library, { folder: makePlace().folder, port: 0 });
  onTestFinished(() => server.close());
  const ask = asking(server.url);
  const otherPage = await hear(server.url);
  onTestFinished(() => otherPage.close());
  await otherPage.next(({ name }) => name === 'resync');
  const leave = server.feed.listen(
    undefined,
    ({ name, data }) => log.push(`event ${name} ${data}`),
    () => {},
  );
  onTestFinished(leave);
  // The page has the model: its card is in the cache.
  expect((await ask(`/api/models/${id}`)).json.rating).toBeNull();
  await library.repositories.models.read(id);
  await library.repositories.tags.getTags(id);
  const readAgain = async (): Promise<number | null> => (await ask('/api/models')).json.items[0].rating;
  expect(await readAgain()).toBeNull();
  log.length = 0;
  const answered = ask('/api/edits', { body: { edits: [{ id, ifVersion: 1, set: { rating: 5 } }] } });
  expect((await answered).json.versions).toEqual([{ id, version: 2 }]);
  log.push('answer');
  const steps = log.filter((line) => !line.startsWith('select') && line !== 'cache models: miss');
  expect(steps).toEqual([
    'begin write',
    'update in the ambient transaction on the writer',
    'commit write',
    ...dropped(id),
    `event change {"ids":["${id}"]}`,
    'answer',
  ]);
  expect((await otherPage.next(({ name }) => name === 'change')).data).toEqual({ ids: [id] });
  expect(await readAgain()).toBe(5);
});

it('a write from a page that is refused drops nothing and tells nobody', async () => {
  const { library, id, log } = await observe();
  const server = await serveLibrary(library, { folder: makePlace().folder, port: 0 });
  onTestFinished(() => server.close());
  await library.repositories.models.read(id);
  const leave = server.feed.listen(
    undefined,
    ({ name }) => log.push(`event ${name}`),
    () => {},
  );
  onTestFinished(leave);
  log.length = 0;
  const edits = [
    { id, set: { rating: 1 } },
    { id, metadata: { set: { '': 1 } } },
  ];
  expect((await asking(server.url)('/api/edits', { body: { edits } })).status).toBe(400);
  const late = [
    { id, set: { rating: 1 } },
    { id, collections: { add: [{ id: '0190f5a0-0000-7000-8000-000000000000' }] } },
  ];
  expect((await asking(server.url)('/api/edits', { body: { edits: late } })).status).toBe(404);
  expect(log.filter((line) => /^(?:cache|event|commit)/.test(line))).toEqual([]);
  expect(log.at(-1)).toBe('rollback write');
  expect((await library.repositories.models.read(id))?.rating).toBeNull();
});
