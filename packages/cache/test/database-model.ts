// A model of a small table beside a cache: what is committed, which loads are open, and every rule that a read broke.
import type { CacheLease, CacheRegion } from '../src/index.js';
import { deferred } from './deferred.js';

export interface Row {
  readonly version: number;
  readonly at: Date;
}

/** What `failed` loads reject with. */
class LoadFailed extends Error {}

export const keys = ['a', 'b', 'c'] as const;

export class DatabaseModel {
  /** Sentences about reads that were wrong. */
  readonly violations: string[] = [];
  readonly reads: Promise<void>[] = [];
  readonly #region: CacheRegion<Row>;
  readonly #lease: () => CacheLease;
  readonly #states = new Map<string, (Row | null)[]>();
  readonly #pending: ((fails: boolean) => void)[] = [];
  #version = 0;

  constructor(region: CacheRegion<Row>, lease: () => CacheLease) {
    this.#region = region;
    this.#lease = lease;
  }

  /** A hit is answered at once, so it has to be the very state of the database. */
  get(key: string): void {
    const value = this.#region.get(key);
    if (value !== undefined) this.#check(key, value, this.#statesOf(key).length - 1);
  }

  /** A read that waits may answer any state since it began. */
  getOrLoad(key: string): void {
    const from = this.#statesOf(key).length - 1;
    const read = this.#region.getOrLoad(key, () => this.#load(key));
    this.reads.push(
      read.then(
        (value) => this.#check(key, value, from),
        (error: unknown) => {
          if (!(error instanceof LoadFailed)) this.violations.push(`${key}: failed with ${String(error)}`);
        },
      ),
    );
  }

  commit(key: string): void {
    this.#put(key, this.#newRow());
    this.#region.invalidate(key);
  }

  delete(key: string): void {
    this.#put(key, null);
    this.#region.invalidate(key);
  }

  /** One transaction over every row. */
  commitAll(): void {
    for (const key of keys) this.#put(key, this.#newRow());
    this.#region.clear();
  }

  /** A transaction that is undone fills nothing and invalidates nothing; its version is never a state. */
  rollback(): void {
    this.#newRow();
  }

  /** The writer keeps what it has just committed. */
  commitAndSet(key: string): void {
    const row = this.#newRow();
    this.#put(key, row);
    this.#region.set(key, row);
  }

  /** Reads now, and keeps what it read in some later step. */
  readAndSetLater(key: string): void {
    const lease = this.#lease();
    const seen = this.#read(key);
    this.#pending.push(() => void this.#region.set(key, seen, { lease }));
  }

  /** Ends one of the open loads. */
  finish(which: number, fails: boolean): void {
    const [end] = this.#pending.splice(which % Math.max(1, this.#pending.length), 1);
    end?.(fails);
  }

  /** A read that gave the event loop its turn first may begin its load only now. */
  async settle(): Promise<void> {
    let isOver = false;
    const settled = Promise.all(this.reads).then(() => {
      isOver = true;
    });
    while (!isOver) {
      for (const end of this.#pending.splice(0)) end(false);
      await new Promise((resolve) => setImmediate(resolve));
    }
    await settled;
  }

  #load(key: string): Promise<Row | null> {
    const loading = deferred<Row | null>();
    const seen = this.#read(key);
    this.#pending.push((fails) => (fails ? loading.reject(new LoadFailed()) : loading.resolve(seen)));
    return loading.promise;
  }

  #check(key: string, value: Row | null, from: number): void {
    const since = this.#statesOf(key).slice(from);
    const right = since.some(
      (state) => state?.version === value?.version && state?.at.getTime() === value?.at.getTime(),
    );
    if (!right)
      this.violations.push(`${key}: read ${value?.version ?? 'absent'}, which was replaced or never committed`);
    // What this caller does to its value must not reach the next one.
    value?.at.setTime(-1);
  }

  /** As a driver does: a new object for each read. */
  #read(key: string): Row | null {
    const row = this.#statesOf(key).at(-1) ?? null;
    return row && { version: row.version, at: new Date(row.at.getTime()) };
  }

  #newRow(): Row {
    this.#version += 1;
    return { version: this.#version, at: new Date(this.#version) };
  }

  #put(key: string, row: Row | null): void {
    this.#states.set(key, [...this.#statesOf(key), row]);
  }

  #statesOf(key: string): readonly (Row | null)[] {
    return this.#states.get(key) ?? [null];
  }
}
