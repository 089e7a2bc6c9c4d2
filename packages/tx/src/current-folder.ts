// The current folder, which may be gone: a program that goes on while its release is deleted still stands in it.
import { existsSync } from 'node:fs';

/** Returns the current folder, or undefined when it was deleted. */
export function currentFolder(): string | undefined {
  try {
    const folder = process.cwd();
    // Node answers with what it was, once it has been asked for.
    return existsSync(folder) ? folder : undefined;
  } catch {
    return undefined;
  }
}
