// candy copy between every kind of target, judged by the stock client: the same rows in every table that people fill.
import { chmodSync, existsSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';
import { schema } from '@cc/schema';
import { createTokenIssuer, type Sqld, startSqld } from '@cc/testkit/sqld';
import { describeWithSqld } from '@cc/testkit/targets';
import { createClient } from '@libsql/client';
import { getTableName, is } from 'drizzle-orm';
import { SQLiteTable } from 'drizzle-orm/sqlite-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { libraryTables } from '../../src/copy/library-tables.js';
import { openLibrary } from '../../src/library.js';
import { candy, start } from '../candy.js';
import { candyHere } from '../candy-here.js';
import { makePlace, type Place, problemsOf } from '../temporary-library.js';

/** A library with something in every table, and a number that no model has any more. */
async function filledPlace(models = 450): Promise<Place> {
  const place = makePlace();
  await using library = await openLibrary(place.url);
  const { repositories } = library;
  await repositories.models.createMany(
    Array.from({ length: models }, (_, i) => ({
      model: {
        ...{
          name: `Zahnrad ${i} 模型`,
          description: i % 3 === 0 ? null : `text ${i}`,
          format: 'stl' as const,
          fileName: `${i}.stl`,
        },
        ...{
          filePath: `/m/${i}.stl`,
          fileHash: `hash${i % 800}`,
          fileSize: i * 1000,
          volume: i / 7,
          minX: -i,
          favorite: i % 5 === 0,
        },
      },
      tags: [`t${i % 7}`, 'all'],
      metadata: { n: i, half: i / 2, text: `v${i}`, nothing: null, yes: true, json: { a: [i] } },
    })),
    { onDuplicateHash: 'allow' },
  );
  const { items } = await repositories.models.list({ sort: { by: 'added', direction: 'desc' }, limit: 20 });
  const [newest, ...others] = items;
  if (newest !== undefined) await repositories.models.delete(newest.id);
  const outer = await repositories.collections.create({ name: 'Zz outer' });
  const inner = await repositories.collections.create({ name: 'Aa inner', parentId: outer });
  await repositories.collections.update(outer, { parentId: await repositories.collections.create({ name: 'Top' }) });
  await repositories.collections.addModels(
    inner,
    others.map(({ id }) => id),
  );
  await repositories.search.saveSearch('mine', 'zahnrad', { favorite: true });
  return place;
}

interface At {
  readonly url: string;
  readonly authToken?: string;
}

/** Every row of every table that people fill, and the numbers that come next. */
async function everything(at: At): Promise<unknown> {
  const client = createClient(at);
  const tables: Record<string, unknown> = {};
  for (const name of [
    'models',
    'model_metadata',
    'tags',
    'model_tags',
    'collections',
    'collection_models',
    'saved_searches',
  ]) {
    tables[name] = (await client.execute(`select * from ${name} order by 1, 2`)).rows.map((row) => ({ ...row }));
  }
  tables['next'] = (
    await client.execute(`select name, seq from sqlite_sequence where name in ('models', 'tags') order by name`)
  ).rows.map((row) => ({ ...row }));
  client.close();
  return tables;
}

/** In this process; the test of kills starts others. */
async function copied(place: Place, from: string, to: string, env = {}, ...flags: string[]): Promise<{ rows: number }> {
  const ended = await candyHere(['copy', from, to, '--json', ...flags], place.folder, undefined, env);
  // Whether there is time for a line of progress is a matter of the machine.
  expect(ended.stderr.replace(/^Copying: .+\n/gm, '')).toBe('');
  expect(ended.exitCode).toBe(0);
  return JSON.parse(ended.stdout);
}

it('knows every table of the schema that follows from no other', () => {
  const names = Object.values(schema).flatMap((table) => (is(table, SQLiteTable) ? [getTableName(table)] : []));
  const derived = [
    'search_terms',
    'search_deletes',
    'search_state',
    'search_pending',
    'model_counts',
    'duplicate_hashes',
  ];
  expect(libraryTables.map(({ name }) => name).sort()).toEqual(names.filter((name) => !derived.includes(name)).sort());
});

it('copies a file to a new file, and refuses one that holds something', async () => {
  const place = await filledPlace();
  const to = join(place.folder, 'new', 'copy.db');
  const report = await copied(place, join('.candy', 'library.db'), 'new/copy.db');
  expect(report.rows).toBeGreaterThan(3_500);
  expect(await everything({ url: pathToFileURL(to).href })).toEqual(await everything({ url: place.url }));
  expect(readdirSync(join(place.folder, 'new'))).toEqual(['copy.db']);
  await using library = await openLibrary(pathToFileURL(to).href);
  expect(await problemsOf(library)).toEqual([]);
  expect((await library.repositories.search.searchModels('zahnrad 17')).hits[0]?.model.name).toBe('Zahnrad 17 模型');
  const again = await candyHere(['copy', '.candy/library.db', 'new/copy.db'], place.folder);
  expect(again).toMatchObject({
    exitCode: 1,
    stderr: expect.stringMatching(/The target is not empty: it has 449 rows of models/),
  });
  const slip = await candyHere(['copy', 'none.db', 'other.db'], place.folder);
  expect(slip).toMatchObject({ exitCode: 1, stderr: expect.stringMatching(/There is no library/) });
  expect(existsSync(join(place.folder, 'other.db'))).toBe(false);
});

it('leaves a private library private', async () => {
  const place = await filledPlace();
  for (const mode of [0o600, 0o644]) {
    chmodSync(join(place.folder, '.candy', 'library.db'), mode);
    const name = `${mode}.db`;
    await copied(place, join('.candy', 'library.db'), name);
    expect([mode, statSync(join(place.folder, name)).mode & 0o777]).toEqual([mode, mode & ~process.umask()]);
  }
});

it('is refused while another program copies to the same file, which is whole then', async () => {
  const place = await filledPlace(900);
  const first = start(['copy', '.candy/library.db', 'new/one.db'], place);
  const draft = pathToFileURL(join(place.folder, 'new', 'one.db.copying')).href;
  await expect.poll(() => modelsAt(draft), { interval: 10 }).toBeGreaterThan(0);
  const second = await candyHere(['copy', '.candy/library.db', 'new/one.db'], place.folder);
  expect([second.exitCode, second.stderr]).toEqual([
    1,
    expect.stringContaining(`Process ${first.child.pid} copies to`),
  ]);
  expect((await first.ended).exitCode).toBe(0);
  expect(readdirSync(join(place.folder, 'new'))).toEqual(['one.db']);
  const copied = await everything({ url: pathToFileURL(join(place.folder, 'new', 'one.db')).href });
  expect(copied).toEqual(await everything({ url: place.url }));
});

it('is refused while another program begins to copy to the same file, and not for ever by what one left', async () => {
  const place = await filledPlace(1);
  const mark = join(place.folder, 'one.db.copying-by');
  writeFileSync(mark, '');
  const second = candyHere(['copy', '.candy/library.db', 'one.db'], place.folder);
  await sleep(200);
  writeFileSync(mark, String(process.ppid));
  expect(await second).toMatchObject({
    exitCode: 1,
    stderr: expect.stringContaining(`Process ${process.ppid} copies to`),
  });
  writeFileSync(mark, '');
  expect(await candyHere(['copy', '.candy/library.db', 'one.db'], place.folder)).toMatchObject({ exitCode: 0 });
  expect(existsSync(mark)).toBe(false);
});

describeWithSqld('with libSQL servers', () => {
  const tokens = createTokenIssuer();
  let [open, closed]: [Sqld?, Sqld?] = [];
  beforeAll(async () => {
    open = await startSqld({ grpc: true });
    closed = await startSqld({ tokens });
  });
  afterAll(async () => {
    await open?.close();
    await closed?.close();
  });

  it('copies file → http → ws with a token → file → replica, every row of every table, and prints no token', async () => {
    if (open === undefined || closed === undefined) throw new Error('no server');
    const place = await filledPlace(300);
    const expected = await everything({ url: place.url });
    const token = tokens.token();
    await copied(place, '.candy/library.db', open.url.http);
    expect(await everything({ url: open.url.http })).toEqual(expected);
    await copied(place, open.url.http, closed.url.ws, { CANDY_TO_TOKEN: token });
    expect(await everything({ url: closed.url.ws, authToken: token })).toEqual(expected);
    await copied(place, closed.url.ws, 'back.db', { CANDY_FROM_TOKEN: token });
    expect(await everything({ url: pathToFileURL(join(place.folder, 'back.db')).href })).toEqual(expected);
    const refused = await candy(['copy', 'back.db', closed.url.http], {
      folder: place.folder,
      env: { CANDY_TO_TOKEN: `${token}x` },
    });
    expect(refused.exitCode).toBe(1);
    expect(refused.stdout + refused.stderr).not.toContain(token.slice(0, 40));
    const full = await candyHere(['copy', 'back.db', open.url.http], place.folder);
    expect(full.stderr).toMatch(/The target is not empty/);
  });

  it('begins anew where a run was killed in the middle, on a server and in a file', async () => {
    if (open === undefined) throw new Error('no server');
    const server = await startSqld();
    const place = await filledPlace(900);
    try {
      for (const target of [server.url.http, 'killed.db']) {
        const { child, ended } = start(['copy', '.candy/library.db', target], place);
        const url = target === 'killed.db' ? pathToFileURL(join(place.folder, 'killed.db.copying')).href : target;
        await expect.poll(() => modelsAt(url), { interval: 10 }).toBeGreaterThan(0);
        child.kill('SIGKILL');
        await ended;
        await copied(place, '.candy/library.db', target);
        const made = target === 'killed.db' ? pathToFileURL(join(place.folder, target)).href : target;
        expect(await everything({ url: made })).toEqual(await everything({ url: place.url }));
      }
    } finally {
      await server.close();
    }
  });

  it('copies into a replica, whose server has it then, and from a replica', async () => {
    const server = await startSqld();
    const place = await filledPlace(300);
    try {
      await copied(place, '.candy/library.db', 'replica.db', {}, '--to-sync', server.url.http);
      expect(await everything({ url: server.url.http })).toEqual(await everything({ url: place.url }));
      await copied(place, 'other-replica.db', 'out.db', {}, '--from-sync', server.url.http);
      expect(await everything({ url: pathToFileURL(join(place.folder, 'out.db')).href })).toEqual(
        await everything({ url: place.url }),
      );
    } finally {
      await server.close();
    }
  });
});

async function modelsAt(url: string): Promise<number> {
  if (url.startsWith('file:') && !existsSync(new URL(url))) return 0;
  const client = createClient({ url });
  try {
    return Number((await client.execute('select count(*) from models')).rows[0]?.[0]);
  } catch (error) {
    // The library is being made.
    if (/no such table|locked|busy/i.test(String(error))) return 0;
    throw error;
  } finally {
    client.close();
  }
}
