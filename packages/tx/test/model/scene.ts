// Where a step of a program stands: the blocks around it, the handles it has, and where the rules put its calls.
import type { Transaction } from '../../src/index.js';
import { endedAt, type ModelFrame, never } from './oracle.js';
import type { BlockStep, StatementStep } from './program.js';

/** The signal of a transaction, and the moment at which it fires. */
export interface Abort {
  readonly controller: AbortController;
  at: number;
}

/** A transaction or savepoint as the program holds it. */
export interface Node {
  readonly model: ModelFrame;
  readonly tx: Transaction;
  readonly parent: Node | null;
  /** Work inside it that its block does not wait for. */
  loose: number;
  /** Errors that escaped joined blocks; certain once their callers have seen them. */
  readonly failures: { readonly error: unknown; certain: boolean }[];
  /** Of a transaction that was given a signal. */
  abort?: Abort;
  fulfilled: boolean;
}

/** Where a step stands. */
export interface Context {
  readonly node: Node | null;
  /** Open transactions around it whose connections it would wait for, also those that were set aside. */
  readonly held: readonly Node[];
  /** Of the same transaction, outermost first. */
  readonly handles: readonly Node[];
  /** The transaction or savepoint of the last block that ended in this body. */
  kept: Node | null;
}

/** How a block relates to the transaction around it. */
export type Entry = 'join' | 'nest' | 'begin' | 'none' | 'refuse';

/** What is known of a block's body. */
export class Body {
  entered = false;
  node: Node | null = null;
  end = never;
  threw: { readonly error: unknown } | undefined;
  looseAtEnd = 0;
  failedAtEnd = false;
}

/** When the signal of the transaction around `node` has fired. */
export function abortedAround(node: Node): number {
  return node.parent ? abortedAround(node.parent) : (node.abort?.at ?? never);
}

/** Notes that work in `node` begins (1) or ends (-1) which its block may not wait for. */
export function countLoose(node: Node | null, by: 1 | -1): void {
  for (let each = node; each; each = each.parent) each.loose += by;
}

/** A call belongs to the savepoint it is made in, or when that has ended to one around it, up to that of its handle. */
export function mayRunIn(frame: ModelFrame | null, node: Node | null, expected: Node | null): boolean {
  if (frame === (expected?.model ?? null)) return true;
  for (let each = node; each && each !== expected; each = each.parent) if (each.model === frame) return true;
  return false;
}

/** One of the handles in reach; null when there is none. */
export function handleAt({ handles }: Context, which: number): Node | null {
  return handles[which % Math.max(1, handles.length)] ?? null;
}

/** The handle that a statement goes through; null for the manager. */
export function handleFor({ via }: StatementStep, context: Context, which: number): Node | null {
  if (via === 'kept') return context.kept;
  return via === 'handle' ? handleAt(context, which) : null;
}

/** What the rules of propagation make of a block here. */
export function entryOf({ kind }: BlockStep, { node }: Context, handle: Node | null): Entry {
  switch (kind) {
    case 'mandatory':
      return node ? 'join' : 'refuse';
    case 'required':
    case 'read':
      return node ? 'join' : 'begin';
    case 'supports':
      return node ? 'join' : 'none';
    case 'not_supported':
      return 'none';
    case 'never':
      return node && endedAt(node.model) === never ? 'refuse' : 'none';
    case 'requires_new':
    case 'requires_new_read':
      return 'begin';
    default:
      return node || handle ? 'nest' : 'begin';
  }
}
