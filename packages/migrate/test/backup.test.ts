// The copy before migrations run: made and verified on every kind of target, and said where it is.
import { readdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { targets, testsOn } from '@cc/testkit/targets';
import { openTransactionManager } from '@cc/tx';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { runProgram } from '../src/program.js';
import { codeOf, library, makeScratch, type Opened, type Scratch } from './scratch.js';

let scratch: Scratch;
let opened: Opened;
const here = process.cwd();

async function begin(target: (typeof targets)[number]): Promise<void> {
  scratch = await makeScratch(target);
  // Where a server's copies go that have no other place.
  process.chdir(scratch.path);
  await scratch.write(library);
  opened = await scratch.open();
  await opened.migrations.applyMigrations({ steps: 1 });
  await opened.run(`INSERT INTO parts (name) VALUES ('bolt')`);
}
afterEach(async () => {
  process.chdir(here);
  await scratch[Symbol.asyncDispose]();
});

/** What a copy holds. */
async function contents(path: string): Promise<unknown> {
  await using copy = await openTransactionManager({ url: pathToFileURL(path).href });
  const { rows } = await copy.db.$client.execute(
    'SELECT (SELECT count(*) FROM __drizzle_migrations) AS applied, (SELECT group_concat(name) FROM parts) AS parts',
  );
  return { ...rows[0] };
}

describe.each(targets)('a backup on %s', (target) => {
  const test = testsOn(target);
  beforeEach(() => begin(target));

  test('holds the database from before, at the path that was given', async () => {
    const path = join(scratch.path, 'before.db');
    const result = await opened.migrations.applyMigrations({ backup: path });
    expect([result.backup, result.current]).toEqual([path, '0002_weight']);
    expect(await contents(path)).toEqual({ applied: 1, parts: 'bolt' });
  });

  test('gets a name with version and time beside the database', async () => {
    const { backup } = await opened.migrations.rollbackMigration({ backup: true, allowDataLoss: true });
    expect(backup).toMatch(/[\\/](app|replica-0|database)\.0000_tables\.\d{8}T\d{6}Z\.db$/);
    expect(dirname(backup ?? '')).toBe(dirname(fileURLToPath(pathToFileURL(join(scratch.path, 'x')))));
    expect(await contents(backup ?? '')).toEqual({ applied: 1, parts: 'bolt' });
  });

  test('is named by the error of what failed after it', async () => {
    const path = join(scratch.path, 'before.db');
    await scratch.write([...library, { tag: '0003_bad', up: 'CREATE TABL x', down: '' }]);
    await expect(opened.migrations.applyMigrations({ backup: path })).rejects.toMatchObject({
      type: 'syntax',
      outcome: 'none',
      message: expect.stringMatching(/^0003_bad \(up\) failed and left nothing behind: [^]*cc-migrate restore/),
      hint: expect.stringContaining(`cc-migrate restore ${path}`),
    });
    expect(await contents(path)).toEqual({ applied: 1, parts: 'bolt' });
  });
});

describe('no backup is made', () => {
  beforeEach(() => begin('file'));
  const files = async (): Promise<string[]> =>
    (await readdir(scratch.path)).filter((name) => name.startsWith('before'));

  test('for what is refused, does nothing, or is a dry run', async () => {
    const backup = join(scratch.path, 'before.db');
    const { migrations } = opened;
    expect(await codeOf(migrations.rollbackMigration({ backup }))).toBe('MIGRATION_DATA_LOSS');
    expect((await migrations.applyMigrations({ backup, dryRun: true })).backup).toBeNull();
    expect((await migrations.applyMigrations({ backup, targetVersion: '0' })).backup).toBeNull();
    expect(await files()).toEqual([]);
  });

  test('over a file that is there, and then nothing runs', async () => {
    const backup = join(scratch.path, 'app.db');
    expect(await codeOf(opened.migrations.applyMigrations({ backup }))).toBe('BACKUP_EXISTS');
    expect(await opened.migrations.getCurrentVersion()).toBe('0000_tables');
  });

  test('for a wrong option', async () => {
    await expect(opened.migrations.applyMigrations({ backup: '' })).rejects.toThrow(TypeError);
  });
});

describe('--backup', () => {
  beforeEach(() => begin('file'));

  async function run(...args: string[]): Promise<string> {
    const out: string[] = [];
    const print = (text: string): void => void out.push(text);
    const exitCode = await runProgram([...args, '--folder', scratch.folder, '--url', scratch.url], {
      version: '0',
      env: {},
      print,
      warn: print,
      ask: null,
    });
    return `${exitCode}\n${out.join('\n')}`;
  }

  test('says where the copy is and how to go back, for success and failure', async () => {
    const path = join(scratch.path, 'before.db');
    expect(await run('up', '--steps', '1', '--backup', path)).toMatch(
      new RegExp(`^0\n[^]*\nBackup: ${path}\nTo go back: cc-migrate restore ${path}$`),
    );
    await scratch.write([...library, { tag: '0003_bad', up: 'CREATE TABL x', down: '' }]);
    const [exitCode, said] = (await run('up', '--backup')).split('\n');
    expect(exitCode).toBe('1');
    const [, named] = / is in (\S+): cc-migrate restore \1$/.exec(said ?? '') ?? [];
    expect(named).toMatch(/app\.0001_search\.\d{8}T\d{6}Z\.db$/);
    expect(await contents(named ?? '')).toEqual({ applied: 2, parts: 'bolt' });
  });
});
