// candy adopt, judged by a reader of both files that knows nothing of the program: the stock client and plain JavaScript.
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createClient } from '@libsql/client';
import { expect, it } from 'vitest';
import type { AdoptReport } from '../../src/adopt/adopt.js';
import { candy, start } from '../candy.js';
import { makePlace, open, type Place, problemsOf, put } from '../temporary-library.js';
import { brokenIndex, designed, makeOld, type Rows, rowsOf, shipped } from './old-libraries.js';

const library = ({ folder }: Place): string => join(folder, '.candy', 'library.db');

async function adopted(place: Place, ...args: string[]): Promise<AdoptReport & { backup: string | null }> {
  const { stdout, stderr } = await candy(['adopt', 'old.db', '--json', ...args], place);
  expect(stderr.replace('Nothing was written: run it again with --yes.\n', '')).toBe('');
  return JSON.parse(stdout);
}

/** Everything that the library says of its models, by their paths. */
async function saved(place: Place) {
  const models = await rowsOf(library(place), 'select * from models order by seq');
  const metadata = await rowsOf(library(place), 'select * from model_metadata order by model_seq, metadata_key');
  const tags = await rowsOf(
    library(place),
    'select model_seq, name from model_tags join tags on tags.id = tag_id order by key',
  );
  return new Map(
    models.map((model) => [
      String(model['file_path']),
      {
        ...model,
        tags: tags.filter((row) => row['model_seq'] === model['seq']).map((row) => row['name']),
        metadata: Object.fromEntries(
          metadata
            .filter((row) => row['model_seq'] === model['seq'])
            .map((row) => [row['metadata_key'], row['value_number'] ?? row['value_text']]),
        ),
      },
    ]),
  );
}

const filesIn = (folder: string): Record<string, string> =>
  Object.fromEntries(
    readdirSync(folder, { withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map(({ name }) => [
        name,
        createHash('sha256')
          .update(readFileSync(join(folder, name)))
          .digest('hex'),
      ]),
  );

const uuid = '0b54f1c2-7a3f-4c11-9d2e-1c0f6a7b8c9d';
const plain = (id: string, more = {}) =>
  [
    'models',
    {
      id,
      name: `Model ${id}`,
      format: 'stl',
      file_path: `/m/${id}.stl`,
      file_hash: `aa${id.length}`,
      file_size: 10,
      created_at: 1_700_000_000,
      ...more,
    },
  ] as const;

it('takes every row of the designed form, with ids, tags and values, and leaves the old file as it is', async () => {
  const place = makePlace();
  const tagTexts = [
    '["Toy","Robot"]',
    'Toy, robot;  red',
    "['a, b', \"it's\"]",
    '[]',
    '',
    null,
    '{not json',
    '[1, true, null]',
  ];
  const wanted = [
    ['Robot', 'Toy'],
    ['red', 'Robot', 'Toy'],
    ['a, b', "it's"],
    [],
    [],
    [],
    ['{not json'],
    ['1', 'true'],
  ];
  const rows: Rows = [
    plain(uuid, { description: 'First', updated_at: '2024-05-01 10:00:00', thumbnail_path: '/t/1.png' }),
    ...tagTexts.map((tags, i) => plain(`t${i}`, { tags })),
    ...[
      ['seconds', 1_700_000_000],
      ['milliseconds', 1_700_000_000_123],
      ['float', 1_700_000_000.5],
      ['sqlite', '2023-11-14 22:13:20'],
      ['iso', '2023-11-14T23:13:20.250+01:00'],
      ['python', '2023-11-14T22:13:20.123456'],
      ['digits', '1700000000'],
      ['nonsense', 'last Tuesday'],
      ['february', '2023-02-30'],
      ['none', null],
    ].map(([id, created_at]) => plain(String(id), { created_at })),
    ...[
      [uuid, 'layer_height', 0.2],
      [uuid, 'material', 'PLA'],
      [uuid, 'material', 'PETG'],
      [uuid, 'note', null],
      [uuid, '', 'x'],
      [uuid, 'long', 'x'.repeat(1_000_001)],
      [uuid, 'thumbnail_path', 'mine'],
      [uuid, '__proto__', 'p'],
      ['gone', 'k', 'v'],
      [null, 'k', 'v'],
    ].map(
      ([model_id, metadata_key, metadata_value]) =>
        ['model_metadata', { model_id, metadata_key, metadata_value }] as const,
    ),
  ].map(([table, values]) => [table, { ...values }]) as Rows;
  await makeOld(join(place.folder, 'old.db'), designed, rows, { journal: 'wal', after: brokenIndex });
  const before = filesIn(place.folder);

  const dry = await adopted(place, '--dry-run');
  expect(existsSync(library(place))).toBe(false);
  const report = await adopted(place, '--yes');
  expect(dry).toEqual({ ...report, dryRun: true, backup: null });
  expect(filesIn(place.folder)).toEqual(before);

  const now = await saved(place);
  const models = rows.filter(([table]) => table === 'models').map(([, values]) => values);
  expect([...now.keys()]).toEqual(models.map(({ file_path }) => file_path));
  for (const { id, name, description = null, file_hash, file_size, file_path } of models) {
    const own = now.get(String(file_path));
    expect(own).toMatchObject({ name, description, file_hash, file_size, format: 'stl', version: 1, status: 'active' });
    expect(own?.metadata).toMatchObject({ adopted_id: id, adopted_path: file_path });
  }
  expect(tagTexts.map((_, i) => now.get(`/m/t${i}.stl`)?.tags)).toEqual(wanted);
  const dates = ['seconds', 'milliseconds', 'float', 'sqlite', 'iso', 'python', 'digits'];
  const createdAt = (id: string) => (now.get(`/m/${id}.stl`) as { created_at?: number } | undefined)?.created_at;
  expect(dates.map(createdAt)).toEqual([0, 123, 500, 0, 250, 123, 0].map((ms) => 1_700_000_000_000 + ms));
  for (const id of ['nonsense', 'february', 'none']) expect(createdAt(id)).toBeGreaterThan(1_750_000_000_000);
  expect(now.get('/m/nonsense.stl')?.metadata).toMatchObject({ created_at: 'last Tuesday' });
  expect(now.get(`/m/${uuid}.stl`)).toMatchObject({ id: uuid });
  expect(now.get(`/m/${uuid}.stl`)?.metadata).toEqual(
    Object.fromEntries([
      ...Object.entries({
        adopted_id: uuid,
        adopted_path: `/m/${uuid}.stl`,
        layer_height: 0.2,
        material: 'PETG',
        note: null,
      }),
      ...Object.entries({
        thumbnail_path: 'mine',
        'models.thumbnail_path': '/t/1.png',
        updated_at: '2024-05-01 10:00:00',
      }),
      ['__proto__', 'p'],
    ]),
  );
  expect(report.models).toEqual({ found: models.length, added: models.length, joined: 0, known: 0, refused: 0 });
  expect(report.metadata).toEqual({ found: 10, taken: 5, refused: 5 });
  const refused = report.remarks.filter(({ what }) => what === 'refused').map(({ kind, row }) => `${kind}: ${row}`);
  expect(refused.sort()).toEqual(
    [
      'later value: row 2',
      'no key: row 5',
      'no such model: row 10',
      'no such model: row 9',
      'not a tag: t7',
      'too long: row 6',
    ].sort(),
  );
  expect(await problemsOf(await open(place))).toEqual([]);
});

it('takes the shipped form: titles, keywords, ratings and everything else that it noted', async () => {
  const place = makePlace();
  await makeOld(join(place.folder, 'old.db'), shipped, [
    [
      'models',
      {
        id: 1,
        filename: 'gear.stl',
        format: 'stl',
        file_path: 'parts/gear.stl',
        file_size: 7,
        date_added: '2024-01-02 03:04:05',
      },
    ],
    [
      'models',
      {
        id: 2,
        filename: 'Box.3MF',
        format: 'mf3',
        file_path: 'C:\\models\\Box.3MF',
        file_hash: 'ABCDEF',
        linked_model_id: 1,
      },
    ],
    ['models', { id: 3, filename: 'odd', format: 'sldprt', file_path: '/m/odd.sldprt' }],
    [
      'model_metadata',
      {
        model_id: 1,
        title: 'A gear',
        description: 'Turns',
        keywords: 'gear, clock',
        category: 'Objects',
        source: 'https://x.test/1',
        rating: 4,
        view_count: 3,
        camera_position_x: 1.5,
      },
    ],
    ['model_metadata', { model_id: 2, rating: 0, source: 'a friend' }],
  ]);
  const report = await adopted(place, '--yes');
  const now = await saved(place);
  expect(now.get(join(place.folder, 'parts/gear.stl'))).toMatchObject({
    ...{ name: 'A gear', description: 'Turns', rating: 4, source_url: 'https://x.test/1', tags: ['clock', 'gear'] },
    ...{ file_name: 'gear.stl', created_at: Date.UTC(2024, 0, 2, 3, 4, 5) },
    metadata: { adopted_id: '1', category: 'Objects', view_count: 3, camera_position_x: 1.5 },
  });
  expect(now.get('C:\\models\\Box.3MF')).toMatchObject({
    ...{ name: 'Box', format: '3mf', file_hash: 'abcdef', rating: null },
    metadata: { source: 'a friend', linked_model_id: 1 },
  });
  expect(now.get('/m/odd.sldprt')).toMatchObject({ format: 'other', name: 'odd', metadata: { format: 'sldprt' } });
  expect(report.left).toEqual([{ table: 'categories', column: null, rows: 2 }]);
});

it('refuses what has no path or the path of another, repairs texts, and keeps what no field holds', async () => {
  const place = makePlace();
  const path = join(place.folder, 'old.db');
  await makeOld(path, designed, [
    plain('a', { file_size: '12', name: 'x'.repeat(600) }),
    plain('b', { file_path: '/m/a.stl' }),
    plain('c', { file_path: null }),
    plain('d', { file_path: ' ' }),
    plain('e', { file_size: 'big', format: null, name: null, file_hash: null }),
    plain('f', { file_path: '/m/x/../f.stl', description: 'a\0b' }),
    plain('g', { thumbnail_path: new Uint8Array([0xff, 0xd8]), name: new TextEncoder().encode('Bytes') }),
    plain('h', { file_path: `/${'p'.repeat(5_000)}` }),
    plain('i', { file_size: -1, format: '.OBJ' }),
  ]);
  const client = createClient({ url: `file:${path}` });
  await client.execute(
    `insert into models (id, name, file_path, file_size) values ('u', cast(x'41ff42' as text), '/m/u.ply', 9007199254740993)`,
  );
  await client.execute(`insert into models (id, name, file_path) values (null, 'no id', '/m/n.glb')`);
  client.close();
  const report = await adopted(place, '--yes');
  const now = await saved(place);
  expect([...now.keys()].sort()).toEqual(
    ['a.stl', 'e.stl', 'f.stl', 'g.stl', 'i.stl', 'n.glb', 'u.ply'].map((name) => `/m/${name}`),
  );
  expect(now.get('/m/a.stl')).toMatchObject({
    file_size: 12,
    name: 'x'.repeat(500),
    metadata: { name: 'x'.repeat(600) },
  });
  expect(now.get('/m/e.stl')).toMatchObject({ name: 'e', format: 'stl', file_size: 0, metadata: { file_size: 'big' } });
  expect(now.get('/m/f.stl')).toMatchObject({ description: 'a\ufffdb' });
  expect(now.get('/m/g.stl')).toMatchObject({ name: 'Bytes' });
  expect(now.get('/m/i.stl')).toMatchObject({ format: 'obj', file_size: 0, metadata: { file_size: -1 } });
  expect(now.get('/m/u.ply')).toMatchObject({
    name: 'A\ufffdB',
    format: 'ply',
    metadata: { file_size: '9007199254740993' },
  });
  expect(now.get('/m/n.glb')?.metadata).toEqual({ adopted_path: '/m/n.glb' });
  expect(report.models).toMatchObject({ found: 11, added: 7, refused: 4 });
  const kinds = new Set(report.remarks.map(({ kind }) => kind));
  for (const kind of [
    'no path',
    'path too long',
    'same path',
    'binary',
    'bytes replaced',
    'type converted',
    'text cut',
    'size unknown',
    'hash unknown',
  ] as const)
    expect(kinds).toContain(kind);
});

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
  expect(await candy(['restore', String(backup), '--yes'], place)).toMatchObject({ exitCode: 0 });
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
  const rows = Array.from({ length: 6_000 }, (_, i) => plain(`m${i}`, { tags: `even${i % 2}` }));
  const values = Array.from(
    { length: 6_000 },
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
  expect(report.models).toMatchObject({ found: 6_000, known: first, added: 6_000 - first, refused: 0 });
  const now = await saved(place).then((models) => [...models.values()]);
  expect(now).toHaveLength(6_000);
  expect(
    now.every(({ metadata, tags }) => `m${String(metadata['n'])}` === metadata['adopted_id'] && tags.length === 1),
  ).toBe(true);
});

async function counted(place: Place): Promise<number> {
  try {
    return Number((await rowsOf(library(place), 'select count(*) as n from models'))[0]?.['n']);
  } catch (error) {
    // The library is being made.
    if (/no such table|locked|busy/i.test(String(error))) return 0;
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
