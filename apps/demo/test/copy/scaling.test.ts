// docs/scaling.md: every command works on a server and on a replica of it, and the script with a primary and two replicas does
// what it says.
import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { type Sqld, startSqld } from '@cc/testkit/sqld';
import { describeWithSqld } from '@cc/testkit/targets';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { runCandy } from '../../src/program.js';
import { makeOld, shipped } from '../adopt/old-libraries.js';
import { candy } from '../candy.js';
import { objCube } from '../cube.js';
import { makePlace, type Place, put } from '../temporary-library.js';

/** Runs a command in this process, as main.ts does. */
async function run({ folder }: Place, env: Readonly<Record<string, string>>, ...args: string[]): Promise<string> {
  let [said, warned] = ['', ''];
  const exitCode = await runCandy(args, {
    stdout: { write: (text: string) => (said += text) },
    stderr: { write: (text: string) => (warned += text) },
    ...{ interactive: false, env, folder, workingFolder: folder, program: 'candy' },
    interruptible: () => new AbortController().signal,
  });
  warned = warned.replace(/^(Adopting|Importing|The library as it was): .+\n/gm, '');
  expect({ args, exitCode, warned }).toEqual({ args, exitCode: 0, warned: '' });
  return said;
}

/** One call of each, in an order in which each finds something to do. */
const everyCommand: readonly string[] = [
  'migrate up',
  'import models',
  'list --json',
  'search cube',
  'show cube',
  'tag cube red blue',
  'untag cube blue',
  'rate cube 4',
  'favorite cube',
  'status cube archived',
  'printed cube',
  'meta set cube material PLA',
  'meta get cube',
  'meta unset cube material',
  'collection add parts cube',
  'collection list',
  'collection remove parts cube',
  'duplicates',
  'problems',
  'missing',
  'stats',
  'verify',
  'maintain',
  'migrate status',
  'adopt old.db --yes --backup before.db',
  'backup copy.db',
  'forget --present cube',
];

describeWithSqld('with libSQL servers', () => {
  let server: Sqld | undefined;
  beforeAll(async () => {
    server = await startSqld();
  });
  afterAll(async () => await server?.close());

  it('runs every command by URL alone on a server, and reads and writes through a replica of it', async () => {
    if (server === undefined) throw new Error('no server');
    const place = makePlace();
    put(place.models, 'cube.obj', objCube());
    await makeOld(join(place.folder, 'old.db'), shipped, [
      [
        'models',
        {
          filename: 'gear.stl',
          format: 'stl',
          file_path: 'gear.stl',
          file_size: 7,
          file_hash: 'ab',
          date_added: '2024-01-02',
        },
      ],
    ]);
    const env = { CANDY_URL: server.url.http };
    for (const command of everyCommand) await run(place, env, ...command.split(' '));

    const replica = { CANDY_URL: `file:${join(place.folder, 'replica.db')}`, CANDY_SYNC_URL: server.url.http };
    expect(await run(place, replica, 'list', '--json')).toContain('"name": "gear"');
    await run(place, replica, 'import', 'models');
    for (const command of everyCommand.slice(2, -4)) await run(place, replica, ...command.split(' '));
    const [here, there] = [
      await run(place, replica, 'show', 'cube', '--json'),
      await run(place, env, 'show', 'cube', '--json'),
    ];
    expect(JSON.parse(here)).toEqual(JSON.parse(there));
  });

  it('starts a primary and two replicas, moves a library onto them, and shows a write of one reach the other', async () => {
    const place = makePlace();
    put(place.models, 'cube.obj', objCube());
    await candy(['import', 'models'], place);
    const script = fileURLToPath(new URL('../../../../scripts/primary-and-replicas.mjs', import.meta.url));
    const { stdout } = await promisify(execFile)(process.execPath, [script, join('.candy', 'library.db'), '--once'], {
      cwd: place.folder,
    });
    expect(
      stdout
        .replace(/:\d+\n/g, ':…\n')
        .replace(/\d+ rows/, '… rows')
        .split('\n'),
    ).toEqual([
      'primary    http://127.0.0.1:…',
      'replica-1  http://127.0.0.1:…',
      'replica-2  http://127.0.0.1:…',
      'copied     … rows onto the primary, read again and equal',
      'replica-1  answers: cube',
      'replica-2  took a write, and passed it on: the tag seen-from-replica-2',
      'replica-1  has it too',
      'replica-2  sees that it is gone again, by a write through replica-1',
      '',
    ]);
    expect(readFileSync(new URL('../../../../docs/scaling.md', import.meta.url), 'utf8')).toContain(
      'primary-and-replicas.mjs',
    );
  });
});
