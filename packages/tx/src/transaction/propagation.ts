// What each propagation mode comes to, with a transaction around the call and without one.

import { wrongContext } from '../errors/refusals.js';
import type { Propagation } from '../types.js';

/** Join the transaction around, begin one, open a savepoint in it, or run without any. */
export type Way = 'join' | 'begin' | 'savepoint' | 'without';

const ways: Readonly<Record<Propagation, { readonly inside: Way | 'refuse'; readonly outside: Way | 'refuse' }>> =
  Object.freeze({
    required: { inside: 'join', outside: 'begin' },
    nested: { inside: 'savepoint', outside: 'begin' },
    requires_new: { inside: 'begin', outside: 'begin' },
    mandatory: { inside: 'join', outside: 'refuse' },
    supports: { inside: 'join', outside: 'without' },
    not_supported: { inside: 'without', outside: 'without' },
    never: { inside: 'refuse', outside: 'without' },
  });

/**
 * Says what `propagation` comes to. `around`: the transaction of the calling context, also one that has ended.
 *
 * @throws DatabaseError `aborted` (`TX_REQUIRED`, `TX_FORBIDDEN`) where it does not fit
 */
export function wayOf(propagation: Propagation, around: { readonly ended: boolean } | undefined): Way {
  // What is joined has to be open, and says so itself; `never` only minds one that is.
  const isInside = around !== undefined && !(propagation === 'never' && around.ended);
  const way = ways[propagation][isInside ? 'inside' : 'outside'];
  if (way !== 'refuse') return way;
  throw isInside
    ? wrongContext('TX_FORBIDDEN', `propagation '${propagation}' was called inside a transaction`)
    : wrongContext('TX_REQUIRED', `propagation '${propagation}' needs an open transaction`);
}
