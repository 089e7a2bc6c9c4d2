// What is kept beside the file of a library, in the folder `.candy`: pictures of models, and the history of its health.
import { basename, dirname, join } from 'node:path';
import { pathOf } from './location.js';

/** The folder for the pictures of the library at `url`; of one on a server or in memory, below `folder`, where candy runs. */
export function picturesFolder(url: string, folder: string): string {
  return beside(url, folder, 'pictures');
}

/** The file for figures of health over time and alerts. Each library of a folder has its own. */
export function historyFile(url: string, folder: string): string {
  const path = pathOf(url);
  return beside(url, folder, path === undefined ? 'health.db' : `${basename(path).replace(/\.db$/, '')}-health.db`);
}

function beside(url: string, folder: string, name: string): string {
  const path = pathOf(url);
  const around = path === undefined ? folder : dirname(path);
  return basename(around) === '.candy' ? join(around, name) : join(around, '.candy', name);
}
