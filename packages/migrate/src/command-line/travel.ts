// The commands that go to a version whichever way that is: goto (also called to), and redo, which goes back and forth.

import type { MigrationManager, MigrationResult, RunOptions } from '../contract/run.js';
import { refuse } from '../errors.js';
import { toJson } from '../folder/json-text.js';
import { findVersion } from '../run/choose.js';
import { agree } from './agree.js';
import { type CommandFlags, commands, type Surroundings } from './commands.js';
import { exitCodes } from './exit-codes.js';
import { showResult } from './show.js';

type TravelSurroundings = Pick<Surroundings, 'print' | 'ask' | 'progress'>;

/** `goto <version|none>`: up or down as needed; asks before it goes down. */
export async function goTo(
  migrations: MigrationManager,
  flags: CommandFlags,
  surroundings: TravelSurroundings,
): Promise<number> {
  const { to = '' } = flags;
  const { applied, pending } = await migrations.status();
  if (to === 'none') return await commands.down(migrations, flags, surroundings);
  const { version } = findVersion([...applied, ...pending], to, 'goto');
  const isBelow = applied.some((each) => each.version === version);
  return await commands[isBelow ? 'down' : 'up'](migrations, { ...flags, to: version }, surroundings);
}

/** `redo`: takes the last migrations back and applies them again. */
export async function redo(
  migrations: MigrationManager,
  flags: CommandFlags,
  { print, ...surroundings }: TravelSurroundings,
): Promise<number> {
  const { steps = 1, json, dryRun = false, allowDataLoss = false, backup } = flags;
  const options: RunOptions = { allowDataLoss, ...(backup !== undefined && { backup }) };
  const look = (): Promise<MigrationResult> => migrations.rollbackMigration({ steps, allowDataLoss, dryRun: true });
  let down = await look();
  const names = namesOf(down);
  const last = down.migrations[0]?.version;
  if (last === undefined) {
    print(json ? toJson({ down, up: null }) : showResult(down));
    return exitCodes.ok;
  }
  await refuseOneWay(migrations, down);
  let up: MigrationResult | null = null;
  if (!dryRun) {
    const wasAsked = await agree(`Take back and apply again ${names}?`, 'redo', flags, surroundings);
    if (wasAsked && namesOf(await look()) !== names) return await redo(migrations, flags, { print, ...surroundings });
    down = await migrations.rollbackMigration({ steps, ...options });
    up = await migrations.applyMigrations({ targetVersion: last, allowDataLoss });
  }
  print(json ? toJson({ down, up }) : [showResult(down), ...(up ? [showResult(up)] : [])].join('\n'));
  return exitCodes.ok;
}

/** Refuses to go down where the way up is closed. An edited file is what redo is for, and one that is half back goes on. */
async function refuseOneWay(migrations: MigrationManager, down: MigrationResult): Promise<void> {
  const { problems } = await migrations.status();
  const isRedone = (version: string): boolean => down.migrations.some((each) => each.version === version);
  refuse(
    problems.filter(({ kind, version }) => (kind !== 'edited' && kind !== 'half_back') || !isRedone(version)),
    'redo',
  );
}

function namesOf({ migrations }: MigrationResult): string {
  return migrations.map(({ version }) => version).join(', ');
}
