// Which files and folders an import passes over: the clutter of systems and programs, hidden names, and the patterns of
// `.candyignore` files and `--ignore`, which are those of `.gitignore`.
import { existsSync } from 'node:fs';
import { basename, join, relative, sep } from 'node:path';
import { openToRead } from '../open-to-read.js';
import { isClutter } from './clutter.js';
import { pathPattern } from './ignore-pattern.js';

/** The rules that hold in a folder. */
export interface IgnoreRules {
  /** Whether a path below the folder that the rules began in is passed over. */
  ignores(path: string, isFolder: boolean): boolean;
  /** Whether a name is that of something which systems and programs leave behind. */
  isClutter(name: string): boolean;
}

/** Options of the rules. */
export interface IgnoreOptions {
  readonly ignore?: readonly string[] | undefined;
  readonly hidden?: boolean | undefined;
}

/** The rules of a folder that was named on the command line. */
export function ignoreRules(root: string, { ignore = [], hidden = false }: IgnoreOptions): IgnoreRules {
  return new Rules(hidden, patternsOf(root, ignore));
}

/** A `.candyignore` is none that can be read. */
export class UnreadableRules extends Error {
  override readonly name = 'UnreadableRules';
}

/** The rules in a folder that holds a `.candyignore`. @throws UnreadableRules, Error of the file system */
export async function rulesIn(folder: string, around: IgnoreRules): Promise<IgnoreRules> {
  const text = await textOf(join(folder, '.candyignore'));
  // Editors of Windows begin files with the mark of the encoding.
  const lines = text.replace(/^\ufeff/, '').split(/\r?\n/);
  return around instanceof Rules ? around.with(patternsOf(folder, lines)) : around;
}

/** Whether something below `root` is passed over, by its own name or by that of a folder around it. */
export async function passesOver(root: string, path: string, options: IgnoreOptions): Promise<boolean> {
  let rules = ignoreRules(root, options);
  let folder = root;
  const names = relative(root, path).split(sep);
  for (const [at, name] of names.entries()) {
    if (name === '') continue;
    if (existsSync(join(folder, '.candyignore'))) rules = await rulesIn(folder, rules);
    folder = join(folder, name);
    if (rules.ignores(folder, at < names.length - 1)) return true;
  }
  return false;
}

const mostBytes = 1024 * 1024;

/** A device has no end, and of a long file each line would be laid along each path. */
async function textOf(path: string): Promise<string> {
  const file = await openToRead(path);
  try {
    const look = await file.stat();
    if (!look.isFile() && !look.isDirectory()) throw new UnreadableRules('it is not a regular file');
    if (look.isFile() && look.size > mostBytes) throw new UnreadableRules('it is larger than 1 MiB');
    return await file.readFile('utf8');
  } finally {
    await file.close();
  }
}

interface Pattern {
  readonly folder: string;
  readonly fits: (path: string) => boolean;
  readonly isNegative: boolean;
  readonly isForFolders: boolean;
}

class Rules implements IgnoreRules {
  readonly #hidden: boolean;
  readonly #patterns: readonly Pattern[];

  constructor(hidden: boolean, patterns: readonly Pattern[]) {
    this.#hidden = hidden;
    this.#patterns = patterns;
  }

  with(patterns: readonly Pattern[]): Rules {
    return new Rules(this.#hidden, [...this.#patterns, ...patterns]);
  }

  isClutter(name: string): boolean {
    return isClutter(name);
  }

  ignores(path: string, isFolder: boolean): boolean {
    const name = basename(path);
    if (isClutter(name) || (!this.#hidden && name.startsWith('.'))) return true;
    // The last one that fits decides.
    const decides = this.#patterns.findLast(
      ({ folder, fits, isForFolders }) =>
        (isFolder || !isForFolders) && fits(relative(folder, path).split(sep).join('/')),
    );
    return decides !== undefined && !decides.isNegative;
  }
}

function patternsOf(folder: string, lines: readonly string[]): Pattern[] {
  return lines.flatMap((line) => {
    const bareEnd = line.trimEnd();
    // A blank behind a backslash is meant.
    const text = bareEnd.endsWith('\\') ? line.slice(0, bareEnd.length + 1) : bareEnd;
    if (text === '' || text.startsWith('#')) return [];
    const isNegative = text.startsWith('!');
    const bare = text.slice(isNegative ? 1 : 0);
    const isForFolders = bare.endsWith('/');
    const path = bare.replace(/\/$/, '');
    if (path === '') return [];
    return [{ folder, fits: pathPattern(path), isNegative, isForFolders }];
  });
}
