// Whose turn it is to be drawn: who came first, but files that are packed as one and wait together come in the order in which
// they lie in their block, so that it is unpacked once for all of them. `pictures.ts` asks for turns.
import { ArchiveShelf } from '../archives/archive-shelf.js';
import { type EntryPlace, entryPlace, isPackedInBlock } from '../archives/entry-path.js';

interface Waiting {
  /** Of a file that is packed as one with others; null for any other. */
  readonly place: EntryPlace | null;
  readonly begin: () => Promise<void>;
}

/** Gives turns, one at a time. */
export class DrawingQueue {
  readonly #shelf = new ArchiveShelf();
  readonly #waiting: Waiting[] = [];
  /** The file that had its turn last, and how many of its archive had theirs one after another. */
  #last: { readonly place: EntryPlace; readonly inRow: number } | null = null;
  #turns: Promise<void> | null = null;

  /** Does `work` on a file when it is its turn. */
  async inTurn<T>(path: string, work: () => Promise<T>): Promise<T> {
    return await new Promise<T>((resolve, reject) => {
      const begin = async (): Promise<void> => {
        try {
          resolve(await work());
        } catch (error) {
          // Whatever it is, it is that of who asked.
          (reject as (reason: unknown) => void)(error);
        }
      };
      this.#waiting.push({ place: isPackedInBlock(path) ? entryPlace(path) : null, begin });
      this.#turns ??= this.#giveTurns();
    });
  }

  /** Waits until nobody waits. */
  async ended(): Promise<void> {
    await this.#turns;
  }

  async #giveTurns(): Promise<void> {
    // Those that are asked for at once are there when the first is chosen.
    await Promise.resolve();
    while (this.#waiting.length > 0) {
      const next = await this.#next();
      this.#waiting.splice(this.#waiting.indexOf(next), 1);
      const { place } = next;
      const isSame = place !== null && place.archive === this.#last?.place.archive;
      this.#last = place === null ? null : { place, inRow: isSame ? (this.#last?.inRow ?? 0) + 1 : 1 };
      await next.begin();
    }
    this.#turns = null;
  }

  async #next(): Promise<Waiting> {
    const [first] = this.#waiting;
    if (first === undefined) throw new Error('Nobody waits for a turn.');
    const last = this.#last;
    const isOpen = last !== null && last.inRow < mostInRow;
    const archive = isOpen && this.#waitIn(last.place.archive).length > 0 ? last.place.archive : first.place?.archive;
    if (archive === undefined) return first;
    const together = this.#waitIn(archive);
    const [lone = first, other] = together;
    if (other === undefined) return lone;
    const order = await this.#orderIn(archive);
    const at = (place: EntryPlace | null): number => order.get(place?.name ?? '') ?? -1;
    const sorted = together.toSorted((a, b) => at(a.place) - at(b.place));
    // Going on is one pass; what lies before has to wait for the next.
    const from = last?.place.archive === archive ? at(last.place) : -1;
    return sorted.find(({ place }) => at(place) > from) ?? sorted[0] ?? lone;
  }

  #waitIn(archive: string): readonly Waiting[] {
    return this.#waiting.filter(({ place }) => place?.archive === archive);
  }

  /** Where the files of an archive lie in it; of one that cannot be looked into nothing is known. */
  async #orderIn(archive: string): Promise<ReadonlyMap<string, number>> {
    try {
      const { entries } = await this.#shelf.list(archive);
      return new Map(entries.map(({ name }, at) => [name, at]));
    } catch {
      // The process that draws says what is wrong with it.
      return new Map();
    }
  }
}

/** Others have waited long enough by then. */
const mostInRow = 64;
