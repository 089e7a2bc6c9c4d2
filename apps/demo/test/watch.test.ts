// `candy import --watch`: what happens to files comes to stand in the library. The judge is the folder itself, read anew.
import { createHash } from 'node:crypto';
import {
  closeSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join, relative } from 'node:path';
import { seededRandom } from '@cc/testkit/random';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import type { Remark } from '../src/importing/import-report.js';
import { type WatchOptions, watchFolders } from '../src/importing/watch-folders.js';
import type { Library } from '../src/library.js';
import { candy, start } from './candy.js';
import { binaryCube } from './cube.js';
import { importing, modelAt, modelsOf } from './importing.js';
import { makePlace, open, type Place, problemsOf, put } from './temporary-library.js';

const { reader } = importing();
const waits = { timeout: 20_000, interval: 50 };

interface Watching {
  readonly library: Library;
  readonly reports: Remark[];
  readonly failures: unknown[];
}

/** Runs `work` while the models of a place are watched, beginning after the first import. */
async function watching(
  place: Place,
  options: Partial<WatchOptions>,
  work: (watch: Watching) => Promise<void>,
): Promise<void> {
  const library = await open(place);
  const stop = new AbortController();
  const [reports, failures]: [Remark[], unknown[]] = [[], []];
  let ended: Promise<unknown> = Promise.resolve();
  await new Promise<void>((resolve, reject) => {
    ended = watchFolders(library, [place.models], {
      geometry: reader(),
      signal: stop.signal,
      restMs: 100,
      onOutcome: (report) => void reports.push(report),
      onFailure: (error) => void failures.push(error),
      onImport: (_report, what) => what === 'first' && resolve(),
      ...options,
    });
    ended.catch(reject);
  });
  try {
    await work({ library, reports, failures });
  } finally {
    stop.abort(new Error('the test has ended'));
    await ended;
  }
}

/** A cube that no other one is equal to. */
function cube(number: number): Uint8Array {
  const content = Uint8Array.from(binaryCube());
  content.set(Buffer.from(`cube ${number}`.padEnd(40)), 0);
  return content;
}

/** What lies in the folder: content by path. */
function folderOf({ models }: Place): Record<string, string> {
  const files = readdirSync(models, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  return Object.fromEntries(
    files
      .map((entry) => join(entry.parentPath, entry.name))
      .filter((path) => path.endsWith('.stl'))
      .map((path) => [relative(models, path), createHash('sha256').update(readFileSync(path)).digest('hex')] as const),
  );
}

/** What the library says lies there. */
async function rowsOf(library: Library, { models }: Place): Promise<Record<string, string>> {
  const there = (await modelsOf(library)).filter(({ status }) => status !== 'missing');
  return Object.fromEntries(there.map((model) => [relative(models, model.filePath), model.fileHash] as const));
}

describe('a watched folder', () => {
  it('takes in what is dropped, in new folders too, and follows it when it is moved, edited, deleted and put back', async () => {
    const place = makePlace();
    put(place.models, 'there.stl', cube(0));
    await watching(place, {}, async ({ library, reports, failures }) => {
      const agrees = () => vi.waitFor(async () => expect(await rowsOf(library, place)).toEqual(folderOf(place)), waits);
      const dropped = put(place.models, 'dropped.stl', cube(1));
      await agrees();
      const { id } = await modelAt(library, dropped);
      await library.repositories.tags.tag(id, 'kept');
      mkdirSync(join(place.models, 'a', 'b'), { recursive: true });
      put(place.models, 'a/b/deep.stl', cube(2));
      await agrees();
      put(place.models, 'a/b/later.stl', cube(3));
      await agrees();
      const moved = join(place.models, 'a', 'moved.stl');
      renameSync(dropped, moved);
      await agrees();
      expect((await modelAt(library, moved)).id).toBe(id);
      renameSync(join(place.models, 'a'), join(place.models, 'z'));
      await agrees();
      const again = join(place.models, 'z', 'moved.stl');
      expect((await modelAt(library, again)).id).toBe(id);
      writeFileSync(again, cube(4));
      await agrees();
      expect((await modelAt(library, again)).id).toBe(id);
      rmSync(again);
      await agrees();
      expect((await modelAt(library, again)).status).toBe('missing');
      writeFileSync(again, cube(4));
      await agrees();
      expect(await library.repositories.tags.getTags(id)).toEqual(['kept']);
      expect(reports.map(({ outcome }) => outcome)).toEqual(
        expect.arrayContaining(['new', 'moved', 'changed', 'missing']),
      );
      expect(failures).toEqual([]);
      expect(await problemsOf(library)).toEqual([]);
    });
  });

  it('tells of a link that leads back to itself, and takes in what changed beside it', async () => {
    const place = makePlace();
    await watching(place, { walkEveryMs: 600_000 }, async ({ library, reports, failures }) => {
      const loop = join(place.models, 'a loop.stl');
      symlinkSync(loop, loop);
      put(place.models, 'beside it.stl', cube(1));
      await vi.waitFor(async () => expect(Object.keys(await rowsOf(library, place))).toEqual(['beside it.stl']), waits);
      await vi.waitFor(
        () =>
          expect(reports).toContainEqual({
            path: loop,
            outcome: 'unreadable',
            reason: 'it is a link that leads back to itself',
          }),
        waits,
      );
      expect(failures).toEqual([]);
    });
  });

  it('passes over what its .candyignore names, and finds by walks what lies behind links', async () => {
    const place = makePlace();
    put(place.models, '.candyignore', 'draft*\n');
    put(place.folder, 'elsewhere/first.stl', cube(1));
    symlinkSync(join(place.folder, 'elsewhere'), join(place.models, 'link'));
    await watching(place, { walkEveryMs: 200 }, async ({ library }) => {
      put(place.models, 'draft 1.stl', cube(2));
      put(place.models, 'drafts/part.stl', cube(3));
      put(place.folder, 'elsewhere/second.stl', cube(4));
      put(place.models, 'part.stl', cube(5));
      await vi.waitFor(
        async () =>
          expect(new Set(Object.keys(await rowsOf(library, place)))).toEqual(
            new Set(['link/first.stl', 'link/second.stl', 'part.stl']),
          ),
        waits,
      );
    });
  });

  it.skipIf(process.platform !== 'linux')(
    'takes in what else has changed when a file goes between two looks at it (needs /proc)',
    async () => {
      const place = makePlace();
      put(place.models, 'first.stl', cube(0));
      const gone = put(place.folder, 'gone.stl', cube(1));
      const descriptor = openSync(gone, 'r');
      onTestFinished(() => closeSync(descriptor));
      rmSync(gone);
      await watching(place, { walkEveryMs: 600_000 }, async ({ library, failures }) => {
        // There for whoever asks what it is, and not for whoever asks where.
        symlinkSync(`/proc/${process.pid}/fd/${descriptor}`, join(place.models, 'gone.stl'));
        put(place.models, 'other.stl', cube(2));
        await vi.waitFor(
          async () => expect(Object.keys(await rowsOf(library, place))).toEqual(['first.stl', 'other.stl']),
          waits,
        );
        expect(failures).toEqual([]);
      });
    },
  );

  it('comes to what a random history of files has left', async () => {
    const seed = Number(process.env['CC_SEED'] ?? 15);
    const random = seededRandom(seed);
    const place = makePlace();
    let made = 0;
    // A folder that holds nothing may have lost its disk.
    put(place.models, 'notes.txt', '');
    for (; made < 5; made += 1) put(place.models, `first ${made}.stl`, cube(made));
    await watching(place, { walkEveryMs: 600_000 }, async ({ library, failures }) => {
      for (let step = 0; step < Number(process.env['CC_WATCH_STEPS'] ?? 60); step += 1) {
        const paths = Object.keys(folderOf(place));
        const name = `${random.pick(['', 'a/', 'a/b/', 'c/'])}part ${random.below(8)}.stl`;
        const from = paths.length === 0 ? null : join(place.models, random.pick(paths));
        mkdirSync(join(place.models, name, '..'), { recursive: true });
        const act = random.below(4);
        made += 1;
        if (act === 0 || from === null) put(place.models, name, cube(made));
        else if (act === 1) renameSync(from, join(place.models, name));
        else if (act === 2) writeFileSync(from, cube(made));
        else rmSync(from);
        if (random.once(6)) await new Promise((resolve) => setTimeout(resolve, random.below(400)));
      }
      await vi.waitFor(
        async () => expect({ seed, rows: await rowsOf(library, place) }).toEqual({ seed, rows: folderOf(place) }),
        waits,
      );
      expect(failures).toEqual([]);
      expect(await problemsOf(library)).toEqual([]);
    });
  });
});

describe('candy import --watch', () => {
  it('writes a line of JSON for each file, and ends with 0 at Ctrl-C', async () => {
    const place = makePlace();
    put(place.models, 'first.stl', cube(1));
    const { child, ended } = start(['import', '--watch', '--jsonl', place.models], { folder: place.folder });
    let written = '';
    child.stdout?.on('data', (text: string) => void (written += text));
    child.stderr?.once('data', () => put(place.models, 'dropped.stl', cube(2)));
    await vi.waitFor(() => expect(written).toContain('dropped'), waits);
    child.kill('SIGINT');
    const { exitCode, stdout } = await ended;
    const lines = stdout.trimEnd().split('\n');
    expect(lines.map((line) => JSON.parse(line) as unknown)).toEqual([
      { path: join(place.models, 'first.stl'), outcome: 'new', reason: null },
      { path: join(place.models, 'dropped.stl'), outcome: 'new', reason: null },
    ]);
    expect(exitCode).toBe(0);
  });

  it('refuses --json, and says what to use', async () => {
    const place = makePlace();
    const { exitCode, stderr } = await candy(['import', '--watch', '--json', place.models], { folder: place.folder });
    expect(exitCode).toBe(1);
    expect(stderr).toContain('use --jsonl');
  });
});
