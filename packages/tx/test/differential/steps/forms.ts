// The ways in which one query of drizzle is run: awaited, by each of its methods, or prepared first.
import type { Random } from '@cc/testkit/random';
import type { Call, Queries } from '../call.js';

/** A query of drizzle; which of its methods make sense depends on the query. */
export interface Query extends PromiseLike<unknown> {
  all?(values?: Record<string, unknown>): unknown;
  get?(values?: Record<string, unknown>): unknown;
  values?(values?: Record<string, unknown>): unknown;
  run?(values?: Record<string, unknown>): unknown;
  execute?(values?: Record<string, unknown>): unknown;
  prepare?(): unknown;
}

/** A drawn query: made anew on each side. */
export interface Drawn {
  readonly label: string;
  readonly traits?: readonly string[];
  readonly make: (db: Queries) => PromiseLike<unknown>;
}

const methods = ['all', 'get', 'values', 'run', 'execute'] as const;
type Method = (typeof methods)[number];

/** A way to run a query. `rows`: whether the query gives rows. */
function drawForm(random: Random): 'await' | Method | `prepared ${Method}` {
  return random.weighed<'await' | Method | `prepared ${Method}`>([
    [4, 'await'],
    [3, 'all'],
    [4, 'get'],
    [2, 'values'],
    [2, 'run'],
    [1, 'execute'],
    [1, 'prepared all'],
    [1, 'prepared get'],
    [1, 'prepared values'],
    [1, 'prepared run'],
  ]);
}

/** A call that runs `drawn` in a form that the seed decides. */
export function inSomeForm(random: Random, drawn: Drawn): Call {
  const form = drawForm(random);
  return {
    label: `${drawn.label} by ${form}`,
    traits: [...(drawn.traits ?? []), `form ${form}`],
    run: ({ db }) => runIn(form, drawn.make(db)),
  };
}

/** Runs a query in a form. */
function runIn(form: ReturnType<typeof drawForm>, query: PromiseLike<unknown>): unknown {
  if (form === 'await') return query;
  const [first, second] = form.split(' ');
  if (second === undefined) return call(query, first as Method);
  const prepared = (query as Query).prepare?.();
  return call(prepared, second as Method);
}

function call(query: unknown, method: Method): unknown {
  const runs = (query as Query)[method];
  if (typeof runs !== 'function') throw new TypeError(`${method} is not a method of this query`);
  return runs.call(query as Query);
}
