// The words of the folders that a file lies in, from its path alone. extra-text.ts puts them into models.search_extra
// beside what it finds itself; decision 22 tells why these folders.
import { plainText } from './plain-text.js';

/** Further up are collections of everything, which hundreds of models have in common. */
const mostFolders = 3;

/** A path is of any length, and so is a folder of an archive. */
const maxLength = 100;

/**
 * Returns the names of the last three folders of a path that say what is in them, the outermost first: of
 * `C:\Users\Anna\Models\Dragons\Red\body.stl` Dragons and Red. Where a disk or a home begins, folders that are named for keeping
 * files, and names without a letter are left out; an archive (`Wings.zip!`) counts as a folder.
 */
export function folderNames(filePath: string): readonly string[] {
  // Most files of a library without folders end here.
  if (!slash.test(filePath)) return [];
  const folders = foldersOf(filePath);
  const telling: string[] = [];
  for (let i = folders.length - 1; i >= 0 && telling.length < mostFolders; i -= 1) {
    const name = (folders[i] ?? '').replace(archiveEnd, '').slice(0, maxLength);
    if (isTelling(name)) telling.unshift(name);
  }
  return telling;
}

/** The folders below the place where a disk, a share or a home begins; a relative path has no such place. */
function foldersOf(filePath: string): readonly string[] {
  const isWindows = windowsPath.test(filePath);
  const folders = filePath.split(isWindows ? /[\\/]+/ : /\/+/).slice(0, -1);
  if (webPlace.test(filePath)) return folders.slice(2);
  if (filePath.startsWith('\\\\')) return folders.slice(3);
  if (!isWindows && !filePath.startsWith('/')) return folders;
  // '' or the drive came first.
  const [top = ''] = folders.slice(1);
  if (homes.has(top.toLowerCase())) return folders.slice(3);
  return folders.slice(isWindows ? 1 : 2);
}

function isTelling(name: string): boolean {
  // Quick for what nearly every name is.
  if (ascii.test(name)) {
    const lower = name.toLowerCase();
    return /[a-z]/.test(lower) && (lower.match(/[a-z0-9]+/g) ?? []).some((word) => !keeping.has(word));
  }
  const words =
    plainText(name)
      .toLowerCase()
      .match(/[\p{L}\p{N}]+/gu) ?? [];
  return /\p{L}/u.test(name) && words.some((word) => !keeping.has(word));
}

const ascii = /^[\0-\x7f]*$/;
const slash = /[\\/]/;
const windowsPath = /^(?:[A-Za-z]:[\\/]|\\\\)/;
const webPlace = /^[A-Za-z][A-Za-z0-9+.-]+:\/\//;
const archiveEnd = /(?:\.[A-Za-z0-9]{1,4})?!$/;

/** Folders whose own folders are people or disks. */
const homes: ReadonlySet<string> = new Set(['home', 'users', 'media', 'mnt', 'volumes']);

/** Words that say that files are kept in a folder, and not which: nearly every model of somebody would have them. */
const keeping: ReadonlySet<string> = new Set([
  ...['model', 'models', 'file', 'files', 'folder', 'download', 'downloads', 'document', 'documents', 'desktop'],
  ...[
    'library',
    'libraries',
    'archive',
    'archives',
    'copy',
    'copies',
    'backup',
    'backups',
    'new',
    'misc',
    'my',
    'tmp',
    'temp',
    'dropbox',
    'onedrive',
  ],
  ...['3d', 'print', 'prints', 'printing', 'stl', 'stls', 'obj', 'objs', '3mf', 'ply', 'step', 'gcode'],
]);
