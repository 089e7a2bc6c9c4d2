// The commands of the library, judged by what the next command shows and by the files.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { describe, expect, it } from 'vitest';
import { openLibrary } from '../src/library.js';
import { candy as candyProcess } from './candy.js';
import { candyHere, type EndedHere } from './candy-here.js';
import { asciiCube, binaryCube } from './cube.js';
import { makePlace, type Place, put } from './temporary-library.js';

const candy = (args: readonly string[], { folder }: Place) => candyHere(args, folder);

async function libraryOf(...names: readonly string[]): Promise<Place> {
  const place = makePlace();
  for (const name of names) put(place.models, name, binaryCube(name));
  expect(await candy(['import', 'models'], place)).toMatchObject({ exitCode: 0 });
  return place;
}

const hasBash = spawnSync('bash', ['--version']).status === 0;

// Each answer with --json is one document; its fields are what the tests look at.
const documentOf = ({ stdout }: EndedHere) => JSON.parse(stdout);

describe('a model', () => {
  it('is named by its id, a beginning of it, its path or its name', async () => {
    const place = await libraryOf('Hex bolt.stl', 'deep/Gear.stl');
    const show = async (text: string) => await candy(['show', text, '--json'], place);
    const { id } = documentOf(await show('hex BOLT'));
    for (const text of [
      id,
      id.slice(0, 30),
      'models/Hex bolt.stl',
      join(place.models, 'Hex bolt.stl'),
      'Hex bolt.stl',
    ]) {
      expect(documentOf(await show(text))).toMatchObject({ id, name: 'Hex bolt' });
    }
    // As macOS writes names, and as people type them.
    const there = await libraryOf('café/Größe.stl'.normalize('NFD'), 'Ä.stl'.normalize('NFC'));
    for (const text of ['Größe', 'models/café/Größe.stl', 'Ä']) {
      for (const form of ['NFC', 'NFD'] as const) {
        expect(await candy(['show', text.normalize(form)], there)).toMatchObject({ exitCode: 0, stderr: '' });
      }
    }
    const near = await candy(['show', 'hex'], place);
    expect(near).toMatchObject({ exitCode: 1, stdout: '', stderr: expect.stringContaining(`Did you mean\n  ${id}`) });
  });

  it('is never guessed when more than one is meant', async () => {
    const place = await libraryOf('a/body.stl', 'b/body.stl');
    const { exitCode, stderr } = await candy(['rate', 'body', '5'], place);
    expect(exitCode).toBe(1);
    expect(stderr).toContain('More than one model is called body');
    expect(stderr).toContain(join(place.models, 'b/body.stl'));
    const short = await candy(['show', '01a'], place);
    expect(short.stderr).toContain('The beginning of an id counts from 4 characters on.');
  });

  it('is shown in figures that people read, and with --json in its own', async () => {
    const place = makePlace();
    const long = asciiCube().replaceAll(/vertex 1/g, 'vertex 12.3456789');
    put(place.models, 'long.stl', long);
    await candy(['import', 'models'], place);
    await candy(['meta', 'set', 'long', 'layer', '0.123456'], place);
    const { stdout } = await candy(['show', 'long'], place);
    const shown = Object.fromEntries(stdout.split('\n').map((line) => line.split(/ {2,}/)));
    expect(shown).toMatchObject({
      size: '12.35 × 1 × 1 (the file names no unit)',
      lowest: '0, 0, 0',
      highest: '12.35, 1, 1',
      volume: '12.35 (the file names no unit)',
      layer: '0.123456',
    });
    expect(documentOf(await candy(['show', 'long', '--json'], place)).maxX).toBeCloseTo(12.3456789, 6);
  });

  it('is tagged, rated, marked, archived and given values, which the next command shows', async () => {
    const place = await libraryOf('Gear.stl');
    for (const args of [
      ['tag', 'Gear', 'spare', 'metal'],
      ['untag', 'Gear', 'spare'],
      ['rate', 'Gear', '4'],
      ['favorite', 'Gear'],
      ['status', 'Gear', 'archived'],
      ['meta', 'set', 'Gear', 'layer', '0.2'],
      ['meta', 'set', 'Gear', 'part', '00123'],
      ['meta', 'set', 'Gear', 'nothing', 'null'],
      ['meta', 'set', 'Gear', 'gone', 'true'],
      ['meta', 'unset', 'Gear', 'gone'],
      ['collection', 'add', 'Robots', 'Gear'],
    ]) {
      expect(await candy([...args, '--json'], place)).toMatchObject({ exitCode: 0, stderr: '' });
    }
    expect(documentOf(await candy(['show', 'Gear', '--json'], place))).toMatchObject({
      tags: ['metal'],
      rating: 4,
      favorite: true,
      status: 'archived',
      metadata: { layer: 0.2, part: '00123', nothing: null },
    });
    expect((await candy(['show', 'Gear'], place)).stdout).toMatch(/^nothing +null$/m);
    expect(documentOf(await candy(['meta', 'get', 'Gear', 'layer', '--json'], place))).toMatchObject({ value: 0.2 });
    expect(documentOf(await candy(['collection', 'list', 'Robots', '--json'], place)).models).toHaveLength(1);
    expect(await candy(['rate', 'Gear', '6'], place)).toMatchObject({ exitCode: 1, stdout: '' });
    expect(await candy(['status', 'Gear', 'missing'], place)).toMatchObject({ exitCode: 1, stdout: '' });
  });
});

describe('what is wrong or superfluous', () => {
  it('is listed: duplicates, problems, missing files', async () => {
    const place = makePlace();
    for (const name of ['a.stl', 'b.stl']) put(place.models, name, binaryCube('same'));
    put(place.models, 'broken.stl', binaryCube('broken').subarray(0, 300));
    put(place.models, 'gone.stl', binaryCube('gone'));
    await candy(['import', 'models'], place);
    rmSync(join(place.models, 'gone.stl'));
    await candy(['import', 'models'], place);
    const answer = async (...args: string[]) => documentOf(await candy([...args, '--json'], place));
    expect((await answer('duplicates')).groups).toHaveLength(1);
    expect((await answer('problems')).totals).toEqual({ unparsed: 1, missing: 1 });
    expect((await answer('missing')).models).toMatchObject([{ name: 'gone', status: 'missing' }]);
    expect(await answer('stats')).toMatchObject({ models: 4, unparsed: 1, missing: 1 });
    expect(await candy(['forget', 'a'], place)).toMatchObject({ exitCode: 1 });
    expect((await answer('forget', '--missing')).forgotten).toHaveLength(1);
    expect((await answer('forget', 'a', '--present')).forgotten).toHaveLength(1);
    expect(await answer('stats')).toMatchObject({ models: 2, missing: 0 });
    expect(existsSync(join(place.models, 'a.stl'))).toBe(true);
  });

  it('is mended where a person says what happened: a file that was moved and edited', async () => {
    const place = await libraryOf('a.stl');
    await candy(['tag', 'a', 'mine'], place);
    const { id } = documentOf(await candy(['show', 'a', '--json'], place));
    mkdirSync(join(place.models, 'new'));
    renameSync(join(place.models, 'a.stl'), join(place.models, 'new/a.stl'));
    put(place.models, 'new/a.stl', binaryCube('edited'));
    const { stderr, stdout } = await candy(['import', 'models'], place);
    const [, ...told] = /candy (moved) (\S+) (\S+)/.exec(stdout + stderr) ?? [];
    expect(told[1]).toBe(id);
    expect(await candy(told, place)).toMatchObject({ exitCode: 0 });
    const after = documentOf(await candy(['show', id, '--json'], place));
    expect(after).toMatchObject({ tags: ['mine'], status: 'active', filePath: join(place.models, 'new/a.stl') });
    expect(documentOf(await candy(['stats', '--json'], place))).toMatchObject({ models: 1 });
  });

  it('is not mended at the cost of a model that was given something, nor of itself when its file is back', async () => {
    const place = await libraryOf('a.stl');
    await candy(['status', 'a', 'archived'], place);
    const { id } = documentOf(await candy(['show', 'a', '--json'], place));
    renameSync(join(place.models, 'a.stl'), join(place.folder, 'away.stl'));
    put(place.models, 'b.stl', binaryCube('other'));
    await candy(['import', 'models'], place);
    await candy(['meta', 'set', 'b', 'note', 'mine'], place);
    expect(await candy(['moved', id, 'models/b.stl'], place)).toMatchObject({
      exitCode: 1,
      stderr: expect.stringContaining('which was given metadata since'),
    });
    expect(documentOf(await candy(['stats', '--json'], place))).toMatchObject({ models: 2, missing: 1 });
    renameSync(join(place.folder, 'away.stl'), join(place.models, 'a.stl'));
    expect(await candy(['moved', id, 'models/a.stl'], place)).toMatchObject({ exitCode: 0 });
    expect(documentOf(await candy(['show', id, '--json'], place))).toMatchObject({ status: 'archived' });
    expect(documentOf(await candy(['stats', '--json'], place))).toMatchObject({ models: 2, missing: 0 });
  });

  it('is not mended at the cost of anything that was written about another one', async () => {
    const place = await libraryOf('a.stl');
    const { id } = documentOf(await candy(['show', 'a', '--json'], place));
    rmSync(join(place.models, 'a.stl'));
    put(place.models, 'b.stl', binaryCube('other'));
    await candy(['import', 'models'], place);
    await using library = await openLibrary(pathToFileURL(join(place.folder, '.candy', 'library.db')).href);
    const { models } = library.repositories;
    const other = await models.readByPath(join(place.models, 'b.stl'));
    if (other === null) throw new Error('it was imported');
    const nothing = {
      name: 'b',
      description: null,
      author: null,
      license: null,
      sourceUrl: null,
      status: 'active',
    } as const;
    for (const [given, what] of [
      [{ name: 'Bracket of the shelf' }, 'a name'],
      [{ description: 'Left one, prints without supports' }, 'a description'],
      [{ author: 'Ann' }, 'an author'],
      [{ license: 'CC0' }, 'a license'],
      [{ sourceUrl: 'https://example.com/b' }, 'a source'],
      [{ status: 'archived' }, 'a place in the archive'],
    ] as const) {
      await models.update(other.id, { ...nothing, ...given });
      expect(await candy(['moved', id, 'models/b.stl'], place)).toMatchObject({
        exitCode: 1,
        stderr: expect.stringContaining(`which was given ${what} since`),
      });
      expect(await models.read(other.id)).toMatchObject(given);
    }
    await models.update(other.id, nothing);
    expect(await candy(['moved', id, 'models/b.stl'], place)).toMatchObject({ exitCode: 0 });
    expect(await models.read(other.id)).toBeNull();
  });

  it('says so where no program opens its file', async () => {
    const place = await libraryOf('a.stl');
    const ended = await candyProcess(['open', 'a'], { ...place, env: { PATH: place.folder } });
    expect(ended).toMatchObject({
      exitCode: 1,
      stdout: '',
      stderr: expect.stringContaining('No program here opens files'),
    });
  });
});

describe('the library', () => {
  it('is copied, checked and cared for', async () => {
    const place = await libraryOf('a.stl', 'b.stl');
    const copy = join(place.folder, 'copy.db');
    expect(documentOf(await candy(['backup', 'copy.db', '--json'], place))).toMatchObject({
      path: copy,
      verified: true,
    });
    const copied = await candy(['stats', '--json', '--url', pathToFileURL(copy).href], place);
    expect(documentOf(copied)).toMatchObject({ models: 2 });
    expect(await candy(['backup', 'copy.db'], place)).toMatchObject({
      exitCode: 1,
      stderr: `candy: ${copy} exists already. Choose a new name; a backup never overwrites a file\n`,
    });
    expect(documentOf(await candy(['verify', '--json'], place))).toEqual({ ok: true, problems: [] });
    expect(await candy(['maintain'], place)).toMatchObject({ exitCode: 0, stderr: '' });
    expect(readFileSync(copy).subarray(0, 15).toString()).toBe('SQLite format 3');
  });

  it('is as it was when Ctrl-C ends its backup, its check or its care, which say so', async () => {
    const place = await libraryOf('a.stl');
    const ended = (...args: string[]) => candyHere(args, place.folder, AbortSignal.abort(new Error('interrupted')));
    expect(await ended('backup', 'copy.db')).toEqual({
      exitCode: 130,
      stdout: 'Interrupted: no backup was written.\n',
      stderr: '',
    });
    expect(readdirSync(place.folder).sort()).toEqual(['.candy', 'models']);
    expect(await ended('verify', '--json')).toMatchObject({ exitCode: 130, stdout: '{\n  "interrupted": true\n}\n' });
    expect(await ended('maintain')).toMatchObject({
      exitCode: 130,
      stdout: 'Interrupted: the same command does the rest.\n',
    });
  });
});

describe('a slip of the fingers', () => {
  it.each([
    ['serch', 'search'],
    ['improt', 'import'],
    ['lst', 'list'],
  ])('gets what may be meant: %s', async (typed, meant) => {
    const { exitCode, stderr } = await candy([typed], makePlace());
    expect(exitCode).toBe(1);
    expect(stderr).toContain(`Did you mean ${meant}?`);
  });
});

describe('a server that is away', () => {
  it('is called so, without the statement that found out', async () => {
    const { exitCode, stderr } = await candy(['list', '--url', 'http://127.0.0.1:1'], makePlace());
    expect(exitCode).toBe(1);
    expect(stderr).toContain('The library cannot be reached');
    expect(stderr).not.toMatch(/select|sqlite_schema/i);
  });
});

describe('completion', () => {
  it.each(['bash', 'zsh', 'fish'])('has the commands for %s', async (shell) => {
    const { exitCode, stdout } = await candy(['completion', shell], makePlace());
    expect(exitCode).toBe(0);
    for (const command of ['import', 'search', 'duplicates', 'without-tag', 'unset']) expect(stdout).toContain(command);
  });

  it.runIf(hasBash).each([
    [['li'], 'list'],
    [['meta', 'un'], 'unset'],
    [['list', '--min-t'], '--min-triangles'],
    [['show', 'Gea'], ''],
  ])('completes in bash: %j', async (typed, completed) => {
    const { stdout: script } = await candy(['completion', 'bash'], makePlace());
    const words = ['candy', ...typed];
    const asked = `COMP_WORDS=(${words.join(' ')}); COMP_CWORD=${words.length - 1}; _candy; echo "\${COMPREPLY[*]}"`;
    const { status, stdout } = spawnSync('bash', ['-c', `${script}\n${asked}`], { encoding: 'utf8' });
    expect({ status, stdout }).toEqual({ status: 0, stdout: `${completed}\n` });
  });
});
