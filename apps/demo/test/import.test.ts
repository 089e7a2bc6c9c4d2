import { rmSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { TransactionEvent } from '@cc/tx';
import { describe, expect, it } from 'vitest';
import type { ImportReport } from '../src/importing/import-folders.js';
import type { Library } from '../src/library.js';
import { asciiCube, binaryCube, objCube } from './cube.js';
import { importing, modelAt, modelsOf, none, withRead } from './importing.js';
import { filesOf, makePlace, open, put } from './temporary-library.js';

const { run, reader } = importing();
const brokenStl = binaryCube('broken').subarray(0, 300);

/** Runs `work` and returns the events of the outermost write transactions in it. */
async function writesDuring(library: Library, work: () => Promise<unknown>): Promise<TransactionEvent[]> {
  const writes: TransactionEvent[] = [];
  const end = library.transactions.subscribe((event) => {
    if (event.type === 'transaction' && event.mode === 'write' && event.depth === 0) writes.push(event);
  });
  await work();
  end();
  return writes;
}

describe('what becomes of a file', () => {
  it('is told for each: new, duplicate, unparsed, unreadable, ignored', async () => {
    const place = makePlace();
    const library = await open(place);
    const a = put(place.models, 'a.stl', binaryCube('a'));
    const b = put(place.models, 'b.stl', binaryCube('a'));
    const broken = put(place.models, 'broken.stl', brokenStl);
    put(place.models, 'c.obj', objCube());
    put(place.models, 'notes.txt', 'nothing to see');
    const gone = join(place.models, 'gone.stl');
    symlinkSync(join(place.models, 'nowhere'), gone);

    const report = await run(library, place);
    expect(report.counts).toEqual({ ...none, new: 2, duplicate: 1, unparsed: 1, unreadable: 1 });
    expect(report.ignored).toBe(1);
    expect(report.interrupted).toBe(false);
    expect(report.remarks.toSorted((x, y) => (x.path < y.path ? -1 : 1))).toEqual([
      { path: b, outcome: 'duplicate', reason: a },
      { path: broken, outcome: 'unparsed', reason: 'declares 12 facets but has room for 4' },
      { path: gone, outcome: 'unreadable', reason: 'it does not exist, or it is a link to nothing' },
    ]);
    const figures = { parseStatus: 'parsed', triangles: 12, vertices: 8, minX: 0, maxZ: 1, volume: 1 };
    expect(await modelAt(library, a)).toMatchObject({ ...figures, name: 'a', format: 'stl', fileSize: 684 });
    expect(await modelAt(library, b)).toMatchObject({ ...figures, name: 'b' });
    expect(await modelAt(library, broken)).toMatchObject({
      parseStatus: 'unparsed',
      parseError: 'declares 12 facets but has room for 4',
      triangles: null,
      volume: null,
    });
    expect(await modelsOf(library)).toHaveLength(4);
  });

  it('is told again on the next run: unchanged, changed, duplicate of a file of an earlier run', async () => {
    const place = makePlace();
    const library = await open(place);
    const a = put(place.models, 'a.stl', binaryCube('a'));
    const b = put(place.models, 'b.stl', binaryCube('b'));
    await run(library, place);
    writeFileSync(b, brokenStl);
    const c = put(place.models, 'c.stl', binaryCube('a'));
    const first = await run(library, place);
    expect(first.counts).toEqual({ ...none, unchanged: 1, unparsed: 1, duplicate: 1 });
    expect(first.remarks).toContainEqual({ path: c, outcome: 'duplicate', reason: a });

    writeFileSync(b, asciiCube());
    expect((await run(library, place)).counts).toEqual({ ...none, unchanged: 2, changed: 1 });
    expect(await modelAt(library, b)).toMatchObject({ parseStatus: 'parsed', parseError: null, triangles: 12 });
  });

  it('is unreadable when the file vanishes between the listing and the reading', async () => {
    const place = makePlace();
    const library = await open(place);
    const [a] = [put(place.models, 'a.stl', binaryCube('a')), put(place.models, 'b.stl', binaryCube('b'))];
    const onProgress = (done: number): void => {
      if (done === 0) rmSync(a);
    };
    const report = await run(library, place, { onProgress });
    expect(report.counts).toEqual({ ...none, new: 1, unreadable: 1 });
    expect(report.remarks[0]?.path).toBe(a);
  });

  it('is stored with its reason also when that quotes what no text can hold', async () => {
    const place = makePlace();
    const library = await open(place);
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
    put(place.models, 'nul.gltf', gltf('a\0b.bin'));
    put(place.models, 'half.gltf', gltf(`${'x'.repeat(99)}\u{1f529}.bin`));
    expect((await run(library, place)).counts).toEqual({ ...none, unparsed: 2 });
    const reasons = (await modelsOf(library)).map(({ parseError }) => parseError);
    expect(reasons).toEqual([
      expect.stringContaining(`${'x'.repeat(99)}\ufffd'`),
      expect.stringContaining("'a\ufffdb.bin'"),
    ]);
  });
});

describe('a duplicate', () => {
  it('has the format of its own name when its bytes do not tell', async () => {
    const place = makePlace();
    const library = await open(place);
    put(place.models, 'empty.obj', '');
    const stl = put(place.models, 'empty.stl', '');
    expect((await run(library, place)).counts).toEqual({ ...none, unparsed: 2 });
    expect(await modelAt(library, stl)).toMatchObject({ format: 'stl', parseError: 'is empty' });
  });

  it('is measured by itself when its shape lies in another file', async () => {
    const place = makePlace();
    const library = await open(place);
    const gltf = JSON.stringify({
      asset: { version: '2.0' },
      buffers: [{ uri: 'shape.bin', byteLength: 36 }],
      bufferViews: [{ buffer: 0, byteLength: 36 }],
      accessors: [{ bufferView: 0, componentType: 5126, count: 3, type: 'VEC3', min: [0, 0, 0], max: [9, 9, 9] }],
      meshes: [{ primitives: [{ attributes: { POSITION: 0 } }] }],
      nodes: [{ mesh: 0 }],
      scenes: [{ nodes: [0] }],
      scene: 0,
    });
    const corners = (size: number) => new Uint8Array(Float32Array.of(0, 0, 0, size, 0, 0, 0, size, 0).buffer);
    const [one = '', two = ''] = [1, 2].map((size) => {
      put(place.models, `${size}/shape.bin`, corners(size));
      return put(place.models, `${size}/shape.gltf`, gltf);
    });
    expect((await run(library, place)).counts).toEqual({ ...none, new: 1, duplicate: 1 });
    expect(await modelAt(library, one)).toMatchObject({ triangles: 1, maxX: 1 });
    expect(await modelAt(library, two)).toMatchObject({ triangles: 1, maxX: 2 });
  });
});

describe('a second run', () => {
  it('writes nothing', async () => {
    const place = makePlace();
    const library = await open(place);
    put(place.models, 'a.stl', binaryCube('a'));
    put(place.models, 'deep/er/b.stl', binaryCube('a'));
    put(place.models, 'broken.stl', brokenStl);
    put(place.models, 'notes.txt', 'nothing to see');
    await run(library, place);

    const outside = await open(place);
    using watcher = await outside.transactions.getConnection({ mode: 'read' });
    const dataVersion = async () => (await watcher.client.execute('PRAGMA data_version')).rows[0]?.[0];
    const before = { version: await dataVersion(), files: filesOf(place) };
    let report: ImportReport | undefined;
    const writes = await writesDuring(library, async () => {
      report = await run(library, place);
    });
    expect(report?.counts).toEqual({ ...none, unchanged: 2, unparsed: 1 });
    expect(writes).toEqual([]);
    expect({ version: await dataVersion(), files: filesOf(place) }).toEqual(before);

    // The measure itself: a write is seen.
    await library.repositories.search.saveSearch('any', 'word');
    expect(await dataVersion()).not.toBe(before.version);
    expect(filesOf(place)).not.toEqual(before.files);
  });

  it('notes the new time of a file that was only touched, and nothing else', async () => {
    const place = makePlace();
    const library = await open(place);
    const path = put(place.models, 'a.stl', binaryCube('a'));
    await run(library, place);
    const before = await modelAt(library, path);
    const time = new Date('2020-02-02T02:02:02.020Z');
    utimesSync(path, time, time);
    expect((await run(library, place)).counts).toEqual({ ...none, unchanged: 1 });
    const { updatedAt, version, fileModifiedAt, fileStamp, ...rest } = await modelAt(library, path);
    expect(fileModifiedAt).toEqual(time);
    expect(version).toBe(before.version + 1);
    expect(updatedAt.getTime()).toBeGreaterThanOrEqual(before.updatedAt.getTime());
    const noted = { updatedAt, version, fileModifiedAt, fileStamp };
    expect({ ...rest, ...noted }).toEqual({ ...before, ...noted });
    expect(await writesDuring(library, () => run(library, place))).toEqual([]);
  });

  it('keeps the name, the tags and the metadata that the owner of a changed file gave it', async () => {
    const place = makePlace();
    const library = await open(place);
    const path = put(place.models, 'a.stl', binaryCube('a'));
    await run(library, place);
    const { models, metadata, tags } = library.repositories;
    const { id, fileHash } = await modelAt(library, path);
    await models.update(id, { name: 'My own cube', description: 'mine', rating: 5, favorite: true });
    await tags.tag(id, 'keeper');
    await metadata.setMetadataValue(id, 'material', 'PLA');

    writeFileSync(path, `${asciiCube()}\n`);
    expect((await run(library, place)).counts).toEqual({ ...none, changed: 1 });
    const after = await modelAt(library, path);
    expect(after).toMatchObject({ id, name: 'My own cube', description: 'mine', rating: 5, favorite: true });
    expect(after.fileHash).not.toBe(fileHash);
    expect(after.fileSize).toBe(asciiCube().length + 1);
    expect(await tags.getTags(id)).toEqual(['keeper']);
    expect(await metadata.getMetadata(id)).toEqual({ material: 'PLA' });
  });
});

describe('batches', () => {
  it('are one transaction each', async () => {
    const place = makePlace();
    const library = await open(place);
    for (let i = 0; i < 7; i += 1) put(place.models, `${i}.stl`, binaryCube(String(i)));
    const writes = await writesDuring(library, () => run(library, place, { batchSize: 3, batchAgeMs: Infinity }));
    expect(writes.map(({ phase }) => phase)).toEqual(['begin', 'commit', 'begin', 'commit', 'begin', 'commit']);
    expect(await modelsOf(library)).toHaveLength(7);
  });

  it('are written up to the file at which the signal fires, and the next run does the rest', async () => {
    const place = makePlace();
    const library = await open(place);
    for (let i = 0; i < 8; i += 1) put(place.models, `${i}.stl`, binaryCube(String(i)));
    const interrupt = new AbortController();
    const onProgress = (done: number): void => {
      if (done === 5) interrupt.abort(new Error('interrupted'));
    };
    const first = await run(library, place, { batchSize: 2, signal: interrupt.signal, onProgress });
    expect(first).toMatchObject({ interrupted: true, counts: { ...none, new: 5 } });
    expect((await modelsOf(library)).map(({ name }) => name)).toEqual(['0', '1', '2', '3', '4']);
    expect((await run(library, place)).counts).toEqual({ ...none, new: 3, unchanged: 5 });
  });

  it('leave out the files that are being read when the signal fires', async () => {
    const place = makePlace();
    const library = await open(place);
    for (let i = 0; i < 4; i += 1) put(place.models, `${i}.stl`, binaryCube(String(i)));
    const interrupt = new AbortController();
    const geometry = withRead(reader(), (paths, o) => {
      interrupt.abort(new Error('interrupted'));
      return reader().readMany(paths, o);
    });
    const report = await run(library, place, { geometry, signal: interrupt.signal });
    expect(report).toMatchObject({ interrupted: true, counts: none, remarks: [] });
    expect(await modelsOf(library)).toHaveLength(0);
  });

  it('that cannot be written fail the import, interrupted or not', async () => {
    const place = makePlace();
    const library = await open(place);
    put(place.models, 'a.stl', binaryCube('a'));
    const interrupt = new AbortController();
    const geometry = withRead(reader(), async (paths) => {
      const result = await reader().readMany(paths);
      interrupt.abort(new Error('interrupted'));
      await library.transactions.close({ drainMs: 0 });
      return result;
    });
    await expect(run(library, place, { geometry, signal: interrupt.signal, batchSize: 1 })).rejects.toMatchObject({
      cause: { code: 'CLOSED' },
    });
  });

  it('of two imports of one folder at the same time add each file once', async () => {
    const place = makePlace();
    const libraries = [await open(place), await open(place)];
    for (let i = 0; i < 12; i += 1) put(place.models, `${i}.stl`, binaryCube(String(i)));
    const reports = await Promise.all(libraries.map((library) => run(library, place, { batchSize: 4 })));
    const sum = (outcome: 'new' | 'unchanged') => reports.reduce((n, { counts }) => n + counts[outcome], 0);
    expect(sum('new') + sum('unchanged')).toBe(24);
    expect(sum('new')).toBe(12);
    const [library] = libraries;
    expect(library && (await modelsOf(library))).toHaveLength(12);
  });

  it('leaves to the next import what another program removed while it was read', async () => {
    const place = makePlace();
    const [mine, other] = [await open(place), await open(place)];
    const path = put(place.models, 'a.stl', binaryCube('a'));
    await run(mine, place);
    writeFileSync(path, binaryCube('b'));
    const geometry = withRead(reader(), async (paths, o) => {
      await other.repositories.models.delete((await modelAt(other, path)).id);
      return await reader().readMany(paths, o);
    });
    const report = await run(mine, place, { geometry });
    expect(report.counts).toEqual({ ...none, unreadable: 1 });
    expect(report.remarks[0]?.reason).toContain('removed by another program');
    expect((await run(mine, place)).counts).toEqual({ ...none, new: 1 });
  });

  it('that the repository ends early tell apart what was added and what was there', async () => {
    const place = makePlace();
    const [mine, other] = [await open(place), await open(place)];
    const folder = join(place.models, 'half');
    for (let i = 0; i < 12; i += 1) put(i % 2 === 0 ? folder : place.models, `${i}.stl`, binaryCube(String(i)));
    const { models } = mine.repositories;
    const createMany: typeof models.createMany = (items, o) => models.createMany(items, { ...o, batchSize: 3 });
    const library = { ...mine, repositories: { ...mine.repositories, models: { ...models, createMany } } };
    // Before the files are measured the other import adds half of them.
    const geometry = withRead(reader(), async (paths, o) => {
      await run(other, place, {}, [folder]);
      return await reader().readMany(paths, o);
    });
    const report = await run(library, place, { geometry });
    expect(report.counts).toEqual({ ...none, new: 6, unchanged: 6 });
    expect(await modelsOf(library)).toHaveLength(12);
  });
});
