// What open pages hear: in which order, of whose changes, and what they get when they come back.
import { join } from 'node:path';
import { createRepositories, type ModelRepository } from '@cc/repositories';
import { type ModelId, schema } from '@cc/schema';
import { startSqld } from '@cc/testkit/sqld';
import { describeWithSqld } from '@cc/testkit/targets';
import { openTransactionManager } from '@cc/tx';
import { expect, it, onTestFinished } from 'vitest';
import { openLibrary } from '../src/library.js';
import { serveLibrary } from '../src/serve/server.js';
import { asking, type Heard, hear, serving } from './serving.js';

const served = serving();
const idOf = (fileName: string): ModelId => served().ids.get(fileName) ?? ('' as ModelId);

async function page(headers: Record<string, string> = {}) {
  const heard = await hear(served().server.url, headers);
  onTestFinished(() => heard.close());
  return heard;
}

it('tells another page which models an edit has changed, after it is committed and once', async () => {
  const { ask } = served();
  const [one, two] = [await page(), await page()];
  expect((await one.next(() => true)).name).toBe('resync');
  expect((await two.next(() => true)).name).toBe('resync');
  const id = idOf('bolt.stl');
  for (const rating of [1, 2, 3]) await ask('/api/edits', { body: { edits: [{ id, set: { rating } }] } });
  await ask('/api/edits', { body: { edits: [{ id, ifVersion: 1, set: { rating: 4 } }] } });
  await ask('/api/edits', { body: { edits: [{ id: idOf('gear.stl'), tags: { add: ['last'] } }] } });
  for (const heard of [one, two]) {
    const events = [];
    for (let n = 0; n < 4; n += 1) events.push((await heard.next(() => true)).data);
    expect(events).toEqual([{ ids: [id] }, { ids: [id] }, { ids: [id] }, { ids: [idOf('gear.stl')] }]);
  }
});

it('counts nobody as a page who asks for its headers alone', async () => {
  const { ask, server } = served();
  await expect.poll(() => server.feed.listeners, { timeout: 60_000 }).toBe(0);
  const { status, headers } = await ask('/api/events', { method: 'HEAD' });
  expect([status, headers.get('content-type'), server.feed.listeners]).toEqual([200, 'text/event-stream', 0]);
});

it('tells of what another program commits, and what is asked for then is what it has written', async () => {
  const { ask, place } = served();
  const heard = await page();
  await heard.next(({ name }) => name === 'resync');
  const id = idOf('washer.stl');
  expect((await ask(`/api/models/${id}`)).json.rating).toBeNull();
  await using elsewhere = await openTransactionManager({ url: place.url, schema });
  await createRepositories(elsewhere).models.update(id, { rating: 5 });
  expect((await heard.next(({ name }) => name === 'change')).data).toEqual({ ids: null });
  expect((await ask(`/api/models/${id}`)).json.rating).toBe(5);
});

it('gives a page that comes back what it has missed, or tells it to begin anew', async () => {
  const { ask, place } = served();
  const first = await page();
  const { id: lastId } = await first.next(({ name }) => name === 'resync');
  first.close();
  const id = idOf('gear.stl');
  for (const favorite of [true, false]) await ask('/api/edits', { body: { edits: [{ id, set: { favorite } }] } });
  const back = await page({ 'last-event-id': lastId });
  // Whatever another program did before is told without names.
  const isNamed = ({ data }: Heard): boolean => data.ids !== null;
  const missed = [await back.next(isNamed), await back.next(isNamed)];
  expect(missed.map(({ name, data }) => [name, data])).toEqual([
    ['change', { ids: [id] }],
    ['change', { ids: [id] }],
  ]);
  back.close();
  // Nobody listens, and another program writes.
  await using elsewhere = await openTransactionManager({ url: place.url, schema });
  await createRepositories(elsewhere).models.update(id, { rating: 2 });
  const again = await page({ 'last-event-id': missed[1]?.id ?? '' });
  expect((await again.next(() => true)).data).toEqual({ ids: null });
  for (const strange of ['', 'x', 'other-3', `${lastId.split('-')[0]}-999999`, `${lastId.split('-')[0]}--5`]) {
    const other = await page({ 'last-event-id': strange });
    expect([strange, (await other.next(() => true)).name]).toEqual([strange, 'resync']);
    other.close();
  }
});

it('tells how jobs go, and writes a backup that is listed', async () => {
  const { ask } = served();
  const heard = await page();
  for (const kind of ['check', 'maintenance', 'backup']) {
    const { id } = (await ask('/api/jobs', { body: { kind } })).json;
    const end = await heard.next(({ name, data }) => name === 'job' && data.id === id && data.endedAt !== null);
    expect(end.data).toMatchObject({ kind, state: 'done', problem: null });
  }
  expect((await ask('/api/health')).json.backups).toHaveLength(1);
  expect((await ask('/api/jobs')).json.items).toHaveLength(3);
});

describeWithSqld('the library on a server', () => {
  it('tells of what another program writes there, and what is asked for then is what it has written', async () => {
    await using sqld = await startSqld();
    await using library = await openLibrary(sqld.url.http);
    await using elsewhere = await openTransactionManager({ url: sqld.url.http, schema });
    const { models } = createRepositories(elsewhere);
    const id = await createFar(models);
    await using server = await serveLibrary(library, { folder: served().place.folder, port: 0 });
    await hearsOf(server.url, models, id);
  });

  it('fetches for its pages what others write to the server that it replicates', async () => {
    await using sqld = await startSqld();
    await using primary = await openLibrary(sqld.url.http);
    const { models } = primary.repositories;
    const id = await createFar(models);
    const file = `file:${join(served().place.folder, 'replica.db')}`;
    // By itself it would fetch nothing.
    const primaryPlace = { syncUrl: sqld.url.http, syncIntervalMs: Number.POSITIVE_INFINITY };
    await using library = await openLibrary(file, { server: primaryPlace });
    await using server = await serveLibrary(library, { folder: served().place.folder, port: 0 });
    await hearsOf(server.url, models, id);
    // What the page itself writes goes to the server, and is read from here.
    const ask = asking(server.url);
    await ask('/api/edits', { body: { edits: [{ id, set: { name: 'near' } }] } });
    expect((await ask(`/api/models/${id}`)).json.name).toBe('near');
    expect(await models.read(id)).toMatchObject({ name: 'near' });
  });

  function createFar(models: ModelRepository): Promise<ModelId> {
    return models.create({
      ...({ name: 'far', format: 'stl', fileName: 'far.stl', filePath: '/far.stl' } as const),
      ...({ fileHash: 'f'.repeat(64), fileSize: 84 } as const),
    });
  }

  /** Each write through `models`, which are not the server's, is told, and what is asked for then is what was written. */
  async function hearsOf(url: string, models: ModelRepository, id: ModelId): Promise<void> {
    const ask = asking(url);
    const heard = await hear(url);
    await heard.next(({ name }) => name === 'resync');
    expect((await ask(`/api/models/${id}`)).json.name).toBe('far');
    for (const name of ['farther', 'farthest']) {
      await models.update(id, { name });
      expect((await heard.next((event) => event.name === 'change')).data).toEqual({ ids: null });
      expect((await ask(`/api/models/${id}`)).json.name).toBe(name);
    }
    heard.close();
  }
});
