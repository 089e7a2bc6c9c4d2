// What a file beside a model was when the model was read, so that the import sees when it changes or arrives.
import { type Stats, statSync } from 'node:fs';
import { relative, resolve } from 'node:path';
import type { FileBeside } from './geometry.js';

/** Looks at a file by its path, absolute or from `folder` on. */
export function fileBeside(folder: string, path: string): FileBeside {
  const whole = resolve(folder, path);
  const name = relative(folder, whole);
  const stats = lookAt(whole);
  if (stats === null) return { name, size: null, modifiedMs: null, changedMs: null };
  return { name, size: stats.size, modifiedMs: stats.mtimeMs, changedMs: stats.ctimeMs };
}

function lookAt(path: string): Stats | null {
  try {
    return statSync(path, { throwIfNoEntry: false }) ?? null;
  } catch {
    // A name that no file can have, or a place that cannot be looked into: it is not there to be read.
    return null;
  }
}
