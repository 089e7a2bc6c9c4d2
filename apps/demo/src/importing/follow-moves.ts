// Decides which models follow their content to another path, when files were moved, renamed, swapped and edited between two
// imports. What two histories explain is not decided: the model stays with its path.

/** A model whose path no longer has its content: its file is gone (`isAbsent`), or holds something else. */
export interface Displaced {
  readonly id: string;
  readonly filePath: string;
  readonly fileName: string;
  readonly fileHash: string;
  readonly inode: number | null;
  readonly isAbsent: boolean;
}

/** A path whose content the library does not know it by: a new one, or that of a displaced model. */
export interface Arrived {
  readonly path: string;
  readonly fileName: string;
  readonly fileHash: string;
  readonly inode: number | null;
}

/** Returns the paths that displaced models follow to, by the id of the model. */
export function followMoves(displaced: readonly Displaced[], arrived: readonly Arrived[]): Map<string, Arrived> {
  const moves = settled(pair(displaced, arrived), displaced);
  // What was paired with a path that is not free may have been copied to one that is.
  const taken = new Set([...moves.values()].map(({ path }) => path));
  const known = new Set(displaced.map(({ filePath }) => filePath));
  const rest = displaced.filter(({ id, isAbsent }) => isAbsent && !moves.has(id));
  const free = arrived.filter(({ path }) => !taken.has(path) && !known.has(path));
  return new Map([...moves, ...pair(rest, free)]);
}

/** Takes away what cannot be, until the rest can. */
function settled(moves: Map<string, Arrived>, displaced: readonly Displaced[]): Map<string, Arrived> {
  const displacedAt = new Map(displaced.map((model) => [model.filePath, model]));
  const byId = new Map(displaced.map((model) => [model.id, model]));
  // A model leaves its path when its file is gone, or another one that moves takes the path; and it comes to a path that
  // is new, or whose model moves away. So chains and rings are followed whole, or not at all.
  for (let before = -1; before !== moves.size; ) {
    before = moves.size;
    const taken = new Set([...moves.values()].map(({ path }) => path));
    for (const [id, { path }] of moves) {
      const model = byId.get(id);
      const there = displacedAt.get(path);
      const leaves = model !== undefined && (model.isAbsent || taken.has(model.filePath));
      const isFree = there === undefined || moves.has(there.id);
      if (!leaves || !isFree) moves.delete(id);
    }
  }
  return moves;
}

/** Pairs models and paths of one content: those whose entry on the disk or whose name is the same first. */
function pair(displaced: readonly Displaced[], arrived: readonly Arrived[]): Map<string, Arrived> {
  const pairs = new Map<string, Arrived>();
  let waiting = displaced.toSorted((a, b) => Number(b.isAbsent) - Number(a.isAbsent));
  let open = [...arrived];
  for (const keyOf of keys) {
    const places = new Map<string, Arrived[]>();
    for (const place of open.toReversed()) {
      const key = keyOf(place);
      const others = places.get(key);
      if (others === undefined) places.set(key, [place]);
      else others.push(place);
    }
    const taken = new Set<Arrived>();
    waiting = waiting.filter((model) => {
      const place =
        model.inode === null && keyOf !== byName && keyOf !== byContent ? undefined : places.get(keyOf(model))?.pop();
      if (place === undefined) return true;
      pairs.set(model.id, place);
      taken.add(place);
      return false;
    });
    open = open.filter((place) => !taken.has(place));
  }
  return pairs;
}

type Sought = Pick<Displaced, 'fileHash' | 'fileName' | 'inode'>;

const byContent = ({ fileHash }: Sought): string => fileHash;
const byName = ({ fileHash, fileName }: Sought): string => `${fileHash}/${fileName}`;
const byEntry = ({ fileHash, inode }: Sought): string => `${fileHash}/${inode}`;
const keys = [
  ({ fileHash, inode, fileName }: Sought): string => `${fileHash}/${inode}/${fileName}`,
  byEntry,
  byName,
  byContent,
];
