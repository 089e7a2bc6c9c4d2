// Going back to a date: what was applied after it goes, what was there stays, and what nobody can tell is refused. The judge of
// a whole history is a list in plain JavaScript.
import { targets } from '@cc/testkit/targets';
import fc from 'fast-check';
import { afterEach, describe, expect, test } from 'vitest';
import { runProgram } from '../src/program.js';
import { makeScratch, type Opened, type Scratch, type Written } from './scratch.js';

let scratch: Scratch;
let out = '';
afterEach(() => scratch[Symbol.asyncDispose]());

const four: readonly Written[] = ['a', 'b', 'c', 'd'].map((name, index) => ({
  tag: `000${index}_${name}`,
  up: `CREATE TABLE ${name} (x);`,
  down: `DROP TABLE ${name};`,
}));

const day = Date.UTC(2026, 10, 28, 12, 0, 0);
const at = (minutes: number, ms = 0): Date => new Date(day + minutes * 60_000 + ms);

/** Four migrations, applied at the given minutes. */
async function applied(opened: Opened, minutes: readonly number[]): Promise<void> {
  await opened.migrations.applyMigrations();
  for (const [index, minute] of minutes.entries())
    await opened.run(
      `UPDATE __cc_migrations SET started_at = ${at(minute).getTime()} WHERE version LIKE '000${index}%'`,
    );
}

async function begin(target: Parameters<typeof makeScratch>[0] = 'file'): Promise<Opened> {
  scratch = await makeScratch(target);
  await scratch.write(four);
  return await scratch.open();
}

async function run(...args: string[]): Promise<number> {
  out = '';
  const print = (text: string): void => void (out += `${text}\n`);
  return await runProgram([...args, '--folder', scratch.folder, '--url', scratch.url, '--no-config'], {
    version: '1',
    env: {},
    print,
    warn: print,
    ask: null,
  });
}

describe.each(targets)('on %s', (target) => {
  test('what was applied after the date is taken back, newest first', async () => {
    const opened = await begin(target);
    await applied(opened, [1, 2, 3, 4]);
    const { migrations } = opened;
    const plan = await migrations.plan({ direction: 'down', targetDate: at(2) });
    expect(plan.migrations.map(({ version }) => version)).toEqual(['0003_d', '0002_c']);
    expect(await migrations.rollbackMigration({ targetDate: at(2) })).toMatchObject({
      current: '0001_b',
      migrations: [{ version: '0003_d' }, { version: '0002_c' }],
    });
    expect(await migrations.rollbackMigration({ targetDate: at(2) })).toMatchObject({ migrations: [] });
    expect(await migrations.rollbackMigration({ targetDate: at(0) })).toMatchObject({ current: null });
  });
});

test('every history and date is answered as a list would answer it, or refused', async () => {
  const opened = await begin();
  const minutes = fc.array(fc.integer({ min: 1, max: 5 }), { minLength: 4, maxLength: 4 });
  await fc.assert(
    fc.asyncProperty(minutes, fc.integer({ min: 0, max: 6 }), async (times, date) => {
      await applied(opened, times);
      const plan = opened.migrations.plan({ direction: 'down', targetDate: at(date) });
      const isGone = times.map((time) => time > date);
      const isClear = isGone.every((gone, index) => !gone || isGone.slice(index).every(Boolean));
      if (!isClear) await expect(plan).rejects.toMatchObject({ code: 'MIGRATION_QUESTION' });
      else {
        const expected = four.filter((_, index) => isGone[index]).map(({ tag }) => tag);
        expect((await plan).migrations.map(({ version }) => version)).toEqual(expected.reverse());
      }
    }),
    { numRuns: 40 },
  );
});

describe('where a time is not known', () => {
  test(`what drizzle's migrator applied is refused, unless something above it stays`, async () => {
    const opened = await begin();
    await applied(opened, [1, 2, 3, 4]);
    await opened.run(`DELETE FROM __cc_migrations WHERE version = '0001_b'`);
    const { migrations } = opened;
    expect((await migrations.rollbackMigration({ targetDate: at(3), dryRun: true })).migrations).toHaveLength(1);
    await expect(migrations.rollbackMigration({ targetDate: at(1) })).rejects.toMatchObject({
      code: 'MIGRATION_QUESTION',
      message: expect.stringMatching(/whether 0001_b was[^]*keeps no time[^]*cc-migrate down --to/),
    });
  });

  test('what baseline recorded was there by then, and nobody knows since when', async () => {
    const opened = await begin();
    await opened.run('CREATE TABLE a (x)', 'CREATE TABLE b (x)', 'CREATE TABLE c (x)', 'CREATE TABLE d (x)');
    const { migrations } = opened;
    await migrations.baseline();
    await opened.run(`UPDATE __cc_migrations SET started_at = ${at(5).getTime()}`);
    expect(await migrations.rollbackMigration({ targetDate: at(5) })).toMatchObject({ migrations: [] });
    await expect(migrations.rollbackMigration({ targetDate: at(4) })).rejects.toMatchObject({
      code: 'MIGRATION_QUESTION',
      message: expect.stringContaining('baseline recorded it at'),
    });
  });
});

test('wrong use is refused at once', async () => {
  const { migrations } = await begin();
  const wrong = (options: object): Promise<unknown> => migrations.rollbackMigration(options);
  await expect(wrong({ targetDate: at(1), steps: 1 })).rejects.toThrow(/targetDate or steps/);
  await expect(wrong({ targetDate: at(1), targetVersion: '0' })).rejects.toThrow(/targetVersion or targetDate/);
  await expect(wrong({ targetDate: new Date('x') })).rejects.toThrow(/valid Date/);
  await expect(wrong({ targetDate: '2026-11-28' })).rejects.toThrow(/valid Date/);
  await expect(migrations.plan({ targetDate: at(1) })).rejects.toThrow(/direction 'down'/);
  await expect(migrations.applyMigrations({ targetDate: at(1) } as object)).rejects.toThrow(/targetDate/);
});

describe('cc-migrate down --to-date', () => {
  test('takes every way to write a moment with its zone', async () => {
    const opened = await begin();
    await applied(opened, [1, 2, 3, 4]);
    for (const date of [
      '2026-11-28T12:02Z',
      '2026-11-28 12:02 UTC',
      '2026-11-28T13:02:00+01:00',
      '2026-11-28T07:02:00.000-0500',
      '2026-11-28 12:02:00Z',
    ])
      expect([date, await run('down', '--dry-run', '--to-date', date), out]).toEqual([
        date,
        0,
        'Would take back 0003_d\nWould take back 0002_c\nCurrent: 0003_d\n',
      ]);
    expect(await run('plan', '--down', '--to-date', '2026-11-28T12:03Z')).toBe(0);
    expect(out).toContain('DROP TABLE d;');
    expect(await run('down', '--to-date', '2026-11-28T12:02Z')).toBe(3);
    expect(await run('down', '--yes', '--to-date', '2026-11-28T12:02Z')).toBe(0);
    expect(out).toContain('Current: 0001_b');
  });

  test.each([
    ['2026-11-28', 'no time'],
    ['2026-11-28T12:02', 'no time zone'],
    ['2026-02-30T12:02Z', 'no such date'],
    ['2026-11-28T25:00Z', 'no such date'],
    ['28.11.2026', 'is no date'],
    ['yesterday', 'is no date'],
  ])('refuses %s, and says what to write', async (date, why) => {
    await begin();
    expect(await run('down', '--yes', '--to-date', date)).toBe(1);
    expect(out).toContain(why);
    expect(out).toContain('2026-11-28T14:30Z');
  });

  test('refuses a moment within which a migration was applied, and says both ways out', async () => {
    const opened = await begin();
    await applied(opened, [1, 2, 3, 4]);
    await opened.run(`UPDATE __cc_migrations SET started_at = started_at + 345 WHERE version = '0002_c'`);
    expect(await run('down', '--yes', '--to-date', '2026-11-28 12:03:00Z')).toBe(3);
    expect(out).toContain('0002_c was applied at 2026-11-28T12:03:00.345Z, within the 2026-11-28 12:03:00Z');
    expect(await run('down', '--dry-run', '--to-date', '2026-11-28T12:03:00.345Z')).toBe(0);
    expect(out).toContain('Would take back 0003_d\nCurrent');
    expect(await run('down', '--dry-run', '--to-date', '2026-11-28T12:03:00.000Z')).toBe(0);
    expect(out).toContain('Would take back 0002_c');
  });

  test('goes with no other way to say how far, and not up', async () => {
    await begin();
    expect(await run('down', '--to-date', '2026-11-28T12:02Z', '--steps', '1')).toBe(1);
    expect(await run('plan', '--to-date', '2026-11-28T12:02Z')).toBe(1);
    expect(out).toContain('plan --down --to-date');
    expect(await run('up', '--to-date', '2026-11-28T12:02Z')).toBe(1);
  });
});
