// diff: the database against an empty one on which the same migrations ran. Pure but for the replay; create-care.ts gives
// it the picture.

import type { MigrationDrift } from '../contract/care.js';
import { compareSchemas } from '../schema/compare-schemas.js';
import type { Picture } from './picture.js';
import { recordedFiles } from './recorded.js';
import { schemaOf } from './replay.js';

/** Compares `picture` with what its applied migrations make. @throws DatabaseError as `MigrationCare.diff` */
export async function driftOf({ standing, schema }: Picture): Promise<MigrationDrift> {
  const expected = await schemaOf(recordedFiles(standing));
  return {
    current: standing.applied.at(-1)?.version ?? null,
    differences: compareSchemas(schema, expected),
    problems: standing.problems,
  };
}
