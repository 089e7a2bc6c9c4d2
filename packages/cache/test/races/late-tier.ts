// A slower tier whose answers arrive when the schedule says so. What it answers is what was there when it was asked.
import type { CacheTier, TierEntry } from '../../src/index.js';

export class LateTier implements CacheTier {
  readonly name = 'late';
  readonly bytes = 0;
  /** Nothing of what it is told to do is done. */
  isBroken = false;
  readonly #entries = new Map<string, TierEntry>();
  readonly #answers: (() => void)[] = [];

  get entries(): number {
    return this.#entries.size;
  }

  get owing(): boolean {
    return this.#answers.length > 0;
  }

  /** The oldest answer arrives. */
  answer(): void {
    this.#answers.shift()?.();
  }

  get(namespace: string, key: string): Promise<TierEntry | undefined> {
    const entry = this.#entries.get(placeOf(namespace, key));
    return new Promise((resolve) => this.#answers.push(() => resolve(entry)));
  }

  set(namespace: string, key: string, entry: TierEntry): void {
    this.#requireSound();
    this.#entries.set(placeOf(namespace, key), entry);
  }

  delete(namespace: string, key: string): void {
    this.#requireSound();
    this.#entries.delete(placeOf(namespace, key));
  }

  clear(namespace?: string): void {
    this.#requireSound();
    for (const place of this.#entries.keys())
      if (namespace === undefined || place.startsWith(`${namespace}\n`)) this.#entries.delete(place);
  }

  #requireSound(): void {
    if (this.isBroken) throw new Error('the tier is broken');
  }

  close(): void {
    for (const answer of this.#answers.splice(0)) answer();
  }
}

function placeOf(namespace: string, key: string): string {
  return `${namespace}\n${key}`;
}
