// What a later import sees: files that others are read from, refusals that no longer hold, and what is passed over.
import { renameSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parseStamp } from '../src/importing/file-stamp.js';
import { candy } from './candy.js';
import { binaryCube, objCube } from './cube.js';
import { importing, modelAt, modelsOf, none } from './importing.js';
import { makePlace, open, put } from './temporary-library.js';

const { run } = importing();
const brokenStl = binaryCube('broken').subarray(0, 300);
const corners = (size: number) => new Uint8Array(Float32Array.of(0, 0, 0, size, 0, 0, 0, size, 0).buffer);
const gltf = (uri: string) =>
  JSON.stringify({
    asset: { version: '2.0' },
    buffers: [{ uri, byteLength: 36 }],
    bufferViews: [{ buffer: 0, byteLength: 36 }],
    accessors: [{ bufferView: 0, componentType: 5126, count: 3, type: 'VEC3' }],
    meshes: [{ primitives: [{ attributes: { POSITION: 0 } }] }],
    nodes: [{ mesh: 0 }],
    scenes: [{ nodes: [0] }],
    scene: 0,
  });

describe('a file that is read from others', () => {
  it('is changed when one of them is, also one of the same size and time', async () => {
    const place = makePlace();
    const library = await open(place);
    const bin = put(place.models, 'parts/shape.bin', corners(1));
    const time = new Date('2024-01-02T03:04:05Z');
    utimesSync(bin, time, time);
    const path = put(place.models, 'a.gltf', gltf('parts/shape.bin'));
    await run(library, place);
    expect(await modelAt(library, path)).toMatchObject({ maxX: 1, unit: 'meter' });
    const other = put(place.folder, 'other.bin', corners(2));
    utimesSync(other, time, time);
    renameSync(other, bin);
    expect((await run(library, place)).counts).toEqual({ ...none, changed: 1 });
    expect(await modelAt(library, path)).toMatchObject({ maxX: 2 });
    expect((await run(library, place)).counts).toEqual({ ...none, unchanged: 1 });
    rmSync(bin);
    expect((await run(library, place)).counts).toEqual({ ...none, unparsed: 1 });
    expect(await modelAt(library, path)).toMatchObject({ parseStatus: 'unparsed', maxX: null });
  });

  it('is read when one that was missing arrives, and its copy with it', async () => {
    const place = makePlace();
    const library = await open(place);
    const path = put(place.models, 'a.gltf', gltf('late.bin'));
    put(place.models, 'b.gltf', gltf('late.bin'));
    expect((await run(library, place)).counts).toEqual({ ...none, unparsed: 2 });
    expect((await run(library, place)).counts).toEqual({ ...none, unparsed: 2 });
    put(place.models, 'late.bin', corners(3));
    expect((await run(library, place)).counts).toEqual({ ...none, changed: 2 });
    expect(await modelAt(library, path)).toMatchObject({ parseStatus: 'parsed', parseError: null, maxX: 3 });
  });
});

describe('a refusal', () => {
  it('is told by every import, with exit code 2, of a copy too', async () => {
    const place = makePlace();
    put(place.models, 'broken.stl', brokenStl);
    const importIt = async () => await candy(['import', 'models', '--json'], place);
    expect(await importIt()).toMatchObject({ exitCode: 2 });
    put(place.models, 'copy.stl', brokenStl);
    for (let again = 0; again < 2; again += 1) {
      const { exitCode, stdout } = await importIt();
      expect(exitCode).toBe(2);
      expect(JSON.parse(stdout)).toMatchObject({ counts: { unparsed: 2, duplicate: 0, unchanged: 0 } });
    }
  });

  it('is tried again when it is asked for, when the reader is another, and when it may have had other causes', async () => {
    const place = makePlace();
    const library = await open(place);
    const path = put(place.models, 'a.stl', binaryCube('a'));
    await run(library, place);
    const { id, fileStamp } = await modelAt(library, path);
    const refused = async (stamp: string | null) =>
      await library.repositories.models.update(id, {
        parseStatus: 'unparsed',
        parseError: 'refused',
        fileStamp: stamp,
      });
    const note: object = JSON.parse(fileStamp ?? '');
    await refused(fileStamp);
    expect((await run(library, place)).counts).toEqual({ ...none, unparsed: 1 });
    expect((await run(library, place, { retry: true })).counts).toEqual({ ...none, changed: 1 });
    for (const stamp of [null, 'of others', { ...note, reader: 0 }, { ...note, passing: true }]) {
      await refused(typeof stamp === 'object' && stamp !== null ? JSON.stringify(stamp) : stamp);
      expect((await run(library, place)).counts).toEqual({ ...none, changed: 1 });
      expect(await modelAt(library, path)).toMatchObject({ parseStatus: 'parsed', parseError: null, fileStamp });
    }
  });
});

describe('what is passed over', () => {
  const clutter = [
    '._a.stl',
    '.git/b.stl',
    '$RECYCLE.BIN/c.stl',
    '@eaDir/d.stl',
    '#recycle/e.stl',
    '__MACOSX/f.stl',
    'g.blend1',
  ];

  it('is what systems and programs leave behind, and hidden files unless they are asked for', async () => {
    const place = makePlace();
    const library = await open(place);
    for (const name of clutter) put(place.models, name, name.endsWith('blend1') ? 'BLENDER-v300' : binaryCube(name));
    put(place.models, '.hidden/h.stl', binaryCube('h'));
    put(place.models, 'building.ifc', "ISO-10303-21;\nHEADER;\nFILE_SCHEMA(('IFC4'));\n");
    put(place.models, 'building.step', "ISO-10303-21;\nHEADER;\nFILE_SCHEMA(('IFC2X3'));\n");
    put(place.models, 'seen.stl', binaryCube('seen'));
    const report = await run(library, place);
    expect(report.counts).toEqual({ ...none, new: 1, unparsed: 1 });
    expect(report.ignored).toBe(clutter.length + 2);
    expect((await run(library, place, { hidden: true })).counts).toEqual({
      ...none,
      new: 1,
      unchanged: 1,
      unparsed: 1,
    });
  });

  it('is what a .candyignore or --ignore names, as in a .gitignore', async () => {
    const place = makePlace();
    const library = await open(place);
    const files = [
      'a.stl',
      'wip.stl',
      'old/b.stl',
      'old/keep.stl',
      'sub/c.stl',
      'sub/old.obj',
      'sub/draft 1.stl',
      'x/y/z/d.stl',
    ];
    for (const [i, name] of files.entries())
      put(place.models, name, name.endsWith('obj') ? objCube() : binaryCube(String(i)));
    put(place.models, '.candyignore', '# not yet\n/wip.stl\nold/*\n!old/keep.stl\ndraft*\n');
    // As an editor on Windows leaves it.
    put(place.models, 'sub/.candyignore', '\ufeff*.obj\r\n');
    const report = await run(library, place, { ignore: ['x/**/d.stl'] });
    expect((await modelsOf(library)).map(({ filePath }) => filePath.slice(place.models.length + 1)).toSorted()).toEqual(
      ['a.stl', 'old/keep.stl', 'sub/c.stl'],
    );
    expect(report.counts).toEqual({ ...none, new: 3 });
  });

  it('does not become missing: its file is there', async () => {
    const place = makePlace();
    const library = await open(place);
    put(place.models, 'a.stl', binaryCube('a'));
    put(place.models, 'b.stl', binaryCube('b'));
    await run(library, place);
    expect((await run(library, place, { ignore: ['a.*'] })).counts).toEqual({ ...none, unchanged: 1 });
    expect((await modelsOf(library)).map(({ status }) => status)).toEqual(['active', 'active']);
  });
});

describe('tags from folders', () => {
  it('are those between the named folder and the file, and only new models get them', async () => {
    const place = makePlace();
    const library = await open(place);
    const path = put(place.models, 'Dragons/Dragon - 12345/files/body.stl', binaryCube('a'));
    const top = put(place.models, 'top.stl', binaryCube('b'));
    await run(library, place, { tagsFromFolders: true });
    const tagsAt = async (at: string) => await library.repositories.tags.getTags((await modelAt(library, at)).id);
    expect(await tagsAt(path)).toEqual(['Dragon - 12345', 'Dragons', 'files']);
    expect(await tagsAt(top)).toEqual([]);
    const { hits } = await library.repositories.search.searchModels('dragon');
    expect(hits.map(({ model }) => model.filePath)).toEqual([path]);
    writeFileSync(path, binaryCube('changed'));
    await library.repositories.search.untag((await modelAt(library, path)).id, 'files');
    await run(library, place, { tagsFromFolders: true });
    expect(await tagsAt(path)).toEqual(['Dragon - 12345', 'Dragons']);
    expect(join(place.models, 'top.stl')).toBe(top);
  });
});

describe('a note about a file', () => {
  const whole = { reader: 2, changed: 1.5, inode: 3, beside: [['a.bin', 4, 5, null]], passing: true, was: 'archived' };

  it('is read as it was written', () => {
    expect(parseStamp(JSON.stringify(whole))).toEqual(whole);
    expect(parseStamp(JSON.stringify({ ...whole, beside: null, passing: undefined }))).toMatchObject({ beside: null });
  });

  it.each([
    'null',
    '7',
    '{',
    JSON.stringify({ ...whole, reader: '2' }),
    JSON.stringify({ ...whole, inode: undefined }),
    JSON.stringify({ ...whole, beside: {} }),
    JSON.stringify({ ...whole, beside: [['a.bin', 4, 5]] }),
    JSON.stringify({ ...whole, beside: [['a.bin', '4', 5, null]] }),
    JSON.stringify({ ...whole, passing: 1 }),
    JSON.stringify({ ...whole, was: 'missing' }),
  ])('is of another program when it is %s', (text) => {
    expect(parseStamp(text)).toBeNull();
  });
});
