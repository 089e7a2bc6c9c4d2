// The entries of one region by tag.
import type { Entry } from '../tiers/memory-tier.js';

/** Finds entries by their tags. */
export class Tagged {
  readonly #byTag = new Map<string, Set<Entry>>();

  add(entry: Entry): void {
    for (const tag of entry.tags) {
      const entries = this.#byTag.get(tag);
      if (entries) entries.add(entry);
      else this.#byTag.set(tag, new Set([entry]));
    }
  }

  delete(entry: Entry): void {
    for (const tag of entry.tags) {
      const entries = this.#byTag.get(tag);
      entries?.delete(entry);
      if (entries?.size === 0) this.#byTag.delete(tag);
    }
  }

  with(tag: string): readonly Entry[] {
    return [...(this.#byTag.get(tag) ?? [])];
  }

  clear(): void {
    this.#byTag.clear();
  }
}
