// The transaction that belongs to the calling async context.
import { context, type FrameScope, type Scope } from '../context.js';
import { promised } from '../waiting/awaitable.js';

/**
 * Whoever has transactions. `adopted` is one that every context without one of its own is in: that of a test, which
 * begins in a hook and whose body runs in another context (testing.ts).
 */
type Owner = object & { readonly adopted?: unknown };

/** The transaction of `owner` that the calling context is in, if any; also one that has ended since. */
export function ambientFrame<Frame>(owner: Owner): Frame | undefined {
  const scope = scopeOf(owner);
  // An owner only ever stores its own kind of frame.
  return (scope === undefined ? owner.adopted : scope.frame) as Frame | undefined;
}

/** Every transaction of `owner` around the calling context, innermost first, also those that were set aside. */
export function framesAround<Frame>(owner: Owner): Frame[] {
  const frames: Frame[] = [];
  for (let scope: Scope | undefined = context.getStore(); scope !== undefined; scope = scope.outer) {
    if (scope.owner === owner && scope.kind === 'frame' && scope.frame !== undefined) frames.push(scope.frame as Frame);
  }
  const adopted = owner.adopted as Frame | undefined;
  if (adopted !== undefined && !frames.includes(adopted)) frames.push(adopted);
  return frames;
}

/** Whether the calling context is inside a block of `owner` with that key. */
export function isInsideKey(owner: object, key: string): boolean {
  for (let scope: Scope | undefined = context.getStore(); scope !== undefined; scope = scope.outer) {
    if (scope.owner === owner && scope.kind === 'frame' && scope.key === key) return true;
  }
  return false;
}

/** Runs `work` with `frame` as the owner's transaction, as the block with `key` if it has one. */
export function runWithFrame<T>(owner: object, frame: unknown, work: () => Promise<T>, key?: string): Promise<T> {
  return context.run({ kind: 'frame', owner, frame, key, outer: context.getStore() }, promised<T>, work);
}

function scopeOf(owner: object): FrameScope | undefined {
  let scope = context.getStore();
  while (scope !== undefined && (scope.owner !== owner || scope.kind !== 'frame')) scope = scope.outer;
  return scope;
}
