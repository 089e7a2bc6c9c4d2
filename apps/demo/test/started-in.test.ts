// Folders in which candy cannot find its way: it says so, and writes nothing anywhere else.
import { spawnSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { makeFolder } from './measuring.js';

const entry = fileURLToPath(new URL('../dist/main.js', import.meta.url));

/** Runs candy behind the commands of a shell, which can name and remove what node cannot. */
function behind(commands: string, ...args: string[]) {
  const folder = makeFolder();
  const { status, stdout, stderr } = spawnSync(
    'sh',
    ['-c', `${commands} && exec "$@"`, 'sh', process.execPath, entry, ...args],
    {
      cwd: folder,
      encoding: 'utf8',
    },
  );
  return { status, stdout, stderr, left: readdirSync(folder, { encoding: 'latin1' }) };
}

// Elsewhere names are Unicode, and the folder of a program stays.
it.skipIf(process.platform !== 'linux').each([['sample', '--models', '1'], ['import', '.'], ['list']])(
  'refuses a folder whose name is no UTF-8: %s',
  (...args) => {
    const { status, stderr, left } = behind(`mkdir "$(printf 'a\\377')" && cd "$(printf 'a\\377')"`, ...args);
    expect({ status, stderr, left }).toEqual({
      status: 1,
      stderr:
        'candy: The name of this folder, or of one around it, is no UTF-8: rename it, or start candy elsewhere.\n',
      left: ['a\xff'],
    });
  },
);

it.skipIf(process.platform !== 'linux')('refuses a folder that is gone, in the form that was asked for', () => {
  const { status, stdout, stderr } = behind('mkdir gone && cd gone && rmdir ../gone', 'list', '--json');
  const message = 'The folder that candy was started in is gone: start it in another one.';
  expect({ status, stderr }).toEqual({ status: 1, stderr: `candy: ${message}\n` });
  expect(JSON.parse(stdout).error).toMatchObject({ code: 'REFUSED', message });
});
