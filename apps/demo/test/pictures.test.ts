import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { decode, encode } from 'fast-png';
import { strToU8, zipSync } from 'fflate';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { readFile } from '../src/geometry/measure-file.js';
import { stampOf } from '../src/importing/file-stamp.js';
import {
  openPictures,
  type Picture,
  type PicturedModel,
  type Pictures,
  type PicturesOptions,
  picturesFolder,
} from '../src/pictures/pictures.js';
import { binaryCube, cubeTriangles, cubeVertices, objCube } from './cube.js';
import { makeFolder } from './measuring.js';

/** Pictures of a place of their own, with the process that is built, or with one of the test. */
function open(o: Partial<PicturesOptions> = {}): { pictures: Pictures; folder: string } {
  const folder = o.folder ?? join(makeFolder(), 'pictures');
  const pictures = openPictures({ ...o, folder });
  onTestFinished(async () => await pictures.close());
  return { pictures, folder };
}

function put(path: string, content: string | Uint8Array): string {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, content);
  return path;
}

/** The model of a file, as an import notes it. */
async function imported(path: string): Promise<PicturedModel> {
  const reading = await readFile(path, { wants: 'both', onFormat: () => {}, onMeasure: () => {} });
  const { print, result } = reading;
  if (print === null) throw new Error(`${path} ${reading.problem}`);
  return { filePath: path, fileHash: print.fileHash, fileStamp: stampOf(reading), parseStatus: result.status };
}

async function model(name: string, content: string | Uint8Array): Promise<PicturedModel> {
  return await imported(put(join(makeFolder(), name), content));
}

/** A picture of one colour. */
function png(side: number, shade = 90): Uint8Array {
  const data = new Uint8Array(side * side * 3).fill(shade);
  return encode({ width: side, height: side, data, channels: 3, depth: 8 });
}

/** The segments of a JPEG without what they would show: start, frame of a size, scan, end. */
function jpeg(width: number, height: number): Uint8Array {
  const frame = [0xff, 0xc0, 0, 11, 8, height >> 8, height & 255, width >> 8, width & 255, 1, 1, 0x11, 0];
  return Uint8Array.from([0xff, 0xd8, 0xff, 0xe0, 0, 4, 1, 2, ...frame, 0xff, 0xda, 0, 2, 9, 9, 9, 0xff, 0xd9]);
}

const types = 'http://schemas.openxmlformats.org/package/2006/relationships/metadata/thumbnail';
const thumbnail = (target: string) => `<Relationship Id="t" Type="${types}" Target="${target}"/>`;

/** A cube as a 3MF, with a picture for each entry of `parts` that its relationships name or not. */
function threeMf(relations: string, parts: Record<string, Uint8Array>, item = '<item objectid="1"/>'): Uint8Array {
  const vertices = cubeVertices.map(([x, y, z]) => `<vertex x="${x}" y="${y}" z="${z}"/>`).join('');
  const triangles = cubeTriangles.map(([a, b, c]) => `<triangle v1="${a}" v2="${b}" v3="${c}"/>`).join('');
  const root = 'http://schemas.microsoft.com/3dmanufacturing/2013/01/3dmodel';
  return zipSync({
    '_rels/.rels': strToU8(
      `<Relationships><Relationship Target="/3D/3dmodel.model" Id="r" Type="${root}"/>${relations}</Relationships>`,
    ),
    '3D/3dmodel.model': strToU8(
      `<model xmlns="http://schemas.microsoft.com/3dmanufacturing/core/2015/02"><resources><object id="1"><mesh>` +
        `<vertices>${vertices}</vertices><triangles>${triangles}</triangles></mesh></object></resources>` +
        `<build>${item}</build></model>`,
    ),
    ...parts,
  });
}

/** A process that answers each request with a picture as large as the number in the file's name, after `before`. */
function entry(before: string): URL {
  const picture = Buffer.from(png(40)).toString('base64');
  return pathToFileURL(
    put(
      join(makeFolder(), 'entry.mjs'),
      `import { appendFileSync } from 'node:fs';
      process.on('message', async ({ path }) => {
        ${before}
        const bytes = Buffer.from('${picture}', 'base64');
        process.send({ rssBytes: 0, painted: { outcome: 'picture', bytes, type: 'image/png', width: 40, height: 40, beside: [] } });
      });
      process.on('disconnect', () => process.exit());
      process.send('ready');`,
    ),
  );
}

/** A model of which only the process of the test knows anything; `at` makes it another one. */
function made(at: number, name = 'x.stl'): PicturedModel {
  return {
    filePath: join('/nowhere', name),
    fileHash: at.toString(16).padStart(64, '0'),
    fileStamp: null,
    parseStatus: 'parsed',
  };
}

function filesBelow(folder: string): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .sort();
}

function pixelsOf(picture: Picture | null | undefined): Buffer {
  return Buffer.from(decode(picture?.bytes ?? new Uint8Array()).data);
}

const drawn = { type: 'image/png', width: 256, height: 256 };

describe('the picture of a model', () => {
  // One process draws for those that look at what it draws.
  let shared: { pictures: Pictures; folder: string };
  beforeAll(() => {
    const folder = join(mkdtempSync(join(tmpdir(), 'pictures-')), 'pictures');
    shared = { pictures: openPictures({ folder }), folder };
  });
  afterAll(async () => {
    await shared.pictures.close();
    rmSync(dirname(shared.folder), { recursive: true });
  });

  it('is drawn, kept under the hash of the file, and shown when the file is gone', async () => {
    const { pictures, folder } = shared;
    const cube = await model('cube.stl', binaryCube('kept'));
    const picture = await pictures.picture(cube);
    expect(picture).toMatchObject(drawn);
    const path = join(folder, cube.fileHash.slice(0, 2), `${cube.fileHash.slice(2)}.png`);
    expect(picture?.path).toBe(path);
    expect(readFileSync(path).equals(picture?.bytes ?? Buffer.alloc(0))).toBe(true);
    rmSync(cube.filePath);
    const kept = await pictures.picture(cube);
    expect({ ...kept, bytes: [...(kept?.bytes ?? [])] }).toEqual({ ...picture, bytes: [...(picture?.bytes ?? [])] });
  });

  it('is the same for every format that holds the same cube', async () => {
    const { pictures } = shared;
    const off = [
      'OFF',
      '8 12 0',
      ...cubeVertices.map((v) => v.join(' ')),
      ...cubeTriangles.map((t) => `3 ${t.join(' ')}`),
    ];
    const cubes = [
      await model('cube.stl', binaryCube()),
      await model('cube.obj', objCube()),
      await model('cube.off', off.join('\n')),
      await model('cube.3mf', threeMf('', {})),
    ];
    const [first, ...others] = await Promise.all(cubes.map(async (cube) => await pictures.picture(cube)));
    expect(first).toMatchObject(drawn);
    for (const other of others) expect(pixelsOf(other).equals(pixelsOf(first))).toBe(true);
  });

  it('is none of a file that is gone or is another by now, until it is itself again', async () => {
    const { pictures } = shared;
    const content = binaryCube('changing');
    const cube = await model('cube.stl', content);
    writeFileSync(cube.filePath, binaryCube('changed!'));
    expect(await pictures.picture(cube)).toBeNull();
    rmSync(cube.filePath);
    expect(await pictures.picture(cube)).toBeNull();
    mkdirSync(cube.filePath);
    expect(await pictures.picture(cube)).toBeNull();
    rmSync(cube.filePath, { recursive: true });
    writeFileSync(cube.filePath, content);
    expect(await pictures.picture(cube)).toMatchObject(drawn);
  });

  it('is drawn from the file that is there when an equal one is gone', async () => {
    const { pictures } = shared;
    const [gone, there] = [await model('a.stl', binaryCube('equal')), await model('b.stl', binaryCube('equal'))];
    rmSync(gone.filePath);
    const [none, picture] = await Promise.all([pictures.picture(gone), pictures.picture(there)]);
    expect([none, picture]).toMatchObject([null, drawn]);
    expect(await pictures.picture(gone)).toMatchObject(drawn);
  });

  it('is drawn again when what was kept is cut, damaged, another thing, or removed', async () => {
    const { pictures } = shared;
    const cube = await model('cube.stl', binaryCube('damaged'));
    const picture = await pictures.picture(cube);
    if (!picture?.path) throw new Error('It was not kept.');
    const whole = readFileSync(picture.path);
    const damaged = [1, 40, 60, Math.floor(whole.length / 2), whole.length - 10].map((at) => {
      const copy = Buffer.from(whole);
      copy[at] = (copy[at] ?? 0) ^ 0x10;
      return copy;
    });
    const cut = [0, 20, whole.length - 1].map((length) => whole.subarray(0, length));
    for (const content of [...damaged, ...cut, Buffer.concat([whole, whole]), Buffer.from('<svg>'), jpeg(64, 64)]) {
      writeFileSync(picture.path, content);
      expect(whole.equals((await pictures.picture(cube))?.bytes ?? Buffer.alloc(0))).toBe(true);
      expect(readFileSync(picture.path).equals(whole)).toBe(true);
    }
    rmSync(dirname(picture.path), { recursive: true });
    expect(whole.equals((await pictures.picture(cube))?.bytes ?? Buffer.alloc(0))).toBe(true);
  });

  it('is the one that a 3MF brings along, byte for byte', async () => {
    const { pictures } = shared;
    const relation = thumbnail('/Metadata/cover.png');
    const own = await pictures.picture(await model('a.3mf', threeMf(relation, { 'Metadata/cover.png': png(64) })));
    expect(own).toMatchObject({ type: 'image/png', width: 64, height: 64, bytes: Buffer.from(png(64)) });
    const usual = await pictures.picture(await model('b.3mf', threeMf('', { 'Metadata/thumbnail.png': png(65) })));
    expect(usual).toMatchObject({ width: 65 });
    const photo = threeMf(thumbnail('Metadata/thumbnail.jpeg'), { 'Metadata/thumbnail.jpeg': jpeg(300, 200) });
    const jpegModel = await model('c.3mf', photo);
    expect(await pictures.picture(jpegModel)).toMatchObject({ type: 'image/jpeg', width: 300, height: 200 });
    rmSync(jpegModel.filePath);
    const kept = await pictures.picture(jpegModel);
    expect(kept).toMatchObject({ type: 'image/jpeg', width: 300, height: 200 });
    expect(kept?.path).toMatch(/\.jpg$/);
  });

  it('is drawn where what a 3MF brings along is damaged, no picture, too small or too large', async () => {
    const { pictures } = shared;
    const whole = png(64);
    const useless: Record<string, Uint8Array> = {
      cut: whole.subarray(0, whole.length - 5),
      damaged: Uint8Array.from(whole, (byte, at) => (at === 50 ? byte ^ 1 : byte)),
      page: strToU8('<html><script>alert(1)</script></html>'),
      svg: strToU8('<svg xmlns="http://www.w3.org/2000/svg"/>'),
      dot: png(1),
      poster: png(1025),
      bytes: new Uint8Array((1 << 20) + 1),
      'cut photo': jpeg(64, 64).subarray(0, 27),
      none: new Uint8Array(),
    };
    for (const [what, bytes] of Object.entries(useless)) {
      const file = threeMf(thumbnail('/Metadata/thumbnail.png'), { 'Metadata/thumbnail.png': bytes, [what]: whole });
      expect(await pictures.picture(await model(`${what}.3mf`, file)), what).toMatchObject(drawn);
    }
    const nowhere = threeMf(`${thumbnail('../../../etc/passwd')}${thumbnail('/absent.png')}`, {});
    expect(await pictures.picture(await model('nowhere.3mf', nowhere))).toMatchObject(drawn);
  });

  it('is the one brought along, or none, of a 3MF that could not be measured', async () => {
    const { pictures } = shared;
    const [broken, bare] = [
      await model('a.3mf', threeMf('', { 'Metadata/thumbnail.png': png(70) }, '<item objectid="9"/>')),
      await model('b.3mf', threeMf('', {}, '<item objectid="9"/>')),
    ];
    expect([broken.parseStatus, bare.parseStatus]).toEqual(['unparsed', 'unparsed']);
    expect(await pictures.picture(broken)).toMatchObject({ width: 70 });
    expect(await pictures.picture(bare)).toBeNull();
    expect(await pictures.picture(await model('plan.step', 'ISO-10303-21;'))).toBeNull();
  });

  it('depends on the files that a glTF is read from', async () => {
    const { pictures } = shared;
    const gltf = (name: string, height: number) => {
      const folder = makeFolder();
      const positions = cubeVertices.map(([x, y, z]) => [x, y * height, z]);
      put(
        join(folder, 'mesh.bin'),
        Buffer.from(Float32Array.from(cubeTriangles.flat().flatMap((at) => positions[at] ?? [])).buffer),
      );
      const accessor = { bufferView: 0, componentType: 5126, count: 36, type: 'VEC3' };
      const document = {
        asset: { version: '2.0' },
        scenes: [{ nodes: [0] }],
        nodes: [{ mesh: 0 }],
        meshes: [{ primitives: [{ attributes: { POSITION: 0 } }] }],
        accessors: [accessor],
        bufferViews: [{ buffer: 0, byteLength: 432 }],
        buffers: [{ byteLength: 432, uri: 'mesh.bin' }],
      };
      return put(join(folder, name), JSON.stringify(document));
    };
    const [low, high] = [await imported(gltf('a.gltf', 1)), await imported(gltf('a.gltf', 4))];
    expect(low.fileHash).toBe(high.fileHash);
    const [one, other] = [await pictures.picture(low), await pictures.picture(high)];
    expect([one, other]).toMatchObject([drawn, drawn]);
    expect(pixelsOf(one).equals(pixelsOf(other))).toBe(false);
    const late = gltf('b.gltf', 2);
    const known = await imported(late);
    const binary = join(dirname(late), 'mesh.bin');
    writeFileSync(binary, readFileSync(binary).fill(0, 0, 12));
    expect(await pictures.picture(known)).toBeNull();
    expect(await pictures.picture(await imported(late))).toMatchObject(drawn);
  });

  it('is given without being kept where nothing can be kept', async () => {
    const blocked = put(join(makeFolder(), 'file'), 'no folder');
    const { pictures } = open({ folder: join(blocked, 'pictures') });
    expect(await pictures.picture(await model('cube.stl', binaryCube()))).toMatchObject({ ...drawn, path: null });
    const none = open({ maxBytes: 0, childEntry: entry('') });
    expect(await none.pictures.picture(made(1))).toMatchObject({ width: 40, path: null });
  });

  it('is none for what no import has noted a SHA-256 of', async () => {
    const { pictures } = open({ childEntry: entry('') });
    expect(await pictures.picture({ ...made(1), fileHash: '../../../../etc/passwd' })).toBeNull();
    expect(await pictures.picture({ ...made(1), fileHash: '' })).toBeNull();
  });
});

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
    const foreign = [put(join(folder, 'mine.txt'), 'mine'), put(join(folder, '00', 'photo.png'), png(200))];
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
    const got = await Promise.all(all.map(async (one) => await pictures.picture(one)));
    expect(got.map((picture) => picture?.width ?? null)).toEqual([40, null, 40, null, 40]);
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
    put(hold, '');
    expect([(await first)?.width, (await both[1])?.width]).toEqual([40, 40]);
    const names = readFileSync(log, 'utf8')
      .trim()
      .split('\n')
      .map((path) => path.split('/').at(-1));
    expect(names).toEqual(['first.stl', 'third.stl']);
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
