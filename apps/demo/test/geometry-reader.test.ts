import { execFileSync } from 'node:child_process';
import { appendFileSync, existsSync, symlinkSync, truncateSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { describe, expect, it, onTestFinished } from 'vitest';
import { openModelFile } from '../src/geometry/model-file.js';
import {
  type GeometryReader,
  type GeometryReaderOptions,
  idleGeometryReader,
  openGeometryReader,
} from '../src/geometry/reader.js';
import { pairOfGeometryReaders } from '../src/geometry/reader-pair.js';
import { asciiCube, binaryCube, cubeGeometry, objCube } from './cube.js';
import { makeFolder } from './measuring.js';

const mebibyte = 1024 * 1024;

async function open(o: GeometryReaderOptions = {}): Promise<GeometryReader> {
  const reader = await openGeometryReader(o);
  onTestFinished(async () => await reader.close());
  return reader;
}

function write(name: string, content: string | Uint8Array): string {
  const path = join(makeFolder(), name);
  writeFileSync(path, content);
  return path;
}

/** A process entry that reads nothing: it does `fault` on a file whose name says so, and reports a cube otherwise. */
function faultyEntry(fault: string): URL {
  const entry = write(
    'faulty.mjs',
    `const answer = (id, result) => process.send({ type: 'readings', id, rssBytes: 0,
      readings: JSON.stringify([{ result, print: null, problem: null, beside: [] }]) });
    process.on('message', ({ id, paths: [path] }) => {
      if (path.includes('fault')) { ${fault} }
      else answer(id, { status: 'parsed', format: 'stl', geometry: ${JSON.stringify(cubeGeometry)} });
    });
    process.send({ type: 'ready' });`,
  );
  return pathToFileURL(entry);
}

function collectGarbage(): void {
  setFlagsFromString('--expose-gc');
  const collect: unknown = runInNewContext('gc');
  if (typeof collect === 'function') collect();
}

const parsed = { status: 'parsed', geometry: cubeGeometry };

describe('the geometry reader', () => {
  it('reads files one after another in one process', async () => {
    const reader = await open();
    const paths = [write('a.stl', binaryCube()), write('b.stl', asciiCube()), write('c.obj', objCube())];
    const results = await Promise.all(paths.map(async (path) => await reader.read(path)));
    expect(results).toEqual(
      ['stl', 'stl', 'obj'].map((format) => ({ status: 'parsed', format, geometry: cubeGeometry })),
    );
  });

  it('stops a file that takes too long and reads the next one', async () => {
    const reader = await open({ timeoutMs: 3000 });
    const facets = 4_000_000_000;
    const header = Buffer.alloc(84);
    header.writeUInt32LE(facets, 80);
    const endless = write('endless.stl', header);
    // A hole: it takes no room, and as long to read as if it were full.
    truncateSync(endless, header.length + 50 * facets);
    expect(await reader.read(endless)).toEqual({
      status: 'unparsed',
      format: 'stl',
      reason: 'takes longer to read than 3000 ms',
    });
    expect(await reader.read(write('cube.obj', objCube()))).toMatchObject(parsed);
  });

  it('stops a process that hangs without a word and reads the next file', async () => {
    // Nobody's clock but the test's: it rings for the first file, and for the next one never, however slow the machine is.
    let reads = 0;
    const timer = (ring: () => void, ms: number) => {
      reads += 1;
      if (reads === 1 && ms === 3000) setImmediate(ring);
      return () => {};
    };
    const reader = await open({ silenceMs: 3000, timer, childEntry: faultyEntry('for (;;);') });
    expect(await reader.read('fault.ply')).toMatchObject({
      status: 'unparsed',
      format: 'ply',
      reason: 'made its reader silent for 3000 ms',
      isPassing: true,
    });
    expect(await reader.read('fine.stl')).toMatchObject(parsed);
  });

  it('stops a file that takes too much memory and reads the next one', async () => {
    const reader = await open({ maxMemoryBytes: 128 * mebibyte });
    const bloated = write('bloated.obj', 'v 1 2 3\n'.repeat(6_000_000));
    expect(await reader.read(bloated)).toEqual({
      status: 'unparsed',
      format: 'obj',
      reason: 'takes more memory to read than 128 MiB',
    });
    expect(await reader.read(write('cube.obj', objCube()))).toMatchObject(parsed);
  });

  it('gives a file the same answer whatever was read before it', async () => {
    const reader = await open({ maxMemoryBytes: 200 * mebibyte });
    const large = write('large.obj', 'v 1 2 3\n'.repeat(1_000_000));
    const alone = await reader.read(large);
    expect(alone).toMatchObject({ status: 'parsed', geometry: { triangles: 0, vertices: 1 } });
    for (let again = 0; again < 2; again += 1) expect(await reader.read(large)).toEqual(alone);
  });

  it('survives a process that crashes, and says how it ended', async () => {
    const killed = await open({ childEntry: faultyEntry("process.kill(process.pid, 'SIGKILL');") });
    expect(await killed.read('fault.stl')).toEqual({
      status: 'unparsed',
      format: 'stl',
      reason: 'ended the process that read it (SIGKILL)',
      isPassing: true,
    });
    expect(await killed.read('fine.stl')).toMatchObject(parsed);
    const exited = await open({ childEntry: faultyEntry('process.exit(7);') });
    expect(await exited.read('fault.stl')).toMatchObject({ reason: 'ended the process that read it (exit code 7)' });
    expect(await exited.read('fine.stl')).toMatchObject(parsed);
  });

  it('gives the reason of the signal where what it stands for has ended the process while it started', async () => {
    await using reader = idleGeometryReader({ childEntry: pathToFileURL(write('ends.mjs', 'process.exit(1);')) });
    const interrupt = new AbortController();
    const reading = reader.read('fine.stl', { signal: interrupt.signal });
    // By then its process is under way.
    setImmediate(() => interrupt.abort(new Error('interrupted')));
    await expect(reading).rejects.toThrow('interrupted');
  });

  it('gives a file a second chance in a fresh process when the crash may be the fault of an earlier one', async () => {
    const reader = await open({
      childEntry: faultyEntry(
        "if (globalThis.before) process.exit(7); globalThis.before = true; answer(id, { status: 'unparsed', format: null, reason: 'first' });",
      ),
    });
    expect(await reader.read('fault.stl')).toMatchObject({ reason: 'first' });
    expect(await reader.read('fault.stl')).toMatchObject({ reason: 'first' });
  });

  it('stops reading when the signal fires, and waiting too', async () => {
    const reader = await open({ timeoutMs: Infinity, childEntry: faultyEntry('') });
    const abort = new AbortController();
    const waiting = new AbortController();
    const reading = reader.read('fault.stl', { signal: abort.signal });
    const queued = reader.read('fine.stl', { signal: waiting.signal });
    const patient = reader.read('fine.stl');
    waiting.abort(new Error('changed my mind'));
    await expect(queued).rejects.toThrow('changed my mind');
    abort.abort(new Error('enough'));
    await expect(reading).rejects.toThrow('enough');
    expect(await patient).toMatchObject(parsed);
    await expect(reader.read('fine.stl', { signal: AbortSignal.abort(new Error('too late')) })).rejects.toThrow(
      'too late',
    );
  });

  it('fails what it was reading, and what waited, when it is closed', async () => {
    const reader = await open({ childEntry: faultyEntry('') });
    const calls = [reader.read('fault.stl'), reader.read('fine.stl')];
    const outcomes = Promise.allSettled(calls);
    await reader.close();
    for (const outcome of await outcomes) {
      expect(outcome).toMatchObject({ status: 'rejected', reason: { message: 'The geometry reader is closed.' } });
    }
    await expect(reader.read('fine.stl')).rejects.toThrow('closed');
    await reader.close();
  });

  it('keeps nothing of the files that it has read', async () => {
    const reader = await open({ childEntry: faultyEntry('') });
    const { signal } = new AbortController();
    const readMany = async (): Promise<number> => {
      for (let n = 0; n < 2_000; n += 1) await reader.read('fine.stl', { signal });
      collectGarbage();
      return process.memoryUsage().heapUsed;
    };
    const afterWarmUp = await readMany();
    // One kilobyte to a file would be two mebibytes.
    expect((await readMany()) - afterWarmUp).toBeLessThan(mebibyte);
  });

  it('refuses to open without an entry that runs, and options that it does not have', async () => {
    const missing = pathToFileURL(join(makeFolder(), 'missing.js'));
    await expect(openGeometryReader({ childEntry: missing })).rejects.toThrow('could not start its process');
    const misspelt: object = { timeoutms: 5 };
    await expect(openGeometryReader(misspelt)).rejects.toThrow("unknown option 'timeoutms'; did you mean 'timeoutMs'?");
    await expect(openGeometryReader({ timeoutMs: 0 })).rejects.toThrow(TypeError);
    await expect(openGeometryReader({ maxMemoryBytes: 1 })).rejects.toThrow(TypeError);
  });
});

describe('what is not an ordinary file', () => {
  it('is answered with a reason', async () => {
    const reader = await open();
    const folder = makeFolder();
    const at = (name: string) => join(folder, name);
    symlinkSync(at('b.stl'), at('a.stl'));
    symlinkSync(at('a.stl'), at('b.stl'));
    symlinkSync(at('nowhere'), at('dangling.stl'));
    symlinkSync('/dev/zero', at('device.stl'));
    execFileSync('mkfifo', [at('pipe.stl')]);
    const reasons: Record<string, string> = {};
    for (const name of ['a.stl', 'dangling.stl', 'device.stl', 'pipe.stl', '.', 'missing.stl', 'missing.txt']) {
      const result = await reader.read(at(name));
      reasons[name] = result.status === 'unparsed' ? result.reason : 'parsed';
    }
    expect(reasons).toEqual({
      'a.stl': 'is a link whose target leads back to itself',
      'dangling.stl': 'is a link whose target does not exist',
      'device.stl': 'is not a regular file',
      'pipe.stl': 'is not a regular file',
      '.': 'is not a regular file',
      'missing.stl': 'does not exist',
      'missing.txt': 'does not exist',
    });
    const text = join(folder, 'notes.txt');
    writeFileSync(text, 'hello');
    expect(await reader.read(text)).toEqual({ status: 'unparsed', format: null, reason: 'is not a model file' });
    expect(await reader.read(write('cube.step', 'ISO-10303-21;'))).toMatchObject({
      format: 'step',
      reason: 'is in the format step, which is not read yet',
    });
  });

  it('counts when it is a link to an ordinary one', async () => {
    const reader = await open();
    const cube = write('cube.stl', binaryCube());
    symlinkSync(cube, join(cube, '..', 'link.stl'));
    expect(await reader.read(join(cube, '..', 'link.stl'))).toMatchObject(parsed);
  });
});

describe('a file that changes while it is read', () => {
  it('has no figures, whether it grows or is written anew', () => {
    const path = write('cube.stl', binaryCube());
    using growing = openModelFile(path);
    expect(() => growing.verifyUnchanged()).not.toThrow();
    appendFileSync(path, 'more');
    expect(() => growing.verifyUnchanged()).toThrow('changed while it was read');
    using touched = openModelFile(path);
    utimesSync(path, 1, 1);
    expect(() => touched.verifyUnchanged()).toThrow('changed while it was read');
    using cut = openModelFile(path);
    writeFileSync(path, 'short');
    expect(() => cut.bytes(0, 100)).toThrow('was cut while it was read');
  });
});

describe('a pair of geometry readers', () => {
  /** Its answers name its process, and one about `a` waits until the file that it names is there. */
  const telling = () =>
    pathToFileURL(
      write(
        'telling.mjs',
        `import { existsSync, watch, writeFileSync } from 'node:fs';
        import { basename, dirname, join } from 'node:path';
        process.on('message', async ({ id, paths }) => {
          const [path] = paths;
          const other = join(dirname(path), 'b read');
          if (basename(path) === 'b') writeFileSync(other, '');
          if (basename(path) === 'a') {
            const heard = new Promise((resolve) => watch(dirname(path), () => existsSync(other) && resolve()));
            if (!existsSync(other)) await heard;
          }
          const result = { status: 'unparsed', format: null, reason: String(process.pid) };
          process.send({ type: 'readings', id, rssBytes: path.includes('.7z!/') ? 150 * 1024 ** 2 : 1,
            readings: JSON.stringify(paths.map(() => ({ result, print: null, problem: null, beside: [] }))) });
        });
        process.send({ type: 'ready' });`,
      ),
    );

  const processOf = (pair: GeometryReader) => {
    const folder = makeFolder();
    return async (...names: readonly string[]) => {
      const [reading] = await pair.readMany(names.map((name) => join(folder, name)));
      return reading?.result.status === 'unparsed' ? reading.result.reason : null;
    };
  };

  it('reads a lone file while another one is still read, and many at once in one process', async () => {
    await using pair = pairOfGeometryReaders({ childEntry: telling() });
    const process = processOf(pair);
    const [a, b] = await Promise.all([process('a'), process('b')]);
    const [c, d] = await Promise.all([process('c', 'c'), process('d', 'd')]);
    expect(a).not.toBe(b);
    expect([c, d]).toEqual([a, a]);
  });

  it('reads what is packed many as one in one process, beside no other, and no process keeps its memory for the rest', async () => {
    await using pair = pairOfGeometryReaders({ childEntry: telling() });
    const process = processOf(pair);
    const isThere = (id: string | null) => existsSync(`/proc/${id}`);
    const [a, b] = await Promise.all([process('a'), process('b')]);
    const last = process('a');
    const [c, d, e] = await Promise.all([process('x.7z!/c'), process('x.7z!/d'), process('y.rar!/e')]);
    expect([c, d, e, await last]).toEqual([a, a, a, a]);
    if (existsSync('/proc/self')) expect([isThere(a), isThere(b)]).toEqual([true, false]);
    const [f, g] = await Promise.all([process('x.7z!/f'), process('g')]);
    expect([f, g === f]).toEqual([a, false]);
  });
});
