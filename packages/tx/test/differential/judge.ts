// Runs random programs on both sides, compares each call, and says where they differ and how to see it again.
import { type Random, seededRandom } from '@cc/testkit/random';
import { type Call, type Played, play, type Root, type Scope } from './call.js';
import { listed, provoked, type TargetName } from './differences.js';
import { firstDifference, type Outcome, pictureOf } from './picture.js';
import { drawCall } from './program.js';
import type { OpenSides, Sides } from './sides.js';

/** What one run compares. */
export interface Trial {
  readonly target: TargetName;
  readonly open: OpenSides;
  readonly folder: string;
  readonly seed: number;
  readonly steps: number;
  /** Calls to a database; then a new one begins. Default 60. */
  readonly stepsPerDatabase?: number;
  /** Collects every complaint instead of stopping at the first. */
  readonly survey?: boolean;
}

/** What a run found. */
export interface Findings {
  readonly complaints: readonly string[];
  /** How often each listed difference showed. */
  readonly seen: ReadonlyMap<string, number>;
  readonly steps: number;
}

/** Runs programs until `steps` calls were compared or one differs. */
export async function compare(trial: Trial): Promise<Findings> {
  const { target, open, folder, seed, steps, stepsPerDatabase = 60, survey = false } = trial;
  const complaints: string[] = [];
  const odd = provoked(target);
  const seen = new Map<string, number>();
  let done = 0;
  for (let database = 0; done < steps; database += 1) {
    // Every database has a seed of its own, so that one can be run again alone.
    const programSeed = (seed + database) >>> 0;
    const random = seededRandom(programSeed);
    const sides = await open(folder, database);
    const judge = new Judge(sides, target, seen);
    try {
      for (let step = 0; step < stepsPerDatabase && done < steps; step += 1) {
        done += 1;
        const last = step === stepsPerDatabase - 1 || done === steps;
        const wrong = await judge.step(
          drawFor(target, random, odd),
          last || step % sides.rowsEvery === sides.rowsEvery - 1,
        );
        if (wrong === null) continue;
        if (wrong.complaint !== null) {
          complaints.push(
            `${target}, seed ${programSeed}, step ${step}: ${wrong.complaint}\n  again: CC_TARGET=${target} CC_SEED=${programSeed} CC_CALLS=${step + 1} npx vitest run packages/tx/test/differential`,
          );
          if (!survey) return { complaints, seen, steps: done };
        }
        if (wrong.apart) break;
      }
    } finally {
      await sides.close();
    }
  }
  return { complaints, seen, steps: done };
}

// An EXPLAIN stays open on the only connection that there is in memory, until it is collected as garbage: whether the
// next change of the schema fails is chance there, on both sides.
function drawFor(target: TargetName, random: Random, odd: readonly Call[]): Call {
  for (;;) {
    const call = drawCall(random, odd);
    const open = target === ':memory:' && /explain/.test(call.label);
    // The stock client's own statements lock a table that is dropped until they are collected as garbage.
    const locked = call.label.startsWith('migrate') && call.label.includes('drop table');
    // Servers take calls that are made at once in any order, and the stock client's connections meet each other's locks.
    const unordered = target !== ':memory:' && call.label.startsWith('together');
    if (!open && !locked && !unordered) return call;
  }
}

interface Verdict {
  readonly complaint: string | null;
  /** The databases no longer hold the same, so the program cannot go on. */
  readonly apart: boolean;
}

/** Compares the two sides call by call. */
export class Judge {
  readonly #sides: Sides;
  readonly #target: TargetName;
  readonly #seen: Map<string, number>;
  /** The calls since the rows were last compared. */
  readonly #unseen: string[] = [];
  /** Whether a listed difference since then may have left other rows. */
  #mayBeApart = false;
  readonly #prepared = [new Map<string, unknown>(), new Map<string, unknown>()] as const;

  constructor(sides: Sides, target: TargetName, seen = new Map<string, number>()) {
    this.#sides = sides;
    this.#target = target;
    this.#seen = seen;
  }

  /** Runs `call` on both sides, and with `rows` compares what is stored; null when nothing differs. */
  async step(call: Call, rows = true): Promise<Verdict | null> {
    this.#unseen.push(call.label);
    const stock = await this.#play(call, this.#sides.stock, this.#prepared[0]);
    const ours = await this.#play(call, this.#sides.ours, this.#prepared[1]);
    await this.#sides.settle();
    const { complaint, apart: may } = this.#compare(stock, ours, call.label.startsWith('together'));
    if (may) this.#mayBeApart = true;
    const told = complaint ?? this.#third(call, ours.at(-1)?.outcome);
    if (told === null && !rows && !may) return null;
    const [stockRows, oursRows] = await this.#sides.rows();
    const apart = stockRows !== oursRows;
    const since = this.#unseen.splice(0);
    const mayBeApart = this.#mayBeApart;
    this.#mayBeApart = false;
    if (told !== null) return { complaint: `${call.label.slice(0, 400)}\n${told}`, apart };
    if (!apart) return null;
    if (mayBeApart) return { complaint: null, apart };
    return { complaint: `${since.join('\n  ')}\n  the rows on disk\n${firstDifference(stockRows, oursRows)}`, apart };
  }

  async #play(call: Call, root: Root, prepared: Map<string, unknown>): Promise<readonly Played[]> {
    const scope: Scope = { root, db: root, prepared, played: [] };
    await play(call, scope);
    return scope.played;
  }

  #compare(
    stock: readonly Played[],
    ours: readonly Played[],
    atOnce: boolean,
  ): { readonly complaint: string | null; readonly apart: boolean } {
    for (const [index, theirs] of stock.entries()) {
      const mine = ours[index];
      if (!mine) return { complaint: '  ours made fewer calls', apart: false };
      const observed = { call: theirs.call, stock: theirs.outcome, ours: mine.outcome, target: this.#target };
      const batch = theirs.call.traits?.some((trait) => / ?batch$/.test(trait)) ?? false;
      const [left, right] = [pictureOf(theirs.outcome, batch), pictureOf(mine.outcome, batch)];
      const same = left === right && theirs.call.label === mine.call.label;
      const difference = listed(observed, same);
      if (difference) this.#seen.set(difference.id, (this.#seen.get(difference.id) ?? 0) + 1);
      if (same && !difference) continue;
      if (!difference) {
        // Of calls that are made at once the one behind may have run first.
        if (atOnce && this.#parts(stock.slice(index + 1), ours.slice(index + 1)))
          return { complaint: null, apart: true };
        const where = stock.length > 1 ? `  in ${theirs.call.label}\n` : '';
        return {
          complaint: `${where}${firstDifference(left, right)}${messageOf('its', theirs.outcome)}${messageOf('our', mine.outcome)}`,
          apart: false,
        };
      }
      const { effect = 'none' } = difference;
      if (effect === 'none') continue;
      // In a block, what follows may hang on it.
      const inBlock = index < stock.length - 1;
      if (effect === 'rows' || inBlock) return { complaint: null, apart: true };
    }
    return { complaint: ours.length > stock.length ? '  ours made more calls' : null, apart: false };
  }

  /** Whether a listed difference of these calls leaves other rows. */
  #parts(stock: readonly Played[], ours: readonly Played[]): boolean {
    return stock.some(({ call, outcome }, index) => {
      const mine = ours[index];
      const observed = mine && { call, stock: outcome, ours: mine.outcome, target: this.#target };
      return observed !== undefined && listed(observed, false)?.effect === 'rows';
    });
  }

  /** What both clients share is seen by a connection that prepares each statement anew. */
  #third(call: Call, outcome: Outcome | undefined): string | null {
    if (!call.plain || !outcome || 'error' in outcome) return null;
    let rows: unknown[][] | null;
    try {
      rows = this.#sides.third(call.plain);
    } catch (error) {
      return `  a statement of its own fails: ${String(error)}`;
    }
    if (rows === null) return null;
    const result = outcome.value as { columns: string[]; rows: Record<number, unknown>[] };
    const shown = result.rows.map((row) => result.columns.map((_name, index) => inBuffer(row[index])));
    const plain = rows.map((row) => row.map((value) => (typeof value === 'bigint' ? Number(value) : value)));
    const [left, right] = [pictureOf({ value: plain }), pictureOf({ value: shown })];
    return left === right ? null : `  a statement of its own gives\n${firstDifference(left, right)}`;
  }
}

function inBuffer(value: unknown): unknown {
  return value instanceof ArrayBuffer ? Buffer.from(value) : value;
}

function messageOf(whose: string, outcome: Outcome): string {
  if (!('error' in outcome) || !(outcome.error instanceof Error)) return '';
  return `\n  ${whose} error: ${outcome.error.message.slice(0, 300)}`;
}
