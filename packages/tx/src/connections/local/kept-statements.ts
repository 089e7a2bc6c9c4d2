// The prepared statements of one connection by their text, oldest out first. A statement takes memory by the length of its text:
// a list of 10,000 values is 30,000 characters and 2 MB of the engine, and with one value more it is another text.

/** A text counts once for each beginning thousand characters. */
const charactersPerPlace = 1_000;

/** Statements that are kept prepared. */
export class KeptStatements<S> {
  readonly #places: number;
  readonly #all = new Map<string, S>();
  /**
   * Those that stop after their first row. The driver's `get` does not reset a statement before it binds, so one that
   * `all` has used would run with the values of that call; after a `get` that ended well it is reset.
   */
  readonly #firstOnly = new Map<string, S>();
  #taken = 0;

  constructor(places: number) {
    this.#places = places;
  }

  get(sql: string, firstOnly: boolean): S | undefined {
    return this.#of(firstOnly).get(sql);
  }

  /** Keeps a statement that is not there yet, in the place of the oldest ones; none of a text that all places are too few for. */
  add(sql: string, firstOnly: boolean, statement: S): void {
    const needed = placesOf(sql);
    if (needed > this.#places) return;
    while (this.#taken + needed > this.#places) this.#dropOldest();
    this.#of(firstOnly).set(sql, statement);
    this.#taken += needed;
  }

  drop(sql: string, firstOnly: boolean): void {
    if (this.#of(firstOnly).delete(sql)) this.#taken -= placesOf(sql);
  }

  clear(): void {
    this.#all.clear();
    this.#firstOnly.clear();
    this.#taken = 0;
  }

  #of(firstOnly: boolean): Map<string, S> {
    return firstOnly ? this.#firstOnly : this.#all;
  }

  /** The oldest, not the one that was used the longest ago: a hit must stay one look into a Map. */
  #dropOldest(): void {
    const firstOnly = this.#firstOnly.size >= this.#all.size;
    const [oldest] = this.#of(firstOnly).keys();
    if (oldest !== undefined) this.drop(oldest, firstOnly);
  }
}

function placesOf(sql: string): number {
  return 1 + Math.floor(sql.length / charactersPerPlace);
}
