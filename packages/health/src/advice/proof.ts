// The proof of an index: a copy of the database in a folder of its own, and a process that tries the candidates on it. The
// database of the application is only read, as every backup reads it.
/// <reference path="../raw-text.d.ts" />
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { databaseFileOf, makeOwnFolder, removeLeftFolders } from '@cc/tx/side-program';
import { runBeside } from '../beside.js';
import type { DatabaseSource } from '../questions.js';
import type { Candidate } from './candidates.js';
import program from './proof-worker.js?raw';
import type { BoundValue } from './types.js';
import type { Cost } from './verdict.js';

/** What the program is asked. */
export interface ProofRequest extends Place {
  readonly sql: string;
  readonly sets: readonly (readonly BoundValue[])[];
  readonly candidates: readonly Pick<Candidate, 'sql' | 'name'>[];
}

/** What the program answers. Costs are in the order of the parameter sets. */
export interface Proof {
  readonly before: readonly Cost[];
  readonly trials: readonly (
    | { readonly fresh: readonly Cost[]; readonly analyzed: readonly Cost[]; readonly bytes: number }
    | { readonly failed: string }
  )[];
  /** Id, id of the parent, unused, detail. */
  readonly plan: readonly (readonly [number, number, number, string])[];
}

/** Where a program finds the database. */
export interface Place {
  readonly path: string;
  readonly encryptionKey: string | undefined;
  /** The file that the program makes its copy at `path` from; null when the copy is there. */
  readonly from: string | null;
}

/** A copy of the database, for as long as the work on it takes. The program makes it, where it can read the file by itself. */
export async function onCopy<T>(
  source: DatabaseSource,
  signal: AbortSignal | undefined,
  work: (copy: Place) => Promise<T>,
): Promise<T> {
  await removeLeftFolders('cc-health');
  const folder = makeOwnFolder('cc-health');
  try {
    const path = join(folder, 'copy.db');
    const { target, readOnly } = source.capabilities;
    const file = target === 'local' || target === 'replica' ? databaseFileOf(source) : null;
    // A file that is only read may need more than VACUUM to be copied: backup() knows how.
    if (file && !readOnly) return await work({ path, encryptionKey: file.encryptionKey, from: file.path });
    await source.backup(path, { signal });
    return await work({ path, encryptionKey: file?.encryptionKey, from: null });
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** Counts the steps of a statement as it is, and with each candidate. */
export function prove(request: ProofRequest, signal: AbortSignal | undefined): Promise<Proof> {
  return runBeside<Proof>(program, request, { name: '@cc/health/proof', signal });
}
