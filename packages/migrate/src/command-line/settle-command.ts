// The command `settle`: where the replay of a folder starts from now on.
import { relative } from 'node:path';
import { settleHistory } from '../generate/settle-history.js';
import type { Surroundings } from './commands.js';
import { exitCodes } from './exit-codes.js';

interface SettleFlags {
  readonly folder?: string;
  readonly to?: string;
  readonly dryRun?: boolean;
  readonly json?: boolean;
}

/** `settle`: history up to a migration is as its snapshot says. */
export async function settle(flags: SettleFlags, { print }: Pick<Surroundings, 'print'>): Promise<number> {
  const { folder = './drizzle', to, dryRun = false, json = false } = flags;
  const settled = await settleHistory(folder, { dryRun, ...(to !== undefined && { targetVersion: to }) });
  const { version, path, baseSql, notes } = settled;
  if (json) print(JSON.stringify(settled, null, 2));
  else if (version === null) print('Every migration runs: there is nothing to settle');
  else {
    const head =
      path === null
        ? `Would write ${version}.base.sql:\n${baseSql ?? ''}`
        : `Wrote ${relative(process.cwd(), path)}: the replay starts behind ${version}. Read it, and add what it lacks`;
    print([head, ...notes.map((note) => `  note: ${note}`)].join('\n'));
  }
  return exitCodes.ok;
}
