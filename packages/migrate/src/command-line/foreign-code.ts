// Loads code of the project, such as its configuration, so that it neither ends the command nor prints between its answers:
// `dotenv` tells on standard output what it has read, and a script that was written for itself ends with process.exit().

/** The code has called process.exit(). */
export class EndedProcess extends Error {
  constructor(readonly code: unknown) {
    super('it calls process.exit()');
  }
}

/** Runs `load`; what it prints goes to standard error, and it stays in the folder where it was. @throws EndedProcess */
export async function loadForeign<T>(load: () => T | Promise<T>): Promise<T> {
  const { stdout, stderr } = process;
  const cwd = process.cwd();
  const exit = process.exit;
  const write = stdout.write;
  let ended: EndedProcess | undefined;
  process.exit = (code) => {
    ended ??= new EndedProcess(code ?? process.exitCode);
    throw ended;
  };
  stdout.write = stderr.write.bind(stderr);
  try {
    const loaded = await load();
    // Whoever catches all errors has caught this one, too.
    if (ended) throw ended;
    return loaded;
  } finally {
    process.exit = exit;
    stdout.write = write;
    process.chdir(cwd);
  }
}
