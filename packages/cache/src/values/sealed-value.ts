// A value as the cache keeps it: what can be frozen is frozen and shared by all callers, what cannot (dates, maps, bytes)
// is copied for each of them. So no caller can change what another one reads.
import { types } from 'node:util';
import { isError } from '../realms.js';
import { type Container, copyContainer, copyToFreeze, deepCopy, kindOf } from './plain-data.js';
import { type CopyPlan, weigh } from './weigh.js';

/** A value that no caller can change through what `handOut` gives it. */
export interface SealedValue {
  readonly value: unknown;
  readonly plan: CopyPlan;
  readonly bytes: number;
}

/**
 * Takes `value` over: freezes it, its unfreezable parts set aside.
 *
 * @throws TypeError when it is not plain data, or is above `mostBytes`
 */
export function seal(value: unknown, mostBytes?: number): SealedValue {
  const { plan, bytes } = weigh(value, mostBytes);
  if (bytes === Number.POSITIVE_INFINITY) throw new TypeError(tooLargeReason);
  return { value: copyBy(plan, own(value, plan)), plan, bytes };
}

/** Seals `value`, or answers undefined and tells the reason when it is not plain data, or is above `mostBytes`. */
export function sealIfPlain(
  value: unknown,
  onRefusal?: (reason: string) => void,
  mostBytes?: number,
): SealedValue | undefined {
  try {
    return seal(value, mostBytes);
  } catch (error) {
    onRefusal?.(isError(error) ? error.message : String(error));
    return undefined;
  }
}

/** Why a value is not kept that needs more room than there is. */
export const tooLargeReason = 'it is larger than the whole cache';

/**
 * Seals a copy and leaves `value` as it is. Of one above `mostBytes` there is only the weight, Infinity.
 *
 * @throws TypeError when it is not plain data
 */
export function sealCopy(value: unknown, mostBytes?: number): SealedValue {
  const { plan, bytes } = weigh(value, mostBytes);
  if (bytes === Number.POSITIVE_INFINITY) return { value: null, plan, bytes };
  return { value: own(deepCopy(value), plan), plan, bytes };
}

/** Returns what one caller gets: the shared value, or a copy of the parts that could be changed. */
export function handOut(sealed: SealedValue): unknown {
  const { value, plan } = sealed;
  if (plan === 'shared') return value;
  if (typeof plan === 'string' || Array.isArray(value) || Object.getPrototypeOf(value) === null) {
    return copyBy(plan, value);
  }
  // A spread of its own: V8 keeps it fast as long as it only sees the few shapes of kept rows, and not, as `copyBy` does,
  // whatever a driver made.
  const copy: Container = { ...(value as Container) };
  for (const [key, inner] of plan) copy[key] = copyBy(inner, copy[key]);
  return copy;
}

function copyBy(plan: CopyPlan, value: unknown): unknown {
  if (plan === 'shared') return value;
  // Almost every value that cannot be shared is a row with a few dates: its path is the short one.
  if (plan === 'date') return new Date((value as Date).getTime());
  if (plan === 'whole') return deepCopy(value);
  const copy = copyContainer(value as Container);
  for (const [key, inner] of plan) copy[key] = copyBy(inner, copy[key]);
  return copy;
}

/** Freezes what can be frozen, and answers with a value that keeps no other alive. */
function own(value: unknown, plan: CopyPlan): unknown {
  if (typeof value === 'string') return ownText(value);
  if (typeof value !== 'object' || value === null || plan === 'date') return value;
  if (plan === 'whole') return ownBag(value);
  const steps = plan === 'shared' ? undefined : new Map(plan);
  const container = value as Container;
  for (const key of Object.keys(container)) {
    const before = container[key];
    const after = own(before, steps?.get(key) ?? 'shared');
    // What its owner has frozen stays as it is, and is no less right.
    if (typeof before === 'string' ? before.length >= shortestPart : before !== after)
      Reflect.set(container, key, after);
  }
  if (steps === undefined) Object.freeze(value);
  return value;
}

function ownBag(value: object): object {
  if (types.isMap(value)) return new Map([...value].map(([key, item]) => [ownPart(key), ownPart(item)]));
  return types.isSet(value) ? new Set([...value].map(ownPart)) : value;
}

/** Parts of a bag are copied for each caller, so none is frozen. */
function ownPart(value: unknown): unknown {
  if (typeof value === 'string') return ownText(value);
  if (types.isMap(value) || types.isSet(value)) return ownBag(value);
  if (typeof value !== 'object' || value === null || kindOf(value) !== 'container') return value;
  const copy = copyToFreeze(value as Container);
  for (const key of Object.keys(copy)) copy[key] = ownPart(copy[key]);
  return copy;
}

/** A shorter part of a text is a copy already. */
const shortestPart = 13;

/** A part of a longer text keeps all of it alive; joined from two it does not. */
function ownText(text: string): string {
  return text.length < shortestPart ? text : [text.slice(0, 1), text.slice(1)].join('');
}
