// candy adopt a second time, beside an import, after a kill, on what is no old database, and its way back.
import { existsSync, mkdirSync, readdirSync, readFileSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createClient } from '@libsql/client';
import { expect, it } from 'vitest';
import { candy, start } from '../candy.js';
import { makeFolder } from '../measuring.js';
import { makePlace, open, type Place, put } from '../temporary-library.js';
import { adopted, filesIn, library, plain, saved } from './adopting.js';
import { designed, makeOld, type Rows, rowsOf } from './old-libraries.js';

it('doubles nothing when it runs again, also where models were moved or edited meanwhile', async () => {
  const place = makePlace();
  await makeOld(join(place.folder, 'old.db'), designed, [plain('a', { tags: 'red' }), plain('b')]);
  await adopted(place, '--yes');
  const own = await open(place);
  const [first] = (await own.repositories.models.list({ sort: { by: 'added' } })).items;
  if (first === undefined) throw new Error('nothing was adopted');
  await own.repositories.models.update(first.id, { filePath: '/elsewhere/a.stl', name: 'Mine' });
  const before = await saved(place);
  const report = await adopted(place, '--yes');
  expect(report.models).toEqual({ found: 2, added: 0, joined: 0, known: 2, refused: 0 });
  // Nothing was to be written, so there is nothing to go back from.
  expect(report.backup).toBeNull();
  expect(await saved(place)).toEqual(before);
});

it('gives a model that was imported before what it lacks, and keeps what the library has otherwise', async () => {
  const place = makePlace();
  const path = put(
    place.models,
    'cube.stl',
    'solid\nfacet normal 0 0 1\nouter loop\nvertex 0 0 0\nvertex 1 0 0\nvertex 0 1 0\nendloop\nendfacet\nendsolid\n',
  );
  await candy(['import', 'models'], place);
  await candy(['meta', 'set', 'cube', 'material', 'ABS'], place);
  await makeOld(join(place.folder, 'old.db'), designed, [
    plain('a', { file_path: path, name: 'My cube', tags: 'red', description: 'Nice', file_hash: 'old', file_size: 1 }),
    ['model_metadata', { model_id: 'a', metadata_key: 'material', metadata_value: 'PLA' }],
  ]);
  const imported = (await saved(place)).get(path);
  const report = await adopted(place, '--yes');
  expect(report.models).toMatchObject({ added: 0, joined: 1 });
  const now = (await saved(place)).get(path);
  expect(now).toMatchObject({
    name: 'My cube',
    description: 'Nice',
    tags: ['red'],
    metadata: { material: 'ABS', adopted_material: 'PLA' },
  });
  for (const field of ['id', 'file_hash', 'file_size', 'triangles'])
    expect(Reflect.get(now ?? {}, field)).toEqual(Reflect.get(imported ?? {}, field));
});

it('goes back to the library as it was by the copy that it names', async () => {
  const place = makePlace();
  put(place.models, 'a.obj', 'v 0 0 0\nv 1 0 0\nv 0 1 0\nf 1 2 3\n');
  await candy(['import', 'models'], place);
  const before = await saved(place);
  await makeOld(join(place.folder, 'old.db'), designed, [plain('a'), plain('b')]);
  const { backup } = await adopted(place, '--yes');
  expect((await saved(place)).size).toBe(3);
  expect(backup).not.toBeNull();
  expect(await candy(['restore', String(backup), '--yes'], place)).toMatchObject({ exitCode: 0, stderr: '' });
  expect(await saved(place)).toEqual(before);
});

it('sees what the old program has only in its log, and leaves the log as it is', async () => {
  const place = makePlace();
  const path = join(place.folder, 'old.db');
  const client = createClient({ url: `file:${path}` });
  await client.execute('PRAGMA journal_mode = wal');
  await client.executeMultiple(designed);
  await client.execute("insert into models (id, file_path) values ('a', '/m/a.stl')");
  const before = filesIn(place.folder);
  expect(Object.keys(before)).toContain('old.db-wal');
  expect((await adopted(place, '--yes')).models).toMatchObject({ added: 1 });
  expect(filesIn(place.folder)).toEqual(before);
  client.close();
});

it('is whole after a kill in the middle and a second run', async () => {
  const place = makePlace();
  const rows = Array.from({ length: 3_000 }, (_, i) => plain(`m${i}`, { tags: `even${i % 2}` }));
  const values = Array.from(
    { length: 3_000 },
    (_, i) => ['model_metadata', { model_id: `m${i}`, metadata_key: 'n', metadata_value: i }] as const,
  );
  await makeOld(join(place.folder, 'old.db'), designed, [...rows, ...values] as Rows);
  const { child, ended } = start(['adopt', 'old.db', '--yes', '--json'], place);
  await expect
    .poll(async () => (existsSync(library(place)) ? await counted(place) : 0), { interval: 5 })
    .toBeGreaterThan(0);
  child.kill('SIGKILL');
  await ended;
  const first = await counted(place);
  const report = await adopted(place, '--yes');
  expect(report.models).toMatchObject({ found: 3_000, known: first, added: 3_000 - first, refused: 0 });
  const now = await saved(place).then((models) => [...models.values()]);
  expect(now).toHaveLength(3_000);
  expect(
    now.every(({ metadata, tags }) => `m${String(metadata['n'])}` === metadata['adopted_id'] && tags.length === 1),
  ).toBe(true);
});

it.each(['SIGINT', 'SIGHUP'] as const)(
  'leaves no copy of the old database when %s ends it while it reads',
  async (signal) => {
    const place = makePlace();
    const rows = Array.from({ length: 10_000 }, (_, i) => plain(`m${i}`, { description: 'd'.repeat(2_000) }));
    await makeOld(join(place.folder, 'old.db'), designed, rows);
    const copies = makeFolder();
    const { child, ended } = start(['adopt', 'old.db', '--dry-run'], { ...place, env: { TMPDIR: copies } });
    await expect.poll(() => readdirSync(copies).length, { interval: 1, timeout: 60_000 }).toBeGreaterThan(0);
    child.kill(signal);
    expect((await ended).exitCode).not.toBeNull();
    expect(readdirSync(copies)).toEqual([]);
  },
);

it('takes away the copy that one left which was killed, once it is a day old', async () => {
  const place = makePlace();
  await makeOld(join(place.folder, 'old.db'), designed, [plain('m1')]);
  const copies = makeFolder();
  const then = new Date(Date.now() - 2 * 24 * 3_600_000);
  for (const name of ['candy-adopt-aB3dE6', 'candy-adopt-notes', 'candy-adopt-aaaaaa']) {
    mkdirSync(join(copies, name));
    writeFileSync(join(copies, name, 'old.db'), 'left');
    if (name !== 'candy-adopt-aaaaaa') utimesSync(join(copies, name), then, then);
  }
  await candy(['adopt', 'old.db', '--dry-run'], { ...place, env: { TMPDIR: copies } });
  expect(readdirSync(copies).sort()).toEqual(['candy-adopt-aaaaaa', 'candy-adopt-notes']);
});

async function counted(place: Place): Promise<number> {
  try {
    return Number((await rowsOf(library(place), 'select count(*) as n from models'))[0]?.['n']);
  } catch (error) {
    // The library is being made, or was copied in the middle of a write.
    if (/no such table|locked|busy|malformed|not a database|ENOENT/i.test(String(error))) return 0;
    throw error;
  }
}

it('refuses what is no old database, and changes nothing', async () => {
  const place = makePlace();
  writeFileSync(join(place.folder, 'old.db'), 'text');
  expect((await candy(['adopt', 'old.db', '--yes'], place)).stderr).toMatch(/is no SQLite database/);
  expect((await candy(['adopt', 'none.db'], place)).stderr).toMatch(/There is no file at/);
  await makeOld(join(place.folder, 'other.db'), 'create table things (a)', []);
  expect((await candy(['adopt', 'other.db', '--yes'], place)).stderr).toMatch(/has no table models.*things/);
  await candy(['migrate', 'up'], place);
  expect((await candy(['adopt', library(place), '--yes'], place)).stderr).toMatch(/is the library itself/);
  expect(existsSync(library(makePlace()))).toBe(false);
});

it('is measured by an import afterwards, which keeps the id, the name, tags and values', async () => {
  const place = makePlace();
  const path = put(place.models, 'a.obj', 'v 0 0 0\nv 1 0 0\nv 0 1 0\nf 1 2 3\n');
  await makeOld(join(place.folder, 'old.db'), designed, [
    plain('a', { file_path: path, name: 'Mine', tags: 'red', format: 'stl', file_hash: null }),
    ['model_metadata', { model_id: 'a', metadata_key: 'material', metadata_value: 'PLA' }],
  ]);
  await adopted(place, '--yes');
  const before = (await saved(place)).get(path);
  expect(JSON.parse((await candy(['import', 'models', '--json'], place)).stdout).counts).toMatchObject({
    changed: 1,
    new: 0,
  });
  const now = (await saved(place)).get(path);
  expect(now).toMatchObject({ name: 'Mine', tags: ['red'], format: 'obj', triangles: 1, parse_status: 'parsed' });
  expect(now?.metadata).toEqual(before?.metadata);
  expect(Reflect.get(now ?? {}, 'id')).toBe(Reflect.get(before ?? {}, 'id'));
});

it('reads a view as it reads a table, tells which tables it leaves, and says of a damaged file what to do', async () => {
  const place = makePlace();
  const path = join(place.folder, 'old.db');
  await makeOld(
    path,
    `create table files (id integer primary key, path text, note text); create table "odd ""table""" (a);
      insert into "odd ""table""" values (1); create view models as select id, path as filePath, note from files;
      create view broken as select * from missing;`,
    Array.from(
      { length: 2_000 },
      (_, i) => ['files', { path: `/m/${i}.stl`, note: `note ${i} ${'x'.repeat(100)}` }] as const,
    ),
  );
  const report = await adopted(place, '--dry-run');
  expect(report.models).toMatchObject({ found: 2_000, added: 2_000 });
  expect(report.left).toEqual([
    { table: 'files', column: null, rows: 2_000 },
    { table: 'odd "table"', column: null, rows: 1 },
  ]);
  await makeOld(
    join(place.folder, 'sound.db'),
    designed,
    Array.from({ length: 2_000 }, (_, i) => plain(`m${i}`)) as Rows,
  );
  const bytes = readFileSync(join(place.folder, 'sound.db'));
  writeFileSync(join(place.folder, 'damaged.db'), Buffer.from(bytes).fill(0xa5, 3 * 4096, 20 * 4096));
  const damaged = await candy(['adopt', 'damaged.db', '--yes'], place);
  expect(damaged).toMatchObject({ exitCode: 1, stdout: '', stderr: expect.stringMatching(/damaged.*\.recover/) });
  expect(existsSync(library(place))).toBe(false);
});
