// Which file a URL names: for names of copies, and to see who holds locks on it.
import { fileURLToPath } from 'node:url';

/** The path of a local file; undefined for anything else, and for what opening will refuse. */
export function pathOf(url: string): string | undefined {
  // A query or fragment is refused where the database is opened.
  if (!/^file:[^?#]+$/i.test(url) || /^file::memory:$/i.test(url)) return undefined;
  try {
    return /^file:\/\//i.test(url) ? fileURLToPath(url) : decodeURIComponent(url.slice('file:'.length));
  } catch {
    return undefined;
  }
}
