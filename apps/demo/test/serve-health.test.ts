// Figures of health over time: they outlive the program that served them.
import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { historyFile } from '../src/beside-library.js';
import { openLibrary } from '../src/library.js';
import { serveLibrary } from '../src/serve/server.js';
import { asking } from './serving.js';
import { makePlace, type Place } from './temporary-library.js';

/** The times of the log's chart, as soon as there are that many. */
async function timesOf(place: Place, range: string, atLeast: number): Promise<readonly string[]> {
  await using library = await openLibrary(place.url, { history: historyFile(place.url, place.folder) });
  await using server = await serveLibrary(library, { folder: join(place.folder, '.candy'), port: 0 });
  let times: readonly string[] = [];
  await expect
    .poll(
      async () => {
        const { json } = await asking(server.url)(`/api/health?range=${range}`);
        const chart = json.charts.find(({ title }: { readonly title: string }) => title === 'Write-ahead log');
        times = chart.points.map(({ at }: { readonly at: string }) => at);
        return times.length;
      },
      { timeout: 60_000 },
    )
    .toBeGreaterThanOrEqual(atLeast);
  return times;
}

it('goes back over a restart, in each range', async () => {
  const place = makePlace();
  const before = await timesOf(place, 'hour', 1);
  for (const range of ['hour', 'day', 'week'])
    expect(await timesOf(place, range, 2)).toEqual(expect.arrayContaining([...before]));
});

it('names the backups that are there, also beside a link to one that is gone', async () => {
  const { folder, url } = makePlace();
  await using library = await openLibrary(url);
  await using server = await serveLibrary(library, { folder: join(folder, '.candy'), port: 0 });
  const backups = join(folder, '.candy', 'backups');
  mkdirSync(backups);
  writeFileSync(join(backups, 'library-1.db'), 'four');
  symlinkSync(join(backups, 'library-0.db'), join(backups, 'library-latest.db'));
  const { status, json } = await asking(server.url)('/api/health');
  expect(status).toBe(200);
  expect(json.backups).toMatchObject([{ name: 'library-1.db', bytes: 4 }]);
});

it('is kept beside the library that it is of', () => {
  expect(historyFile('file:///models/.candy/library.db', '/where')).toBe('/models/.candy/library-health.db');
  expect(historyFile('file:///models/cats.db', '/where')).toBe('/models/.candy/cats-health.db');
  expect(historyFile('http://127.0.0.1:8080', '/where')).toBe('/where/.candy/health.db');
});
