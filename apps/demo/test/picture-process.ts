// Pictures with a process of the test instead of the one that draws, and what several tests of pictures share.
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { encode } from 'fast-png';
import { onTestFinished } from 'vitest';
import { openPictures, type PicturedModel, type Pictures, type PicturesOptions } from '../src/pictures/pictures.js';
import { makeFolder } from './measuring.js';
import { put } from './temporary-library.js';

/** Pictures of a place of their own, with the process that is built, or with one of the test. */
export function open(o: Partial<PicturesOptions> = {}): { pictures: Pictures; folder: string } {
  const folder = o.folder ?? join(makeFolder(), 'pictures');
  const pictures = openPictures({ ...o, folder });
  onTestFinished(async () => await pictures.close());
  return { pictures, folder };
}

/** A picture of one colour. */
export function png(side: number, shade = 90): Uint8Array {
  const data = new Uint8Array(side * side * 3).fill(shade);
  return encode({ width: side, height: side, data, channels: 3, depth: 8 });
}

/** A process that answers each request with a picture as large as the number in the file's name, after `before`. */
export function entry(before: string): URL {
  const picture = Buffer.from(png(40)).toString('base64');
  return pathToFileURL(
    put(
      makeFolder(),
      'entry.mjs',
      `import { appendFileSync } from 'node:fs';
      process.on('message', async ({ path }) => {
        ${before}
        const bytes = Buffer.from('${picture}', 'base64');
        process.send({ rssBytes: 0, painted: { outcome: 'picture', bytes, type: 'image/png', width: 40, height: 40, beside: [] } });
      });
      process.on('disconnect', () => process.exit());
      process.send('ready');`,
    ),
  );
}

/** A model of which only the process of the test knows anything; `at` makes it another one. */
export function made(at: number, name = 'x.stl'): PicturedModel {
  return {
    filePath: join('/nowhere', name),
    fileHash: at.toString(16).padStart(64, '0'),
    fileStamp: null,
    parseStatus: 'parsed',
  };
}
