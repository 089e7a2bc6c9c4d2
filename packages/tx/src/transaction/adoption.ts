// Makes the transaction of a test that of every async context, for testing.ts: hooks and bodies of tests share none.

import { isDatabaseError } from '../errors.js';
import type { Adoption, ManagerInternals } from '../internals.js';
import type { Engine } from './engine.js';

/** Makes the transaction of the calling context that of every context; `end` is called when the manager closes. */
export function adopt(engine: Engine, inside: ManagerInternals, end: () => Promise<void>): Adoption {
  const frame = engine.current();
  if (!frame) throw new TypeError('adopt: there is no transaction here');
  engine.adopted = frame;
  inside.endTest = end;
  return {
    assertSettled: () => {
      try {
        frame.assertCommittable();
      } catch (error) {
        if (isDatabaseError(error) && error.code === 'TX_UNAWAITED_WORK') throw error;
      }
    },
    end: (shut) => {
      inside.endTest = undefined;
      if (shut) inside.abandoned = true;
      else engine.adopted = undefined;
    },
  };
}
