import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { decode } from 'fast-png';
import { strToU8, zipSync } from 'fflate';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readFile } from '../src/geometry/measure-file.js';
import { stampOf } from '../src/importing/file-stamp.js';
import { openPictures, type Picture, type PicturedModel, type Pictures } from '../src/pictures/pictures.js';
import { binaryCube, cubeTriangles, cubeVertices, objCube } from './cube.js';
import { makeFolder } from './measuring.js';
import { entry, made, open, png } from './picture-process.js';
import { put } from './temporary-library.js';

/** The model of a file, as an import notes it. */
async function imported(path: string): Promise<PicturedModel> {
  const reading = await readFile(path, { wants: 'both', onFormat: () => {}, onMeasure: () => {} });
  const { print, result } = reading;
  if (print === null) throw new Error(`${path} ${reading.problem}`);
  return { filePath: path, fileHash: print.fileHash, fileStamp: stampOf(reading), parseStatus: result.status };
}

async function model(name: string, content: string | Uint8Array): Promise<PicturedModel> {
  return await imported(put(makeFolder(), name, content));
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
    // Which of them is asked first is up to the disk: the one that is gone has no picture, or that of the other.
    const [, picture] = await Promise.all([pictures.picture(gone), pictures.picture(there)]);
    expect(picture).toMatchObject(drawn);
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
      const picture = await pictures.picture(await model(`${what}.3mf`, file));
      expect({ what, ...picture }).toMatchObject({ what, ...drawn });
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
        folder,
        'mesh.bin',
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
      return put(folder, name, JSON.stringify(document));
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
    const blocked = put(makeFolder(), 'file', 'no folder');
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
