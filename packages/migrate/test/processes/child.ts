// Starts the programs of this folder as real processes, hears them line by line, and knows how each of them ended.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

/** A running program. */
export interface Child {
  /** What it has printed so far. */
  readonly lines: readonly string[];
  /** Waits until what it has printed passes `test`. @throws Error when it ends first */
  until(test: (lines: readonly string[]) => boolean): Promise<void>;
  send(line: string): void;
  /** Waits until it has ended and everything that it printed is in `lines`. */
  ended(): Promise<{ readonly code: number | null; readonly signal: string | null; readonly errors: string }>;
  /** Ends it with SIGKILL and waits as `ended` does. */
  kill(): Promise<void>;
}

/** Starts `name` with Node. The caller sees to it that it ends. */
export function startChild(name: string, args: readonly string[]): Child {
  const child = spawn(process.execPath, [fileURLToPath(new URL(name, import.meta.url)), ...args]);
  const lines: string[] = [];
  const waiting = new Set<() => void>();
  let errors = '';
  let over = false;
  const look = (): void => {
    for (const each of [...waiting]) each();
  };
  child.stderr.on('data', (chunk) => (errors += String(chunk)));
  // It may be gone when it is spoken to; `ended` tells.
  child.stdin.on('error', () => undefined);
  const reader = createInterface({ input: child.stdout });
  reader.on('line', (line) => {
    lines.push(line);
    look();
  });
  const closed = Promise.all([once(reader, 'close'), once(child, 'close')]).then(() => {
    over = true;
    look();
  });
  const ended = async (): ReturnType<Child['ended']> => {
    await closed;
    return { code: child.exitCode, signal: child.signalCode, errors };
  };
  return {
    lines,
    until: (test) =>
      new Promise((resolve, reject) => {
        const check = (): void => {
          const passed = test(lines);
          if (!passed && !over) return;
          waiting.delete(check);
          if (passed) resolve();
          else reject(new Error(`${name} ended by itself: ${lines.slice(-5).join(' | ')} ${errors}`));
        };
        waiting.add(check);
        check();
      }),
    send: (line) => void child.stdin.write(`${line}\n`),
    ended,
    kill: async () => {
      child.kill('SIGKILL');
      await ended();
    },
  };
}
