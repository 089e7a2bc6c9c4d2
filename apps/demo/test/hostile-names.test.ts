// Names that steer a terminal (OSC 52 writes its clipboard, CSI 2J clears it, U+202E turns the line around), and what the
// commands write of them: downloaded folders and files hold any.
import { mkdirSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { temporaryFolder } from '@cc/testkit/temporary-folder';
import { createClient } from '@libsql/client';
import { expect, it } from 'vitest';
import { candy } from './candy.js';
import { cubeStl } from './serving.js';

const hostile = 'x\u001b]52;c;eA==\u0007\u001b[2J\u009b31m\u202egnp';
const steering = /[^\n\t\P{Cc}]|[\p{Zl}\p{Zp}\u202a-\u202e\u2066-\u2069]/u;

it('writes none of it to the terminal, neither for people nor as JSON', async () => {
  const folder = await temporaryFolder();
  const models = join(folder, 'models', hostile);
  mkdirSync(models, { recursive: true });
  writeFileSync(join(models, `${hostile}.stl`), cubeStl(1));
  writeFileSync(join(models, `${hostile} 2.obj`), `v 0 0 ${hostile}\nf 1 2 3\n`);
  const database = createClient({ url: `file:${join(folder, 'other.db')}` });
  await database.execute(`create table "${hostile}" (a)`);
  database.close();
  for (const args of [
    ['import', 'models', '--tags-from-folders'],
    ['import', hostile],
    ['tag', hostile, hostile],
    ['tag', hostile, 'plain'],
    ['untag', hostile, 'plain'],
    ['meta', 'set', hostile, hostile, hostile],
    ['meta', 'get', hostile],
    ['meta', 'get', hostile, hostile],
    ['show', hostile],
    ['list', '--jsonl'],
    ['list', '--json'],
    ['list', `--${hostile}`],
    ['list', '--url', `file:${hostile}`],
    ['rate', hostile, hostile],
    ['problems'],
    ['backup', `${hostile}.db`],
    ['restore', `${hostile}.db`],
    ['restore', `${hostile}.db`, '--yes'],
    ['migrate', 'goto', hostile],
    ['migrate', 'diff', '--url', 'file:other.db'],
    ['migrate', 'diff', '--url', 'file:other.db', '--json'],
  ]) {
    const { stdout, stderr } = await candy(args, { folder });
    const written = stdout + stderr;
    expect([args.slice(0, 2), steering.exec(written)?.[0] ?? null]).toEqual([args.slice(0, 2), null]);
    expect(written).not.toBe('');
  }
  renameSync(join(models, `${hostile}.stl`), join(models, `${hostile} 3.stl`));
  const { stdout } = await candy(['import', 'models', '--json'], { folder });
  expect(JSON.parse(stdout).remarks).toContainEqual(
    expect.objectContaining({ outcome: 'moved', path: join(models, `${hostile} 3.stl`) }),
  );
});
