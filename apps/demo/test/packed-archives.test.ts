// Models in 7z and rar archives, judged by the same files in a folder: those that 7-Zip makes, and such as no program writes.
import { readdirSync, renameSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { ArchiveShelf } from '../src/archives/archive-shelf.js';
import { openPictures } from '../src/pictures/pictures.js';
import { asciiCube, binaryCube, objCube } from './cube.js';
import { importing, modelAt, modelsOf, none } from './importing.js';
import { madeBySevenZip } from './made-by-seven-zip.js';
import { makeFolder } from './measuring.js';
import { oldRarOf, type RarEntry, rarBlock, rarOf } from './rar-writer.js';
import { sevenZipFile, sevenZipOf } from './seven-zip-writer.js';
import { makePlace, open, put } from './temporary-library.js';

const { run } = importing();
const mib = 1024 * 1024;

const cubes: readonly RarEntry[] = [
  { name: 'gear.stl', content: binaryCube('gear') },
  { name: 'arm/left.obj', content: Buffer.from(objCube()) },
  { name: 'arm/Größe.stl', content: Buffer.from(asciiCube()) },
];
const packed = cubes.map((cube) => ({ ...cube, isPacked: true }));
/** When a file was changed, made and read, to the nanosecond, as RAR writes it with -tsm -tsc -tsa. */
const times = Buffer.alloc(27, Buffer.from([0xd7, 0x22, 0x0c, 0x6b]));
times.set([26, 3, 0x1f]);

/** Archives that hold the cubes, by their names. */
const whole: Readonly<Record<string, Buffer>> = {
  'lzma2.7z': madeBySevenZip.lzma2,
  'PPMD.7Z': madeBySevenZip.ppmd,
  'bzip2.7z': madeBySevenZip.bzip2,
  'kept.7z': sevenZipOf(cubes),
  'kept.rar': rarOf(cubes),
  'packed.rar': rarOf(packed),
  'times.rar': rarOf(packed.map((cube) => ({ ...cube, extra: times }))),
  'solid.rar': rarOf(
    packed.map((cube, at) => ({ ...cube, isSolid: at > 0 })),
    4,
  ),
  'old.Rar': oldRarOf(cubes),
};

describe('7z and rar archives', () => {
  it('give their models as zip archives do, are not read again while they are as they were, and take them along', async () => {
    const place = makePlace();
    const library = await open(place);
    for (const { name, content } of cubes) put(place.models, `plain/${name}`, content);
    for (const [name, bytes] of Object.entries(whole)) put(place.models, `set/${name}`, bytes);
    const { counts, remarks } = await run(library, place);
    expect(remarks.filter(({ outcome }) => outcome !== 'duplicate')).toEqual([]);
    expect(counts.new + counts.duplicate).toBe(cubes.length * (Object.keys(whole).length + 1));
    for (const { name } of cubes) {
      const plain = await modelAt(library, join(place.models, 'plain', name));
      const { fileHash, fileSize, format, triangles, volume, fileName } = plain;
      for (const archive of Object.keys(whole)) {
        const path = `${join(place.models, 'set', archive)}!/${name}`;
        const same = { fileHash, fileSize, format, triangles, volume, fileName, parseStatus: 'parsed' };
        expect(await modelAt(library, path)).toMatchObject(same);
      }
    }
    expect(readdirSync(join(place.models, 'set')).sort()).toEqual(Object.keys(whole).sort());
    const again = await run(library, place);
    expect(again.counts).toEqual({ ...none, unchanged: cubes.length * (Object.keys(whole).length + 1) });
    const at = (archive: string) => `${join(place.models, archive)}!/arm/left.obj`;
    const { id } = await modelAt(library, at('set/solid.rar'));
    renameSync(join(place.models, 'set/solid.rar'), join(place.models, 'away.rar'));
    expect((await run(library, place)).counts).toMatchObject({ moved: 3, missing: 0 });
    expect((await modelAt(library, at('away.rar'))).id).toBe(id);
    await using pictures = openPictures({ folder: join(place.folder, 'pictures') });
    expect(await pictures.picture(await modelAt(library, at('away.rar')))).toMatchObject({ width: 256 });
  });

  it('tell what is not read of them and why, and the rest is read', async () => {
    const place = makePlace();
    const library = await open(place);
    const gear = binaryCube('gear');
    const rar = [
      { name: '../../out.stl', content: gear },
      { name: 'link.stl', content: Buffer.from('/etc/passwd'), mode: 0o120777 },
      { name: 'secret.stl', content: gear, extra: Buffer.from([2, 1, 0]) },
      { name: 'half.stl', content: gear, flags: 16 },
      { name: 'huge.stl', content: gear, size: 2 ** 32 },
      { name: 'bomb.stl', content: gear, isPacked: true, size: 100 * mib },
      { name: 'far.stl', content: gear, packing: (1 << 7) | (15 << 10) },
      { name: 'new.stl', content: gear, packing: (1 << 7) | 1 },
      { name: 'wrong.stl', content: gear, crc: 1 },
      { name: 'short.stl', content: gear, isPacked: true, size: gear.length + 10 },
      { name: 'inner.7z', content: gear },
      { name: 'twice.stl', content: gear },
      { name: 'twice.stl', content: gear },
      { name: 'good.stl', content: gear },
    ];
    put(place.models, 'a.rar', rarOf(rar));
    const sevenZip = [
      { name: '..\\out.stl', content: gear },
      { name: 'link.stl', content: Buffer.from('/etc/passwd'), attributes: (0o120777 << 16) >>> 0 },
      { name: 'wrong.stl', content: gear, crc: 1 },
      { name: 'good.stl', content: binaryCube('good') },
    ];
    put(place.models, 'b.7z', sevenZipOf(sevenZip));
    put(
      place.models,
      'bomb.7z',
      sevenZipOf([{ name: 'b.stl', content: gear, size: 100 * mib }], { coder: [1, 0x21, 0x21, 1, 24] }),
    );
    put(place.models, 'huge.7z', sevenZipOf([{ name: 'b.stl', content: gear, size: 2 ** 40 }]));
    put(place.models, 'odd.7z', sevenZipOf([{ name: 'b.stl', content: gear }], { coder: [1, 4, 4, 0xf7, 0x11, 1] }));
    put(place.models, 'encrypted.7z', madeBySevenZip.encrypted);
    put(place.models, 'cut.7z.001', madeBySevenZip.lzma2.subarray(0, 100));
    put(place.models, 'cut.7z.002', madeBySevenZip.lzma2.subarray(100));
    put(
      place.models,
      'old.rar',
      oldRarOf([
        { name: 'solid.stl', content: gear, flags: 0x10 },
        { name: 'locked.stl', content: gear, flags: 4 },
        { name: 'fine.stl', content: binaryCube('fine') },
      ]),
    );
    // The second of two: what its first file is packed with is in the other.
    const later = [true, true, false].map((isSolid, at) => ({
      name: `${at}.stl`,
      content: gear,
      isPacked: true,
      isSolid,
    }));
    put(place.models, 'set.part2.rar', rarOf(later, 1 | 4));
    const { remarks, counts } = await run(library, place);
    const told = remarks
      .filter(({ outcome }) => outcome === 'unreadable')
      .map(({ path, reason }) => [path.slice(place.models.length + 1), reason] as const)
      .sort(([a], [b]) => (a < b ? -1 : 1));
    expect(Object.fromEntries(told)).toEqual({
      'a.rar!/../../out.stl': 'its name leads out of the archive',
      'a.rar!/link.stl': 'it is a link, and no file of the archive',
      'a.rar!/secret.stl': 'it is encrypted: unpack the archive',
      'a.rar!/half.stl': 'it goes on in another file of its archive: unpack the archive',
      'a.rar!/huge.stl': 'it unpacks to more than 128 MiB: unpack the archive',
      'a.rar!/bomb.stl': expect.stringMatching(/^it unpacks to [\d]+ times its size, as no model does$/),
      'a.rar!/far.stl': 'its packer looks back more than 128 MiB: unpack the archive',
      'a.rar!/new.stl': 'it is packed in a way that is not read: unpack the archive',
      'a.rar!/wrong.stl': expect.stringContaining('it is damaged in its archive'),
      'a.rar!/short.stl': expect.stringContaining('it is damaged in its archive'),
      'a.rar!/inner.7z': 'it is an archive in an archive, which is not looked into: unpack it',
      'a.rar!/twice.stl': 'the archive has several files of this name',
      'b.7z!/../out.stl': 'its name leads out of the archive',
      'b.7z!/link.stl': 'it is a link, and no file of the archive',
      'b.7z!/wrong.stl': expect.stringContaining('its checksum is wrong'),
      'bomb.7z!/b.stl': expect.stringMatching(/^it unpacks to [\d]+ times its size, as no model does$/),
      'huge.7z!/b.stl': 'it unpacks to more than 128 MiB: unpack the archive',
      'odd.7z!/b.stl': 'it is packed in a way that is not read (method 04f71101): unpack the archive',
      'cut.7z.001': 'it is a part of an archive in several files: unpack it',
      'encrypted.7z!/arm/Größe.stl': 'it is encrypted: unpack the archive',
      'encrypted.7z!/arm/left.obj': 'it is encrypted: unpack the archive',
      'encrypted.7z!/gear.stl': 'it is encrypted: unpack the archive',
      'set.part2.rar': 'it is a part of an archive in several files: unpack it',
      'set.part2.rar!/0.stl': 'it is packed together with others in another file of its archive: unpack the archive',
      'set.part2.rar!/1.stl': 'it is packed together with others in another file of its archive: unpack the archive',
      'old.rar!/solid.stl': 'it is packed together with others, as old rar archives are: unpack the archive',
      'old.rar!/locked.stl': 'it is encrypted: unpack the archive',
    });
    expect(counts.new + counts.duplicate).toBe(4);
    expect((await modelsOf(library)).map(({ fileName }) => fileName).sort()).toEqual([
      '2.stl',
      'fine.stl',
      'good.stl',
      'good.stl',
    ]);
  });

  it('are told as a whole when their names cannot be read', async () => {
    const folder = makeFolder();
    const shelf = new ArchiveShelf();
    const kept = sevenZipOf(cubes);
    const rar = rarOf(cubes);
    const cases: readonly (readonly [Buffer, RegExp])[] = [
      [madeBySevenZip.sealed, /^the names in it are not read: it is encrypted/],
      [kept.subarray(0, kept.length - 1), /ends too early/],
      [Buffer.concat([kept.subarray(0, -1), Buffer.from('x')]), /its directory is damaged/],
      [
        sevenZipFile(Buffer.alloc(0), Buffer.from([1, 5, 0xff, ...Array.from({ length: 8 }, () => 0xff)])),
        /number that is too large/,
      ],
      [sevenZipFile(Buffer.alloc(0), Buffer.from([1, 5, 0xf0, 0, 0, 0, 1])), /more than it holds/],
      [rar.subarray(0, 8), /^$/],
      [Buffer.concat([rar.subarray(0, 8), rarBlock(4, 0, Buffer.from([0]))]), /encrypted with its names/],
      [Buffer.concat([rar.subarray(0, 20), Buffer.from('zz'), rar.subarray(22)]), /checksum|size|early/],
      [oldRarOf(cubes, 0x80), /encrypted with its names/],
    ];
    for (const [at, [bytes, words]] of cases.entries()) {
      const path = put(folder, `${at}.7z`, bytes);
      const told = await shelf.list(path).then(
        ({ problem }) => problem ?? '',
        (error: unknown) => (error instanceof Error ? error.message : String(error)),
      );
      expect(told).toMatch(words);
    }
    const part = await shelf.list(put(folder, 'robot.part1.rar', rarOf(cubes.slice(0, 1), 1)));
    expect(part).toMatchObject({ problem: expect.stringContaining('archive in several files') });
  });

  it('have names as old programs wrote them: as bytes, and as bytes with what makes Unicode of them', async () => {
    const content = Buffer.from(objCube());
    const [latin, unicode] = [
      Buffer.from('gr\u00f6sse.obj', 'latin1'),
      Buffer.from('ab.obj\0\u0004\\01\u0002', 'latin1'),
    ];
    const names = oldRarOf([
      { name: '', rawName: latin, content },
      { name: '', rawName: unicode, content, flags: 0x200 },
    ]);
    const path = put(makeFolder(), 'names.rar', names);
    const shelf = new ArchiveShelf();
    expect((await shelf.list(path)).entries.map(({ name }) => name)).toEqual(['grösse.obj', 'аб.obj']);
    for (const name of ['grösse.obj', 'аб.obj']) {
      using file = await shelf.open(`${path}!/${name}`);
      expect(file.bytes(0, file.size)).toEqual(content);
    }
  });

  it('never do more than end with words, whichever of their bytes are others', async () => {
    const folder = makeFolder();
    const shelf = new ArchiveShelf();
    const seed = Number(process.env['CC_SEED'] ?? Date.now() % 2 ** 31);
    let state = seed;
    const next = (below: number): number => {
      state = (Math.imul(state, 1103515245) + 12345) >>> 0;
      return Math.floor((state / 2 ** 32) * below);
    };
    for (const [name, bytes] of Object.entries(whole)) {
      for (let times = 0; times < 40; times += 1) {
        const spoilt = Buffer.from(bytes.subarray(0, times % 4 === 0 ? next(bytes.length) : bytes.length));
        for (let spot = 0; spot < 3 && spoilt.length > 0; spot += 1) spoilt[next(spoilt.length)] = next(256);
        const path = put(folder, name, spoilt);
        const list = await shelf.list(path).catch((error: unknown) => error);
        if (list instanceof Error) {
          expect(`${seed} ${name} ${times}: ${list.name} ${list.message}`).toContain('UnreadableModel');
          continue;
        }
        const { entries } = list as Awaited<ReturnType<ArchiveShelf['list']>>;
        for (const entry of entries) {
          try {
            const file = await shelf.open(`${path}!/${entry.name}`);
            expect(file.size).toBe(entry.size);
            file[Symbol.dispose]();
          } catch (error) {
            expect(`${seed} ${name} ${times}: ${String(error)}`).toContain('UnreadableModel');
          }
        }
      }
    }
  });
});
