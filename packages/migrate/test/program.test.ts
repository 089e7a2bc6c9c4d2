import { rm } from 'node:fs/promises';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Surroundings } from '../src/command-line/commands.js';
import { runProgram } from '../src/program.js';
import { firstOf, library, makeScratch, type Scratch } from './scratch.js';

let scratch: Scratch;
let out: string[];
let err: string[];

beforeEach(async () => {
  scratch = await makeScratch();
  await scratch.write(library);
});
afterEach(() => scratch[Symbol.asyncDispose]());

async function run(args: readonly string[], rest: Partial<Surroundings> = {}): Promise<number> {
  out = [];
  err = [];
  return await runProgram([...args, ...(args[0] ? ['--folder', scratch.folder] : [])], {
    version: '1.2.3',
    env: { CC_DATABASE_URL: scratch.url },
    print: (text) => out.push(text),
    warn: (text) => err.push(text),
    ask: null,
    ...rest,
  });
}

const json = (): unknown => JSON.parse(out.join('\n'));

test('up applies and says what; status ends with 2 before and 0 after', async () => {
  expect(await run(['status'])).toBe(2);
  expect(out.join('\n')).toBe('Current: none\nPending:\n  0000_tables\n  0001_search\n  0002_weight');
  expect(await run(['up'])).toBe(0);
  expect(out.join('\n').replaceAll(/ {2}\d+ ms/g, '')).toBe(
    'Applied 0000_tables\nApplied 0001_search\nApplied 0002_weight\nCurrent: 0002_weight',
  );
  expect(await run(['status'])).toBe(0);
  expect(await run(['up'])).toBe(0);
  expect(out).toEqual(['Nothing to do\nCurrent: 0002_weight']);
});

test('--steps and --to bound up and down', async () => {
  expect(await run(['up', '--steps', '1'])).toBe(0);
  expect(await run(['up', '--to', '1', '--json'])).toBe(0);
  expect(json()).toMatchObject({ current: '0001_search', migrations: [{ version: '0001_search' }] });
  expect(await run(['down', '--to', 'none', '--yes', '--json'])).toBe(0);
  expect(json()).toMatchObject({ current: null, migrations: [{ version: '0001_search' }, { version: '0000_tables' }] });
  expect(await run(['up', '--to', 'none'])).toBe(1);
  expect(await run(['up', '--steps', '0'])).toBe(1);
  expect(err.join('\n')).toContain('whole number of at least 1');
});

test('--url wins over the variable, and one of them is needed', async () => {
  expect(await run(['status', '--url', ':memory:'], { env: { CC_DATABASE_URL: 'file:/nowhere/at/all.db' } })).toBe(2);
  expect(await run(['status'], { env: {} })).toBe(1);
  expect(err).toEqual([
    'cc-migrate: No database: give --url, set CC_DATABASE_URL, or write dbCredentials.url into drizzle.config.ts',
  ]);
});

describe('down', () => {
  beforeEach(() => run(['up']));

  test('without a terminal needs --yes', async () => {
    expect(await run(['down'])).toBe(3);
    expect(err.join('\n')).toContain('Add --yes');
    expect(await run(['down', '--yes'])).toBe(0);
    expect(out.join('\n')).toContain('Took back 0002_weight');
  });

  test('asks on a terminal and takes no for no', async () => {
    const questions: string[] = [];
    const answer = (yes: boolean) => async (question: string) => {
      questions.push(question);
      return yes;
    };
    expect(await run(['down', '--steps', '2'], { ask: answer(false) })).toBe(3);
    expect(await run(['down', '--steps', '2'], { ask: answer(true) })).toBe(0);
    expect(questions).toEqual(['Take back 0002_weight, 0001_search?', 'Take back 0002_weight, 0001_search?']);
    expect(out.join('\n')).toContain('Current: 0000_tables');
  });

  test('takes a yes for the migrations that were shown and no others', async () => {
    const ask = async () => {
      const { migrations } = await scratch.open();
      await migrations.rollbackMigration();
      return true;
    };
    expect(await run(['down'], { ask })).toBe(4);
    expect(await run(['history', '--json'])).toBe(0);
    expect(json()).toHaveLength(4);
  });

  test('with --dry-run asks nobody and writes nothing', async () => {
    expect(await run(['down', '--dry-run'])).toBe(0);
    expect(out).toEqual(['Would take back 0002_weight\nCurrent: 0002_weight']);
  });

  test('refuses to lose data with 3, unless --allow-data-loss', async () => {
    const { run: write } = await scratch.open();
    await write(`INSERT INTO parts (name) VALUES ('bolt')`);
    expect(await run(['down', '--to', 'none', '--yes', '--json'])).toBe(3);
    expect(json()).toMatchObject({
      error: { code: 'MIGRATION_DATA_LOSS', hint: expect.stringContaining('--allow-data-loss') },
    });
    expect(await run(['down', '--to', 'none', '--yes', '--allow-data-loss'])).toBe(0);
  });

  test('without a down file ends with 3 and names the file to add', async () => {
    await scratch.write([...library, { tag: '0003_more', up: 'CREATE TABLE more (x)', down: null }]);
    await run(['up']);
    expect(await run(['down', '--yes'])).toBe(3);
    expect(err.join('\n')).toContain('Add 0003_more.down.sql');
  });
});

test('plan prints SQL that can be pasted, and refusals as comments', async () => {
  await scratch.write([...firstOf(1), { tag: '0001_bad', up: 'COMMIT;', down: null }]);
  expect(await run(['plan', '--steps', '1'])).toBe(0);
  expect(out.join('\n')).toMatch(/^-- up 0000_tables\nCREATE TABLE `parts` \([^]*\);\nCREATE TABLE/);
  expect(await run(['plan'])).toBe(3);
  expect(out.join('\n')).toContain('-- REFUSED: 0001_bad.sql contains COMMIT');
  expect(await run(['plan', '--down', '--to', 'none'])).toBe(0);
  expect(out).toEqual(['-- Nothing to do down']);
});

test('drift ends with 2, an SQL error and a wrong folder with 1', async () => {
  await run(['up', '--steps', '2']);
  await scratch.write(library.slice(1).map((each, n) => ({ ...each, when: 1_700_000_001_000 + n * 1_000 })));
  expect(await run(['up'])).toBe(2);
  expect(await run(['status'])).toBe(2);
  expect(out.join('\n')).toContain('Problems:\n  0000_tables is applied, but the folder does not have it.');
  await scratch.write([...firstOf(2), { tag: '0002_bad', up: 'SELEC 1', down: null }]);
  expect(await run(['up'])).toBe(1);
  expect(err.join('\n')).toContain('syntax error');
  await rm(scratch.folder, { recursive: true });
  expect(await run(['status', '--json'])).toBe(1);
  expect(json()).toMatchObject({ error: { code: 'MIGRATION_FOLDER' } });
});

test('help lists the commands and exit codes; unknown flags end with 1', async () => {
  expect(await run([])).toBe(1);
  expect(err.join('\n')).toMatch(/up \[options\][^]*Exit codes:/);
  expect(await run(['status', '--jsn'])).toBe(1);
  expect(err.join('\n')).toContain('Did you mean --json?');
});

test('under another name, hints say what to type there, and cc-migrate for what only that has', async () => {
  await (await scratch.open()).run('CREATE TABLE something_else (id integer PRIMARY KEY)');
  expect(await run(['baseline'], { name: 'candy migrate', only: ['baseline', 'diff'] })).not.toBe(0);
  expect(err.join('\n')).toContain('(cc-migrate create)');
  expect(err.join('\n')).toContain('then: candy migrate baseline');
});
