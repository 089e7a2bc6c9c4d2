// Whether the database of a server has changed.
import { runDeclared } from '../../changes/declared.js';
import type { DatabaseChanges } from '../../types.js';

/** What a cache asks about the database of a server. */
export class ServerChanges implements DatabaseChanges {
  readonly statements = 0;
  readonly asOf = Number.NEGATIVE_INFINITY;

  look(): number | undefined {
    return undefined;
  }

  async ask(): Promise<boolean> {
    return false;
  }

  declared<T>(work: () => Promise<T>): Promise<T> {
    return runDeclared(this, work);
  }
}
