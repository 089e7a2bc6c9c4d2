// Models in zip archives, judged by the same files unpacked, and by what is in the folder afterwards.
import { mkdirSync, readdirSync, renameSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { strToU8, zipSync } from 'fflate';
import { describe, expect, it, onTestFinished } from 'vitest';
import { archiveLimits } from '../src/archives/archive-directory.js';
import { importChanges } from '../src/importing/import-folders.js';
import { openPictures } from '../src/pictures/pictures.js';
import { sampleFormats } from '../src/sample/formats.js';
import { box } from '../src/sample/parts.js';
import { candy } from './candy.js';
import { asciiCube, binaryCube, objCube } from './cube.js';
import { importing, modelAt, modelsOf, none } from './importing.js';
import { makePlace, open, type Place, put } from './temporary-library.js';
import { type ZipEntry, zipOf } from './zip-writer.js';

const { run, reader } = importing();

const cubes: Record<string, string | Buffer> = {
  'gear.stl': binaryCube('gear'),
  'arm/left.obj': objCube(),
  'arm/Größe 2/teil.stl': asciiCube(),
};

function zipped(files: Record<string, string | Uint8Array>): Buffer {
  return zipOf(...Object.entries(files).map(([name, content]) => ({ name, content })));
}

/** What the library says of each path, the folder of the place left out. */
async function said(place: Place, library: Awaited<ReturnType<typeof open>>): Promise<Record<string, unknown>> {
  const models = await modelsOf(library);
  const rows = models.map((model) => [model.filePath.slice(place.models.length + 1), model.status] as const);
  return Object.fromEntries(rows.toSorted(([a], [b]) => (a < b ? -1 : 1)));
}

describe('an archive', () => {
  it('gives its models by `archive.zip!/path` with the figures that they have unpacked, and unpacks nothing to the disk', async () => {
    const place = makePlace();
    const library = await open(place);
    for (const [name, content] of Object.entries(cubes)) put(place.models, `plain/${name}`, content);
    const files = {
      ...cubes,
      'part.3mf': sampleFormats['3mf'](box(10, 20, 30)),
      'read me.txt': 'words',
      'arm/photo.jpg': 'x',
    };
    put(place.models, 'set/Robot.ZIP', zipped({ ...files, '__MACOSX/._gear.stl': 'x', '.hidden/gear.stl': 'x' }));
    const report = await run(library, place);
    expect(report.counts).toMatchObject({ ...none, new: 4, duplicate: 3 });
    for (const name of Object.keys(cubes)) {
      const { fileHash, fileSize, format, triangles, volume, parseStatus, minX, maxZ } = await modelAt(
        library,
        join(place.models, 'plain', name),
      );
      const inArchive = `${join(place.models, 'set/Robot.ZIP')}!/${name}`;
      const same = { fileHash, fileSize, format, triangles, volume, parseStatus, minX, maxZ };
      expect(await modelAt(library, inArchive)).toMatchObject(same);
    }
    const part = await modelAt(library, `${join(place.models, 'set/Robot.ZIP')}!/part.3mf`);
    expect(part).toMatchObject({ format: '3mf', unit: 'millimeter', name: 'part', fileName: 'part.3mf' });
    expect(readdirSync(join(place.models, 'set'))).toEqual(['Robot.ZIP']);
  });

  it('is read as other programs write it', async () => {
    const place = makePlace();
    const library = await open(place);
    const fflate = zipSync(
      Object.fromEntries(
        Object.entries(cubes).map(([name, text]) => [name, typeof text === 'string' ? strToU8(text) : text]),
      ),
    );
    put(place.models, 'fflate.zip', fflate);
    put(
      place.models,
      'stored.zip',
      zipOf(...Object.entries(cubes).map(([name, content]) => ({ name, content, isStored: true }))),
    );
    // Windows parts folders by backslashes, Linux says nothing of UTF-8, and old ones write in code page 437.
    put(place.models, 'windows.zip', zipOf({ name: '.\\arm\\gear.stl', content: binaryCube('gear') }));
    put(place.models, 'linux.zip', zipOf({ name: 'Größe.stl', content: binaryCube('gear'), flags: 0 }));
    put(
      place.models,
      'dos.zip',
      zipOf({ name: Buffer.from('Gr\u0094\u00e1e.stl', 'latin1'), content: binaryCube('gear'), flags: 0 }),
    );
    const report = await run(library, place);
    expect(report.counts.unreadable).toBe(0);
    const at = (name: string) => join(place.models, name);
    for (const archive of ['fflate.zip', 'stored.zip']) {
      for (const name of Object.keys(cubes))
        expect(await modelAt(library, `${at(archive)}!/${name}`)).toMatchObject({ triangles: 12 });
    }
    for (const path of ['windows.zip!/arm/gear.stl', 'linux.zip!/Größe.stl', 'dos.zip!/Größe.stl']) {
      expect(await modelAt(library, at(path))).toMatchObject({ triangles: 12 });
    }
  });

  it('is not read again while it is as it was; of a changed one the models keep their ids by path and by content', async () => {
    const place = makePlace();
    const library = await open(place);
    const [a, b, c] = [binaryCube('a'), binaryCube('b'), binaryCube('c')];
    const path = put(place.models, 'set.zip', zipped({ 'a.stl': a, 'b.stl': b, 'c.stl': c }));
    await run(library, place);
    const ids = await Promise.all(
      ['a', 'b', 'c'].map(async (name) => (await modelAt(library, `${path}!/${name}.stl`)).id),
    );
    expect((await run(library, place)).counts).toEqual({ ...none, unchanged: 3 });
    // a is another now, b has another name, c is gone, and d is new.
    writeFileSync(path, zipped({ 'a.stl': asciiCube(), 'deep/B.stl': b, 'd.stl': binaryCube('d') }));
    const { counts } = await run(library, place);
    expect(counts).toEqual({ ...none, changed: 1, moved: 1, new: 1, missing: 1 });
    expect((await modelAt(library, `${path}!/a.stl`)).id).toBe(ids[0]);
    expect((await modelAt(library, `${path}!/deep/B.stl`)).id).toBe(ids[1]);
    expect(await modelAt(library, `${path}!/c.stl`)).toMatchObject({ id: ids[2], status: 'missing' });
    // And c is back.
    writeFileSync(path, zipped({ 'a.stl': asciiCube(), 'deep/B.stl': b, 'c.stl': c }));
    expect((await run(library, place)).counts).toEqual({ ...none, unchanged: 3, missing: 1 });
    expect(await modelAt(library, `${path}!/c.stl`)).toMatchObject({ id: ids[2], status: 'active' });
    // Touched, not changed: all of it is read, nothing of it is told to be other.
    utimesSync(path, new Date(2020, 1, 1), new Date(2020, 1, 1));
    expect((await run(library, place)).counts).toMatchObject({ unchanged: 3, changed: 0, new: 0 });
  });

  it('takes its models along when it is moved, unpacked or packed, and they are missing when it is gone', async () => {
    const place = makePlace();
    const library = await open(place);
    const at = (name: string) => join(place.models, name);
    put(place.models, 'keep.stl', binaryCube('keep'));
    put(place.models, 'set.zip', zipped({ 'a.stl': binaryCube('a'), 'in/b.stl': binaryCube('b') }));
    await run(library, place);
    const { id } = await modelAt(library, at('set.zip!/a.stl'));
    mkdirSync(at('deep'));
    renameSync(at('set.zip'), at('deep/other.zip'));
    expect((await run(library, place)).counts).toEqual({ ...none, unchanged: 1, moved: 2 });
    expect((await modelAt(library, at('deep/other.zip!/a.stl'))).id).toBe(id);
    rmSync(at('deep/other.zip'));
    expect((await run(library, place)).counts).toEqual({ ...none, unchanged: 1, missing: 2 });
    put(place.models, 'unpacked/a.stl', binaryCube('a'));
    expect((await run(library, place)).counts).toEqual({ ...none, unchanged: 1, moved: 1, missing: 1 });
    expect(await modelAt(library, at('unpacked/a.stl'))).toMatchObject({ id, status: 'active' });
    rmSync(at('unpacked'), { recursive: true });
    put(place.models, 'again.zip', zipped({ 'a.stl': binaryCube('a') }));
    expect((await run(library, place)).counts).toMatchObject({ moved: 1 });
    expect((await modelAt(library, at('again.zip!/a.stl'))).id).toBe(id);
    expect(await said(place, library)).toEqual({
      'again.zip!/a.stl': 'active',
      'deep/other.zip!/in/b.stl': 'missing',
      'keep.stl': 'active',
    });
  });

  it('is looked at by itself when a watch sees it change, come or go', async () => {
    const place = makePlace();
    const library = await open(place);
    const options = { geometry: reader(), signal: new AbortController().signal };
    const see = async (path: string) => (await importChanges(library, [place.models], [path], options)).counts;
    put(place.models, 'keep.stl', binaryCube('keep'));
    const path = put(place.models, 'set.zip', zipped({ 'a.stl': binaryCube('a'), 'b.stl': binaryCube('b') }));
    expect(await see(path)).toEqual({ ...none, new: 2 });
    writeFileSync(path, zipped({ 'b.stl': binaryCube('b'), 'c.stl': binaryCube('c') }));
    expect(await see(path)).toEqual({ ...none, unchanged: 1, new: 1, missing: 1 });
    put(place.models, 'broken.zip', 'PK');
    expect(await see(join(place.models, 'broken.zip'))).toEqual({ ...none, unreadable: 1 });
    rmSync(path);
    // Those that are missing already are told again.
    expect(await see(path)).toMatchObject({ ...none, missing: 3 });
    expect(new Set(Object.values(await said(place, library)))).toEqual(new Set(['missing']));
  });

  it('loses no model while it is damaged, and gives them back when it is whole again', async () => {
    const place = makePlace();
    const library = await open(place);
    const whole = zipped({ 'a.stl': binaryCube('a'), 'b.stl': binaryCube('b') });
    const path = put(place.models, 'set.zip', whole);
    await run(library, place);
    writeFileSync(path, whole.subarray(0, whole.length - 30));
    const report = await run(library, place);
    expect(report.counts).toEqual({ ...none, unreadable: 1 });
    expect(report.remarks[0]).toMatchObject({ path, reason: expect.stringContaining('it is not a whole zip archive') });
    writeFileSync(path, whole);
    expect((await run(library, place)).counts).toEqual({ ...none, unchanged: 2 });
  });
});

describe('what an archive holds', () => {
  const good = { name: 'good.stl', content: binaryCube('good') };
  const bad = binaryCube('bad');
  const zeros = Buffer.alloc(8 * 1024 * 1024);
  const hostile: readonly (readonly [what: string, entries: readonly ZipEntry[], path: string, reason: string])[] = [
    ['a name that leads out', [{ name: '../../bad.stl', content: bad }], '!/../../bad.stl', 'leads out of the archive'],
    ['an absolute name', [{ name: '/etc/bad.stl', content: bad }], '!//etc/bad.stl', 'leads out of the archive'],
    ['a name of a drive', [{ name: 'C:\\bad.stl', content: bad }], '!/C:/bad.stl', 'leads out of the archive'],
    [
      'a name that leads out by backslashes',
      [{ name: 'a\\..\\..\\bad.stl', content: bad }],
      '!/a/../../bad.stl',
      'leads out',
    ],
    ['an encrypted file', [{ name: 'bad.stl', content: bad, flags: 0x801 }], '!/bad.stl', 'it is encrypted'],
    ['a way of packing that is not read', [{ name: 'bad.stl', content: bad, method: 14 }], '!/bad.stl', 'method 14'],
    [
      'two files of one name',
      [
        { name: 'bad.stl', content: bad },
        { name: 'bad.stl', content: 'solid' },
      ],
      '!/bad.stl',
      'several files of this name',
    ],
    ['a bomb', [{ name: 'bad.stl', content: zeros }], '!/bad.stl', 'times its size, as no model does'],
    [
      'a file that says it is huge',
      [{ name: 'bad.stl', content: bad, size: 4_000_000_000 }],
      '!/bad.stl',
      'more than 128 MiB',
    ],
    [
      'a file larger than it says',
      [{ name: 'bad.stl', content: bad, size: 100 }],
      '!/bad.stl',
      'it is damaged in its archive',
    ],
    [
      'a file smaller than it says',
      [{ name: 'bad.stl', content: bad, size: 1000 }],
      '!/bad.stl',
      'it is damaged in its archive',
    ],
    ['a wrong checksum', [{ name: 'bad.stl', content: bad, crc: 1 }], '!/bad.stl', 'its checksum is wrong'],
    [
      'bytes that are not packed at all',
      [{ name: 'bad.stl', content: bad, isStored: true, method: 8 }],
      '!/bad.stl',
      'it is damaged in its archive',
    ],
    ['a link', [{ name: 'bad.stl', content: '/etc/passwd', attributes: 0o120777 << 16 }], '!/bad.stl', 'it is a link'],
    ['an archive', [{ name: 'in/bad.zip', content: zipOf(good) }], '!/in/bad.zip', 'an archive in an archive'],
    ['a name longer than any', [{ name: `${'x'.repeat(2000)}.stl`, content: bad }], '!/xxx', 'its name is too long'],
  ];

  it('is refused with the reason, each time, and the rest is read once', async () => {
    const place = makePlace();
    const library = await open(place);
    for (const [what, entries] of hostile) {
      put(place.models, `${what}.zip`, zipOf(good, ...entries, { ...good, name: 'last.stl' }));
    }
    for (const round of ['first', 'second']) {
      const { counts, remarks } = await run(library, place);
      const refusals = remarks.filter(({ outcome }) => outcome === 'unreadable');
      for (const [what, , path, reason] of hostile) {
        const of = refusals.filter((one) => one.path.startsWith(join(place.models, `${what}.zip!/`)));
        expect({ what, of }).toEqual({
          what,
          of: [{ path: expect.stringContaining(path), outcome: 'unreadable', reason: expect.stringContaining(reason) }],
        });
      }
      expect(refusals).toHaveLength(hostile.length);
      const read = round === 'first' ? counts.new + counts.duplicate : counts.unchanged;
      expect(read).toBe(2 * hostile.length);
    }
    for (const path of Object.keys(await said(place, library))) expect(path).toMatch(/\.zip!\/(?:good|last)\.stl$/);
    expect(readdirSync(place.models)).toHaveLength(hostile.length);
    expect(readdirSync(place.folder).toSorted()).toEqual(['.candy', 'models']);
  });

  it('is refused where files share their bytes, which lets a small archive unpack to terabytes', async () => {
    const place = makePlace();
    const library = await open(place);
    const shared = Array.from({ length: 50 }, (_, at) => ({ ...good, name: `${at}.stl`, over: 'good.stl' }));
    put(place.models, 'set.zip', zipOf(good, ...shared, { ...good, name: 'last.stl' }));
    const { counts, remarks } = await run(library, place);
    expect(counts).toEqual({ ...none, unreadable: 51, new: 1 });
    expect(remarks.every(({ reason }) => reason === null || reason.includes('shares its bytes'))).toBe(true);
  });

  it('is read up to a number of files, and told to go on', async () => {
    const place = makePlace();
    const library = await open(place);
    const many = Array.from({ length: archiveLimits.entries }, (_, at) => ({ name: `${at}.txt`, content: '' }));
    const archive = put(place.models, 'set.zip', zipOf(good, ...many, { ...good, name: 'after.stl' }));
    const { counts, remarks } = await run(library, place);
    expect(counts).toEqual({ ...none, new: 1, unreadable: 1 });
    expect(remarks).toContainEqual({
      path: archive,
      outcome: 'unreadable',
      reason: expect.stringContaining('more than 20000 files'),
    });
  });

  it('is kept with the reason when it cannot be measured, as it is unpacked', async () => {
    const place = makePlace();
    const library = await open(place);
    const path = put(place.models, 'set.zip', zipped({ 'cut.stl': binaryCube('cut').subarray(0, 300) }));
    expect((await run(library, place)).counts).toEqual({ ...none, unparsed: 1 });
    expect(await modelAt(library, `${path}!/cut.stl`)).toMatchObject({
      parseStatus: 'unparsed',
      parseError: expect.stringContaining('declares 12 facets'),
    });
    expect((await run(library, place)).counts).toEqual({ ...none, unparsed: 1 });
  });

  it('is passed over as in folders, and tags models with the names of its folders', async () => {
    const place = makePlace();
    const library = await open(place);
    const path = put(
      place.models,
      'Robot.zip',
      zipped({ 'arm/a.stl': binaryCube('a'), 'old/b.stl': binaryCube('b'), 'c.obj': objCube() }),
    );
    expect((await run(library, place, { tagsFromFolders: true, ignore: ['old/', '*.obj'] })).counts).toEqual({
      ...none,
      new: 1,
    });
    const { id } = await modelAt(library, `${path}!/arm/a.stl`);
    expect(await library.repositories.tags.getTags(id)).toEqual(['arm', 'Robot']);
    // Named by itself it is an archive as well.
    expect((await run(library, place, {}, [path])).counts).toEqual({ ...none, new: 2, unchanged: 1 });
    writeFileSync(path, zipped({ 'c.obj': objCube() }));
    expect((await run(library, place, {}, [path])).counts).toMatchObject({ unchanged: 1, missing: 2 });
  });

  it('has pictures', async () => {
    const place = makePlace();
    const library = await open(place);
    const path = put(place.models, 'set.zip', zipped({ 'a.stl': binaryCube('a') }));
    await run(library, place);
    const pictures = openPictures({ folder: join(place.folder, 'pictures') });
    onTestFinished(async () => await pictures.close());
    expect(await pictures.picture(await modelAt(library, `${path}!/a.stl`))).toMatchObject({ width: 256 });
  });

  it('is found by the command line under its path', async () => {
    const place = makePlace();
    put(place.models, 'set.zip', zipped({ 'in/gear.stl': binaryCube('gear') }));
    expect(await candy(['import', 'models'], place)).toMatchObject({ exitCode: 0 });
    const { stdout } = await candy(['show', 'models/set.zip!/in/gear.stl', '--json'], place);
    expect(JSON.parse(stdout)).toMatchObject({
      name: 'gear',
      filePath: join(place.models, 'set.zip!/in/gear.stl'),
      triangles: 12,
    });
  });
});
