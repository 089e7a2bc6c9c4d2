// What happened, for whoever listens: the listener of the options, and the channels cc:cache:* of node:diagnostics_channel.
import { type Channel, channel } from 'node:diagnostics_channel';
import type { CacheEvent } from './contract/cache.js';
import { isPromise } from './promises.js';

/** Tells of a change; the arguments are those of a `CacheEvent`. */
export type Emit = (type: CacheEvent['type'], namespace: string | null, key: string | null, reason?: string) => void;

const types: readonly CacheEvent['type'][] = [
  'fill',
  'void',
  'invalidate',
  'clear',
  'evict',
  'expire',
  'refuse',
  'flush',
  'aside',
  'tier',
];
const channels = Object.fromEntries(types.map((type) => [type, channel(`cc:cache:${type}`)])) as Readonly<
  Record<CacheEvent['type'], Channel>
>;

/** Returns what tells `onEvent` and the channels. While nobody listens it costs a comparison. */
export function emitter(onEvent: ((event: CacheEvent) => void) | undefined): Emit {
  return (type, namespace, key, reason) => {
    const { hasSubscribers } = channels[type];
    if (onEvent === undefined && !hasSubscribers) return;
    const event: CacheEvent = { type, namespace, key, ...(reason !== undefined && { reason }) };
    try {
      const told: unknown = onEvent?.(event);
      // One that is async fails later.
      if (isPromise(told)) void Promise.resolve(told).catch(() => undefined);
    } catch {
      // An observer that fails must never fail the read it observes.
    }
    // A subscriber that throws is told as an uncaught error by the channel itself.
    if (hasSubscribers) channels[type].publish(event);
  };
}
