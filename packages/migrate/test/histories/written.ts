// Writes a history down in few words, as it is kept.
import type { HandKind } from './by-hand.js';
import type { History, Round } from './play.js';
import type { codeKinds, Draw } from './reshape.js';
import type { StepDraw } from './write-step.js';

/** A history, and what it must not do. */
export interface Kept {
  readonly what: string;
  readonly history: History;
}

type Numbered<Kind extends string> = readonly [kind: Kind, a: number, b: number, c: number];

function drawn<Kind extends string>(draws: readonly Numbered<Kind>[]): readonly Draw<Kind>[] {
  return draws.map(([kind, a, b, c]) => ({ kind, a, b, c }));
}

/** A migration by hand. */
export function hand(...draws: readonly Numbered<HandKind>[]): StepDraw {
  return { by: 'hand', draws: drawn(draws) };
}

/** One from schema code. */
export function code(...draws: readonly Numbered<(typeof codeKinds)[number]>[]): StepDraw {
  return { by: 'code', draws: drawn(draws) };
}

/** A history of one round. */
export function once(start: number, agree: Round['agree'], back: number, ...steps: readonly StepDraw[]): History {
  return { start, rounds: [{ steps, agree, rows: 12, back }] };
}
