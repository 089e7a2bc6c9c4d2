// What the phases of the suite `peers` are told: written by peers-inputs.ts, read in each process.
import { type LibraryInputs, readInputs } from './first-inputs.js';

/** What the phases read. */
export interface PeersInputs extends LibraryInputs {
  /** The models that are written by many transactions at once, and the sum of their `triangles`. */
  readonly hot: { readonly ids: readonly string[]; readonly triangles: number };
  readonly formats: readonly string[];
  /** How many of the warm-up and samples are done; 1 = all. */
  readonly share: number;
  /** By contender. */
  readonly installed: Readonly<Record<string, { readonly packages: number; readonly megabytes: number }>>;
}

/** Returns the inputs of a phase with their dates. */
export function readPeersInputs(text: string): PeersInputs {
  // Written by preparePeers.
  const inputs = JSON.parse(text) as PeersInputs;
  return { ...inputs, ...readInputs(inputs) };
}
