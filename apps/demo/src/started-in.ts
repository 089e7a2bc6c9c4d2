// The folder that candy is started in: paths are relative to it, and `.candy` lies there. Where its path leads elsewhere, or
// nowhere, files would be made in another folder than the one that somebody stands in.
import { statSync } from 'node:fs';

/** A folder, and why nothing can be done there; null where something can. */
export interface StartedIn {
  readonly folder: string;
  readonly problem: string | null;
}

/** Finds the folder of this process. */
export function startedIn(): StartedIn {
  try {
    const folder = process.cwd();
    return { folder, problem: isItself(folder) ? null : notUtf8 };
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : 'UNKNOWN';
    return {
      folder: '',
      problem: code === 'ENOENT' ? gone : `The folder that candy was started in has no path [${code}].`,
    };
  }
}

/** Bytes of a name that are no UTF-8 have become U+FFFD, which may be the name of another folder. */
function isItself(folder: string): boolean {
  if (!folder.includes('\ufffd')) return true;
  const [named, here] = [statSync(folder, { throwIfNoEntry: false }), statSync('.')];
  return named?.ino === here.ino && named.dev === here.dev;
}

const notUtf8 = 'The name of this folder, or of one around it, is no UTF-8: rename it, or start candy elsewhere.';
const gone = 'The folder that candy was started in is gone: start it in another one.';
