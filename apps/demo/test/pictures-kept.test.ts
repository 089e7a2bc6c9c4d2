// What is kept of pictures, how many ask for them, and what becomes of the process that draws.
import { readdirSync, readFileSync, renameSync, utimesSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { openPictures, type PicturesOptions, picturesFolder } from '../src/pictures/pictures.js';
import { makeFolder } from './measuring.js';
import { entry, made, open, png } from './picture-process.js';
import { put } from './temporary-library.js';

function filesBelow(folder: string): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .sort();
}

describe('many pictures', () => {
  it('are made once each, however many ask at once', async () => {
    const log = join(makeFolder(), 'log');
    const { pictures } = open({ childEntry: entry(`appendFileSync(${JSON.stringify(log)}, path + '\\n');`) });
    const asked = Array.from({ length: 40 }, async (_, at) => await pictures.picture(made(at % 4, `${at % 4}.stl`)));
    expect((await Promise.all(asked)).every((picture) => picture?.width === 40)).toBe(true);
    expect(readFileSync(log, 'utf8').trim().split('\n')).toHaveLength(4);
  });

  it('stay within their bytes: those that were not asked for the longest go, and nothing else', async () => {
    const size = png(40).length;
    const { pictures, folder } = open({ childEntry: entry(''), maxBytes: size * 5 });
    const foreign = [put(folder, 'mine.txt', 'mine'), put(folder, '00/photo.png', png(200))];
    for (let at = 0; at < 5; at += 1) {
      const picture = await pictures.picture(made(at));
      // Minutes apart, the first longest ago.
      const used = new Date(2026, 0, 1, 0, at);
      utimesSync(picture?.path ?? '', used, used);
    }
    // Asking is using.
    const first = await pictures.picture(made(0));
    const added = await pictures.picture(made(5));
    const kept = filesBelow(folder);
    for (const path of [...foreign, first?.path, added?.path]) expect(kept).toContain(path);
    expect((kept.length - foreign.length) * size).toBeLessThanOrEqual(size * 5);
    for (const at of [1, 2]) expect(kept.join()).not.toContain(`${at.toString(16).padStart(62, '0')}.png`);
    // Another program finds them, and keeps to the bound as well.
    const other = open({ folder, childEntry: entry(''), maxBytes: size * 2 });
    expect((await other.pictures.picture(made(5)))?.path).toBe(added?.path);
    await other.pictures.picture(made(6));
    expect((filesBelow(folder).length - foreign.length) * size).toBeLessThanOrEqual(size * 2);
  });

  it('leave no drafts', async () => {
    const { pictures, folder } = open({ childEntry: entry('') });
    await Promise.all([1, 2, 3].map(async (at) => await pictures.picture(made(at))));
    expect(filesBelow(folder).every((path) => path.endsWith('.png'))).toBe(true);
  });

  it('go on after a file that ends the process, or makes it hang', async () => {
    const fault = `if (path.endsWith('crash.stl')) process.exit(3);
      if (path.endsWith('hang.stl')) for (;;);`;
    // Nobody's clock but the test's: it rings for the file that hangs, the fifth request, since the crash is tried twice.
    let requests = 0;
    const timer = (ring: () => void) => {
      requests += 1;
      if (requests === 5) setImmediate(ring);
      return () => {};
    };
    const { pictures } = open({ childEntry: entry(fault), timer });
    const all = [made(1), made(2, 'crash.stl'), made(3), made(4, 'hang.stl'), made(5)];
    const widths: (number | null)[] = [];
    for (const one of all) widths.push((await pictures.picture(one))?.width ?? null);
    expect(widths).toEqual([40, null, 40, null, 40]);
  });

  it('are not made when nobody waits any more', async () => {
    const log = join(makeFolder(), 'log');
    const hold = join(makeFolder(), 'go');
    const before = `appendFileSync(${JSON.stringify(log)}, path + '\\n');
      const { existsSync } = await import('node:fs');
      while (path.endsWith('first.stl') && !existsSync(${JSON.stringify(hold)})) await new Promise((go) => setTimeout(go, 5));`;
    const { pictures } = open({ childEntry: entry(before) });
    const first = pictures.picture(made(1, 'first.stl'));
    const stop = new AbortController();
    const second = pictures.picture(made(2, 'second.stl'), { signal: stop.signal });
    const both = [
      pictures.picture(made(3, 'third.stl'), { signal: stop.signal }),
      pictures.picture(made(3, 'third.stl')),
    ];
    stop.abort(new Error('scrolled on'));
    await expect(second).rejects.toThrow('scrolled on');
    await expect(both[0]).rejects.toThrow('scrolled on');
    writeFileSync(hold, '');
    expect([(await first)?.width, (await both[1])?.width]).toEqual([40, 40]);
    const names = readFileSync(log, 'utf8')
      .trim()
      .split('\n')
      .map((path) => path.split('/').at(-1));
    expect(new Set(names)).toEqual(new Set(['first.stl', 'third.stl']));
    await expect(pictures.picture(made(1), { signal: AbortSignal.abort(new Error('too late')) })).rejects.toThrow(
      'late',
    );
  });

  it('fail when they are closed, and say what is wrong with options and builds', async () => {
    const { pictures } = open({ childEntry: entry('for (;;);') });
    const waiting = [pictures.picture(made(1)), pictures.picture(made(2))];
    const ends = Promise.allSettled(waiting);
    await pictures.close();
    expect(await ends).toMatchObject([{ status: 'rejected' }, { status: 'rejected' }]);
    await expect(pictures.picture(made(3))).rejects.toThrow('The pictures are closed.');
    expect(() => openPictures({ folder: 'x', maxByte: 1 } as PicturesOptions)).toThrow("did you mean 'maxBytes'");
    expect(() => openPictures({ folder: '' })).toThrow(TypeError);
    expect(() => openPictures({ folder: 'x', maxBytes: -1 })).toThrow('maxBytes');
    const absent = open({ childEntry: new URL('file:///nowhere/child.js') });
    await expect(absent.pictures.picture(made(1))).rejects.toThrow('Build the app first');
  });
});

describe('the folder of pictures', () => {
  it('lies beside the library, in `.candy`', () => {
    expect(picturesFolder('file:///a/.candy/library.db', '/b')).toBe('/a/.candy/pictures');
    expect(picturesFolder('file:///a/models.db', '/b')).toBe('/a/.candy/pictures');
    expect(picturesFolder('http://127.0.0.1:8080', '/b')).toBe('/b/.candy/pictures');
    expect(picturesFolder('file::memory:', '/b')).toBe('/b/.candy/pictures');
  });

  it('can be moved with what it holds', async () => {
    const { pictures, folder } = open({ childEntry: entry('') });
    await pictures.picture(made(7));
    const moved = join(dirname(folder), 'elsewhere');
    renameSync(folder, moved);
    const there = open({ folder: moved, childEntry: entry('process.exit(1);') });
    expect(await there.pictures.picture(made(7))).toMatchObject({ width: 40 });
  });
});
