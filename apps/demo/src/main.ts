#!/usr/bin/env node
// The bin `candy`: gives the process's arguments, streams, environment and signals to program.ts.
import { wantsColours } from './colours.js';
import { runCandy } from './program.js';
import { startedIn } from './started-in.js';

const { stdout, stderr, env } = process;
const throughNpm = env['npm_lifecycle_event'] === 'demo';
const { folder, problem } = startedIn();
const interrupt = new AbortController();

// A reader that has seen enough (`candy list | head`) is not an error.
stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code === 'EPIPE') process.exit(0);
  // A terminal that is closed takes no more words; what is under way is ended all the same.
  if (interrupt.signal.aborted) return;
  stderr.write(`candy: The answer cannot be written: ${error.message}\n`);
  process.exit(1);
});
// Nobody sees the progress any more: no reason to end the work.
stderr.on('error', () => {});

process.exitCode = await runCandy(process.argv.slice(2), {
  stdout,
  stderr,
  interactive: stderr.isTTY === true,
  screen: stdout.isTTY === true,
  colours: { stdout: wantsColours(stdout.isTTY === true, env), stderr: wantsColours(stderr.isTTY === true, env) },
  env,
  folder,
  problem,
  // npm changes into the root of the repository, and tells where its user was.
  workingFolder: (throughNpm ? env['INIT_CWD'] : undefined) ?? folder,
  program: throughNpm ? 'npm run demo --' : 'candy',
  interruptible,
});

/** The first Ctrl-C lets the current batch be written; the second ends the process at once. A closed terminal is one too. */
function interruptible(): AbortSignal {
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.on(signal, () => {
      if (interrupt.signal.aborted) process.exit(130);
      interrupt.abort(new Error('interrupted'));
    });
  }
  return interrupt.signal;
}
