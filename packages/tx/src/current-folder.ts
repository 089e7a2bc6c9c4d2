// The current folder, which may be gone: a program that goes on while its release is deleted still stands in it.
import { accessSync, constants } from 'node:fs';

/** Returns the path of the current folder, or undefined when nobody can go there, as when it was deleted. */
export function currentFolder(): string | undefined {
  try {
    // Node answers with what it was, once it has been asked for.
    const folder = process.cwd();
    accessSync(folder, constants.X_OK);
    return folder;
  } catch {
    return undefined;
  }
}
