// The entry of the reader process: a worker thread reads, the main thread watches the memory of both.
// Started by `reader-process.ts`, which also watches the clock and kills this process when a file takes too long.
import { isMainThread, parentPort, Worker } from 'node:worker_threads';
import { measureFile } from './measure-file.js';
import type { ReaderMessage, ReadRequest } from './protocol.js';

const watchIntervalMs = 5;

if (isMainThread) supervise(Number(process.argv[2]));
else work();

function supervise(maxMemoryBytes: number): void {
  const maxOldGenerationSizeMb = Math.ceil((maxMemoryBytes / 1024 / 1024) * 0.8);
  const worker = new Worker(new URL(import.meta.url), {
    // A small young generation is as fast for text read line by line and keeps 30 MB less garbage.
    resourceLimits: { maxOldGenerationSizeMb, maxYoungGenerationSizeMb: 4 },
    stdout: true,
    stderr: true,
  });
  let currentId = 0;
  let watch: NodeJS.Timeout | undefined;
  const runOut = () => {
    clearInterval(watch);
    const die = () => process.kill(process.pid, 'SIGKILL');
    send({ type: 'memory', id: currentId }, die);
  };
  worker.on('message', (message: ReaderMessage) => {
    if (message.type !== 'result') return send(message);
    clearInterval(watch);
    send({ ...message, rssBytes: process.memoryUsage.rss() });
  });
  worker.on('error', (error) => {
    if ('code' in error && error.code === 'ERR_WORKER_OUT_OF_MEMORY') runOut();
    else process.exit(1);
  });
  process.on('message', (request: ReadRequest) => {
    currentId = request.id;
    watch = setInterval(() => {
      if (process.memoryUsage.rss() > maxMemoryBytes) runOut();
    }, watchIntervalMs);
    worker.postMessage(request);
  });
  // Ctrl-C reaches the whole group: the import ends in its own time, and this process with it.
  process.on('SIGINT', () => {});
  process.on('disconnect', () => process.kill(process.pid, 'SIGKILL'));
}

function work(): void {
  const port = parentPort;
  const answer = async ({ id, path }: ReadRequest) => {
    const result = await measureFile(path, (format) =>
      port?.postMessage({ type: 'format', id, format } satisfies ReaderMessage),
    );
    port?.postMessage({ type: 'result', id, result, rssBytes: 0 } satisfies ReaderMessage);
  };
  port?.on('message', (request: ReadRequest) => void answer(request));
  port?.postMessage({ type: 'ready' } satisfies ReaderMessage);
}

function send(message: ReaderMessage, sent?: () => void): void {
  process.send?.(message, undefined, undefined, sent);
}
