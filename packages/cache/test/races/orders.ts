// Runs a program once for every order of its steps: at each step the program says how many there are to choose from, and the
// next run chooses the next one (a depth-first walk that begins anew each time, so that nothing has to be undone).

/** Says which of so many possible steps to take. */
export type Choose = (among: number) => number;

/** What a walk has seen. */
export interface Walk {
  readonly runs: number;
  /** The first run that `run` has found fault with, and the choices that lead to it again; null when there was none. */
  readonly found: { readonly fault: string; readonly choices: readonly number[] } | null;
}

/** Runs `run` with every sequence of choices. It answers what was wrong, or null; the walk ends with the first fault. */
export async function everyOrder(run: (choose: Choose) => Promise<string | null>): Promise<Walk> {
  const path: { taken: number; among: number }[] = [];
  for (let runs = 1; ; runs += 1) {
    let depth = 0;
    const fault = await run((among) => {
      const known = path[depth];
      if (known === undefined) path.push({ taken: 0, among });
      else if (known.among !== among)
        throw new Error(`the steps before choice ${depth} have not led to the same place`);
      depth += 1;
      return path[depth - 1]?.taken ?? 0;
    });
    if (fault !== null) return { runs, found: { fault, choices: path.map(({ taken }) => taken) } };
    path.length = depth;
    for (let last = path.at(-1); last !== undefined && last.taken + 1 >= last.among; last = path.at(-1)) path.pop();
    const last = path.at(-1);
    if (last === undefined) return { runs, found: null };
    last.taken += 1;
  }
}
