// An entry for the tiers behind memory that is serialised when the first of them wants its bytes.
import type { TierEntry } from '../contract/tier.js';
import { serialise } from './serialise.js';

/** Its value is sealed, so it is the same then. */
export class LateEntry implements TierEntry {
  readonly loadedAt: number;
  readonly expiresAt: number;
  readonly tags: readonly string[];
  readonly #value: unknown;
  #data: Uint8Array | undefined;

  constructor(value: unknown, { loadedAt, expiresAt, tags }: Omit<TierEntry, 'data'>) {
    this.#value = value;
    this.loadedAt = loadedAt;
    this.expiresAt = expiresAt;
    this.tags = tags;
  }

  get data(): Uint8Array {
    this.#data ??= serialise(this.#value);
    return this.#data;
  }
}
