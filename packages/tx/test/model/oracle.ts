// The simple model: a stack of row sets. It replays the schedule that really happened, as the events tell it, and says
// what every statement had to see and what must be in the table; whatever does not fit is noted as a violation.
import type { ManagerEvent } from '../../src/index.js';
import type { StatementStep } from './program.js';

type QueryEvent = Extract<ManagerEvent, { type: 'query' }>;
type TransactionEvent = Extract<ManagerEvent, { type: 'transaction' }>;

/** The rows of the table: amount by name. */
export type Rows = ReadonlyMap<string, number>;

/** A transaction or savepoint in the model. */
export interface ModelFrame {
  readonly id: string;
  readonly mode: 'read' | 'write';
  readonly parent: ModelFrame | null;
  /** What a statement in it sees; empty while a child is open only in the sense that the child has the newer rows. */
  rows: Rows;
  /** `dead`: the engine itself rolled the transaction back, and its end is still to come. */
  status: 'open' | 'committed' | 'rolled back' | 'dead';
  /** When it stopped being open; Infinity while it is. */
  endedAt: number;
  /** When the engine itself rolled it back, if it did; its connection is held until `overAt`. */
  diedAt: number;
  overAt: number;
}

/** A statement that a program ran, known to the events by the tag in its text. */
export interface Operation {
  readonly tag: string;
  readonly verb: StatementStep['do'];
  readonly name: string;
  /** What the model says when the statement is executed; null until then. */
  executed: {
    readonly frame: ModelFrame | null;
    readonly errorType: 'constraint' | 'readonly' | null;
    readonly seen: Rows;
    readonly rowsAffected: number;
  } | null;
}

/** Later than everything. */
export const never = Number.POSITIVE_INFINITY;

/** The model of one run. */
export class Oracle {
  readonly violations: string[] = [];
  readonly frames = new Map<string, ModelFrame>();
  readonly #operations = new Map<string, Operation>();
  readonly #innermost = new Map<string, ModelFrame>();
  readonly #readsOfOthers: boolean;
  /** Every state of the table, newest last. */
  readonly #history: { readonly rows: Rows; readonly since: number }[] = [{ rows: new Map(), since: 0 }];
  readonly #snapshots = new Map<ModelFrame, readonly Rows[]>();
  #clock = 0;

  /** @param concurrentReads whether a read transaction may be open beside a write transaction */
  constructor(concurrentReads: boolean) {
    this.#readsOfOthers = concurrentReads;
  }

  get committed(): Rows {
    return this.#history.at(-1)?.rows ?? new Map();
  }

  /** Tells when a read transaction was asked for: its snapshot is of a moment since then. */
  askedFor(frame: ModelFrame, at: number): void {
    const states = this.#history.filter((_, i) => (this.#history[i + 1]?.since ?? never) >= at);
    this.#snapshots.set(
      frame,
      states.map(({ rows }) => rows),
    );
  }

  /** Whether a statement could see exactly `value`; a read transaction goes on seeing what it saw first. */
  couldSee({ executed }: Operation, value: unknown): boolean {
    if (!executed) return false;
    const root = executed.frame && this.frames.get(rootOf(executed.frame.id));
    if (root?.mode !== 'read') return shown(executed.seen) === value;
    const seen = (this.#snapshots.get(root) ?? []).filter((rows) => shown(rows) === value);
    this.#snapshots.set(root, seen);
    return seen.length > 0;
  }

  /** The next moment of the run. */
  tick(): number {
    this.#clock += 1;
    return this.#clock;
  }

  get now(): number {
    return this.#clock;
  }

  add(operation: Operation): void {
    this.#operations.set(operation.tag, operation);
  }

  /** Notes a contradiction. */
  violated(what: string): void {
    this.violations.push(`at ${this.#clock}: ${what}`);
  }

  /** What the manager's events are sent to. */
  readonly listen = (event: ManagerEvent): void => {
    this.tick();
    if (event.type === 'query') this.#query(event);
    else if (event.type === 'hook_error') this.violated(`a hook failed: ${String(event.error)}`);
    else if (event.type !== 'transaction') return;
    else if (event.phase === 'begin') this.#begin(event);
    else if (event.phase === 'commit') this.#commit(event);
    else if (event.phase === 'rollback') this.#rollback(event);
    else this.violated(`the outcome of ${event.id} is unknown`);
  };

  #begin(event: TransactionEvent): void {
    const { id, mode, depth } = event;
    const root = rootOf(id);
    if (depth === 0) {
      for (const other of this.#innermost.values()) {
        if (this.#readsOfOthers && (mode === 'read' || other.mode === 'read')) continue;
        this.violated(`${id} (${mode}) began beside ${other.id} (${other.mode})`);
      }
    }
    const parent = depth === 0 ? null : (this.#innermost.get(root) ?? null);
    const rows = parent ? parent.rows : this.committed;
    const frame: ModelFrame = { id, mode, parent, rows, status: 'open', endedAt: never, diedAt: never, overAt: never };
    if (depthOf(frame) !== depth) this.violated(`${id} began at depth ${depth} inside ${parent?.id}`);
    this.frames.set(id, frame);
    this.#innermost.set(root, frame);
  }

  #commit({ id }: TransactionEvent): void {
    const frame = this.frames.get(id);
    if (!frame || this.#innermost.get(rootOf(id)) !== frame || frame.status !== 'open') {
      this.violated(`${id} committed while it was ${frame?.status}, innermost ${this.#innermost.get(rootOf(id))?.id}`);
      return;
    }
    this.#end(frame, 'committed');
    if (frame.parent) frame.parent.rows = frame.rows;
    else if (frame.mode === 'write') this.#commitRows(frame.rows);
  }

  #rollback({ id }: TransactionEvent): void {
    const frame = this.frames.get(id);
    if (!frame) return this.violated(`${id} rolled back and never began`);
    if (frame.parent && endedAt(frame.parent) !== never) {
      // The transaction around it is gone and took it along.
      if (frame.status === 'open') frame.status = 'rolled back';
      return undefined;
    }
    // Savepoints inside it that nobody awaited go with it.
    this.#end(frame, 'rolled back');
    return undefined;
  }

  #end(frame: ModelFrame, status: 'committed' | 'rolled back'): void {
    frame.status = status;
    frame.endedAt = Math.min(frame.endedAt, this.#clock);
    frame.overAt = this.#clock;
    if (frame.parent) this.#innermost.set(rootOf(frame.id), frame.parent);
    else this.#innermost.delete(frame.id);
  }

  #commitRows(rows: Rows): void {
    if (rows !== this.committed) this.#history.push({ rows, since: this.#clock });
  }

  #query({ sql, transactionId, error }: QueryEvent): void {
    const tag = /\/\* (\w+) \*\//.exec(sql)?.[1];
    const operation = tag === undefined ? undefined : this.#operations.get(tag);
    if (!operation) return;
    if (operation.executed) this.violated(`${operation.tag} ran twice`);
    const frame = transactionId === null ? null : (this.frames.get(transactionId) ?? null);
    if (transactionId !== null) this.#mayRunIn(operation, transactionId, frame);
    const seen = frame ? frame.rows : this.committed;
    const { rows, errorType, rowsAffected } = outcomeOf(operation, seen, frame?.mode === 'read');
    operation.executed = { frame, errorType, seen, rowsAffected };
    if (errorType !== (error?.type ?? null)) {
      this.violated(`${operation.tag} (${operation.verb}) gave ${error?.type ?? 'no error'}, not ${errorType}`);
    }
    if (errorType === 'constraint' && operation.verb === 'insert_or_rollback' && frame) this.#die(frame);
    else if (frame) frame.rows = rows;
    else this.#commitRows(rows);
  }

  #mayRunIn(operation: Operation, id: string, frame: ModelFrame | null): void {
    if (!frame) return this.violated(`${operation.tag} ran in ${id}, which never began`);
    const innermost = this.#innermost.get(rootOf(id));
    if (innermost !== frame || endedAt(frame) !== never) {
      this.violated(`${operation.tag} ran in ${id} (${frame.status}) while ${innermost?.id} was innermost`);
    }
    return undefined;
  }

  /** The engine rolled the whole transaction back. */
  #die(frame: ModelFrame): void {
    const root = this.frames.get(rootOf(frame.id)) ?? frame;
    root.status = 'dead';
    root.endedAt = this.#clock;
    root.diedAt = this.#clock;
    this.#innermost.set(root.id, root);
  }
}

/** When `frame`, or one around it, stopped being open; Infinity while all are. */
export function endedAt(frame: ModelFrame): number {
  return Math.min(frame.endedAt, frame.parent ? endedAt(frame.parent) : never);
}

/** Whether `frame` has ended because the engine rolled back the transaction around it, whose work still runs. */
export function isLost(frame: ModelFrame): boolean {
  return frame.parent ? frame.status === 'open' && isLost(frame.parent) : frame.status === 'dead';
}

/** Whether the rows of `frame` are in the table in the end. */
export function isCommitted(frame: ModelFrame): boolean {
  return frame.status === 'committed' && (frame.parent === null || isCommitted(frame.parent));
}

/** The outermost transaction's id. */
export function rootOf(id: string): string {
  return id.split('.')[0] ?? id;
}

/** `rows` as one text, for comparing. */
export function shown(rows: Rows): string {
  return [...rows]
    .map(([name, amount]) => `${name}=${amount}`)
    .sort()
    .join(' ');
}

function depthOf(frame: ModelFrame): number {
  return frame.parent ? depthOf(frame.parent) + 1 : 0;
}

function outcomeOf(
  { verb, name }: Operation,
  rows: Rows,
  readOnly: boolean,
): { rows: Rows; errorType: 'constraint' | 'readonly' | null; rowsAffected: number } {
  if (verb === 'read') return { rows, errorType: null, rowsAffected: 0 };
  if (readOnly) return { rows, errorType: 'readonly', rowsAffected: 0 };
  const known = rows.get(name);
  if (verb === 'insert' || verb === 'insert_or_rollback') {
    if (known !== undefined) return { rows, errorType: 'constraint', rowsAffected: 0 };
    return { rows: new Map(rows).set(name, 0), errorType: null, rowsAffected: 1 };
  }
  if (known === undefined) return { rows, errorType: null, rowsAffected: 0 };
  const changed = new Map(rows);
  if (verb === 'update') changed.set(name, known + 1);
  else changed.delete(name);
  return { rows: changed, errorType: null, rowsAffected: 1 };
}
