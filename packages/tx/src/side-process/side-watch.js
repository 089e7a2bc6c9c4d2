// Runs in front of each program that side-process.ts starts, and ends it with the process that has started it. During a
// statement or a fetch nothing is heard there, also not that the other side was killed: a second thread watches it.
// It runs from its text, because a bundle has no files beside it: no imports, neither as a module nor as CommonJS.
// @ts-check
{
  const { Worker } = process.getBuiltinModule('node:worker_threads');
  process.on('disconnect', () => process.exit());
  // Service managers tell every process of a program to end: the one that has started this one decides when, may wait for what
  // runs here, and takes this one along.
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => undefined);
  const watch = `
    const parent = process.getBuiltinModule('node:worker_threads').workerData;
    setInterval(() => {
      try {
        if (process.ppid === parent && process.kill(parent, 0)) return;
      } catch {
        // It is gone, or belongs to somebody else by now.
      }
      process.kill(process.pid, 'SIGKILL');
    }, 500);`;
  // The parent's id comes as an argument: asked for here, it could already be that of whoever takes over orphans.
  new Worker(watch, { eval: true, execArgv: [], workerData: Number(process.argv.at(-2)) }).unref();
}
