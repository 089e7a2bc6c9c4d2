// The round trip on a copy of the real database: what differs is told, the database itself is not touched, the copy is gone.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, readdir, rename, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TargetName, targets, testsOn } from '@cc/testkit/targets';
import { makeOwnFolder } from '@cc/tx/side-program';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { VerifiedMigration } from '../../src/contract/care.js';
import { verifyFolder } from '../../src/verify/verify-folder.js';
import { codeOf, firstOf, library, makeScratch, type Opened, type Scratch, type Written } from '../scratch.js';

const temporary = process.env['TMPDIR'];
const [tables, search, weight] = library as [Written, Written, Written];

let scratch: Scratch;
let opened: Opened;

async function openOn(target: TargetName): Promise<void> {
  scratch = await makeScratch(target);
  await scratch.write(library);
  opened = await scratch.open();
  process.env['TMPDIR'] = join(scratch.path, 'tmp');
  await mkdir(tmpdir());
}

async function close(): Promise<void> {
  expect(await readdir(tmpdir())).toEqual([]);
  if (temporary === undefined) delete process.env['TMPDIR'];
  else process.env['TMPDIR'] = temporary;
  await scratch[Symbol.asyncDispose]();
}

/** Applies the library and writes rows, then adds `next`. */
async function startWith(...next: readonly Written[]): Promise<void> {
  await opened.migrations.applyMigrations();
  await opened.run(
    `INSERT INTO parts (name) VALUES ('bolt'), ('nut')`,
    `INSERT INTO notes VALUES (1, 'long', 3), (2, 'small', 0)`,
  );
  await scratch.write([...library, ...next]);
}
const next = (up: string, down: string | null, tag = '0003_next'): Written => ({ tag, up, down });

/** Verifies, and checks that the database is as it was. */
async function verified(
  options: Parameters<Opened['migrations']['verify']>[0] = {},
): Promise<readonly VerifiedMigration[]> {
  const picture = async (): Promise<unknown> =>
    Promise.all([
      opened.schema(),
      opened.rows('SELECT * FROM parts'),
      opened.rows('SELECT * FROM notes'),
      opened.rows('SELECT * FROM __drizzle_migrations'),
      opened.rows('SELECT * FROM __cc_migrations'),
    ]);
  const before = await picture();
  const { ok, migrations, copy } = await opened.migrations.verify(options);
  expect(ok).toBe(migrations.every(({ faults }) => faults.length === 0));
  expect(copy?.bytes).toBeGreaterThan(0);
  expect(await picture()).toEqual(before);
  return migrations;
}

describe.each(targets)('verify on %s', (target) => {
  const test = testsOn(target);
  beforeEach(() => openOn(target));
  afterEach(close);

  test('everything pending goes up, down and up again', async () => {
    await startWith(
      next('CREATE TABLE a (x); CREATE INDEX i ON a (x)', 'DROP TABLE a'),
      next('DROP INDEX i', 'CREATE INDEX i ON a (x)', '0004_more'),
    );
    const whole = {
      faults: [],
      warnings: [],
      losses: [],
      triedOn: 'copy',
      upMs: expect.any(Number),
      downMs: expect.any(Number),
    };
    expect(await verified()).toEqual([
      { ...whole, version: '0003_next' },
      { ...whole, version: '0004_more' },
    ]);
  });

  test('a rebuild of a table without a key whose rows have gaps is no fault', async () => {
    const rebuild = `CREATE TABLE n (part_id integer NOT NULL, body text NOT NULL, stars integer DEFAULT 0 NOT NULL, FOREIGN KEY (part_id) REFERENCES parts (id) ON DELETE cascade);
INSERT INTO n SELECT * FROM notes; DROP TABLE notes; ALTER TABLE n RENAME TO notes;`;
    await startWith(next(rebuild, rebuild));
    await opened.run('DELETE FROM notes WHERE part_id = 1', `INSERT INTO notes VALUES (2, 'more', 1)`);
    expect(await verified()).toMatchObject([{ faults: [], losses: [] }]);
  });

  test('a new database starts empty', async () => {
    const { ok, migrations, copy } = await opened.migrations.verify();
    expect([ok, migrations.map(({ version }) => version)]).toEqual([true, library.map(({ tag }) => tag)]);
    // A server may have an empty page left of other tests.
    expect(copy?.bytes).toBeLessThanOrEqual(8_192);
    expect(await opened.schema()).toEqual([]);
  });

  test('with nothing pending the newest is tried, or as many as asked, and what they hold is counted', async () => {
    await startWith();
    expect(await verified()).toMatchObject([
      { version: '0002_weight', faults: [], losses: [{ direction: 'down', table: 'notes', column: 'stars', rows: 1 }] },
    ]);
    const all = await verified({ steps: Infinity });
    expect(all.map(({ version, faults, warnings }) => [version, faults, warnings])).toEqual(
      library.map(({ tag }) => [tag, [], []]),
    );
    expect(all[0]?.losses).toMatchObject([
      { table: 'notes', rows: 2 },
      { table: 'parts', rows: 2 },
    ]);
  });
});

describe('a copy that a killed process has left', () => {
  beforeEach(() => openOn(':memory:'));
  afterEach(close);

  test('goes with the next verify', async () => {
    await startWith();
    const killed = spawn(process.execPath, ['-e', '']);
    await once(killed, 'exit');
    const own = makeOwnFolder('cc-verify');
    await writeFile(join(own, 'copy.db'), 'rows');
    await rename(own, own.replace(`-${process.pid}-`, `-${killed.pid}-`));
    await verified();
    expect(await readdir(tmpdir())).toEqual([]);
  });
});

describe('verify tells', () => {
  beforeEach(() => openOn(':memory:'));
  afterEach(close);

  test('rows that a migration takes are losses, not faults', async () => {
    await startWith(
      next(
        'ALTER TABLE notes DROP COLUMN stars; DROP INDEX idx_parts_name',
        'ALTER TABLE notes ADD stars integer DEFAULT 0 NOT NULL; CREATE UNIQUE INDEX idx_parts_name ON parts (name)',
      ),
    );
    expect(await verified()).toMatchObject([
      { faults: [], losses: [{ direction: 'up', table: 'notes', column: 'stars', rows: 1 }] },
    ]);
  });

  test('a down that leads elsewhere', async () => {
    await startWith(next('DROP INDEX idx_parts_name; CREATE TABLE a (x)', 'DROP TABLE a'));
    const [only] = await verified();
    expect(only?.faults).toEqual([
      'after down, index idx_parts_name is missing',
      '0003_next (up) failed and left nothing behind: no such index: idx_parts_name (0003_next.sql, line 1)',
    ]);
  });

  test('a rebuild that forgets rows', async () => {
    const up = `CREATE TABLE n (part_id integer NOT NULL, body text NOT NULL, stars integer DEFAULT 0 NOT NULL, FOREIGN KEY (part_id) REFERENCES parts (id) ON DELETE cascade);
INSERT INTO n SELECT * FROM notes WHERE part_id = 1; DROP TABLE notes; ALTER TABLE n RENAME TO notes;`;
    await startWith(next(up, ''));
    const [only] = await verified();
    expect(only?.faults).toContain('after up, table notes has 1 rows instead of 2');
  });

  test('a rebuild that drops triggers, and the index behind them', async () => {
    const up = `CREATE TABLE n (id integer PRIMARY KEY AUTOINCREMENT NOT NULL, name text NOT NULL);
INSERT INTO n SELECT * FROM parts; DROP TABLE parts; ALTER TABLE n RENAME TO parts; CREATE UNIQUE INDEX idx_parts_name ON parts (name);`;
    await startWith(next(up, `${up}\n${search.up.slice(search.up.indexOf('CREATE TRIGGER `parts_fts_delete'))}`));
    const [only] = await verified();
    expect(only?.faults).toEqual(['after down, trigger parts_fts_insert is missing']);
  });

  test('a migration that would leave rows without their parent', async () => {
    await startWith(next('DELETE FROM parts WHERE id = 1', ''));
    expect(await verified()).toMatchObject([
      {
        faults: [
          expect.stringMatching(
            /^0003_next \(up\) would leave rows whose foreign key points nowhere: \d+ rows? of \w+, which refers? to \w+/,
          ),
        ],
      },
    ]);
  });

  test('values that come back as others', async () => {
    await startWith(
      next(
        'ALTER TABLE notes RENAME COLUMN stars TO points',
        `CREATE TABLE n (part_id integer NOT NULL, body text NOT NULL, stars integer DEFAULT 0 NOT NULL, FOREIGN KEY (part_id) REFERENCES parts (id) ON DELETE cascade);
INSERT INTO n SELECT part_id, body, points + 1 FROM notes; DROP TABLE notes; ALTER TABLE n RENAME TO notes;`,
      ),
    );
    const [only] = await verified();
    expect(only?.faults).toEqual(['after down, column notes.stars holds other values']);
  });

  test('rows that its own statements change are told as a warning', async () => {
    await startWith(next('UPDATE parts SET name = upper(name)', ''));
    expect(await verified()).toMatchObject([
      { faults: [], warnings: [expect.stringContaining('after down, column parts.name holds other values')] },
    ]);
  });

  test('what a migration fills in anew each time is no fault', async () => {
    await startWith(next('CREATE TABLE stamps AS SELECT hex(randomblob(8)) AS stamp FROM parts', 'DROP TABLE stamps'));
    expect(await verified()).toMatchObject([{ faults: [], losses: [{ table: 'stamps', rows: 2 }] }]);
  });

  test('one that has no way back says so, and those below it are left', async () => {
    await startWith(
      next('CREATE TABLE a (x)', 'DROP TABLE a'),
      next('CREATE TABLE b (x)', '-- cc:down irreversible\n', '0004_final'),
      next('CREATE TABLE c (x)', 'DROP TABLE c', '0005_more'),
    );
    expect((await verified()).map(({ version, warnings, faults }) => [version, warnings, faults])).toEqual([
      ['0003_next', ['it was not taken back, because one above it cannot be'], []],
      ['0004_final', ['it has no way back, as its down file says'], []],
      ['0005_more', [], []],
    ]);
  });

  test('one without a down file, and one with a draft', async () => {
    await startWith(next('CREATE TABLE a (x)', null));
    expect((await verified())[0]?.faults).toEqual(['0003_next cannot be taken back: nothing says how']);
    await scratch.write([...library, next('CREATE TABLE a (x)', '-- cc:down draft\nDROP TABLE a')]);
    expect((await verified())[0]?.faults).toEqual([expect.stringContaining('0003_next.down.sql is a draft')]);
  });

  test('one that fails on the rows that are there; the next is not tried', async () => {
    await startWith(
      next('CREATE UNIQUE INDEX i ON parts (length(name) > 0)', 'DROP INDEX i'),
      next('CREATE TABLE a (x)', 'DROP TABLE a', '0004_more'),
    );
    expect(await verified()).toMatchObject([
      {
        version: '0003_next',
        faults: [expect.stringMatching(/^0003_next \(up\) failed and left nothing behind: UNIQUE constraint failed/)],
        upMs: null,
      },
      { version: '0004_more', faults: [], warnings: ['it was not tried, because one before it fails'] },
    ]);
  });

  test('what keeps migrations from being applied keeps them from being tried', async () => {
    await startWith();
    await scratch.write([{ ...tables, up: `${tables.up}\n-- later` }, search, weight]);
    expect(await codeOf(opened.migrations.verify())).toBe('MIGRATION_EDITED');
    await expect(opened.migrations.verify({ steps: 0 })).rejects.toThrow('steps must be a whole number');
  });
});

test('an encrypted database has an encrypted copy, which needs its key', async () => {
  await using scratch = await makeScratch();
  await scratch.write(firstOf(1));
  const { migrations } = await scratch.open({ encryptionKey: 'correct horse' });
  await migrations.applyMigrations();
  expect(await migrations.verify({ encryptionKey: 'correct horse' })).toMatchObject({ ok: true });
  for (const encryptionKey of [undefined, 'another one']) {
    const refused = {
      code: 'SQLITE_NOTADB',
      message: expect.stringMatching(/copy .* opens only with its key.* Give it: verify\(\{ encryptionKey \}\)/),
      hint: expect.not.stringContaining('restore'),
    };
    await expect(migrations.verify({ encryptionKey })).rejects.toMatchObject(refused);
    await expect(migrations.plan({ direction: 'down', measure: true, encryptionKey })).rejects.toMatchObject(refused);
  }
});

describe('without a database', () => {
  let scratch: Scratch;
  beforeEach(async () => {
    scratch = await makeScratch();
  });
  afterEach(() => scratch[Symbol.asyncDispose]());
  const verified = async (...migrations: readonly Written[]): Promise<readonly VerifiedMigration[]> => {
    await scratch.write(migrations);
    const { ok, migrations: found, copy } = await verifyFolder(scratch.folder);
    expect([ok, copy]).toEqual([found.every(({ faults }) => faults.length === 0), null]);
    return found;
  };

  test('the whole folder is tried on made-up rows', async () => {
    expect((await verified(...library)).map(({ version, faults, warnings }) => [version, faults, warnings])).toEqual(
      library.map(({ tag }) => [tag, [], []]),
    );
  });

  test('a rebuild that forgets rows is found, also when no table of the real database would show it', async () => {
    const up = `CREATE TABLE n (part_id integer NOT NULL, body text NOT NULL, FOREIGN KEY (part_id) REFERENCES parts (id) ON DELETE cascade);
INSERT INTO n SELECT * FROM notes WHERE part_id = 1; DROP TABLE notes; ALTER TABLE n RENAME TO notes;`;
    const found = await verified(tables, { tag: '0001_next', up, down: '' });
    expect(found.at(-1)?.faults).toContainEqual(
      expect.stringMatching(/^after up, table notes has \d+ rows instead of \d+$/),
    );
  });

  test('a down that leads elsewhere, none, a draft, and an irreversible one', async () => {
    const up = 'CREATE TABLE a (x); CREATE INDEX i ON parts (id, name)';
    const faultsWith = async (down: string | null): Promise<unknown> => {
      const last = (await verified(tables, { tag: '0001_next', up, down })).at(-1);
      return [last?.faults, last?.warnings];
    };
    expect(await faultsWith('DROP TABLE a')).toEqual([['after down, index i is not expected'], []]);
    expect(await faultsWith(null)).toEqual([['it has no down file'], []]);
    expect(await faultsWith('-- cc:down draft\n')).toEqual([['its down file is a draft'], []]);
    expect(await faultsWith('-- cc:down irreversible\n')).toEqual([[], ['it has no way back, as its down file says']]);
  });

  test('what fails on every made-up row is said to have been tried without rows', async () => {
    const up = `CREATE TABLE names (name text PRIMARY KEY, at integer NOT NULL); INSERT INTO names SELECT 'one', id FROM parts;`;
    const found = (await verified(tables, { tag: '0001_next', up, down: 'DROP TABLE names' })).at(-1);
    expect(found).toMatchObject({ faults: [], triedOn: 'empty tables' });
    expect(found?.warnings).toEqual([
      expect.stringMatching(/^no made-up row fits, so nothing is known of rows: with them up fails: UNIQUE constraint/),
    ]);
  });

  test('a file that does not run is an error', async () => {
    await scratch.write([tables, { tag: '0001_bad', up: 'CREATE TABL a (x)', down: '' }]);
    expect(await codeOf(verifyFolder(scratch.folder))).toBe('MIGRATION_REPLAY');
  });
});
