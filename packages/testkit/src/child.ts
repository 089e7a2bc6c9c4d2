// Starts a program with Node as a real process, hears it line by line, and knows how it ended. Without vitest, so that
// plain programs can use it: `npm run torture`. A test takes `program.ts`, which ends the process with the test.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { basename } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

/** A running program. */
export interface Child {
  /** What it has printed so far. */
  readonly lines: readonly string[];
  /** The next line that it prints, of those that no other call has returned. @throws Error when it ends first */
  line(): Promise<string>;
  /** Waits until what it has printed passes `test`. @throws Error when it ends first */
  until(test: (lines: readonly string[]) => boolean): Promise<void>;
  send(line: string): void;
  /** Ends its standard input: nothing more is sent. */
  finish(): void;
  /** Whether it has ended. */
  hasEnded(): boolean;
  /** Waits until it has ended and everything that it printed is in `lines`. */
  ended(): Promise<ChildEnd>;
  /** Stops it where it stands (SIGSTOP), soon, until `resume`. Not on Windows. */
  pause(): void;
  resume(): void;
  /** Ends it with SIGKILL and waits as `ended` does. */
  kill(): Promise<void>;
}

/** How a program ended, and what it wrote to its standard error. */
export interface ChildEnd {
  /** Null when a signal ended it. */
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly errors: string;
}

/** Under which limits to start a program. */
export interface ChildOptions {
  /** How many descriptors it may have. Default: as many as this process. Windows has no such limit. */
  readonly maxOpenFiles?: number;
  /** Starts it as a user whom permissions bind. Default: as who runs this. */
  readonly unprivileged?: boolean;
}

/** Whether nothing is forbidden to the user who runs this. */
export const isRoot: boolean = process.getuid?.() === 0;

/** Starts the program at `program`, a `file:` URL, with Node. The caller sees to it that it ends. */
export function startChild(
  program: URL,
  args: readonly string[],
  { maxOpenFiles, unprivileged = false }: ChildOptions = {},
): Child {
  const path = fileURLToPath(program);
  const command = [process.execPath, path, ...args];
  const limited = ['sh', '-c', `ulimit -n ${maxOpenFiles}; exec "$@"`, 'sh', ...command];
  const [first = '', ...rest] = maxOpenFiles === undefined || process.platform === 'win32' ? command : limited;
  const child = spawn(first, rest, unprivileged && isRoot ? { uid: 65_534, gid: 65_534 } : {});
  const lines: string[] = [];
  const waiting = new Set<() => void>();
  let errors = '';
  let over = false;
  let read = 0;
  const look = (): void => {
    for (const each of [...waiting]) each();
  };
  child.stderr.on('data', (chunk) => (errors += String(chunk)));
  child.on('error', (error) => (errors += String(error)));
  // It may be gone when it is spoken to; `ended` tells.
  child.stdin.on('error', () => undefined);
  const reader = createInterface({ input: child.stdout });
  reader.on('line', (line) => {
    lines.push(line);
    look();
  });
  // Only when the pipe is empty too: what was said before a kill counts.
  const closed = Promise.all([once(reader, 'close'), once(child, 'close')]).then(() => {
    over = true;
    look();
  });
  const until: Child['until'] = (test) =>
    new Promise((resolve, reject) => {
      const check = (): void => {
        const passed = test(lines);
        if (!passed && !over) return;
        waiting.delete(check);
        if (passed) resolve();
        else reject(new Error(`${basename(path)} ${args.join(' ')} ended by itself: ${tail(lines)} ${errors}`));
      };
      waiting.add(check);
      check();
    });
  const ended: Child['ended'] = async () => {
    await closed;
    return { code: child.exitCode, signal: child.signalCode, errors };
  };
  return {
    lines,
    line: async () => {
      const index = read;
      read += 1;
      await until(({ length }) => length > index);
      return lines[index] ?? '';
    },
    until,
    send: (line) => void child.stdin.write(`${line}\n`),
    finish: () => void child.stdin.end(),
    ended,
    hasEnded: () => over,
    pause: () => void child.kill('SIGSTOP'),
    resume: () => void child.kill('SIGCONT'),
    kill: async () => {
      child.kill('SIGKILL');
      await ended();
    },
  };
}

function tail(lines: readonly string[]): string {
  return lines.slice(-5).join(' | ');
}
