// What clients did and saw: the lines that `client.mjs` prints, as calls. A line is printed before a call begins, before each
// value that it appends, and when it has settled, so that of a client that was killed everything is known but how it ended.

/** What a call did: appended a value to the list of a key, or read the list. */
export type Step =
  | readonly ['append', key: number, value: string]
  | readonly ['read', key: number, list: readonly string[]];

/** One call of a client. */
export interface Call {
  readonly name: string;
  /** The process that made it. */
  readonly process: string;
  readonly kind: string;
  /** Microseconds of a clock that all processes share. */
  readonly begun: number;
  /** Infinity when it never settled, or nobody knows whether it took effect. */
  ended: number;
  /** `unknown`: it may have taken effect, or do so yet. */
  state: 'done' | 'failed' | 'unknown';
  /** What it did, once it is done. Of a transaction that ran again, its last run. */
  steps: readonly Step[];
  /** What it failed with. */
  error?: string;
}

/** Everything that was done and seen, and the lists that another reader found at the end. */
export interface History {
  readonly calls: readonly Call[];
  /** Who has tried to append each value. Values are never used twice. */
  readonly writers: ReadonlyMap<string, Call>;
  /** Values of savepoints that were rolled back, in calls that went on. */
  readonly undone: ReadonlySet<string>;
  readonly lists: ReadonlyMap<number, readonly string[]>;
  /** What a client itself found wrong. */
  readonly complaints: readonly string[];
}

/** A line of `client.mjs`. */
type Line = { readonly at: number; readonly call: string } & (
  | { readonly event: 'begins'; readonly kind: string }
  | { readonly event: 'appends'; readonly value: string }
  | { readonly event: 'undoes'; readonly value: string }
  | { readonly event: 'done'; readonly steps: readonly Step[] }
  | { readonly event: 'fails'; readonly outcome: 'none' | 'unknown' | 'committed'; readonly error: string }
  | { readonly event: 'complains'; readonly why: string }
);

/** Returns the history of what these processes printed. */
export function historyOf(
  printed: ReadonlyMap<string, readonly string[]>,
  lists: ReadonlyMap<number, readonly string[]>,
): History {
  const calls = new Map<string, Call>();
  const writers = new Map<string, Call>();
  const undone = new Set<string>();
  const complaints: string[] = [];
  for (const [process, lines] of printed) {
    for (const text of lines) {
      // Printed by client.mjs. A line that a kill cut off has no end.
      const line = parsed(text);
      if (line === undefined) continue;
      if (line.event === 'begins') {
        calls.set(line.call, {
          ...{ name: line.call, process, kind: line.kind, begun: line.at },
          ...{ ended: Number.POSITIVE_INFINITY, state: 'unknown', steps: [] },
        });
        continue;
      }
      const call = calls.get(line.call);
      if (line.event === 'complains') complaints.push(`${line.call}: ${line.why}`);
      else if (call === undefined) complaints.push(`${line.call} never began`);
      else if (line.event === 'appends') writers.set(line.value, call);
      else if (line.event === 'undoes') undone.add(line.value);
      else if (line.event === 'done') Object.assign(call, { ended: line.at, state: 'done', steps: line.steps });
      else
        Object.assign(call, { error: line.error, ...(line.outcome === 'none' && { ended: line.at, state: 'failed' }) });
    }
  }
  return { calls: [...calls.values()], writers, undone, lists, complaints };
}

function parsed(text: string): Line | undefined {
  if (!text.endsWith('}')) return undefined;
  return JSON.parse(text) as Line;
}
