// Loads code of the project, such as its configuration, so that it neither ends the command nor prints between its answers:
// `dotenv` tells on standard output what it has read, and a script that was written for itself ends with process.exit().

/** The code has called process.exit(). */
export class EndedProcess extends Error {}

/** Runs `load`; what it prints goes to standard error, and it stays in the folder where it was. @throws EndedProcess */
export async function loadForeign<T>(load: () => T | Promise<T>): Promise<T> {
  const { stdout, stderr } = process;
  const cwd = process.cwd();
  const exit: unknown = Reflect.get(process, 'exit');
  const write: unknown = Reflect.get(stdout, 'write');
  let ended: EndedProcess | undefined;
  Object.assign(process, {
    exit: () => {
      ended ??= new EndedProcess('it calls process.exit()');
      throw ended;
    },
  });
  Object.assign(stdout, { write: stderr.write.bind(stderr) });
  try {
    const loaded = await load();
    // Whoever catches all errors has caught this one, too.
    if (ended) throw ended;
    return loaded;
  } finally {
    Object.assign(process, { exit });
    Object.assign(stdout, { write });
    process.chdir(cwd);
  }
}
