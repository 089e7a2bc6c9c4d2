// The exit codes of candy, for scripts: they keep their meaning. Told by the help (program.ts) and by the README.

/** Exit codes by meaning. `candy migrate` has those of `cc-migrate`. */
export const exitCodes = Object.freeze({ ok: 0, failed: 1, foundSomething: 2, interrupted: 130 });

/** What each means, as the help has it. */
export const exitCodeHelp: readonly string[] = [
  `${exitCodes.ok}    done`,
  `${exitCodes.failed}    failed, or the command line is wrong; nothing was half done`,
  `${exitCodes.foundSomething}    done, and something is wrong: files unread (import), problems found (verify, maintain), health not OK`,
  `${exitCodes.interrupted}  interrupted: what was written stays, and the same command does the rest`,
  'migrate and restore have those of cc-migrate besides: 3 refused, 4 another program is migrating',
];
