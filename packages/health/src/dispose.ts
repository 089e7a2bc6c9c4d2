// What `using` looks for. Node 20 gives this symbol to its own globals only, and a test runner gives each test file others (jest;
// vitest's vmForks): what compiles `using` falls back on this one there.

/** The name of what `await using` calls. */
export const asyncDispose: typeof Symbol.asyncDispose = Symbol.asyncDispose ?? Symbol.for('Symbol.asyncDispose');
