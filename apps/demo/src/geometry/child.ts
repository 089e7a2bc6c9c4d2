// The entry of the reader process: a worker thread reads (`reading.ts`, which only that thread loads), the main thread watches
// the memory of both and the computing time. Started by `reader-process.ts`, which kills this process when it makes no answer.
import { isMainThread, Worker, workerData } from 'node:worker_threads';
import { modelFormats } from './format.js';
import { beganAt, formatAt, measuresAt, type ReaderMessage, type ReadRequest } from './protocol.js';

const watchIntervalMs = 5;

if (isMainThread) supervise(Number(process.argv[2]), Number(process.argv[3]));
else (await import('./reading.js')).answerReads(new Int32Array(workerData));

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
  // A service manager reaches every process: the import ends in its own time, and this process with it.
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => {});
  const endWithParent = (): void => void process.kill(process.pid, 'SIGKILL');
  process.on('disconnect', endWithParent);
  // It has gone while this process started.
  if (!process.connected) endWithParent();
}

function send(message: ReaderMessage, sent?: () => void): void {
  process.send?.(message, undefined, undefined, sent);
}
