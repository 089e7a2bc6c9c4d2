// Starts the programs of this folder as real processes and talks to them line by line.
import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { onTestFinished } from 'vitest';

/** A running program. */
export interface Program {
  /** The next line it prints. @throws Error when it ends first */
  line(): Promise<string>;
  send(line: string): void;
  /** Ends it with SIGKILL and waits until it is gone. */
  kill(): Promise<void>;
  /** Its exit code, when it has ended by itself. */
  readonly exited: Promise<number | null>;
}

/** Nothing is forbidden to it. */
export const isRoot = process.getuid?.() === 0;

/**
 * Starts `name` with Node, with few descriptors where it may have but `maxOpenFiles`; it is killed after the
 * test. `unprivileged`: as a user whom permissions bind.
 */
export function start(
  name: string,
  args: readonly string[],
  { maxOpenFiles, unprivileged = false }: { readonly maxOpenFiles?: number; readonly unprivileged?: boolean } = {},
): Program {
  const command = [process.execPath, fileURLToPath(new URL(name, import.meta.url)), ...args];
  const limited = ['sh', '-c', `ulimit -n ${maxOpenFiles}; exec "$@"`, 'sh', ...command];
  // Windows has no such limit.
  const [program = '', ...rest] = maxOpenFiles === undefined || process.platform === 'win32' ? command : limited;
  const child: ChildProcessWithoutNullStreams = spawn(
    program,
    rest,
    unprivileged && isRoot ? { uid: 65_534, gid: 65_534 } : {},
  );
  let errors = '';
  child.stderr.on('data', (chunk) => (errors += String(chunk)));
  const exited = new Promise<number | null>((resolve) => child.once('exit', resolve));
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const kill = async (): Promise<void> => {
    child.kill('SIGKILL');
    await exited;
  };
  onTestFinished(kill);
  return {
    line: async () => {
      const { value, done } = await lines.next();
      if (done) throw new Error(`${name} ended: ${errors}`);
      return String(value);
    },
    send: (line) => void child.stdin.write(`${line}\n`),
    kill,
    exited,
  };
}
