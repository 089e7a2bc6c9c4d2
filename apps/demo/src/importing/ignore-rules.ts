// Which files and folders an import passes over: the clutter of systems and programs, hidden names, and the patterns of
// `.candyignore` files and `--ignore`, which are those of `.gitignore`.
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { basename, join, relative, sep } from 'node:path';
import { isClutter } from './clutter.js';

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

/** The rules in a folder that holds a `.candyignore`. @throws Error of the file system */
export async function rulesIn(folder: string, around: IgnoreRules): Promise<IgnoreRules> {
  const text = await readFile(join(folder, '.candyignore'), 'utf8');
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

interface Pattern {
  readonly folder: string;
  readonly expression: RegExp;
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
      ({ folder, expression, isForFolders }) =>
        (isFolder || !isForFolders) && expression.test(relative(folder, path).split(sep).join('/')),
    );
    return decides !== undefined && !decides.isNegative;
  }
}

function patternsOf(folder: string, lines: readonly string[]): Pattern[] {
  return lines.flatMap((line) => {
    const text = line.replace(/(?<!\\)\s+$/, '');
    if (text === '' || text.startsWith('#')) return [];
    const isNegative = text.startsWith('!');
    const bare = text.slice(isNegative ? 1 : 0);
    const isForFolders = bare.endsWith('/');
    const path = bare.replace(/\/$/, '');
    if (path === '') return [];
    return [{ folder, expression: expressionOf(path), isNegative, isForFolders }];
  });
}

/** A pattern with a slash before its end counts from its folder on; any other one fits a name at any depth. */
function expressionOf(pattern: string): RegExp {
  const isRooted = pattern.includes('/');
  const path = pattern.replace(/^\//, '');
  let source = '';
  for (let at = 0; at < path.length; at += 1) {
    const rest = path.slice(at);
    const set = /^\[(!|\^)?(\]?[^\]]*)\]/.exec(rest);
    if (rest.startsWith('**/')) {
      source += '(?:[^/]*/)*';
      at += 2;
    } else if (rest.startsWith('**')) {
      source += '.*';
      at += 1;
    } else if (rest.startsWith('*')) source += '[^/]*';
    else if (rest.startsWith('?')) source += '[^/]';
    else if (set !== null) {
      source += `[${set[1] === undefined ? '' : '^/'}${(set[2] ?? '').replace(/[\\[\]^]/g, '\\$&')}]`;
      at += set[0].length - 1;
    } else {
      if (rest.startsWith('\\')) at += 1;
      source += (path[at] ?? '').replace(/[\\^$.*+?()[\]{}|/]/g, '\\$&');
    }
  }
  try {
    return new RegExp(`^${isRooted ? '' : '(?:.*/)?'}${source}$`, 'su');
  } catch {
    // A range from z to a fits nothing, as for git.
    return /(?!)/;
  }
}
