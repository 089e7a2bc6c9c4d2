import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, readdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { importChanges } from '../src/importing/import-folders.js';
import { FolderNotFound } from '../src/importing/scan.js';
import { binaryCube } from './cube.js';
import { importing, modelsOf, none } from './importing.js';
import { makePlace, open, put } from './temporary-library.js';

const { run, reader } = importing();

describe('the name of a file', () => {
  const names: readonly (readonly [name: string, words: string])[] = [
    ['模型_螺丝_M3x12.stl', '螺丝'],
    ['ネジ六角_v2.stl', 'ネジ六角'],
    ['مسمار.stl', 'مسمار'],
    ['나사-볼트.stl', '볼트'],
    ['Größe ÄNDERUNG.stl'.normalize('NFC'), 'größe änderung'],
    ['Größe ÄNDERUNG.stl'.normalize('NFD'), 'größe änderung'],
    ['😀 emoji 🔩.stl', 'emoji'],
    ['new\nline.stl', 'new line'],
    [`quote's "double" %_ like.stl`, 'double like'],
    ['semi;--drop table.stl', 'drop tab'],
    ['  leading and trailing  .stl', 'leading trailing'],
    ['back\\slash.stl', 'slash'],
    [`${'a'.repeat(236)}.stl`, 'a'.repeat(20)],
    ['UPPER.STL', 'upper'],
  ];

  it('is kept byte for byte, whatever its script', async () => {
    const place = makePlace();
    const library = await open(place);
    for (const [i, [name]] of names.entries()) put(place.models, name, binaryCube(String(i)));
    expect((await run(library, place)).counts).toEqual({ ...none, new: names.length });
    const onDisk = readdirSync(place.models, { encoding: 'buffer' }).map((name) => name.toString('hex'));
    expect(onDisk).toHaveLength(names.length);
    const models = await modelsOf(library);
    const hex = (text: string) => Buffer.from(text, 'utf8').toString('hex');
    expect(models.map(({ fileName }) => hex(fileName)).toSorted()).toEqual(onDisk.toSorted());
    expect(models.map(({ filePath }) => filePath).toSorted()).toEqual(
      names.map(([name]) => join(place.models, name)).toSorted(),
    );
    // A second look at the same names finds the same files.
    expect((await run(library, place)).counts).toEqual({ ...none, unchanged: names.length });
  });

  it('is found by its words', async () => {
    const place = makePlace();
    const library = await open(place);
    for (const [i, [name]] of names.entries()) put(place.models, name, binaryCube(String(i)));
    await run(library, place);
    for (const [name, words] of names) {
      const { hits } = await library.repositories.search.searchModels(words);
      expect(hits.map(({ model }) => model.fileName)).toContain(name);
    }
  });

  it('is reported, and not stored wrong, when it is no UTF-8', async () => {
    const place = makePlace();
    const library = await open(place);
    const at = (...bytes: number[]) => Buffer.concat([Buffer.from(`${place.models}/bad`), Buffer.from(bytes)]);
    writeFileSync(at(0xff, ...Buffer.from('.stl')), binaryCube('a'));
    writeFileSync(at(0xc3, ...Buffer.from('.stl')), binaryCube('b'));
    mkdirSync(at(0xfe));
    // What nobody takes for a model, or asks to pass over, needs no other name.
    writeFileSync(at(0xff, ...Buffer.from('.txt')), 'a note');
    writeFileSync(at(0xff, ...Buffer.from('~.stl')), binaryCube('d'));
    put(place.models, 'good.stl', binaryCube('c'));
    const report = await run(library, place, { ignore: ['*~.stl'] });
    expect(report.counts).toEqual({ ...none, new: 1, unreadable: 3 });
    expect(report.ignored).toBe(2);
    expect(report.remarks.map(({ reason }) => reason)).toEqual(
      Array.from({ length: 3 }, () => 'its name is not UTF-8; rename it to import it'),
    );
    expect((await modelsOf(library)).map(({ fileName }) => fileName)).toEqual(['good.stl']);
  });
});

describe('links', () => {
  it('to nothing and in a circle are reported', async () => {
    const place = makePlace();
    const library = await open(place);
    const at = (name: string) => join(place.models, name);
    symlinkSync(at('b.stl'), at('a.stl'));
    symlinkSync(at('a.stl'), at('b.stl'));
    symlinkSync(at('missing'), at('c.stl'));
    const report = await run(library, place);
    expect(report.counts).toEqual({ ...none, unreadable: 3 });
    expect(report.remarks).toEqual([
      { path: at('a.stl'), outcome: 'unreadable', reason: 'it is a link that leads back to itself' },
      { path: at('b.stl'), outcome: 'unreadable', reason: 'it is a link that leads back to itself' },
      { path: at('c.stl'), outcome: 'unreadable', reason: 'it does not exist, or it is a link to nothing' },
    ]);
  });

  it('to a folder around them lead nowhere new', async () => {
    const place = makePlace();
    const library = await open(place);
    put(place.models, 'deep/a.stl', binaryCube('a'));
    put(place.folder, 'private.stl', binaryCube('not asked for'));
    symlinkSync(place.folder, join(place.models, 'out'));
    symlinkSync('/', join(place.models, 'root'));
    symlinkSync('.', join(place.models, 'deep/self'));
    symlinkSync('..', join(place.models, 'deep/up'));
    expect((await run(library, place)).counts).toEqual({ ...none, new: 1 });
  });

  it('to a file are a duplicate of it, also when they come first by name', async () => {
    const place = makePlace();
    const library = await open(place);
    const real = put(place.models, 'real.stl', binaryCube('a'));
    const link = join(place.models, 'a link.stl');
    symlinkSync(real, link);
    const report = await run(library, place);
    expect(report.counts).toEqual({ ...none, new: 1, duplicate: 1 });
    expect(report.remarks).toEqual([{ path: link, outcome: 'duplicate', reason: real }]);
  });

  it('to one folder are one folder, under its own path when it has one', async () => {
    const place = makePlace();
    const library = await open(place);
    const inside = put(place.models, 'real/a.stl', binaryCube('a'));
    const outside = put(place.folder, 'elsewhere/b.stl', binaryCube('b'));
    symlinkSync(join(place.models, 'real'), join(place.models, 'a link'));
    symlinkSync(join(outside, '..'), join(place.models, 'b link'));
    symlinkSync(join(outside, '..'), join(place.models, 'c link'));
    expect((await run(library, place)).counts).toEqual({ ...none, new: 2 });
    expect((await modelsOf(library)).map(({ filePath }) => filePath)).toEqual([
      inside,
      join(place.models, 'b link', 'b.stl'),
    ]);
  });
});

describe('folders', () => {
  it('are walked as deep as the system goes', async () => {
    const place = makePlace();
    const library = await open(place);
    // Longer paths than 4,096 bytes are none on Linux.
    const deep = 'd/'.repeat(1_900);
    put(place.models, `${deep}a.stl`, binaryCube('a'));
    const { counts } = await run(library, place);
    // Node removes folders by a function that calls itself.
    execFileSync('rm', ['-r', join(place.models, 'd')]);
    expect(counts).toEqual({ ...none, new: 1 });
  });

  it('whose .candyignore cannot be read are left alone, and the file is told', async () => {
    const place = makePlace();
    const library = await open(place);
    put(place.models, 'a/.candyignore/b.stl', binaryCube('b'));
    put(place.models, 'a/c.stl', binaryCube('c'));
    put(place.models, 'd.stl', binaryCube('d'));
    const { counts, remarks } = await run(library, place, { ignore: ['[z-a]'] });
    expect(counts).toEqual({ ...none, new: 1, unreadable: 1 });
    expect(remarks).toEqual([
      { path: join(place.models, 'a', '.candyignore'), outcome: 'unreadable', reason: 'it is a folder' },
    ]);
  });

  it('whose .candyignore is no file, or too long, are left alone: nobody waits for a pipe or reads a device to its end', async () => {
    const place = makePlace();
    const library = await open(place);
    for (const name of ['device', 'long', 'pipe']) put(place.models, `${name}/a.stl`, binaryCube(name));
    const at = (name: string) => join(place.models, name, '.candyignore');
    symlinkSync('/dev/zero', at('device'));
    writeFileSync(at('long'), '*.obj\n'.repeat(200_000));
    execFileSync('mkfifo', [at('pipe')]);
    const { counts, remarks } = await run(library, place);
    expect(counts).toEqual({ ...none, unreadable: 3 });
    const told = [
      { path: at('device'), outcome: 'unreadable', reason: 'it is not a regular file' },
      { path: at('long'), outcome: 'unreadable', reason: 'it is larger than 1 MiB' },
      { path: at('pipe'), outcome: 'unreadable', reason: 'it is not a regular file' },
    ];
    expect(remarks.toSorted((a, b) => (a.path < b.path ? -1 : 1))).toEqual(told);
  });

  it.each([
    '*a*a*a*a*a*a*a*a*a*a*a*a*a*b',
    `${'[a-z]*'.repeat(40)}9`,
    `${'*'.repeat(3_000)}q`,
    `a${' '.repeat(900_000)}b`,
  ])('whose patterns have many stars or blanks are imported all the same (%#)', async (pattern) => {
    const place = makePlace();
    const library = await open(place);
    writeFileSync(join(place.models, '.candyignore'), pattern);
    put(place.models, `${'a'.repeat(200)}.stl`, binaryCube('a'));
    expect((await run(library, place)).counts).toEqual({ ...none, new: 1 });
  });
});

describe('what is to be imported', () => {
  it('counts once when it is named twice', async () => {
    const place = makePlace();
    const file = put(place.models, 'deep/a.stl', binaryCube('a'));
    const both = [place.models, file];
    for (const folders of [both, both.toReversed(), [file, file], [place.models, join(file, '..')]]) {
      const fresh = { ...makePlace(), models: place.models };
      expect((await run(await open(fresh), fresh, {}, folders)).counts).toEqual({ ...none, new: 1 });
    }
  });

  it('is refused before anything is written when one of the folders does not exist', async () => {
    const place = makePlace();
    const library = await open(place);
    put(place.models, 'a.stl', binaryCube('a'));
    const folders = [place.models, join(place.folder, 'missing')];
    await expect(run(library, place, {}, folders)).rejects.toThrow(FolderNotFound);
    expect(await modelsOf(library)).toEqual([]);
  });
});

describe('what is no file', () => {
  it('is told as ignored with its kind when it has the name of a model, and is never opened', async () => {
    const place = makePlace();
    const library = await open(place);
    const at = (name: string) => join(place.models, name);
    put(place.models, 'cube.stl', binaryCube());
    // Whoever opens one of these to read waits for its writer, or is another than a file's reader.
    for (const name of ['pipe.stl', 'pipe.zip', 'pipe', '.hidden.stl']) execFileSync('mkfifo', [at(name)]);
    symlinkSync('/dev/null', at('device.obj'));
    symlinkSync(at('pipe'), at('no model'));
    await using server = createServer();
    await once(server.listen(at('socket.ply')), 'listening');
    const { counts, ignored, remarks } = await run(library, place);
    expect({ counts, ignored }).toEqual({ counts: { ...none, new: 1 }, ignored: 7 });
    const told = [
      { path: at('device.obj'), outcome: 'ignored', reason: 'it is a device and no file' },
      { path: at('pipe.stl'), outcome: 'ignored', reason: 'it is a pipe and no file' },
      { path: at('pipe.zip'), outcome: 'ignored', reason: 'it is a pipe and no file' },
      { path: at('socket.ply'), outcome: 'ignored', reason: 'it is a socket and no file' },
    ];
    expect(remarks.toSorted((a, b) => (a.path < b.path ? -1 : 1))).toEqual(told);
    const options = { geometry: reader(), signal: new AbortController().signal };
    const changed = await importChanges(
      library,
      [place.models],
      [at('pipe'), at('pipe.stl'), at('.hidden.stl')],
      options,
    );
    expect(changed.remarks).toEqual([told[1]]);
  });

  it('is told of a hundred times and counted for the rest', async () => {
    const place = makePlace();
    const library = await open(place);
    execFileSync(
      'mkfifo',
      Array.from({ length: 130 }, (_, at) => join(place.models, `pipe ${at}.stl`)),
    );
    const { ignored, remarks } = await run(library, place);
    expect([ignored, remarks.length]).toEqual([130, 100]);
  });
});
