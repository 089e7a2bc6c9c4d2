// What happens to files, and to the disk, in the middle of an import. The judge is the folder itself.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { appendFileSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { describe, expect, it, onTestFinished } from 'vitest';
import { serveLibrary } from '../src/serve/server.js';
import { candy } from './candy.js';
import { binaryCube } from './cube.js';
import { importing, modelAt, modelsOf, none, withRead } from './importing.js';
import { makePlace, open, problemsOf, put } from './temporary-library.js';

const { run, reader } = importing();

/** A cube that no other one is equal to. */
function cube(number: number): Buffer {
  const content = Buffer.from(binaryCube());
  content.write(`cube ${number}`.padEnd(40), 0);
  return content;
}

describe('a file', () => {
  it('that vanishes after it was listed is unreadable, and its model missing at the next import', async () => {
    const place = makePlace();
    const library = await open(place);
    const path = put(place.models, 'a.stl', cube(1));
    put(place.models, 'b.stl', cube(2));
    await run(library, place);
    writeFileSync(path, cube(3));
    const geometry = withRead(reader(), async (paths, o) => {
      rmSync(path, { force: true });
      return await reader().readMany(paths, o);
    });
    expect((await run(library, place, { geometry })).counts).toEqual({ ...none, unreadable: 1, unchanged: 1 });
    expect((await run(library, place)).counts).toEqual({ ...none, missing: 1, unchanged: 1 });
    writeFileSync(path, cube(3));
    expect((await run(library, place)).counts).toEqual({ ...none, changed: 1, unchanged: 1 });
  });

  it('that grows while it is read is never stored with the hash of what it was not', async () => {
    const place = makePlace();
    const library = await open(place);
    const path = put(place.models, 'grows.obj', 'v 0 0 0\nv 1 0 0\nv 0 1 0\nf 1 2 3\n'.repeat(50_000));
    const growing = setInterval(() => appendFileSync(path, 'v 0 0 1\n'), 1);
    const report = await run(library, place).finally(() => clearInterval(growing));
    const { fileHash, fileSize } = (await library.repositories.models.readByPath(path)) ?? {};
    if (report.counts.unreadable === 1) expect(fileHash).toBeUndefined();
    else {
      const then = readFileSync(path).subarray(0, fileSize);
      expect(fileHash).toBe(createHash('sha256').update(then).digest('hex'));
    }
    await run(library, place);
    expect(await modelAt(library, path)).toMatchObject({
      fileHash: createHash('sha256').update(readFileSync(path)).digest('hex'),
      parseStatus: 'parsed',
    });
  });
});

describe('a full disk', () => {
  const isPossible = process.platform === 'linux' && process.getuid?.() === 0;
  if (!isPossible) process.stderr.write('SKIPPED: only root on Linux can make a small disk for this test\n');

  it.runIf(isPossible)('ends an import with what is in the library, and the next one goes on', async () => {
    const place = makePlace();
    const disk = join(place.folder, 'disk');
    mkdirSync(disk);
    const mount = (options: string) =>
      expect(spawnSync('mount', ['-t', 'tmpfs', '-o', options, 'none', disk]).status).toBe(0);
    mount('size=2500k');
    onTestFinished(() => void spawnSync('umount', ['-l', disk]));
    for (let at = 0; at < 3_000; at += 1) put(place.models, `set ${at % 30}/part ${at}.stl`, cube(at));
    const url = pathToFileURL(join(disk, 'library.db')).href;
    const around = { folder: place.folder };
    const full = await candy(['import', place.models, '--url', url], around);
    expect(full.exitCode).toBe(1);
    expect(full.stdout).toContain('Stopped: ');
    expect(full.stderr).toMatch(/disk|space|full/i);
    const added = Number((/([\d,]+) new/.exec(full.stdout)?.[1] ?? '').replace(',', ''));
    expect(added).toBeLessThan(3_000);
    mount('remount,size=200m');
    const library = await open({ ...place, url });
    const before = await modelsOf(library);
    expect(before.length).toBe(added);
    const report = await run(library, place);
    expect(report.counts).toEqual({ ...none, new: 3_000 - added, unchanged: added });
    expect(new Set((await modelsOf(library)).map(({ filePath }) => filePath)).size).toBe(3_000);
    expect(await problemsOf(library)).toEqual([]);
  });

  it.runIf(isPossible)('is told to who sends a file, of which nothing is kept', async () => {
    const place = makePlace();
    const disk = join(place.folder, 'disk');
    mkdirSync(disk);
    expect(spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=500k', 'none', disk]).status).toBe(0);
    onTestFinished(() => void spawnSync('umount', ['-l', disk]));
    const library = await open(place);
    await using server = await serveLibrary(library, { folder: disk, port: 0 });
    const answer = await fetch(new URL('/api/uploads?name=gear.stl', server.url), {
      method: 'POST',
      headers: { 'content-type': 'application/octet-stream' },
      body: new Uint8Array(1_000_000),
    });
    expect([answer.status, await answer.json()]).toMatchObject([
      507,
      { title: 'Disk full', code: 'ENOSPC', detail: expect.stringContaining('The disk is full.') },
    ]);
    expect(readdirSync(join(disk, 'uploads'))).toEqual([]);
  });
});
