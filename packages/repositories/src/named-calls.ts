// Names each call of a repository to whoever watches the database: `models.update` beside the statements that it runs.

/** What runs a call under its name. */
interface Labelling {
  labelled<T>(label: string, work: () => PromiseLike<T>): Promise<T>;
}

/** Methods that are named in another way. */
interface Exceptions<T> {
  /** They return rows one by one. */
  readonly streams?: readonly (keyof T)[];
  /** They name themselves. */
  readonly named?: readonly (keyof T)[];
}

/** Returns `calls`, each of which runs under its name behind that of the repository. */
export function namingCalls<T extends object>(
  transactions: Labelling,
  repository: string,
  calls: T,
  { streams = [], named = [] }: Exceptions<T> = {},
): T {
  const naming = Object.entries(calls).map(([method, call]: [string, unknown]) => {
    if (typeof call !== 'function' || named.some((name) => name === method)) return [method, call];
    const label = `${repository}.${method}`;
    const isStream = streams.some((stream) => stream === method);
    const run = isStream
      ? (...values: readonly unknown[]) => namingSteps(transactions, label, call(...values))
      : (...values: readonly unknown[]) => transactions.labelled(label, () => call(...values));
    return [method, run];
  });
  return Object.fromEntries(naming) as T;
}

/** Rows are read while somebody takes them, in the context of whoever does. */
function namingSteps<T>(transactions: Labelling, label: string, rows: AsyncIterable<T>): AsyncIterable<T> {
  return {
    [Symbol.asyncIterator]() {
      const steps = rows[Symbol.asyncIterator]();
      return {
        next: () => transactions.labelled(label, () => steps.next()),
        return: async () => (await steps.return?.()) ?? { done: true, value: undefined },
      };
    },
  };
}
