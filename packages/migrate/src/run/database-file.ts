// Which file a URL names: for names of copies, and to see who holds locks on it.
import { fileURLToPath } from 'node:url';

/** The path of a local file; undefined for anything else, and for what opening will refuse. */
export function pathOf(url: string): string | undefined {
  if (!url.startsWith('file:') || url === 'file::memory:') return undefined;
  try {
    return url.startsWith('file://') ? fileURLToPath(url) : decodeURIComponent(url.slice('file:'.length));
  } catch {
    return undefined;
  }
}
