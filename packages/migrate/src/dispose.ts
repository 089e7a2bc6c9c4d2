// What `using` looks for. Node 20 gives the two symbols to its own globals only, and a test runner gives each test file others (jest;
// vitest's vmForks): what compiles `using` falls back on these there.

/** The name of what `using` calls. */
export const dispose: typeof Symbol.dispose = Symbol.dispose ?? Symbol.for('Symbol.dispose');
/** The name of what `await using` calls. */
export const asyncDispose: typeof Symbol.asyncDispose = Symbol.asyncDispose ?? Symbol.for('Symbol.asyncDispose');
