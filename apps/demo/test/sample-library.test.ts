import { createHash } from 'node:crypto';
import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { measureFile } from '../src/geometry/measure-file.js';
import { makeSampleLibrary } from '../src/sample-library.js';
import { makeFolder } from './measuring.js';

function filesIn(folder: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((name) => statSync(join(folder, name)).isFile())
    .toSorted();
}

function hashOf(path: string): string {
  return createHash('sha256').update(readFileSync(path)).digest('hex');
}

describe('the sample library', () => {
  it('holds meshes in five formats that can be read, and one broken file that cannot', async () => {
    const folder = makeFolder();
    const { files } = await makeSampleLibrary(folder);
    const names = filesIn(folder);
    expect(names).toHaveLength(files);
    const formats = new Set<string>();
    const unparsed: string[] = [];
    for (const name of names) {
      const result = await measureFile(join(folder, name), () => {});
      formats.add(result.format ?? 'none');
      if (result.status === 'unparsed') unparsed.push(name);
      else expect(result.geometry.triangles).toBeGreaterThan(20);
    }
    expect(Array.from<string>(formats).toSorted()).toEqual(['3mf', 'glb', 'obj', 'ply', 'stl']);
    expect(unparsed).toEqual([join('Downloads', 'Hex bolt M5x20 (unfinished download).stl')]);
  });

  it('holds one file twice under two names', async () => {
    const folder = makeFolder();
    const { files } = await makeSampleLibrary(folder);
    const hashes = filesIn(folder).map((name) => hashOf(join(folder, name)));
    expect(new Set(hashes).size).toBe(files - 1);
    expect(hashOf(join(folder, 'Downloads/teapot (1).stl'))).toBe(hashOf(join(folder, 'Classics/Utah teapot.stl')));
  });

  it('has the right sizes and volumes', async () => {
    const folder = makeFolder();
    await makeSampleLibrary(folder);
    const geometryOf = async (name: string) => {
      const result = await measureFile(join(folder, name), () => {});
      return result.status === 'parsed' ? result.geometry : null;
    };
    const box = await geometryOf('Household/Boxes/Box 60x40.stl');
    expect((box?.bounds?.max[0] ?? 0) - (box?.bounds?.min[0] ?? 0)).toBeCloseTo(60, 2);
    expect(box?.volume ?? 0).toBeCloseTo(60 * 40 * 30 - 56 * 36 * 28, -1);
    const bunnies = await Promise.all(
      ['ply', 'obj'].map(async (format) => await geometryOf(`Classics/Stanford bunny.${format}`)),
    );
    for (const bunny of bunnies) expect(bunny).toMatchObject({ triangles: 3674, vertices: 1839 });
  });

  it('leaves its files untouched when it is made again, and repairs the one that changed', async () => {
    const folder = makeFolder();
    await makeSampleLibrary(folder);
    const paths = filesIn(folder).map((name) => join(folder, name));
    const [changed = '', ...others] = paths;
    const hash = hashOf(changed);
    writeFileSync(changed, 'something else');
    const before = others.map((path) => statSync(path).mtimeMs);
    await makeSampleLibrary(folder);
    expect(others.map((path) => statSync(path).mtimeMs)).toEqual(before);
    expect(hashOf(changed)).toBe(hash);
  });
});
