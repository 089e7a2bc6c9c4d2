// drizzle-kit's snapshots of a schema, as far as this package looks into them. drizzle-kit.ts makes them,
// write-folder.ts stores them, questions.ts compares them.
import { foldName } from '../sql/words.js';

/** A snapshot as drizzle-kit stores it in `meta/NNNN_snapshot.json` (version 6). */
export interface Snapshot {
  readonly id: string;
  readonly prevId: string;
  readonly version: string;
  readonly dialect: string;
  readonly tables: Readonly<Record<string, SnapshotTable>>;
  readonly views: Readonly<Record<string, SnapshotView>>;
  readonly [other: string]: unknown;
}

/** A table of a snapshot. */
export interface SnapshotTable {
  readonly name: string;
  readonly columns: Readonly<Record<string, { readonly name: string }>>;
  readonly [other: string]: unknown;
}

/** A view of a snapshot. */
export interface SnapshotView {
  readonly name: string;
  /** Declared as existing: drizzle-kit neither makes nor drops it. */
  readonly isExisting?: boolean;
  readonly [other: string]: unknown;
}

/** The snapshot before the first migration; the id is drizzle-kit's own for it. */
export const emptySnapshot: Snapshot = Object.freeze({
  id: '00000000-0000-0000-0000-000000000000',
  prevId: '',
  version: '6',
  dialect: 'sqlite',
  tables: {},
  views: {},
  enums: {},
  _meta: { tables: {}, columns: {} },
});

/** Returns `value` as a snapshot. @throws TypeError when it is none that this package knows */
export function parseSnapshot(value: unknown, source: string): Snapshot {
  const isObject = (each: unknown): each is Record<string, unknown> => typeof each === 'object' && each !== null;
  if (isObject(value) && isObject(value['tables']) && typeof value['id'] === 'string') {
    if (value['version'] !== '6' || value['dialect'] !== 'sqlite') {
      throw new TypeError(
        `${source} is a snapshot of ${String(value['dialect'])}, version ${String(value['version'])}; SQLite's version 6 is what works here`,
      );
    }
    return { ...emptySnapshot, ...value } as Snapshot;
  }
  throw new TypeError(`${source} is no snapshot of drizzle-kit`);
}

/** Names, in lower case, of the views that are declared as existing: others make them. */
export function existingViews({ views }: Snapshot): readonly string[] {
  return Object.values(views).flatMap(({ name, isExisting }) => (isExisting ? [foldName(name)] : []));
}

/** `snapshot` as drizzle-kit takes it without asking what became of a view that others make. */
export function withoutExistingViews(snapshot: Snapshot): Snapshot {
  const views = Object.entries(snapshot.views).filter(([, { isExisting }]) => !isExisting);
  return { ...snapshot, views: Object.fromEntries(views) };
}

/** Whether two snapshots describe the same schema. */
export function isSameSnapshot(a: Snapshot, b: Snapshot): boolean {
  const described = ({ tables, views }: Snapshot): string => JSON.stringify(sorted({ tables, views }));
  return described(a) === described(b);
}

/** `value` with the keys of every object in order. */
function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .toSorted(([a], [b]) => (a < b ? -1 : 1))
      .map(([key, each]) => [key, sorted(each)]),
  );
}
