// The entry of the reader process: a worker thread reads, the main thread watches the memory of both and the computing time.
// Started by `reader-process.ts`, which kills this process when it makes no answer at all.
import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads';
import { ArchiveShelf } from '../archives/archive-shelf.js';
import { type ModelFormat, modelFormats } from './format.js';
import type { FileReading } from './geometry.js';
import { readFile } from './measure-file.js';
import type { ReaderMessage, ReadRequest } from './protocol.js';

const watchIntervalMs = 5;

/** Where the worker notes what it is at: how many files it has begun, the format of the last (0: none yet), and whether it measures. */
const [beganAt, formatAt, measuresAt] = [0, 1, 2];

if (isMainThread) supervise(Number(process.argv[2]), Number(process.argv[3]));
else work(new Int32Array(workerData));

function supervise(maxMemoryBytes: number, timeoutMs: number): void {
  const notes = new Int32Array(new SharedArrayBuffer(12));
  const maxOldGenerationSizeMb = Math.ceil((maxMemoryBytes / 1024 / 1024) * 0.8);
  const worker = new Worker(new URL(import.meta.url), {
    workerData: notes.buffer,
    // A small young generation is as fast for text read line by line and keeps 30 MB less garbage.
    resourceLimits: { maxOldGenerationSizeMb, maxYoungGenerationSizeMb: 4 },
    stdout: true,
    stderr: true,
  });
  let currentId = 0;
  let watch: NodeJS.Timeout | undefined;
  const end = (type: 'memory' | 'timeout') => {
    clearInterval(watch);
    const die = () => process.kill(process.pid, 'SIGKILL');
    const format = modelFormats[Atomics.load(notes, formatAt) - 1] ?? null;
    send({ type, id: currentId, format }, die);
  };
  worker.on('message', (message: ReaderMessage) => {
    if (message.type !== 'readings') return send(message);
    clearInterval(watch);
    send({ ...message, rssBytes: process.memoryUsage.rss() });
  });
  worker.on('error', (error) => {
    if ('code' in error && error.code === 'ERR_WORKER_OUT_OF_MEMORY') end('memory');
    else process.exit(1);
  });
  process.on('message', (request: ReadRequest) => {
    currentId = request.id;
    let began = -1;
    let before = process.cpuUsage();
    watch = setInterval(() => {
      if (process.memoryUsage.rss() > maxMemoryBytes) return end('memory');
      const file = Atomics.load(notes, beganAt);
      // Large files take long to take their print of, whatever is in them.
      if (file !== began || Atomics.load(notes, measuresAt) === 0) [began, before] = [file, process.cpuUsage()];
      const { user, system } = process.cpuUsage(before);
      // Computing time: a machine that is busy with other things refuses no file.
      if ((user + system) / 1000 > timeoutMs) end('timeout');
    }, watchIntervalMs);
    worker.postMessage(request);
  });
  // Ctrl-C reaches the whole group: the import ends in its own time, and this process with it.
  process.on('SIGINT', () => {});
  process.on('disconnect', () => process.kill(process.pid, 'SIGKILL'));
}

function work(notes: Int32Array): void {
  const port = parentPort;
  const shelf = new ArchiveShelf();
  const answer = async ({ id, paths, wants }: ReadRequest) => {
    const readings: FileReading[] = [];
    for (const path of paths) {
      Atomics.store(notes, formatAt, 0);
      Atomics.add(notes, beganAt, 1);
      const onFormat = (format: ModelFormat) => void Atomics.store(notes, formatAt, modelFormats.indexOf(format) + 1);
      const onMeasure = () => void Atomics.store(notes, measuresAt, 1);
      Atomics.store(notes, measuresAt, 0);
      readings.push(await readFile(path, { wants, onFormat, onMeasure, shelf }));
    }
    port?.postMessage({ type: 'readings', id, readings, rssBytes: 0 } satisfies ReaderMessage);
  };
  port?.on('message', (request: ReadRequest) => void answer(request));
  port?.postMessage({ type: 'ready' } satisfies ReaderMessage);
}

function send(message: ReaderMessage, sent?: () => void): void {
  process.send?.(message, undefined, undefined, sent);
}
