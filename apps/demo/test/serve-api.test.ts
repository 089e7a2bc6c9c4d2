// The API as a page asks it, judged by the library behind it.
import type { ModelId } from '@cc/schema';
import { hc } from 'hono/client';
import { expect, it } from 'vitest';
import type { Api } from '../src/serve/app.js';
import { serving } from './serving.js';

const served = serving();
const idOf = (fileName: string): ModelId => served().ids.get(fileName) ?? ('' as ModelId);

it('finds models by words with highlights, and by filters in the order that is asked for, page by page', async () => {
  const { ask } = served();
  const found = await ask('/api/models?q=hex&facets=true');
  expect(found.status).toBe(200);
  expect(found.json.items).toMatchObject([{ id: idOf('hex nut.stl'), name: 'hex nut', size: [3, 3, 3] }]);
  expect(found.json.items[0].highlight.name).toEqual([
    { text: 'hex', match: true },
    { text: ' nut', match: false },
  ]);
  expect(found.json).toMatchObject({
    total: { models: 1, exact: true },
    facets: { formats: [{ value: 'stl', models: 1 }] },
  });
  const names: string[] = [];
  for (let after = ''; ; ) {
    const page = await ask(`/api/models?sort=name&parseStatuses=parsed&limit=3${after}`);
    names.push(...page.json.items.map(({ name }: { name: string }) => name));
    if (page.json.next === null) break;
    after = `&after=${encodeURIComponent(page.json.next)}`;
  }
  expect(names).toEqual(['bolt', 'gear', 'hex nut', 'washer']);
  expect((await ask('/api/models?q=hxe')).json.corrected).toBe('hex');
  expect((await ask('/api/suggestions?q=wa')).json.items).toMatchObject([{ text: 'washer' }]);
});

it('has the tags of a hit without asking for them, in the order that they always have', async () => {
  const { ask, library } = served();
  const { tags } = library.repositories;
  const id = idOf('hex nut.stl');
  for (const name of ['b steel', 'Éclair', 'a, fine', 'A2']) await tags.tag(id, name);
  const inOrder = await tags.getTags(id);
  for (const query of ['q=hex', 'q=steel', 'q=format:stl', 'q=hex&sort=name', 'sort=name'])
    for (const item of (await ask(`/api/models?${query}`)).json.items)
      if (item.id === id) expect([query, item.tags]).toEqual([query, inOrder]);
  expect((await ask('/api/models?q=gear')).json.items[0].tags).toEqual([]);
  for (const name of inOrder) await tags.untag(id, name);
});

it('answers others while it counts models', async () => {
  const { ask, library } = served();
  // Of more than one condition: others are counted already.
  const address = '/api/count?favorite=false&statuses=active';
  const turns: number[] = [];
  const seen: { readonly from: number; readonly to: number }[] = [];
  let isRunning = true;
  const turn = (): void => {
    turns.push(performance.now());
    if (isRunning) setImmediate(turn);
  };
  const stop = library.transactions.subscribe((event) => {
    if (event.type !== 'query' || !/count\(\*\).*"favorite"/s.test(event.sql)) return;
    const to = event.endedAt ?? performance.now();
    seen.push({ from: to - event.durationMs, to });
  });
  turn();
  const counted = await ask(address);
  isRunning = false;
  stop();
  expect(counted.json).toEqual({ models: expect.any(Number) });
  expect(seen).not.toEqual([]);
  // A statement on the event loop has no turn between its beginning and its end.
  expect(seen.filter(({ from, to }) => !turns.some((at) => at > from && at < to))).toEqual([]);
});

it('is typed for a client', async () => {
  const client = hc<Api>(served().server.url, { headers: { 'x-candy': '1' } });
  const response = await client.api.models[':id'].$get({ param: { id: idOf('gear.stl') } });
  if (response.status !== 200) throw new Error('it was refused');
  const detail = await response.json();
  expect(detail.beside.map(({ fileName }) => fileName)).toEqual(['hex nut.stl']);
  expect(detail.min).toEqual([0, 0, 0]);
});

it('edits several models at once and takes everything back', async () => {
  const { ask, library } = served();
  const { models, metadata, tags, collections, search } = library.repositories;
  const [bolt, gear] = [idOf('bolt.stl'), idOf('gear.stl')];
  const box = await collections.create({ name: 'Box' });
  await collections.addModels(box, [gear, bolt, idOf('washer.stl')]);
  await metadata.updateMetadata(bolt, { layer: 0.2, note: 'mine' });
  await search.tag(bolt, 'Red');
  const stateOf = async (id: ModelId) => {
    const {
      version: _version,
      updatedAt: _updatedAt,
      ...model
    } = (await models.read(id)) ?? { version: 0, updatedAt: 0 };
    return { model, metadata: await metadata.getMetadata(id), tags: await tags.getTags(id) };
  };
  const shelf = async () => (await collections.modelsOf(box)).items.map(({ name }) => name);
  const before = [await stateOf(bolt), await stateOf(gear), await shelf()];
  const version = (await models.read(bolt))?.version ?? 0;
  const edits = [
    {
      id: bolt,
      ifVersion: version,
      set: { name: 'Big bolt', rating: 5, favorite: true, printedAt: '2026-01-02T03:04:05.000Z' },
      metadata: { set: { layer: null, new: [1, { a: 'b' }] }, remove: ['note', 'absent'] },
      tags: { add: ['blue', 'RED'], remove: ['nothing'] },
      collections: { remove: [box] },
    },
    { id: gear, set: { status: 'archived' }, tags: { add: ['blue'] } },
    { id: bolt, tags: { remove: ['red'] }, set: { rating: 4 } },
  ];
  const done = await ask('/api/edits', { body: { edits } });
  expect(done.status).toBe(200);
  expect(await stateOf(bolt)).toMatchObject({
    model: { name: 'Big bolt', rating: 4, favorite: true, printedAt: new Date('2026-01-02T03:04:05.000Z') },
    metadata: { layer: null, new: [1, { a: 'b' }] },
    tags: ['blue'],
  });
  expect(await shelf()).toEqual(['gear', 'washer']);
  const back = await ask('/api/edits', { body: { edits: done.json.undo } });
  expect(back.status).toBe(200);
  expect([await stateOf(bolt), await stateOf(gear), await shelf()]).toEqual(before);
  // And what was taken back can be done again.
  expect((await ask('/api/edits', { body: { edits: back.json.undo } })).status).toBe(200);
  expect((await stateOf(bolt)).tags).toEqual(['blue']);
});

it('keeps metadata under any key, and takes it back', async () => {
  const { ask, library } = served();
  const { metadata } = library.repositories;
  const gear = idOf('gear.stl');
  const before = await metadata.getMetadata(gear);
  const set = { ['__proto__']: { a: 1 }, constructor: 'x', toString: null };
  const done = await ask('/api/edits', { body: { edits: [{ id: gear, metadata: { set } }] } });
  expect(done.status).toBe(200);
  expect(Object.entries(await metadata.getMetadata(gear))).toEqual(
    Object.entries({ ...before, ...set }).sort(([a], [b]) => (a < b ? -1 : 1)),
  );
  expect((await ask(`/api/models/${gear}`)).json.metadata).toContainEqual({
    ...{ key: '__proto__', type: 'json', value: { a: 1 } },
  });
  expect((await ask('/api/edits', { body: { edits: done.json.undo } })).status).toBe(200);
  expect(await metadata.getMetadata(gear)).toEqual(before);
  for (const wrong of [{ '': 1 }, { ['x'.repeat(201)]: 1 }, ['list'], null, 'text']) {
    const refused = await ask('/api/edits', { body: { edits: [{ id: gear, metadata: { set: wrong } }] } });
    expect([refused.status, refused.json.detail]).toEqual([
      400,
      expect.stringContaining('keys of 1 to 200 characters'),
    ]);
  }
});

it('sends the first hundred of many models with one content, and how many there are', async () => {
  const { ask, library } = served();
  const { models } = library.repositories;
  const gear = await models.read(idOf('gear.stl'));
  if (gear === null) throw new Error('it is gone');
  const { fileHash, fileSize, format } = gear;
  const copies = Array.from({ length: 120 }, (_, i) => ({
    model: {
      name: `copy ${i}`,
      fileName: `copy ${i}.stl`,
      filePath: `/elsewhere/${i}.stl`,
      fileHash,
      fileSize,
      format,
    },
  }));
  await models.createMany(copies, { onDuplicateHash: 'allow' });
  const made = (await models.findByHash(fileHash)).filter(({ id }) => id !== gear.id);
  const { json: detail } = await ask(`/api/models/${gear.id}`);
  expect([detail.equalCount, detail.equal.length]).toEqual([120, 100]);
  expect(detail.equal[0]).toEqual({
    ...{ id: made[0]?.id, name: 'copy 0', filePath: '/elsewhere/0.stl', status: 'active' },
  });
  const { json: list } = await ask('/api/duplicates');
  const [group] = list.groups;
  expect([list.groups.length, group.count, group.models.length, group.models[0].id]).toEqual([1, 121, 100, gear.id]);
  for (const { id } of made) await models.delete(id);
  expect((await ask(`/api/models/${gear.id}`)).json).toMatchObject({ equalCount: 0, equal: [] });
  expect((await ask('/api/duplicates')).json).toEqual({ groups: [], next: null });
});

it('writes nothing when one of the models was changed by somebody else, and shows both values', async () => {
  const { ask, library } = served();
  const { models } = library.repositories;
  const [nut, washer] = [idOf('hex nut.stl'), idOf('washer.stl')];
  const version = (await models.read(nut))?.version ?? 0;
  await models.update(nut, { name: 'theirs', rating: 3 });
  const refused = await ask('/api/edits', {
    body: {
      edits: [
        { id: washer, set: { rating: 1 } },
        { id: nut, ifVersion: version, set: { name: 'mine', rating: 3 } },
      ],
    },
  });
  expect(refused.status).toBe(409);
  expect(refused.headers.get('content-type')).toBe('application/problem+json');
  expect(refused.json).toMatchObject({
    code: 'CONFLICT',
    conflicts: [{ id: nut, version: version + 1, fields: [{ field: 'name', yours: 'mine', theirs: 'theirs' }] }],
  });
  expect((await models.read(washer))?.rating).toBeNull();
  await models.update(nut, { name: 'hex nut', rating: null });
});

it('forgets models and brings them back with everything they were given', async () => {
  const { ask, library } = served();
  const { models, metadata, tags } = library.repositories;
  const washer = idOf('washer.stl');
  await metadata.setMetadataValue(washer, 'hole', 3.2);
  await library.repositories.search.tag(washer, 'steel');
  expect(await ask('/api/forget', { body: { ids: [washer] } })).toMatchObject({
    status: 409,
    json: { code: 'PRESENT' },
  });
  const gone = await ask('/api/forget', { body: { ids: [washer], present: true } });
  expect(gone.json.forgotten).toEqual([washer]);
  expect(await models.read(washer)).toBeNull();
  expect((await ask('/api/restore', { body: { undo: gone.json.undo } })).json).toEqual({ restored: [washer] });
  expect(await models.read(washer)).toMatchObject({ name: 'washer', triangles: 4 });
  expect(await metadata.getMetadata(washer)).toEqual({ hole: 3.2 });
  expect(await tags.getTags(washer)).toEqual(['steel']);
  expect((await ask('/api/restore', { body: { undo: gone.json.undo } })).status).toBe(404);
});

it('keeps searches by the address of the page, and collections in one another', async () => {
  const { ask } = served();
  const query = 'q=hex&formats=stl&formats=obj&favorite=false&createdFrom=2020-01-01T00%3A00%3A00.000Z';
  const saved = await ask('/api/searches/mine%20%2F%20yours', { method: 'PUT', body: { query: `${query}&sort=name` } });
  expect(saved).toMatchObject({ status: 200, json: { name: 'mine / yours' } });
  const sorted = (address: string) => [...new URLSearchParams(address)].map(String).sort();
  expect(sorted(saved.json.query)).toEqual(sorted(query));
  expect((await ask(`/api/models?${saved.json.query}`)).status).toBe(200);
  expect((await ask('/api/searches/mine%20%2F%20yours', { method: 'DELETE' })).status).toBe(204);
  expect((await ask('/api/searches/mine%20%2F%20yours', { method: 'DELETE' })).status).toBe(404);
  // It would find models that do not pass them.
  for (const condition of ['meta=layer%3E%3D0.2', `metadata=${encodeURIComponent('{"key":"layer","op":"exists"}')}`])
    expect(await ask('/api/searches/thin', { method: 'PUT', body: { query: `q=hex&${condition}` } })).toMatchObject({
      status: 400,
      json: { detail: expect.stringContaining('metadata') },
    });
  expect((await ask('/api/searches')).json.items).toEqual([]);

  const top = (await ask('/api/collections', { body: { name: 'Top' } })).json.id;
  const inner = (await ask('/api/collections', { body: { name: 'Inner', parentId: top } })).json.id;
  expect(await ask('/api/collections', { body: { name: 'Top' } })).toMatchObject({
    status: 409,
    json: { code: 'DUPLICATE_COLLECTION' },
  });
  expect(await ask(`/api/collections/${top}`, { method: 'PATCH', body: { parentId: inner } })).toMatchObject({
    status: 409,
  });
  await ask('/api/edits', { body: { edits: [{ id: idOf('gear.stl'), collections: { add: [{ id: inner }] } }] } });
  expect((await ask(`/api/models?collectionsAny=${top}&facets=true`)).json).toMatchObject({
    ...{
      items: [{ name: 'gear' }],
      total: { models: 1, exact: true },
      facets: { formats: [{ value: 'stl', models: 1 }] },
    },
  });
  expect((await ask(`/api/count?collectionsAny=${top}&q=gear&fitsMm=9x2x2`)).json).toEqual({ models: 1 });
  expect((await ask(`/api/count?collectionsAny=${top}&fitsMm=9x1x2`)).json).toEqual({ models: 0 });
  expect((await ask('/api/models?meta=%3D3')).json).toMatchObject({
    status: 400,
    detail: expect.stringContaining('key'),
  });
  expect((await ask(`/api/collections?parent=${inner}`)).json.path).toEqual([
    { id: top, name: 'Top' },
    { id: inner, name: 'Inner' },
  ]);
  const names = async (query: string) =>
    (await ask(`/api/collections?${query}`)).json.items.map(({ name }: { readonly name: string }) => name);
  expect((await names('inside=all')).slice(-2)).toEqual(['Top', 'Inner']);
  expect(await names(`inside=all&parent=${top}`)).toEqual(['Inner']);
  expect(await names('inside=directly')).not.toContain('Inner');
  expect((await ask(`/api/collections/${top}`, { method: 'DELETE' })).status).toBe(204);
});

it('shows the work lists, the library as a whole, and its health', async () => {
  const { ask } = served();
  expect((await ask('/api/problems')).json).toMatchObject({
    total: 1,
    items: [{ fileName: 'damaged.stl', parseStatus: 'unparsed' }],
  });
  expect((await ask('/api/missing')).json).toMatchObject({ total: 0, items: [] });
  expect((await ask('/api/duplicates')).json).toMatchObject({ groups: [], next: null });
  expect((await ask('/api/library')).json).toMatchObject({ models: 5, unparsed: 1, uploads: true });
  const health = await ask('/api/health');
  expect(health.json).toMatchObject({ storage: { journalMode: 'wal' }, backups: [] });
  // The slowest may be an insert of many rows, whose text is longer than the monitor keeps.
  const slow = health.json.slowest.find(({ statement }: { statement: string }) => statement.startsWith('select'));
  expect(await ask('/api/health/analyze', { body: { statement: slow.statement } })).toMatchObject({ status: 200 });
  expect((await ask('/healthz')).text).toBe('ok\n');
  expect((await ask('/readyz')).status).toBe(200);
  expect((await ask('/metrics')).text).toMatch(/^# HELP cc_/m);
});

it('refuses what it does not know, in words', async () => {
  const { ask } = served();
  expect(await ask('/api/models?colour=red')).toMatchObject({ status: 400, json: { code: 'INVALID' } });
  expect(await ask('/api/models?after=nonsense')).toMatchObject({ status: 400 });
  expect(await ask('/api/models/00000000-0000-7000-8000-000000000000')).toMatchObject({ status: 404 });
  expect(await ask('/api/nothing')).toMatchObject({ status: 404, json: { code: 'NOT_FOUND' } });
  expect(await ask('/api/edits', { method: 'POST', headers: { 'content-type': 'application/json' } })).toMatchObject({
    status: 400,
  });
  const statement = 'select 1; drop table models';
  expect(await ask('/api/health/analyze', { body: { statement } })).toMatchObject({ status: 400 });
});

it('refuses a body in another encoding, and keeps none of it', async () => {
  const { server, library } = served();
  const send = (body: Buffer | string, type = 'application/json') =>
    fetch(new URL('/api/collections', server.url), { method: 'POST', headers: { 'content-type': type }, body });
  for (const type of ['application/json', 'Application/JSON', 'application/json;charset=iso-8859-1']) {
    const refused = await send(Buffer.from('{"name":"Bügel"}', 'latin1'), type);
    expect([type, refused.status, await refused.json()]).toMatchObject([type, 400, { code: 'INVALID' }]);
  }
  expect((await send('{"name":"Bügel"}', 'APPLICATION/JSON')).status).toBe(201);
  const kept = (await library.repositories.collections.list()).map(({ name }) => name);
  expect(kept.filter((name) => name.endsWith('gel'))).toEqual(['Bügel']);
});

it('packs answers for those who accept gzip, and says which methods an address takes', async () => {
  const { ask } = served();
  const headersFor = async (accepted: string) =>
    (await ask('/api/openapi.json', { headers: { 'accept-encoding': accepted } })).headers;
  for (const accepted of ['gzip', 'br;q=1, gzip;q=0.5', '*']) {
    const given = await headersFor(accepted);
    expect([accepted, given.get('content-encoding')]).toEqual([accepted, 'gzip']);
  }
  for (const refused of ['identity', 'gzip;q=0', '*;q=0', 'gzip;q=0, *', 'br']) {
    const given = await headersFor(refused);
    expect([refused, given.get('content-encoding'), given.get('vary')]).toEqual([refused, null, 'Accept-Encoding']);
  }
  const small = await ask('/api/searches', { headers: { 'accept-encoding': 'gzip' } });
  expect([small.headers.get('content-encoding'), small.json]).toEqual([null, { items: [] }]);
  const wrong = await ask('/api/models/some', { method: 'DELETE' });
  expect([wrong.status, wrong.headers.get('allow'), wrong.json.code]).toEqual([405, 'GET, HEAD', 'METHOD']);
  expect((await ask('/api/nothing', { method: 'DELETE' })).status).toBe(404);
});
