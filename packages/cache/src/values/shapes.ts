// Which sets of keys the engine knows already. It describes the first object with new keys in the memory of the process, about a
// hundred bytes for each key; later ones with the same keys share that. So rows are cheap, and objects by id or by tag are not.

/** So many are remembered, and so much text of them, twice: those of before, and those since. */
const most = 1_024;
const mostCharacters = 2 ** 20;
/** Rows have less. Longer lists are those of objects by id, each of which is weighed as new. */
const longest = 2 ** 14;

class Shapes {
  #last: readonly string[] = [];
  #known = new Set<string>();
  #before = new Set<string>();
  #characters = 0;

  /** Whether an object with these keys, in this order, was seen lately. From now on it was. */
  isKnown(keys: readonly string[]): boolean {
    // Rows of one query come after another.
    if (isSame(keys, this.#last)) return true;
    const shape = keys.join('\0');
    if (shape.length > longest) return false;
    this.#last = keys;
    if (this.#known.has(shape)) return true;
    const isKnown = this.#before.has(shape);
    if (this.#known.size >= most || this.#characters >= mostCharacters) {
      this.#before = this.#known;
      this.#known = new Set();
      this.#characters = 0;
    }
    this.#known.add(shape);
    this.#characters += shape.length;
    return isKnown;
  }
}

/** One for the process, as what the engine knows is. It holds keys of plain data and no values. */
export const shapes = new Shapes();

function isSame(a: readonly string[], b: readonly string[]): boolean {
  if (a.length !== b.length) return false;
  for (let i = 0; i < a.length; i += 1) if (a[i] !== b[i]) return false;
  return true;
}
