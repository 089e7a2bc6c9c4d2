// Where the pictures of a library are kept: beside its file, in the folder `.candy`.
import { basename, dirname, join } from 'node:path';
import { pathOf } from '../location.js';

/** The folder for the pictures of the library at `url`; of one on a server or in memory, below `folder`, where candy runs. */
export function picturesFolder(url: string, folder: string): string {
  const path = pathOf(url);
  const around = path === undefined ? folder : dirname(path);
  return basename(around) === '.candy' ? join(around, 'pictures') : join(around, '.candy', 'pictures');
}
