// What a loss of power leaves: a commit that was flushed stays, and the time of its file may still be taken back, because
// systems write that later (fdatasync leaves it out). It is made here of the files of a killed process.
import { execFileSync } from 'node:child_process';
import type * as fs from 'node:fs';
import { cpSync, readdirSync, rmSync, statSync } from 'node:fs';
import type * as os from 'node:os';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { startProgram } from '@cc/testkit/program';
import { temporaryFolder } from '@cc/testkit/temporary-folder';
import { expect, test, vi } from 'vitest';
import { kept, open, truth } from '../disk-library.js';

/** The last start of the system: its name, where there are names, and its time in seconds. */
const machine = vi.hoisted(() => ({ start: 'one' as string | undefined, atSeconds: 1_700_000_000 }));
vi.mock('node:fs', async (original) => {
  const real = await original<typeof fs>();
  const readFileSync = (...[path, options]: Parameters<typeof real.readFileSync>): unknown => {
    const isAsked = path === '/proc/sys/kernel/random/boot_id';
    return isAsked && machine.start ? machine.start : real.readFileSync(isAsked ? '/no/such/file' : path, options);
  };
  return { ...real, readFileSync };
});
vi.mock('node:os', async (original) => ({
  ...(await original<typeof os>()),
  uptime: () => Date.now() / 1_000 - machine.atSeconds,
}));

test.skipIf(process.platform === 'win32')(
  'a flushed commit whose time was lost with the power is not hidden by what was kept before it',
  async () => {
    const path = await kept();
    const [folder, before] = [dirname(path), join(await temporaryFolder(), 'before')];
    const victim = startProgram(new URL('./power-loss-victim.mjs', import.meta.url), [pathToFileURL(path).href]);
    expect(await victim.line()).toBe('proven');
    // With the times, to the nanosecond.
    execFileSync('cp', ['-Rp', folder, before]);
    victim.send('go on');
    expect(await victim.line()).toBe('committed');
    await victim.kill();
    const log = `${path}-wal`;
    execFileSync('touch', ['-r', join(before, 'app.db-wal'), log]);
    expect(statSync(log).size).toBe(statSync(join(before, 'app.db-wal')).size);
    // Nothing of the cache was flushed since.
    for (const name of readdirSync(folder)) if (name.startsWith('app.db.cache')) rmSync(join(folder, name));
    for (const name of readdirSync(before))
      if (name.startsWith('app.db.cache')) cpSync(join(before, name), join(folder, name));

    machine.start = 'the next one';
    await using opened = await open(path);
    const answer = await opened.read();
    expect(answer).toEqual({ value: { v: truth(path) }, from: 'load' });
    expect(answer.value).toEqual({ v: 2 });
  },
);

test.each<[string, string | undefined, string | undefined]>([
  ['has another name', 'one', 'two'],
  ['has no name, and came a minute later', undefined, undefined],
])('what was kept is not answered after a start of the machine that %s', async (_, before, after) => {
  Object.assign(machine, { start: before, atSeconds: 1_700_000_000 });
  const path = await kept();
  {
    await using again = await open(path);
    expect(await again.read()).toMatchObject({ from: 'tier' });
  }
  Object.assign(machine, { start: after, atSeconds: 1_700_000_060 });
  await using opened = await open(path);
  expect(await opened.read()).toEqual({ value: { v: 1 }, from: 'load' });
});
