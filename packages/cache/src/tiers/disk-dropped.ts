// What was dropped from the disk tier at once: everything, a namespace, a tag. No row is touched for it: the number of the last
// row of that moment is noted, and rows up to it are not alive any more. They make room when room is needed.
import type { DiskFile, Dropped } from './disk-file.js';
import type { Row } from './disk-row.js';

/** So many tags are known by name; with one more, everything is dropped. */
const mostTags = 10_000;

/** What was dropped, in memory, and the part of it that is not on disk yet. */
export class DroppedRows {
  #all = 0;
  readonly #namespaces = new Map<string, number>();
  readonly #tags = new Map<string, number>();
  /** By kind and name: the last word counts, and says all of those before it. */
  readonly #unwritten = new Map<string, Dropped>();

  constructor(lines: readonly Dropped[]) {
    for (const line of lines) this.#apply(line);
  }

  /** The last row of those that were dropped with everything. */
  get all(): number {
    return this.#all;
  }

  get isWritten(): boolean {
    return this.#unwritten.size === 0;
  }

  isAlive({ id, namespace, tags }: Pick<Row, 'id' | 'namespace' | 'tags'>): boolean {
    if (id <= this.#all || id <= (this.#namespaces.get(namespace) ?? 0)) return false;
    if (this.#tags.size === 0 || tags === '[]') return true;
    return (JSON.parse(tags) as string[]).every((tag) => id > (this.#tags.get(keyOfTag(tag)) ?? 0));
  }

  drop(kind: Dropped['kind'], name: string, upTo: number): void {
    const line = { kind, name: kind === 'tag' ? keyOfTag(name) : name, upTo };
    const tooMany = kind === 'tag' && this.#tags.size >= mostTags;
    const noted: Dropped = tooMany ? { kind: 'all', name: '', upTo } : line;
    this.#apply(noted);
    if (noted.kind === 'all') this.#unwritten.clear();
    this.#unwritten.set(`${noted.kind} ${noted.name}`, noted);
  }

  /** Writes what is not on disk yet; what is older than the first row is forgotten. */
  write(file: DiskFile): void {
    if (this.isWritten) return;
    let last = 0;
    for (const line of this.#unwritten.values()) {
      file.noteDropped(line);
      last = Math.max(last, line.upTo);
    }
    // The last line stays: it says which numbers were used.
    const first = Math.min(file.firstRow(), last);
    this.#forget(first);
    file.forgetDropped(Math.max(first, this.#all));
    this.#unwritten.clear();
  }

  #apply({ kind, name, upTo }: Dropped): void {
    if (kind === 'namespace') this.#namespaces.set(name, upTo);
    else if (kind === 'tag') this.#tags.set(name, upTo);
    else this.#all = Math.max(this.#all, upTo);
    if (kind === 'all') this.#forget(this.#all + 1);
  }

  /** Forgets what concerns only rows before this one. */
  #forget(row: number): void {
    for (const known of [this.#namespaces, this.#tags]) {
      for (const [name, upTo] of known) if (upTo < row) known.delete(name);
    }
  }
}

/** A tag as JSON, where no half of a surrogate pair is lost. */
function keyOfTag(tag: string): string {
  return JSON.stringify(tag);
}
