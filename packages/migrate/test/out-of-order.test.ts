// A migration of a branch that was merged late: older than what is applied.
import { targets, testsOn } from '@cc/testkit/targets';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createMigrationManager } from '../src/index.js';
import { runProgram } from '../src/program.js';
import { codeOf, makeScratch, type Opened, type Scratch, type Written } from './scratch.js';

const table = (tag: string, when: number): Written => ({
  tag,
  when,
  up: `CREATE TABLE t_${tag} (x)`,
  down: `DROP TABLE t_${tag}`,
});
const [first, late, later, applied, last] = [
  table('0000_first', 1_000),
  table('0001_late', 2_000),
  table('0002_later', 2_500),
  table('0003_applied', 3_000),
  table('0004_last', 4_000),
];

let scratch: Scratch;
let opened: Opened;

const versionsOf = ({ migrations }: { readonly migrations: readonly { readonly version: string }[] }): string[] =>
  migrations.map(({ version }) => version);

describe.each(targets)('a late branch on %s', (target) => {
  const test = testsOn(target);
  beforeEach(async () => {
    scratch = await makeScratch(target);
    await scratch.write([first, applied]);
    opened = await scratch.open();
    await opened.migrations.applyMigrations();
  });
  afterEach(() => scratch[Symbol.asyncDispose]());

  test('is refused, and applied in order of its time with allowOutOfOrder', async () => {
    const { migrations } = opened;
    await scratch.write([first, late, later, applied, last]);
    expect(await codeOf(migrations.applyMigrations())).toBe('MIGRATION_OUT_OF_ORDER');
    expect((await migrations.plan({ allowOutOfOrder: true })).problems).toEqual([]);
    const result = await migrations.applyMigrations({ allowOutOfOrder: true });
    expect([versionsOf(result), result.current]).toEqual([['0001_late', '0002_later', '0004_last'], '0004_last']);
    expect(await migrations.status()).toMatchObject({ pending: [], problems: [] });
    expect(await opened.rows('SELECT created_at FROM __drizzle_migrations ORDER BY created_at')).toHaveLength(5);
  });

  test('is applied in one attempt, however many migrations it has', async () => {
    await scratch.write([first, late, later, applied, last]);
    const once = createMigrationManager(opened.transactions, { folder: scratch.folder, maxAttempts: 1 });
    expect(versionsOf(await once.applyMigrations({ allowOutOfOrder: true }))).toHaveLength(3);
  });

  test('whose entries stand behind the applied ones in the journal is applied by time, too', async () => {
    const { migrations } = opened;
    await scratch.write([first, applied, later, late]);
    expect(await codeOf(migrations.applyMigrations())).toBe('MIGRATION_JOURNAL_ORDER');
    const result = await migrations.applyMigrations({ allowOutOfOrder: true, steps: 1 });
    expect([versionsOf(result), result.current]).toEqual([['0001_late'], '0003_applied']);
    expect(versionsOf(await migrations.applyMigrations({ allowOutOfOrder: true }))).toEqual(['0002_later']);
  });

  test('is taken back in order of time, so that it can be applied again', async () => {
    const { migrations } = opened;
    await scratch.write([first, late, applied]);
    await migrations.applyMigrations({ allowOutOfOrder: true });
    expect(versionsOf(await migrations.rollbackMigration({ steps: 2 }))).toEqual(['0003_applied', '0001_late']);
    expect(versionsOf(await migrations.applyMigrations())).toEqual(['0001_late', '0003_applied']);
  });
});

describe('what allowOutOfOrder does not lift', () => {
  beforeEach(async () => {
    scratch = await makeScratch();
    opened = await scratch.open();
  });
  afterEach(() => scratch[Symbol.asyncDispose]());

  test('an edited file', async () => {
    await scratch.write([first, applied]);
    await opened.migrations.applyMigrations();
    await scratch.write([{ ...first, up: 'CREATE TABLE other (x)' }, late, applied]);
    expect(await codeOf(opened.migrations.applyMigrations({ allowOutOfOrder: true }))).toBe('MIGRATION_EDITED');
  });

  test('two entries of the journal with one time', async () => {
    await scratch.write([first, { ...late, when: 1_000 }]);
    expect(await codeOf(opened.migrations.applyMigrations({ allowOutOfOrder: true }))).toBe('MIGRATION_JOURNAL_ORDER');
  });

  test('one file with two entries of the journal: it would run twice', async () => {
    const seeding = { ...late, up: 'INSERT INTO seeded DEFAULT VALUES', down: '-- cc:down irreversible' };
    const seeded = { ...first, up: 'CREATE TABLE seeded (id integer PRIMARY KEY)' };
    for (const when of [2_000, 3_000]) {
      await scratch.write([seeded, { ...seeding, when: 2_000 }, { ...seeding, when }]);
      await expect(opened.migrations.applyMigrations({ allowOutOfOrder: true })).rejects.toMatchObject({
        code: 'MIGRATION_JOURNAL_ORDER',
        message: expect.stringContaining(`${late.tag} is in the journal twice`),
        hint: expect.stringContaining('Delete one of the two entries'),
      });
      expect(await opened.schema()).toEqual([]);
    }
  });

  test('anything of a rollback, which does not know it', async () => {
    await scratch.write([first]);
    const options = { steps: 1, allowOutOfOrder: true };
    await expect(opened.migrations.rollbackMigration(options)).rejects.toThrow(`unknown option 'allowOutOfOrder'`);
  });
});

test('--allow-out-of-order is named by the refusal, and works', async () => {
  scratch = await makeScratch();
  const out: string[] = [];
  const up = (...more: string[]): Promise<number> =>
    runProgram(['up', ...more, '--folder', scratch.folder, '--url', scratch.url], {
      version: '0',
      env: {},
      print: (text) => out.push(text),
      warn: (text) => out.push(text),
      ask: null,
    });
  await scratch.write([first, applied]);
  expect(await up()).toBe(0);
  await scratch.write([first, late, applied]);
  expect(await up()).toBe(2);
  expect(out.join('\n')).toContain('--allow-out-of-order');
  expect(await up('--allow-out-of-order')).toBe(0);
  expect(out.join('\n')).toContain('Applied 0001_late');
  await scratch[Symbol.asyncDispose]();
});
