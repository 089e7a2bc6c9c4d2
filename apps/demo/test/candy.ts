// Runs the built command `candy` as a child process, the way a shell does.
import { type ChildProcess, spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { onTestFinished } from 'vitest';

const entry = fileURLToPath(new URL('../dist/main.js', import.meta.url));

/** How a process ended, and everything it wrote. */
export interface Ended {
  /** Null when a signal ended it. */
  readonly exitCode: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  /** Without the lines that tell how far long work is: whether there are any is a matter of the machine. */
  readonly stderr: string;
}

/** The lines that tell how far long work is. */
export const progress = /^(?:Importing|Making): .+\n/gm;

/** A process under way. */
export interface Running {
  readonly child: ChildProcess;
  readonly ended: Promise<Ended>;
}

/** Where and with which variables the process runs. */
export interface Around {
  readonly folder: string;
  readonly env?: Readonly<Record<string, string>>;
}

/** Starts candy; the test's end ends it. */
export function start(args: readonly string[], { folder, env = {} }: Around): Running {
  const child = spawn(process.execPath, [entry, ...args], {
    cwd: folder,
    // Neither the library of whoever runs the tests nor the npm script they run in.
    env: { PATH: process.env['PATH'], ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  onTestFinished(() => void child.kill('SIGKILL'));
  const written = { stdout: '', stderr: '' };
  for (const name of ['stdout', 'stderr'] as const) {
    child[name].setEncoding('utf8').on('data', (text: string) => {
      written[name] += text;
    });
  }
  const ended = new Promise<Ended>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (exitCode, signal) => {
      const { stdout, stderr } = written;
      resolve({ exitCode, signal, stdout, stderr: stderr.replaceAll(progress, '') });
    });
  });
  return { child, ended };
}

/** Runs candy to its end. */
export function candy(args: readonly string[], around: Around): Promise<Ended> {
  return start(args, around).ended;
}
