// Where a database lies: a file system that other machines write too is told once, with what to do. No such one can be mounted
// here, so what statfs says is a double; everything else is real.
import type * as fs from 'node:fs';
import { join } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';
import { expect, it, onTestFinished, vi } from 'vitest';
import { type ManagerEvent, openTransactionManager } from '../src/index.js';
import { temporaryFolder } from './target.js';

const told = vi.hoisted(() => ({ type: undefined as number | undefined }));
vi.mock('node:fs', async (original) => {
  const real = await original<typeof fs>();
  const statfsSync = (path: string): { readonly type: number } => ({ type: told.type ?? real.statfsSync(path).type });
  return { ...real, statfsSync };
});

async function eventsOfOpening(type: number | undefined, journal_mode: string): Promise<ManagerEvent[]> {
  told.type = type;
  const url = pathToFileURL(join(await temporaryFolder(), 'x.db')).href;
  const manager = await openTransactionManager({ url, pragmas: { journal_mode } });
  onTestFinished(() => manager.close());
  const events: ManagerEvent[] = [];
  manager.subscribe((event) => events.push(event));
  await setImmediate();
  await setImmediate();
  return events.filter((event) => event.type === 'storage');
}

it.skipIf(process.platform !== 'linux').each([
  [0x6969, 'nfs'],
  // As a signed number, as it may be told.
  [0xfe534d42 | 0, 'smb2'],
  [0xff534d42, 'cifs'],
  [0x65735546, 'fuse'],
  [0x01021997, '9p'],
])('a library on a file system of number %i is told as %s, with what to do', async (type, fileSystem) => {
  expect(await eventsOfOpening(type, 'WAL')).toEqual([
    { type: 'storage', fileSystem, journal: 'wal', hint: expect.stringContaining(`'DELETE'`) },
  ]);
  expect(await eventsOfOpening(type, 'DELETE')).toEqual([
    { type: 'storage', fileSystem, journal: 'rollback', hint: expect.stringContaining('one machine') },
  ]);
});

it('a library on a disk of this machine is told of by nothing', async () => {
  expect(await eventsOfOpening(undefined, 'WAL')).toEqual([]);
});
