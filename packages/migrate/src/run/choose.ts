// Turns targetVersion and steps into the migrations that a call means. The plan and the runners start here.
import type { FolderMigration } from '../folder/read-folder.js';
import type { Reach } from '../options.js';
import { appliedAfter } from './since-date.js';
import type { Applied, Standing } from './standing.js';

/** The pending migrations that `reach` means, first to run first. @throws TypeError for an unknown version */
export function chooseUp({ pending, applied }: Standing, reach: Reach): readonly FolderMigration[] {
  const { targetVersion, steps = Infinity } = reach;
  if (targetVersion === undefined) return pending.slice(0, steps);
  if (targetVersion === null)
    throw new TypeError('targetVersion null means before the first migration: only a rollback goes there');
  const { version } = findVersion([...applied, ...pending], targetVersion);
  return pending.slice(0, pending.findIndex((file) => file.version === version) + 1);
}

/** The applied migrations that `reach` means, newest first. @throws TypeError for a version that is not applied */
export function chooseDown(standing: Standing, reach: Reach): readonly Applied[] {
  const { targetVersion, targetDate, steps = 1 } = reach;
  if (targetDate !== undefined) return appliedAfter(standing, targetDate);
  const { applied } = standing;
  const newestFirst = [...applied].reverse();
  if (targetVersion === undefined) return newestFirst.slice(0, steps);
  if (targetVersion === null) return newestFirst;
  return newestFirst.slice(0, newestFirst.indexOf(findVersion(applied, targetVersion)));
}

/** The one of `known` that `wanted` names, by name or number. @throws TypeError that lists them */
export function findVersion<T extends { readonly version: string }>(
  known: readonly T[],
  wanted: string,
  option = 'targetVersion',
): T {
  const exact = known.find(({ version }) => version === wanted);
  if (exact) return exact;
  const byNumber = /^\d+$/.test(wanted)
    ? known.filter(({ version }) => Number(/^\d+/.exec(version)?.[0] ?? Number.NaN) === Number(wanted))
    : [];
  if (byNumber.length === 1 && byNumber[0]) return byNumber[0];
  const names = known.map(({ version }) => version).join(', ');
  const others = names === '' ? 'There are none' : `Known: ${names}`;
  const why = byNumber.length > 1 ? 'fits several migrations' : 'is no version here';
  throw new TypeError(`${option} '${wanted}' ${why}. ${others}`);
}
