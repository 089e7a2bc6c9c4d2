import { existsSync } from 'node:fs';
import { expect, it } from 'vitest';
import { historyFile } from '../src/beside-library.js';
import { runCandy } from '../src/program.js';
import { candy } from './candy.js';
import { binaryCube } from './cube.js';
import { makePlace, open, problemsOf, put } from './temporary-library.js';

it('imports, tags and searches sample models, shows the health, and finds nothing new the second time', async () => {
  const place = makePlace();
  const first = await candy([], place);
  expect(first).toMatchObject({ exitCode: 0, signal: null, stderr: '' });
  expect(first.stdout).toMatch(
    /29 model files in .*: 27 new, 0 changed, 0 unchanged, 0 moved, 1 duplicate, 1 unparsed/,
  );
  expect(first.stdout).toMatch(/6 models with "hex" in their name are now tagged "fastener"/);
  expect(first.stdout).toMatch(/\$ candy search hex bolt\nNAME.*\n(?:Hex bolt .*fastener.*\n){4}4 of 4 models/);
  expect(first.stdout).toMatch(/\nHex bolt M3x12 +stl +144 +7\.11 KiB +fastener /);
  expect(first.stdout).toMatch(/\nGear 24 teeth +3mf +512 .*mechanical/);
  expect(first.stdout).toMatch(/\nHealth of file:.*: OK\n/);

  const second = await candy([], place);
  expect(second).toMatchObject({ exitCode: 0, signal: null, stderr: '' });
  expect(second.stdout).toMatch(
    /29 model files in .*: 0 new, 0 changed, 28 unchanged, 0 moved, 0 duplicate, 1 unparsed, 0 unreadable, 0 missing\n/,
  );
  const library = await open(place);
  expect(await library.repositories.models.count()).toBe(29);
  expect(await problemsOf(library)).toEqual([]);
});

it('ends with three commands that work, named the way the tour was called', async () => {
  const place = makePlace();
  const env = { npm_lifecycle_event: 'demo', INIT_CWD: place.models };
  const { stdout } = await candy([], { ...place, env });
  const next = /\nTry next:\n((?: {2}.*\n)+)$/.exec(stdout)?.[1]?.trim().split(/\n */);
  expect(next).toEqual([
    'npm run demo -- import <folder with your own models>',
    'npm run demo -- search bunny --json',
    'npm run demo -- migrate status',
  ]);
  // npm starts the demo in its own folder; what people type is relative to theirs.
  expect(await candy(['import', '.'], { ...place, env })).toMatchObject({
    exitCode: 0,
    stdout: expect.stringContaining('0 model files'),
  });
  const found = await candy(['search', 'bunny', '--json'], { ...place, env });
  expect(JSON.parse(found.stdout)).toMatchObject({ total: 2, hits: [{ triangles: 3674 }, { triangles: 3674 }] });
  expect((await candy(['migrate', 'status'], { ...place, env })).exitCode).toBe(0);
});

it('ends by showing the page when a person watches, and not where they say no or CI looks on', async () => {
  const place = makePlace();
  const run = (
    args: readonly string[],
    env: Record<string, string>,
    onText: (text: string, end: () => void) => void,
  ) => {
    const interrupt = new AbortController();
    const stdout = { write: (text: string) => onText(text, () => interrupt.abort()) };
    return runCandy(args, {
      ...{ stdout, stderr: { write: () => true }, env, program: 'candy' },
      ...{ interactive: true, folder: place.folder, workingFolder: place.folder },
      interruptible: () => interrupt.signal,
    });
  };
  let page: Promise<Response> | undefined;
  const ended = await run([], {}, (text, end) => {
    const [, url] = /The library is at (http:\S+)/.exec(text) ?? [];
    if (url === undefined) return;
    page = fetch(new URL('/api/library', url));
    page.then((response) => response.text()).then(end, end);
  });
  expect(ended).toBe(0);
  expect((await page)?.status).toBe(200);
  // The page of health begins with what the tour has done, and goes on from there the next time.
  expect(existsSync(historyFile(place.url, place.folder))).toBe(true);
  for (const [args, env] of [
    [['--no-serve'], {}],
    [[], { CI: 'true' }],
  ] as const) {
    let all = '';
    expect(
      await run(args, env, (text) => {
        all += text;
      }),
    ).toBe(0);
    expect(all).not.toContain('The library is at');
  }
});

it('puts no samples among the models of a person, and says how to see it', async () => {
  const place = makePlace();
  put(place.models, 'mine.stl', binaryCube());
  await candy(['import', place.models], place);
  const { exitCode, stdout } = await candy([], place);
  expect({ exitCode, stdout }).toMatchObject({
    exitCode: 0,
    stdout: expect.stringContaining('candy --url file:tour.db'),
  });
  const library = await open(place);
  expect(await library.repositories.models.count()).toBe(1);
});
