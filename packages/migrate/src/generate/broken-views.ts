// Views and triggers that a change would break: SQLite notices only when they are used, so they are tried before a target is
// settled. plan-migration.ts asks.
import { isDatabaseError } from '@cc/tx/errors';
import { planChange } from '../change/plan-change.js';
import { migrationError } from '../errors.js';
import type { Schema } from '../schema/schema.js';
import { type BrokenObject, brokenObjects, isForOthers } from '../scratch/broken-objects.js';
import type { Past } from '../scratch/past.js';
import { foldName, wordsOf } from '../sql/words.js';
import { planOptions } from './plan-options.js';
import { withoutPragmas } from './sql-file.js';
import type { Target } from './target-schema.js';

/**
 * Leaves out the triggers of custom SQL that cannot work any more, because what they name is dropped. What calls functions of
 * the application stays.
 *
 * @throws DatabaseError `MIGRATION_UNPROVEN` for a view that would not work
 */
export async function withoutBroken(
  past: Past,
  {
    renaming,
    renamed,
    code,
  }: { readonly renaming: readonly string[]; readonly renamed: Schema; readonly code: Schema },
  target: Target,
): Promise<Target> {
  const { schema, notes } = target;
  const isCustom = (name: string): boolean => !code.views.has(foldName(name));
  const { statements } = planChange(renamed, schema, planOptions);
  const broken = await past.trying(async (scratch) => {
    if (renaming.length > 0) await scratch.run(renaming);
    const before = await brokenObjects(scratch);
    try {
      if (statements.length > 0) await scratch.run(withoutPragmas(statements));
    } catch (error) {
      // The proof runs the same statements, and tells.
      if (isDatabaseError(error)) return [];
      throw error;
    }
    const after = await brokenObjects(scratch);
    return after
      .map((each) => ({ ...each, isOld: before.some(({ kind, name }) => kind === each.kind && name === each.name) }))
      .filter((each) => !(each.isOld && isForOthers(each)));
  });
  const views = broken.filter(
    ({ kind, name, isOld }) => kind === 'view' && !isOld && !(isCustom(name) && goesAlong(name, renamed, schema)),
  );
  if (views.length > 0) throw brokenView(views, renamed);
  const remaining = (objects: Schema['views'], kind: string): Schema['views'] =>
    new Map([...objects].filter(([, { name }]) => !broken.some((each) => each.kind === kind && each.name === name)));
  return {
    schema: { ...schema, views: remaining(schema.views, 'view'), triggers: remaining(schema.triggers, 'trigger') },
    notes: [
      ...notes,
      ...broken.map(
        ({ kind, name, reason, isOld }) =>
          `The ${kind} ${name} is dropped: it ${isOld ? 'does not work' : 'would not work any more'} (${reason})`,
      ),
    ],
  };
}

/** Whether a view of custom SQL reads a table that goes as a whole, directly or through another view. */
function goesAlong(name: string, before: Schema, after: Schema): boolean {
  const seen = new Set<string>();
  const reads = (view: string): boolean => {
    if (seen.has(view)) return false;
    seen.add(view);
    const names = wordsOf(before.views.get(view)?.sql ?? '').map((word) => foldName(word.name));
    const isGone = ({ tables, virtualTables }: Schema, each: string): boolean =>
      !tables.has(each) && !virtualTables.has(each);
    return names.some(
      (each) => (!isGone(before, each) && isGone(after, each)) || (before.views.has(each) && reads(each)),
    );
  };
  return reads(foldName(name));
}

function brokenView(views: readonly BrokenObject[], { views: present }: Schema): Error {
  const said = views.map(({ name, reason }) => {
    const what = present.has(foldName(name)) ? 'would not work any more after this change' : 'does not work';
    return `The view ${name} ${what}: ${reason}`;
  });
  const names = views.map(({ name }) => name).join(', ');
  return migrationError('unproven', said.join('; '), {
    operation: 'generate',
    hint: `Nothing was written. Mend ${names} in the schema code; if custom SQL made it, drop it first in a migration of its own (cc-migrate create) and make it anew after this one`,
  });
}
