// Parts that are made with the first call that needs them: building the queries of all of them took longer than opening
// the database, and few processes search, count and repair in their first second.

/** Returns the function that `create` makes when it is called first. */
export function onFirstCall<Args extends readonly unknown[], Result>(
  create: () => (...args: Args) => Result,
): (...args: Args) => Result {
  let made: ((...args: Args) => Result) | undefined;
  return (...args) => {
    made ??= create();
    return made(...args);
  };
}

/** Returns an object whose methods are those of what `create` makes when one of them is called first. `names` are all of them. */
export function methodsOnFirstCall<Methods extends object>(
  names: { readonly [Name in keyof Methods]: true },
  create: () => Methods,
): Methods {
  let made: Record<string, (...args: readonly unknown[]) => unknown> | undefined;
  const methods = Object.keys(names).map((name) => [
    name,
    (...args: readonly unknown[]): unknown => {
      // Functions, each under one of the names: the type of `names` says so.
      made ??= create() as Record<string, (...args: readonly unknown[]) => unknown>;
      return made[name]?.(...args);
    },
  ]);
  return Object.fromEntries(methods) as Methods;
}
