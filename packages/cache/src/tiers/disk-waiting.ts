// What the disk tier was told and has not written yet, by key: the last word counts.
import type { TierEntry } from '../contract/tier.js';

/** What waits to be written for one key; without entry, that there is none. */
export interface Waiting {
  readonly namespace: string;
  readonly key: string;
  readonly entry: TierEntry | undefined;
}

/** The entries that wait, by the texts of their columns, which hold no NUL. */
export class WaitingEntries {
  readonly #entries = new Map<string, Waiting>();
  #bytes = 0;

  /** Memory that they take, about. */
  get bytes(): number {
    return this.#bytes;
  }

  get size(): number {
    return this.#entries.size;
  }

  find(namespace: string, key: string): Waiting | undefined {
    return this.#entries.get(`${namespace}\0${key}`);
  }

  put(waiting: Waiting): void {
    const at = `${waiting.namespace}\0${waiting.key}`;
    this.#bytes += sizeOf(waiting.entry) - (this.#entries.has(at) ? sizeOf(this.#entries.get(at)?.entry) : 0);
    this.#entries.set(at, waiting);
  }

  /** In place of entries with the tag waits that there is none: the file may hold what they replace. */
  dropTag(tag: string): void {
    for (const waiting of this.#entries.values()) {
      if (waiting.entry?.tags.includes(tag)) this.put({ ...waiting, entry: undefined });
    }
  }

  forgetNamespace(namespace: string): void {
    for (const [at, waiting] of this.#entries) {
      if (waiting.namespace !== namespace) continue;
      this.#entries.delete(at);
      this.#bytes -= sizeOf(waiting.entry);
    }
  }

  forgetAll(): void {
    this.#entries.clear();
    this.#bytes = 0;
  }

  all(): Iterable<Waiting> {
    return this.#entries.values();
  }

  /** Bytes that they take in the file, at most. Large ones begin a page of their own. */
  roomWanted(): number {
    let bytes = 0;
    for (const { entry } of this.#entries.values()) {
      if (entry) bytes += entry.data.byteLength + (entry.data.byteLength > 1_000 ? 4_096 : 400);
    }
    return bytes;
  }
}

function sizeOf(entry: TierEntry | undefined): number {
  return 200 + (entry?.data.byteLength ?? 0);
}
