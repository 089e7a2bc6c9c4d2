// The entry of the process that makes pictures, of one file after another; `painter.ts` starts and ends it.
// Files of strangers are read in here. Those that are drawn were measured before, within the limits of the reader.
import { ArchiveShelf } from '../archives/archive-shelf.js';
import { type PaintRequest, paintFile } from './paint-file.js';
import type { PaintAnswer } from './painter.js';

const shelf = new ArchiveShelf();
process.on('message', (request: PaintRequest) => {
  void paintFile(request, shelf).then((painted) => send({ painted, rssBytes: process.memoryUsage.rss() }));
});
// A service manager reaches every process: the program ends in its own time, and this process with it.
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => {});
process.on('disconnect', () => process.kill(process.pid, 'SIGKILL'));
send('ready');

function send(message: PaintAnswer | 'ready'): void {
  process.send?.(message);
}
