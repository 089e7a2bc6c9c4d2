// The name that SQLite has for a file: it follows links, and keeps the log beside the file itself.
import { realpathSync } from 'node:fs';

/** The path of the file that the links in `path` lead to; `path` itself where there is none yet, or it cannot be looked at. */
export function realPath(path: string): string {
  try {
    return realpathSync(path);
  } catch {
    // Whoever opens it is told what is wrong.
    return path;
  }
}
