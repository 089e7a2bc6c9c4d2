// What people hear of flags and files that are wrong: in the words that they typed, and as JSON where they asked for it.
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { runProgram, type Surroundings } from '../../src/program.js';
import { library, makeScratch, type Scratch } from '../scratch.js';

let scratch: Scratch;
let out = '';
let err = '';

beforeEach(async () => {
  scratch = await makeScratch();
  await scratch.write(library);
});
afterEach(() => scratch[Symbol.asyncDispose]());

async function run(line: string, more: Partial<Surroundings> = {}): Promise<number> {
  [out, err] = ['', ''];
  return await runProgram(line.trim().split(' '), {
    ...more,
    version: '1',
    env: { CC_DATABASE_URL: scratch.url },
    print: (text) => {
      out += `${text}\n`;
    },
    warn: (text) => {
      err += `${text}\n`;
    },
    ask: null,
  });
}

const at = (): string => `--folder ${scratch.folder} --no-config`;

describe('a wrong use', () => {
  test.each([
    ['up --steps 1 --to 0000', /--to <version>.*cannot be used with.*--steps/],
    ['up --to 9999', /--to '9999' is no version here\. Known: 0000_tables/],
    ['goto 9999', /--to '9999' is no version here/],
    ['down --to 0005', /--to '0005' is no version here\. There are none/],
  ])('%s is told with its flags', async (line, said) => {
    expect(await run(`${line} ${at()}`)).toBe(1);
    expect(err).toMatch(said);
    expect(err).not.toMatch(/applyMigrations|rollbackMigration|targetVersion/);
  });

  test.each(['create --name ../x', 'create --name x --up nope.sql', 'create --name x --down nope.sql'])(
    '%s, too',
    async (line) => {
      expect(await run(`${line} --folder ${scratch.folder} --no-config`)).toBe(1);
      expect(err).toMatch(
        /cc-migrate: (?:--name must be|--(?:up|down) names the file nope\.sql, which does not exist)/,
      );
    },
  );

  test.each([
    'up --steps 0 --json',
    'up --frob --json',
    'frob --json',
    'up x --json',
    'goto --json',
    'restore --json',
    'create --json',
    'up --to 9999 --json',
  ])('%s prints one JSON document', async (line) => {
    expect(await run(line === 'up --to 9999 --json' ? `${line} ${at()}` : line)).toBe(1);
    expect(JSON.parse(out)).toEqual({ error: { code: null, message: expect.any(String), hint: null } });
    expect(err).not.toBe('');
  });
});

test('a backup that is not there is no failure of a database', async () => {
  expect(await run(`restore nope.db --yes ${at()}`)).toBe(1);
  expect(err).toMatch(/There is no file nope\.db\. Name the copy[^]*cc-migrate restore <backup>/);
});

test('a program without some of the commands neither lists nor runs them', async () => {
  const only = ['status', 'up'];
  expect(await run('--help', { only })).toBe(0);
  expect([out.includes('status'), out.includes('generate'), out.includes('drop')]).toEqual([true, false, false]);
  for (const line of ['generate --name x', 'drop --yes', 'goto none --yes'])
    expect({ line, code: await run(`${line} ${line.startsWith('generate') ? '' : at()}`, { only }), err }).toEqual({
      line,
      code: 1,
      err: expect.stringContaining(`unknown command '${line.split(' ')[0]}'`),
    });
  expect(await run(`status ${at()}`, { only })).toBe(2);
});

test('a folder of another dialect is refused by name', async () => {
  const path = join(scratch.folder, 'meta', '_journal.json');
  await writeFile(path, JSON.stringify({ version: '7', dialect: 'postgresql', entries: [] }));
  for (const line of ['up', 'status', 'check', 'verify', 'generate --missing-downs']) {
    expect([line, await run(`${line} ${at()}`)]).toEqual([line, 1]);
    expect(err).toContain('_journal.json is of a folder for postgresql');
  }
});

test('bytes that are no UTF-8 are refused where they would run, and left alone in comments', async () => {
  const path = join(scratch.folder, '0002_weight.sql');
  await writeFile(path, Buffer.from(`SELECT 1;\nCREATE TABLE t (x DEFAULT 'caf\xe9');`, 'latin1'));
  expect(await run(`up ${at()}`)).toBe(3);
  expect(err).toMatch(/0002_weight\.sql has bytes on line 2 that are no UTF-8/);
  await writeFile(path, Buffer.from(`-- caf\xe9\nCREATE TABLE t (x);`, 'latin1'));
  expect(await run(`up ${at()}`)).toBe(0);
});
