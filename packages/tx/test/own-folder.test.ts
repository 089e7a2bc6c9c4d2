// Folders of copies: what killed processes leave goes, and nobody else's.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, readdir, rename, symlink, utimes, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { temporaryFolder } from '@cc/testkit/temporary-folder';
import { beforeEach, expect, test, vi } from 'vitest';
import { makeOwnFolder, removeLeftFolders } from '../src/side-program.js';

let folder: string;

beforeEach(async () => {
  folder = await temporaryFolder();
  for (const name of ['TMPDIR', 'TEMP', 'TMP']) vi.stubEnv(name, folder);
  return () => vi.unstubAllEnvs();
});

/** The name that a folder of `pid` would have. */
const nameFor = (own: string, pid: number): string => basename(own).replace(`-${process.pid}-`, `-${pid}-`);

async function deadPid(): Promise<number> {
  const child = spawn(process.execPath, ['-e', '']);
  await once(child, 'exit');
  return child.pid ?? 0;
}

test('the folder of a process that is dead goes, those of this one and of a living one stay', async () => {
  const dead = makeOwnFolder('cc-copies');
  await writeFile(join(dead, 'copy.db'), 'rows');
  const living = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)']);
  try {
    await rename(dead, join(folder, nameFor(dead, await deadPid())));
    const own = makeOwnFolder('cc-copies');
    const others = [nameFor(own, living.pid ?? 0), 'cc-copies', 'cc-copies-1', 'cc-copies-x-y-z', 'cc-copiest-1-2-abc'];
    for (const name of others) await mkdir(join(folder, name));
    await removeLeftFolders('cc-copies');
    expect(new Set(await readdir(folder))).toEqual(new Set([basename(own), ...others]));
  } finally {
    living.kill('SIGKILL');
  }
});

test('a folder of another machine or container goes when nothing has changed in it for a day', async () => {
  const own = makeOwnFolder('cc-copies');
  const elsewhere = nameFor(own, await deadPid()).replace(/^cc-copies-\w{12}/, 'cc-copies-000000000000');
  await mkdir(join(folder, elsewhere));
  await removeLeftFolders('cc-copies');
  expect(await readdir(folder)).toContain(elsewhere);
  const before = new Date(Date.now() - 25 * 3_600_000);
  await utimes(join(folder, elsewhere), before, before);
  await removeLeftFolders('cc-copies');
  expect(await readdir(folder)).toEqual([basename(own)]);
});

test('what is no folder of this user stays, whatever it is called', async () => {
  const own = makeOwnFolder('cc-copies');
  const dead = await deadPid();
  const [file, link, theirs] = ['file00', 'link00', 'theirs'].map((end) => nameFor(own, dead).replace(/\w{6}$/, end));
  await writeFile(join(own, 'rows'), '');
  await writeFile(join(folder, file ?? ''), '');
  await symlink(own, join(folder, link ?? ''));
  await mkdir(join(folder, theirs ?? ''));
  vi.spyOn(process, 'getuid').mockReturnValue((process.getuid?.() ?? 0) + 1);
  await removeLeftFolders('cc-copies');
  vi.restoreAllMocks();
  expect(await readdir(folder)).toContain(theirs);
  await removeLeftFolders('cc-copies');
  expect(new Set(await readdir(folder))).toEqual(new Set([basename(own), file, link]));
  expect(await readdir(own)).toEqual(['rows']);
});
