// The commands that look after folder and database: diff, check, baseline, verify, repair. check and verify also work without
// a database. show-care.ts makes the text.

import { checkFolder } from '../check/check.js';
import type { CheckOptions } from '../contract/care.js';
import type { MigrationManager } from '../contract/run.js';
import { verifyFolder } from '../verify/verify-folder.js';
import { agree } from './agree.js';
import type { CommandFlags, Surroundings } from './commands.js';
import { exitCodes } from './exit-codes.js';
import { showBaseline, showCheck, showDrift, showRepair, showVerification } from './show-care.js';

type CareFlags = CommandFlags & {
  readonly folder: string;
  readonly journal?: boolean;
  readonly fromDatabase?: boolean;
  readonly config?: string | undefined;
  /** The configuration is for this folder. */
  readonly checksCode?: boolean;
  readonly code?: boolean;
};

type CareSurroundings = Pick<Surroundings, 'print' | 'ask'>;

/** `diff`: the database against what its migrations make. */
export async function diff(migrations: MigrationManager, { json }: CareFlags, at: CareSurroundings): Promise<number> {
  const drift = await migrations.diff();
  at.print(json ? toJson(drift) : showDrift(drift));
  return drift.differences.length === 0 ? exitCodes.ok : exitCodes.pendingOrDrift;
}

/** `check`: the folder, and with a database what that has recorded. */
export async function check(
  migrations: MigrationManager | null,
  flags: CareFlags,
  at: CareSurroundings,
): Promise<number> {
  const { json, folder } = flags;
  const options = codeOf(flags);
  const found = migrations ? await migrations.check(options) : await checkFolder(folder, options);
  at.print(json ? toJson(found) : showCheck(found));
  return found.problems.length === 0 ? exitCodes.ok : exitCodes.pendingOrDrift;
}

/** The schema code is checked where a configuration says that it belongs to this folder. */
function codeOf({ config, checksCode = false, code = true }: CareFlags): CheckOptions {
  return code && checksCode && config !== undefined ? { code: { config } } : {};
}

/** `baseline`: records the migrations up to a version as applied. */
export async function baseline(
  migrations: MigrationManager,
  { json, to, dryRun = false, fromDatabase = false }: CareFlags,
  at: CareSurroundings,
): Promise<number> {
  const done = await migrations.baseline({ dryRun, fromDatabase, ...(to !== undefined && { targetVersion: to }) });
  at.print(json ? toJson(done) : showBaseline(done));
  return exitCodes.ok;
}

/** `verify`: migrations up, down and up again, on a copy of the database or on made-up rows. */
export async function verify(
  migrations: MigrationManager | null,
  { json, folder, steps }: CareFlags,
  at: CareSurroundings,
): Promise<number> {
  if (!migrations && steps !== undefined)
    throw new TypeError('--steps needs a database: without one every migration is tried');
  const found = migrations
    ? await migrations.verify({ ...(steps !== undefined && { steps }) })
    : await verifyFolder(folder);
  at.print(json ? toJson(found) : showVerification(found));
  return found.ok ? exitCodes.ok : exitCodes.pendingOrDrift;
}

/** `repair`: mends what the database has recorded, after a yes. */
export async function repair(migrations: MigrationManager, flags: CareFlags, at: CareSurroundings): Promise<number> {
  const options = { journal: flags.journal ?? false };
  let found = await migrations.repair({ ...options, dryRun: true });
  if (!flags.dryRun && found.actions.length + found.raised.length > 0) {
    const shown = JSON.stringify([found.actions, found.raised]);
    if (await agree(`${showRepair(found)}\nRecord this?`, 'repair', flags, at)) {
      const now = await migrations.repair({ ...options, dryRun: true });
      // Thinking takes time: the yes was to these changes and no others.
      if (JSON.stringify([now.actions, now.raised]) !== shown) return await repair(migrations, flags, at);
    }
    found = await migrations.repair(options);
  }
  at.print(flags.json ? toJson(found) : showRepair(found));
  return found.problems.length === 0 ? exitCodes.ok : exitCodes.pendingOrDrift;
}

function toJson(value: unknown): string {
  return JSON.stringify(value, null, 2);
}
