// A folder that the user of the program may not enter, as a service meets one: its failures are those of a database.
import { chmod, mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { startProgram } from '@cc/testkit/program';
import { expect, it, onTestFinished } from 'vitest';
import { temporaryFolder } from '../target.js';

it('opening in a folder that may not be entered, and backing up into it, fail with a DatabaseError', async () => {
  const around = await temporaryFolder();
  await chmod(around, 0o755);
  const folder = join(around, 'closed');
  await mkdir(folder, { mode: 0 });
  onTestFinished(() => chmod(folder, 0o755));
  const program = startProgram(new URL('closed-folder.mjs', import.meta.url), [folder], { unprivileged: true });
  const failure = async (): Promise<unknown> => JSON.parse(await program.line());
  const said = expect.stringContaining(`permission denied, stat '${folder}/library.db'`);
  expect(await failure()).toEqual([true, 'connection', 'EACCES', said]);
  expect(await failure()).toEqual([true, 'connection', 'EACCES', said]);
  expect(await failure()).toEqual([true, 'connection', 'SQLITE_CANTOPEN', expect.stringContaining('unable to open')]);
  expect((await program.ended()).code).toBe(0);
});
