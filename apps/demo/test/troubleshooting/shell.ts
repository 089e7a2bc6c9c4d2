// Runs the lines of a page's blocks in a folder: candy and cc-migrate in the process of the test or as processes, the rest in
// a shell, and the shell of SQLite by the driver, so that nobody has to have it.
import { execFile, execFileSync, spawnSync } from 'node:child_process';
import { cwd } from 'node:process';
import { promisify } from 'node:util';
import { runProgram } from '@cc/migrate/program';
import { createClient } from '@libsql/client';
import { candy } from '../candy.js';
import { candyHere } from '../candy-here.js';
import { shellWords } from '../shell-words.js';

/** How a line ended, and everything it wrote. */
export interface EndedLine {
  readonly exitCode: number | null;
  readonly output: string;
}

/** Where a line runs. */
export interface LinePlace {
  readonly folder: string;
  /** Candy as processes of their own, as `restore` always is: it refuses a library that this process has open. */
  readonly inProcesses?: boolean;
  /** As this user; default: as who runs the tests. */
  readonly uid?: number;
}

/** Runs a line; null when this machine has no such program, which is said. */
export async function runLine(line: string, place: LinePlace): Promise<EndedLine | null> {
  const [program = '', ...args] = shellWords(line);
  if (program === 'candy') return await runCandyLine(args, place);
  if (program === 'cc-migrate') return await runMigrateLine(args, place.folder);
  if (program === 'sqlite3') return await runSql(args, place.folder);
  if (spawnSync('sh', ['-c', `command -v ${program}`]).status !== 0) {
    process.stderr.write(`SKIPPED: ${line}: there is no ${program}\n`);
    return null;
  }
  const { status, stdout, stderr } = spawnSync('sh', ['-c', line], { cwd: place.folder, encoding: 'utf8' });
  return { exitCode: status, output: stderr + stdout };
}

async function runCandyLine(args: readonly string[], place: LinePlace): Promise<EndedLine> {
  const { folder, inProcesses = false, uid } = place;
  const ended =
    uid !== undefined
      ? await candyAs(uid, args, folder)
      : inProcesses || args[0] === 'restore'
        ? await candy(args, { folder })
        : await candyHere(args, folder);
  return { exitCode: ended.exitCode, output: ended.stderr + ended.stdout };
}

async function candyAs(uid: number, args: readonly string[], folder: string) {
  const entry = new URL('../../dist/main.js', import.meta.url).pathname;
  const options = { cwd: folder, uid, gid: uid, env: { PATH: process.env['PATH'] } };
  return await promisify(execFile)(process.execPath, [entry, ...args], options).then(
    ({ stdout, stderr }) => ({ exitCode: 0, stdout, stderr }),
    ({ code, stdout, stderr }: { code: number; stdout: string; stderr: string }) => ({
      exitCode: code,
      stdout,
      stderr,
    }),
  );
}

/** Its paths are relative to the process. */
async function runMigrateLine(args: readonly string[], folder: string): Promise<EndedLine> {
  const before = cwd();
  let output = '';
  const write = (text: string): void => {
    output += `${text}\n`;
  };
  process.chdir(folder);
  try {
    const env = { CC_DATABASE_URL: 'file:app.db' };
    const exitCode = await runProgram(args, { version: '', env, print: write, warn: write, ask: null });
    return { exitCode, output };
  } finally {
    process.chdir(before);
  }
}

async function runSql([file = '', sql = '']: readonly string[], folder: string): Promise<EndedLine> {
  await runScript(`${folder}/${file}`, sql);
  return { exitCode: 0, output: '' };
}

/** Runs SQL past everything of ours. */
export async function runScript(path: string, sql: string): Promise<void> {
  const client = createClient({ url: `file:${path}` });
  try {
    await client.executeMultiple(sql);
  } finally {
    client.close();
  }
}

/** Why nothing can be mounted here; null when it can. */
export function whyNoMount(): string | null {
  if (process.platform !== 'linux' || process.getuid?.() !== 0) return 'mounting a tmpfs needs root on Linux';
  return spawnSync('unshare', ['--mount', 'true']).status === 0 ? null : 'this machine permits no mounts';
}

/** Mounts a disk of `kilobytes` in memory at a folder, and returns what takes it away. */
export function mountSmall(folder: string, kilobytes: number): () => void {
  execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${kilobytes}k`, 'tmpfs', folder]);
  return () => void execFileSync('umount', ['--lazy', folder]);
}
