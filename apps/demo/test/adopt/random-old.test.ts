// Random old databases, cell by cell: whatever a column holds, it is in the library afterwards, or the report says why not.
// The judge reads both files as rows and knows nothing of how one became the other.
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { seededRandom } from '@cc/testkit/random';
import { createClient, type InValue } from '@libsql/client';
import { expect, it } from 'vitest';
import { type AdoptReport, adopt } from '../../src/adopt/adopt.js';
import { openOldDatabase } from '../../src/adopt/old-database.js';
import { copyAside } from '../../src/adopt/old-file.js';
import { makePlace, open, type Place, problemsOf } from '../temporary-library.js';

/** `npm run torture` knows no adoption: `ADOPT_SEEDS=100` runs a hundred of them. */
const seeds = Number(process.env['ADOPT_SEEDS'] ?? 3);

/** How the tables may look: the last one has ids that are no rowids, the first texts that are no UTF-8. */
const forms = [
  {
    encoding: 'UTF-8',
    models:
      '(id, name, description, format, "file_path", fileHash, file_size, tags, created_at, rating, favorite, status, "odd ""column""", thumbnail)',
  },
  {
    encoding: 'UTF-16le',
    models:
      '(id TEXT PRIMARY KEY, Title, description, file_type, path, hash, size, keywords, date_added, rating, favourite, status, "order", thumbnail)',
  },
  {
    encoding: 'UTF-8',
    models:
      '(id TEXT PRIMARY KEY, name, description, format, file_path, file_hash, file_size, tags, created_at, rating, favorite, status, version, thumbnail) WITHOUT ROWID',
  },
] as const;

type Random = ReturnType<typeof seededRandom>;

function anyValue(random: Random): InValue {
  return random.weighed<() => InValue>([
    [3, () => null],
    [
      3,
      () =>
        random.pick([
          '',
          ' ',
          'Toy',
          'a, b',
          '["x", "y"]',
          "['p', 'q']",
          '{}',
          'stl',
          '.OBJ',
          '模型',
          '\u{1f600}',
          '-1',
          '12',
          '4.5',
          'true',
          'archived',
          '1e400',
        ]),
    ],
    [2, () => random.pick([0, 1, -1, 3, 5, 6, 4.5, 1e300, 1_700_000_000, 1_700_000_000_123, 9_007_199_254_740_993n])],
    [
      1,
      () => random.pick(['2024-02-29', '2024-02-30', '2023-11-14 22:13:20', '2023-11-14T22:13:20+02:00', '1700000000']),
    ],
    [1, () => new Uint8Array(random.some(0, 6, () => random.below(256)))],
    [
      1,
      () =>
        random.pick(['x', '\u{1f600}']).repeat(
          random.weighed([
            [9, random.pick([199, 201, 499, 501, 1001, 4097])],
            [1, random.pick([100_001, 500_001, 1_000_001])],
          ]),
        ),
    ],
    [
      1,
      () =>
        random.some(1, 5, () => random.pick(['\n', '\r', '"', "'", '[', ']', ',', ';', '\\', 'a', '\u2028'])).join(''),
    ],
  ])();
}

async function makeRandom(path: string, random: Random, form: (typeof forms)[number]): Promise<void> {
  const client = createClient({ url: `file:${path}` });
  await client.execute(`PRAGMA encoding = '${form.encoding}'`);
  await client.executeMultiple(`CREATE TABLE models ${form.models};
    CREATE TABLE model_metadata (model_id, metadata_key, metadata_value, value_type, noted)`);
  const columns = (await client.execute(`select name from pragma_table_info('models')`)).rows.map(({ name }) =>
    String(name),
  );
  const [id = '', path_ = ''] = [columns[0], columns.find((name) => name.toLowerCase().endsWith('path'))];
  const quoted = columns.map((name) => `"${name.replaceAll('"', '""')}"`).join(', ');
  for (let i = 0; i < 60; i += 1) {
    const hasId = form.encoding !== 'UTF-8' || form.models.includes('ROWID') || !random.once(20);
    const row = columns.map((name) => {
      if (name === id) return hasId ? `m${i}` : null;
      if (name === path_ && !(hasId && random.once(8))) return `/m/${random.once(15) ? random.below(i + 1) : i}.stl`;
      return anyValue(random);
    });
    // A blob as the key of its table, or one with the path of another, is refused or told like any other.
    await client.execute({
      sql: `insert into models (${quoted}) values (${columns.map(() => '?').join(', ')})`,
      args: row,
    });
  }
  for (let i = 0; i < 120; i += 1) {
    const key = random.pick<InValue>([
      'material',
      'n',
      'json',
      '',
      null,
      'k'.repeat(201),
      '__proto__',
      'adopted_path',
      anyValue(random),
    ]);
    const type = random.pick<InValue>([null, null, 'text', 'number', 'json', 'boolean', 'null', 7]);
    const args = [random.once(20) ? anyValue(random) : `m${random.below(63)}`, key, anyValue(random), type, null];
    await client.execute({ sql: 'insert into model_metadata values (?, ?, ?, ?, ?)', args });
  }
  if (form.encoding === 'UTF-8')
    await client.execute(`update models set description = cast(x'41ff42' as text) where description = 'Toy'`);
  if (form.encoding === 'UTF-8')
    await client.execute("insert into model_metadata (model_id, metadata_key) values (cast(x'ff' as text), 'k')");
  client.close();
}

interface Stored {
  readonly path: string;
  /** Every value of the model, its metadata and its tags, as a text. */
  readonly values: ReadonlySet<string>;
}

async function storedIn(place: Place): Promise<readonly Stored[]> {
  const client = createClient({ url: place.url });
  const rows = async (sql: string) => (await client.execute(sql)).rows;
  const [models, metadata, tags] = [
    await rows('select * from models'),
    await rows('select model_seq, value_number, value_text from model_metadata'),
    await rows('select model_seq, name from model_tags join tags on tags.id = tag_id'),
  ];
  client.close();
  return models.map((model) => {
    const of = (row: Record<string, unknown>): boolean => row['model_seq'] === model['seq'];
    const found = [
      ...Object.values(model),
      ...metadata.filter(of).flatMap((row) => Object.values(row)),
      ...tags.filter(of).map(({ name }) => name),
    ];
    return { path: String(model['file_path']), values: new Set(found.map(String)) };
  });
}

/** The texts under which a value may be found again. */
function formsOf(value: unknown): readonly string[] {
  const text = String(value);
  const dates = [
    Number(text) * 1000,
    Number(text),
    Math.round(Number(text) / 1000),
    Date.parse(`${text.replace(' ', 'T')}${/[Z+]|^\d{4}-\d\d-\d\d$/.test(text) ? '' : 'Z'}`),
  ];
  return [
    text,
    text.toLowerCase(),
    text.trim(),
    ...dates.map(String),
    text.toLowerCase().replace('.', ''),
    ...(text === 'true' ? ['1'] : []),
  ];
}

it.each(Array.from({ length: seeds }, (_, i) => 4_100 + i))('loses no value in silence: seed %i', async (seed) => {
  const place = makePlace();
  const random = seededRandom(seed);
  const form = forms[seed % forms.length] ?? forms[0];
  const path = join(place.folder, 'old.db');
  await makeRandom(path, random, form);
  const library = await open(place);
  const run = async (dryRun: boolean): Promise<AdoptReport> => {
    await using copy = await copyAside(path);
    await using old = await openOldDatabase(copy.path);
    return await adopt(library, old, { dryRun, base: place.folder, batchSize: 50 });
  };
  const told = await run(true);
  const report = await run(false);
  expect(told).toEqual(report);
  const { found, added, joined, known, refused } = report.models;
  expect([added + refused, joined, known]).toEqual([found, 0, 0]);
  expect(await problemsOf(library)).toEqual([]);

  const stored = await storedIn(place);
  expect(stored).toHaveLength(added);
  const client = createClient({ url: pathToFileURL(path).href, intMode: 'bigint' });
  const models =
    // A text that is no UTF-8 ends the process of whoever reads it with this client.
    (
      await client.execute(
        `select * from (select row_number() over () as place, * from models)
        where description is null or hex(cast(description as blob)) <> '41FF42'`,
      )
    ).rows;
  client.close();
  const refusedRows = new Set(
    report.remarks.flatMap(({ what, table, column, row }) =>
      what === 'refused' && table === 'models' && column === null ? [row] : [],
    ),
  );
  const isTold = (row: string, column: string): boolean =>
    report.remarks.some((remark) => remark.row === row && remark.column === column);
  for (const { place: number, ...model } of models) {
    const id = typeof model['id'] === 'string' && model['id'] !== '' ? model['id'] : `row ${String(number)}`;
    if (refusedRows.has(id)) continue;
    const own =
      stored.find(({ values }) => values.has(id)) ??
      stored.find(({ path: at }) => at === (model['file_path'] ?? model['path']));
    for (const [column, value] of Object.entries(model)) {
      if (
        value === null ||
        value instanceof ArrayBuffer ||
        String(value).trim() === '' ||
        /^(tags|keywords)$/.test(column)
      )
        continue;
      const isThere = formsOf(value).some((text) => own?.values.has(text));
      if (!isThere) expect(isTold(id, column), `${id}, ${column}: ${String(value).slice(0, 80)}`).toBe(true);
    }
  }
  expect((await run(false)).models).toMatchObject({ found, added: 0, known: added, refused });
});
