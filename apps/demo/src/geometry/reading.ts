// The thread of the reader process that reads files; it notes which one it is at, for the thread that watches it (`child.ts`).
import { parentPort } from 'node:worker_threads';
import { ArchiveShelf } from '../archives/archive-shelf.js';
import { type ModelFormat, modelFormats } from './format.js';
import type { FileReading } from './geometry.js';
import { readFile } from './measure-file.js';
import { createMeshMeasure } from './mesh-measure.js';
import { beganAt, formatAt, measuresAt, type ReaderMessage, type ReadRequest } from './protocol.js';

/** Answers each request that comes to this thread. */
export function answerReads(notes: Int32Array): void {
  const port = parentPort;
  const [shelf, measure] = [new ArchiveShelf({ reusesContent: true }), createMeshMeasure()];
  const answer = async ({ id, paths, wants }: ReadRequest) => {
    const readings: FileReading[] = [];
    for (const path of paths) {
      Atomics.store(notes, formatAt, 0);
      Atomics.add(notes, beganAt, 1);
      const onFormat = (format: ModelFormat) => void Atomics.store(notes, formatAt, modelFormats.indexOf(format) + 1);
      const onMeasure = () => void Atomics.store(notes, measuresAt, 1);
      Atomics.store(notes, measuresAt, 0);
      readings.push(await readFile(path, { wants, onFormat, onMeasure, shelf, measure }));
    }
    const text = JSON.stringify(readings);
    port?.postMessage({ type: 'readings', id, readings: text, rssBytes: 0 } satisfies ReaderMessage);
  };
  port?.on('message', (request: ReadRequest) => void answer(request));
  port?.postMessage({ type: 'ready' } satisfies ReaderMessage);
}
