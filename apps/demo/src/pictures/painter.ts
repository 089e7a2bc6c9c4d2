// The process that makes pictures, seen from the program that asks: started when there is something to draw, ended when a
// file ends it, hangs in it or leaves too much behind in it, and started again. One file at a time; `pictures.ts` queues.
import { type ChildProcess, fork } from 'node:child_process';
import { existsSync } from 'node:fs';
import { dirname } from 'node:path';
import { fileURLToPath, URL } from 'node:url';
import { isPackedInBlock } from '../archives/entry-path.js';
import type { Timer } from '../geometry/options.js';
import type { Painted, PaintRequest } from './paint-file.js';

/** What the process says about a file, and the memory that it takes. */
export interface PaintAnswer {
  readonly painted: Painted;
  readonly rssBytes: number;
}

/** How long a picture may take, by which clock. */
interface Patience {
  readonly timeoutMs: number;
  readonly timer: Timer;
}

/** Makes pictures in a process of its own. */
export class Painter {
  readonly #entry: URL;
  readonly #patience: Patience;
  #child: ChildProcess | null = null;
  #isClosed = false;

  constructor(entry: URL, patience: Patience) {
    this.#entry = entry;
    this.#patience = patience;
  }

  /** Makes one picture. @throws Error when it is closed, or the process cannot be started */
  async paint(request: PaintRequest): Promise<Painted> {
    for (;;) {
      const isFresh = this.#child === null;
      this.#child ??= await this.#start();
      const answer = await this.#ask(this.#child, request);
      if (this.#isClosed) throw new Error('The pictures are closed.');
      if (answer === 'hangs' || (answer === 'ended' && isFresh)) return { outcome: 'none' };
      // Otherwise what earlier files left behind has ended it: this one gets a process of its own.
      if (answer !== 'ended') return answer;
    }
  }

  /** Ends the process. */
  close(): void {
    this.#isClosed = true;
    this.#end();
  }

  async #start(): Promise<ChildProcess> {
    const child = fork(this.#entry, [], {
      // No secrets from the environment, and no terminal to write to.
      env: process.env['SystemRoot'] === undefined ? {} : { SystemRoot: process.env['SystemRoot'] },
      execArgv: ['--max-old-space-size=320'],
      // In a group of its own: Ctrl-C in a terminal would end it while it starts, before it can take no notice.
      detached: process.platform !== 'win32',
      // The current folder may be deleted, and no thread starts there.
      cwd: dirname(fileURLToPath(this.#entry)),
      serialization: 'advanced',
      stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
    });
    const isReady = await new Promise<boolean>((resolve) => {
      child.once('message', () => resolve(true));
      child.once('exit', () => resolve(false));
      // It stays, for an error that nobody listens to would end the program.
      child.on('error', () => resolve(false));
    });
    if (!isReady) {
      throw new Error(`The process that draws could not be started (${this.#entry.pathname}). Build the app first.`);
    }
    if (this.#isClosed) child.kill('SIGKILL');
    return child;
  }

  async #ask(child: ChildProcess, request: PaintRequest): Promise<Painted | 'ended' | 'hangs'> {
    let stop = (): void => {};
    const answer = await new Promise<PaintAnswer | 'ended' | 'hangs'>((resolve) => {
      const onMessage = (message: PaintAnswer): void => resolve(message);
      const onExit = (): void => resolve('ended');
      child.once('message', onMessage);
      child.once('exit', onExit);
      if (child.exitCode !== null || child.signalCode !== null) onExit();
      const { timeoutMs, timer } = this.#patience;
      const unwind = Number.isFinite(timeoutMs) ? timer(() => resolve('hangs'), timeoutMs) : () => {};
      stop = () => {
        unwind();
        child.off('message', onMessage);
        child.off('exit', onExit);
      };
      child.send(request, () => {
        // A failed send means that the process is gone, which its exit tells.
      });
    });
    stop();
    const most = isPackedInBlock(request.path) ? mostBytesInBlock : mostBytes;
    if (typeof answer === 'string' || answer.rssBytes > most) this.#end();
    return typeof answer === 'string' ? answer : answer.painted;
  }

  #end(): void {
    this.#child?.kill('SIGKILL');
    this.#child = null;
  }
}

/** A process that takes more after a file is ended; idle it takes about 60 MiB. */
const mostBytes = 192 * 1024 * 1024;
/** One that unpacks a block keeps it for the files that come next in it: another one would begin at its start. */
const mostBytesInBlock = 320 * 1024 * 1024;

/** The built entry of the process: bundled beside dist/main.js or a chunk of it; from sources, the build of the package. */
export function painterEntry(): URL {
  const places = ['./pictures/child.js', './child.js', '../../dist/pictures/child.js'];
  const [found] = places.map((place) => new URL(place, import.meta.url)).filter((place) => existsSync(place));
  if (found !== undefined) return found;
  throw new Error('The pictures find no build of the process that draws (pictures/child.js). Build the app first.');
}
