// What the program does where something outside goes wrong: readers that leave, full disks, backups put back too early.

import { spawnSync } from 'node:child_process';
import { openSync, readdirSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { DatabaseError } from '@cc/tx/errors';
import { describe, expect, it } from 'vitest';
import { tellFailure } from '../src/failure.js';
import { createOutput } from '../src/output.js';
import { candy, start } from './candy.js';
import { candyHere } from './candy-here.js';
import { binaryCube } from './cube.js';
import { makePlace, open, type Place, put } from './temporary-library.js';

/** A library that was changed after its backup `copy.db`. */
async function changedSince(run: (args: readonly string[], place: Place) => Promise<object> = here): Promise<Place> {
  const place = makePlace();
  put(place.models, 'Gear.stl', binaryCube('gear'));
  for (const args of [
    ['import', 'models'],
    ['tag', 'Gear', 'before'],
    ['backup', 'copy.db'],
    ['tag', 'Gear', 'after'],
  ]) {
    expect(await run(args, place)).toMatchObject({ exitCode: 0 });
  }
  return place;
}

const here = (args: readonly string[], { folder }: Place) => candyHere(args, folder);

async function tagsOf({ folder }: Place): Promise<readonly string[]> {
  return JSON.parse((await candyHere(['show', 'Gear', '--json'], folder)).stdout).tags;
}

it('names the place where a backup cannot be written, and does not blame the library', async () => {
  const place = await changedSince();
  expect(await here(['backup', 'nowhere/copy.db'], place)).toMatchObject({
    exitCode: 1,
    stderr: expect.stringMatching(
      /^candy: The backup cannot be written to .*nowhere.copy\.db: The folder .*nowhere does not exist/,
    ),
  });
});

it('says in words why a place cannot be written to', async () => {
  const place = await changedSince();
  put(place.folder, 'a file', '');
  for (const [args, reason] of [
    [
      ['health', '--html', 'nowhere/h.html'],
      'nowhere/h.html cannot be used: it is not there, or its folder is not [ENOENT]',
    ],
    [['health', '--html', 'models'], 'The report is not written to models: name a file that ends in .html'],
    [
      ['health', '--html', 'a file/h.html'],
      'a file/h.html cannot be used: a part of the path is a file and no folder [ENOTDIR]',
    ],
    [['show', 'Gear', '--image', 'nowhere/a.png'], 'nowhere/a.png: it is not there, or its folder is not [ENOENT]'],
  ] as const) {
    expect(await here(args, place)).toMatchObject({ exitCode: 1, stderr: expect.stringContaining(reason) });
  }
});

it.each(['file:', 'file:a%00b'])('says the same of a URL that names no file to every command: %s', async (url) => {
  const place = makePlace();
  for (const args of [['list'], ['import', 'models']])
    expect((await here([...args, '--url', url], place)).stderr).toMatch(/^candy: url names no file; write for example/);
});

it.skipIf(process.platform === 'win32')('takes a library that it cannot look at for none that is missing', async () => {
  const place = makePlace();
  symlinkSync('loop.db', join(place.folder, 'loop.db'));
  for (const args of [['list'], ['stats'], ['import', 'models']]) {
    expect(await here([...args, '--url', 'file:loop.db'], place)).toMatchObject({
      exitCode: 1,
      stderr: expect.stringMatching(/loop\.db cannot be used: it is a link that leads back to itself \[ELOOP\]/),
    });
  }
});

it('takes no empty argument for the folder that it is started in, nor for a model', async () => {
  const place = await changedSince();
  const { stdout: before } = await here(['list', '--json'], place);
  put(place.folder, 'not asked for.stl', binaryCube('b'));
  for (const [args, what] of [
    [['import', ''], 'folder'],
    [['import', 'models', ''], 'folder'],
    [['show', ''], 'model'],
    [['tag', 'Gear', ''], 'tag'],
    [['backup', ''], 'path'],
    [['copy', '', 'file:b.db'], 'from'],
  ] as const) {
    const told = `error: the argument '${what}' is empty; if it was a variable, it is not set\n`;
    expect(await here(args, place)).toEqual({ exitCode: 1, stdout: '', stderr: told });
  }
  expect((await here(['meta', 'set', 'Gear', 'note', ''], place)).exitCode).toBe(0);
  expect((await here(['search', ''], place)).exitCode).toBe(0);
  expect((await here(['list', '--json'], place)).stdout).toBe(before);
});

describe('restore', () => {
  it('brings back what the backup holds, and keeps the library from before beside it', async () => {
    // This process would have it open still.
    const place = await changedSince(candy);
    const ended = await candy(['restore', 'copy.db', '--yes', '--json'], place);
    expect(ended).toMatchObject({ exitCode: 0, stderr: '' });
    const restored = JSON.parse(ended.stdout);
    expect(await tagsOf(place)).toEqual(['before']);
    const kept = `file:${restored.kept}`;
    const { stdout } = await candyHere(['show', 'Gear', '--json', '--url', kept], place.folder);
    expect(JSON.parse(stdout).tags).toEqual(['after', 'before']);
    expect(await candyHere(['verify'], place.folder)).toMatchObject({ exitCode: 0 });
  });

  it('does nothing without --yes, and says the whole command', async () => {
    const place = await changedSince();
    const { exitCode, stdout, stderr } = await candy(['restore', 'copy.db'], place);
    expect({ exitCode, stdout }).toEqual({ exitCode: 3, stdout: '' });
    expect(stderr).toContain(`candy restore ${join(place.folder, 'copy.db')} --yes`);
    expect(await tagsOf(place)).toEqual(['after', 'before']);
  });

  it('refuses a library that another program has open, or is writing to, and changes nothing', async () => {
    const place = await changedSince();
    const library = await open(place);
    const files = readdirSync(join(place.folder, '.candy'));
    const restore = async (): Promise<void> => {
      const { exitCode, stdout, stderr } = await candy(['restore', 'copy.db', '--yes', '--json'], place);
      expect(exitCode).toBeGreaterThan(0);
      expect(JSON.parse(stdout).error).toMatchObject({ code: 'DATABASE_IN_USE' });
      expect(stderr).not.toMatch(/^ +at /m);
      expect(readdirSync(join(place.folder, '.candy'))).toEqual(files);
    };
    await restore();
    await library.transactions.transaction(async () => {
      await library.repositories.collections.create({ name: 'written while' });
      await restore();
    });
    expect(await tagsOf(place)).toEqual(['after', 'before']);
  });

  it('refuses what is no backup', async () => {
    const place = await changedSince();
    put(place.folder, 'no.db', 'something else');
    expect(await candy(['restore', 'no.db', '--yes'], place)).toMatchObject({
      stdout: '',
      exitCode: 1,
      stderr: expect.stringContaining('no.db is no SQLite database'),
    });
    expect(await tagsOf(place)).toEqual(['after', 'before']);
  });
});

describe('a reader of many lines that has seen enough', () => {
  it('ends the command without an error, and one that is slow gets all of them', async () => {
    const place = makePlace();
    await candyHere(['sample', '--models', '2000'], place.folder);
    const left = start(['list', '--jsonl'], place);
    left.child.stdout?.once('data', () => left.child.stdout?.destroy());
    expect(await left.ended).toMatchObject({ exitCode: 0, signal: null, stderr: '' });
    const slow = start(['list', '--jsonl'], place);
    slow.child.stdout?.on('data', () => {
      slow.child.stdout?.pause();
      setImmediate(() => slow.child.stdout?.resume());
    });
    const { exitCode, stdout } = await slow.ended;
    expect(exitCode).toBe(0);
    expect(stdout.trimEnd().split('\n')).toHaveLength(2000);
  });
});

describe('a place that cannot be written to', () => {
  it('is told in the words of whoever runs the program', async () => {
    const place = makePlace();
    put(place.folder, 'file', 'no folder');
    const into = await candyHere(
      ['import', 'models', '--url', `file:${join(place.folder, 'file/library.db')}`],
      place.folder,
    );
    expect(into).toMatchObject({
      exitCode: 1,
      stderr: `candy: The folder ${join(place.folder, 'file')} cannot be made (EEXIST): name another place with --url or CANDY_URL\n`,
    });
    const told = (error: unknown): string => {
      let text = '';
      const write = (more: string): void => void (text += more);
      tellFailure(error, createOutput({ stdout: { write }, stderr: { write }, interactive: false }), {
        program: 'candy',
      });
      return text;
    };
    const of = { operation: 'COMMIT', hint: 'Free disk space' };
    expect(told(new DatabaseError('full', { ...of, type: 'full', code: 'SQLITE_FULL' }))).toBe(
      'candy: The disk is full [SQLITE_FULL]. Free some space, then run the same command again: what was committed is whole\n',
    );
    expect(told(new DatabaseError('readonly', { ...of, type: 'readonly', code: 'SQLITE_READONLY' }))).toBe(
      'candy: The library can only be read [SQLITE_READONLY]: this user may not write to its file or folder\n',
    );
    const moved = new DatabaseError('x.db was moved', { ...of, type: 'readonly', code: 'SQLITE_READONLY_DBMOVED' });
    expect(told(moved)).toBe(`candy: ${moved.message}\n`);
  });

  it('is the copy of a replica: it names the variable for its server', async () => {
    const { folder } = makePlace();
    put(folder, 'copy.db-client_wal_index', '');
    const { exitCode, stderr } = await candyHere(['import', 'models', '--url', 'file:copy.db'], folder);
    expect({ exitCode, stderr }).toEqual({
      exitCode: 1,
      stderr: `candy: ${join(folder, 'copy.db')} is the copy that a replica keeps of its server: a write into it would be lost. Set CANDY_SYNC_URL to the URL of that server\n`,
    });
  });
});

describe.runIf(process.platform === 'linux')('a disk that is full', () => {
  it('is told in one line, and ends with 1', async () => {
    const place = await changedSince();
    const entry = fileURLToPath(new URL('../dist/main.js', import.meta.url));
    const { status, stderr } = spawnSync(process.execPath, [entry, 'list'], {
      cwd: place.folder,
      stdio: ['ignore', openSync('/dev/full', 'w'), 'pipe'],
      encoding: 'utf8',
    });
    expect(status).toBe(1);
    expect(stderr).toMatch(/^candy: The answer cannot be written: ENOSPC.*\n$/);
  });
});
