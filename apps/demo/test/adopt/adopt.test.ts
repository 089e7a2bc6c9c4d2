// What candy adopt takes, changes and refuses, judged by a reader of both files that knows nothing of the program.
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { createClient } from '@libsql/client';
import { expect, it } from 'vitest';
import { makePlace, open, problemsOf } from '../temporary-library.js';
import { adopted, filesIn, library, plain, saved, uuid } from './adopting.js';
import { brokenIndex, designed, makeOld, type Rows, shipped } from './old-libraries.js';

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
