// A value as the cache keeps it: what can be frozen is frozen and shared by all callers, what cannot (dates, maps, bytes)
// is copied for each of them. So no caller can change what another one reads.
import { type Container, copyContainer, deepCopy } from './plain-data.js';
import { type CopyPlan, weigh } from './weigh.js';

/** A value that no caller can change through what `handOut` gives it. */
export interface SealedValue {
  readonly value: unknown;
  readonly plan: CopyPlan;
  readonly bytes: number;
}

/** Takes `value` over: freezes it, its unfreezable parts set aside. @throws TypeError when it is not plain data */
export function seal(value: unknown): SealedValue {
  const { plan, bytes } = weigh(value);
  freeze(value, plan);
  return { value: copyBy(plan, value), plan, bytes };
}

/** Seals a copy and leaves `value` as it is. @throws TypeError when it is not plain data */
export function sealCopy(value: unknown): SealedValue {
  const { plan, bytes } = weigh(value);
  const copy = deepCopy(value);
  freeze(copy, plan);
  return { value: copy, plan, bytes };
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

function freeze(value: unknown, plan: CopyPlan): void {
  if (typeof value !== 'object' || value === null || plan === 'date' || plan === 'whole') return;
  const steps = plan === 'shared' ? undefined : new Map(plan);
  for (const key of Object.keys(value)) freeze((value as Container)[key], steps?.get(key) ?? 'shared');
  if (steps === undefined) Object.freeze(value);
}
