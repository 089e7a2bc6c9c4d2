// Where the file of the disk tier lies: whether it is still the one that was opened and as we have left it, and how one that
// cannot be used any more gets out of the way. Never opens one in use: that would take the locks of this process away.
import { renameSync, rmSync, statSync, truncateSync } from 'node:fs';
import { resolve } from 'node:path';

/** The file and its log, looked at by name. */
export class DiskPlace {
  readonly path: string;
  #known = '';
  #logBytes = 0;

  constructor(path: string) {
    // A relative one would be that of another file once the process has changed its folder.
    this.path = resolve(path);
  }

  /** Bytes of the log when it was last looked at. */
  get logBytes(): number {
    return this.#logBytes;
  }

  /** Takes what is there as ours: called after each write. */
  remember(): void {
    this.#known = this.#look();
  }

  /** Whether nobody has touched the file or its log since. */
  isAsLeft(): boolean {
    return this.#look() === this.#known;
  }

  /** Puts the file aside, in place of the one that was put aside before. @throws Error when the folder does not allow it */
  putAside(): void {
    if (statSync(this.path, { throwIfNoEntry: false })?.isFile()) renameSync(this.path, `${this.path}.damaged`);
    this.#removeLog();
  }

  /** Removes our file. @throws Error when the folder does not allow it */
  remove(): void {
    for (const path of [this.path, `${this.path}-wal`]) {
      // The driver keeps a removed file, and its room on the disk, for as long as it likes.
      if (statSync(path, { throwIfNoEntry: false })?.isFile()) truncateSync(path);
    }
    rmSync(this.path, { force: true });
    this.#removeLog();
  }

  #removeLog(): void {
    for (const end of ['-wal', '-shm', '-journal']) rmSync(`${this.path}${end}`, { force: true });
  }

  #look(): string {
    const file = statSync(this.path, { throwIfNoEntry: false });
    const log = statSync(`${this.path}-wal`, { throwIfNoEntry: false });
    this.#logBytes = log?.size ?? 0;
    return `${file?.ino} ${file?.size} ${file?.mtimeMs} ${log?.ino} ${log?.size} ${log?.mtimeMs}`;
  }
}
