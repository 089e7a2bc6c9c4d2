// Runs a command in the process of the test, as main.ts does: without the start of a process, and without its streams.
import { runCandy } from '../src/program.js';
import { progress } from './candy.js';

/** How a command ended, and everything it wrote. */
export interface EndedHere {
  readonly exitCode: number;
  readonly stdout: string;
  /** Without the lines that tell how far long work is. */
  readonly stderr: string;
}

/** Runs candy in a folder, without variables of the environment by default; `signal` is what Ctrl-C fires. */
export async function candyHere(
  args: readonly string[],
  folder: string,
  signal = new AbortController().signal,
  env: Readonly<Record<string, string>> = {},
): Promise<EndedHere> {
  const written = { stdout: '', stderr: '' };
  const into = (name: 'stdout' | 'stderr') => ({
    write(text: string): boolean {
      written[name] += text;
      return true;
    },
  });
  const exitCode = await runCandy(
    // Relative URLs are relative to the process, which is that of all tests.
    args.map((arg) => arg.replace(/^file:(?=[^/])/, `file:${folder}/`)),
    {
      stdout: into('stdout'),
      stderr: into('stderr'),
      interactive: false,
      env,
      folder,
      workingFolder: folder,
      program: 'candy',
      interruptible: () => signal,
    },
  );
  return { exitCode, stdout: written.stdout, stderr: written.stderr.replaceAll(progress, '') };
}
