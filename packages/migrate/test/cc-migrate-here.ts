// Runs cc-migrate in the process of the test, in a folder and without a terminal: what it says and how it ends, without the
// start of a process. That the bin hands everything on to the program is tested by cli.test.ts.
import { runProgram } from '../src/program.js';

/** How a command ended, as a process of its own would have. */
export interface EndedHere {
  readonly status: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs cc-migrate in `cwd`. Without `url` the environment names no database. */
export async function ccMigrateHere(args: readonly string[], cwd: string, url?: string): Promise<EndedHere> {
  const said = { stdout: '', stderr: '' };
  const { CC_DATABASE_URL: _, ...env } = process.env;
  const before = process.cwd();
  process.chdir(cwd);
  try {
    const status = await runProgram(args, {
      version: '1.2.3',
      env: url === undefined ? env : { ...env, CC_DATABASE_URL: url },
      print: (text) => void (said.stdout += `${text}\n`),
      warn: (text) => void (said.stderr += `${text}\n`),
      ask: null,
    });
    return { status, ...said };
  } finally {
    process.chdir(before);
  }
}
