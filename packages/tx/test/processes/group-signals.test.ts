// Ctrl-C in a terminal, a service manager that stops, a terminal that is closed: each tells a group of processes, or all of a
// program.
import { spawn } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { expect, it, onTestFinished } from 'vitest';
import { databaseWith } from './database.js';

it.skipIf(process.platform === 'win32').each(['SIGINT', 'SIGTERM', 'SIGHUP'] as const)(
  '%s to all its processes leaves what runs beside the event loop to the program that waits for it',
  async (signal) => {
    const { path, url } = await databaseWith('create table t (a); insert into t values (zeroblob(50000000))');
    const program = fileURLToPath(new URL('group-signals.mjs', import.meta.url));
    const child = spawn(process.execPath, [program, url, `${path}.copy`], {
      detached: true,
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const group = -(child.pid ?? Number.NaN);
    onTestFinished(() => {
      if (child.exitCode === null) process.kill(group, 'SIGKILL');
    });
    const lines: string[] = [];
    for await (const line of createInterface(child.stdout)) {
      lines.push(line);
      if (line !== 'ready') continue;
      for (const id of childrenOf(child.pid)) process.kill(id, signal);
      process.kill(group, signal);
    }
    expect(lines).toEqual(['ready', JSON.stringify([signal, 4_000_000, true])]);
  },
);

/** The processes that the process `id` has started, where the system tells. */
function childrenOf(id: number | undefined): readonly number[] {
  const list = `/proc/${id}/task/${id}/children`;
  return existsSync(list) ? readFileSync(list, 'utf8').trim().split(' ').map(Number) : [];
}
