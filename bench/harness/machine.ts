// What the figures were measured on: hardware, versions, load, and the state of the sources.
import { execFileSync } from 'node:child_process';
import { readFileSync, statfsSync } from 'node:fs';
import { cpus, loadavg, platform, release, tmpdir, totalmem } from 'node:os';
import { join } from 'node:path';
import Database from 'libsql';
import type { Json } from './json.js';

/** Returns the facts of this machine. `benchFolder` is the folder of @cc/bench, whose dependencies are named. */
export function machineFacts(benchFolder: string, workDirectory: string = tmpdir()): Readonly<Record<string, Json>> {
  return {
    cpu: cpus()[0]?.model.trim() ?? 'unknown',
    cores: cpus().length,
    memoryGiB: Math.round(totalmem() / 2 ** 30),
    system: `${platform()} ${release()}`,
    databasesOn: statfsSync(workDirectory).type === tmpfs ? 'memory (tmpfs)' : 'disk',
    node: process.version,
    sqlite: sqliteVersion(),
    packages: Object.fromEntries(
      ['libsql', '@libsql/client', 'drizzle-orm', 'drizzle-kit', 'lru-cache'].map((name) => [
        name,
        versionOf(benchFolder, name),
      ]),
    ),
    commit: commitOf(benchFolder),
  };
}

/** Returns the mean number of runnable processes in the last minute. */
export function loadNow(): number {
  return Number((loadavg()[0] ?? 0).toFixed(2));
}

const tmpfs = 0x01021994;

function sqliteVersion(): string {
  const database = new Database(':memory:');
  try {
    // One row with one text column.
    const { version } = database.prepare('select sqlite_version() as version').get() as { version: string };
    return version;
  } finally {
    database.close();
  }
}

function versionOf(benchFolder: string, name: string): string {
  const manifest = readFileSync(join(benchFolder, 'node_modules', name, 'package.json'), 'utf8');
  // Every package.json that npm installs has a version.
  return (JSON.parse(manifest) as { version: string }).version;
}

/** The commit that was measured; `+` marks changes that are not in it. */
function commitOf(folder: string): string {
  try {
    const git = (...args: string[]): string => execFileSync('git', args, { cwd: folder, encoding: 'utf8' }).trim();
    const changed = git('status', '--porcelain', '--', '../packages', '.', ':!results');
    return `${git('rev-parse', '--short', 'HEAD')}${changed === '' ? '' : '+'}`;
  } catch {
    return 'unknown';
  }
}
