// A folder is checked as a whole: each fault that can be in it is named, alone, with what to do.
import { readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { checkFolder } from '../../src/check/check.js';
import { markOf } from '../../src/folder/down-file.js';
import { codeOf, firstOf, library, makeScratch, type Scratch, type Written } from '../scratch.js';
import { snapshotId, snapshotPath, snapshotText, writeSound } from './sound-folder.js';

let scratch: Scratch;
const [tables, search, weight] = library as [Written, Written, Written];
const t0 = 1_700_000_000_000;

beforeEach(async () => {
  scratch = await makeScratch();
  await writeSound(scratch, library);
});
afterEach(() => scratch[Symbol.asyncDispose]());

const found = async (): Promise<string[]> =>
  (await checkFolder(scratch.folder)).problems.map(({ kind, version }) => `${kind} ${version}`);
const messages = async (): Promise<string[]> =>
  (await checkFolder(scratch.folder)).problems.map(({ message, hint }) => `${message}. ${hint}`);
const file = (name: string): string => join(scratch.folder, name);

/** Changes the journal. */
async function editJournal(edit: (entries: { idx: number; tag: string; when: number }[]) => void): Promise<void> {
  const path = file('meta/_journal.json');
  const journal: { entries: { idx: number; tag: string; when: number }[] } = JSON.parse(await readFile(path, 'utf8'));
  edit(journal.entries);
  await writeFile(path, JSON.stringify(journal));
}

test('a sound folder has no problems', async () => {
  expect(await checkFolder(scratch.folder)).toEqual({ migrations: 3, problems: [] });
  await scratch.write([]);
  expect(await checkFolder(scratch.folder)).toEqual({ migrations: 0, problems: [] });
});

test('a journal that cannot be read is an error', async () => {
  await writeFile(file('meta/_journal.json'), '<<<<<<< HEAD');
  expect(await codeOf(checkFolder(scratch.folder))).toBe('MIGRATION_FOLDER');
  await rm(file('meta'), { recursive: true });
  expect(await codeOf(checkFolder(scratch.folder))).toBe('MIGRATION_FOLDER');
});

describe('the journal', () => {
  test('times that do not grow', async () => {
    await writeSound(scratch, [tables, search, { ...weight, when: t0 + 1_000 }]);
    expect(await found()).toEqual(['journal_order 0002_weight']);
  });

  test('a number that is left out', async () => {
    await writeSound(scratch, [tables, search, weight]);
    await editJournal((entries) => {
      for (const entry of entries) if (entry.idx === 2) Object.assign(entry, { idx: 3, tag: '0003_weight' });
    });
    for (const end of ['.sql', '.down.sql']) await rename(file(`0002_weight${end}`), file(`0003_weight${end}`));
    await rename(snapshotPath(scratch.folder, 2), snapshotPath(scratch.folder, 3));
    expect(await found()).toEqual(['number 0003_weight']);
    expect((await messages())[0]).toContain('does not have the number after 0001_search');
  });

  test('a number that comes twice', async () => {
    await writeSound(scratch, [...firstOf(2), { ...weight, tag: '0001_weight' }]);
    await editJournal((entries) => {
      for (const entry of entries) entry.idx = Number(entry.tag.slice(0, 4));
    });
    await rm(snapshotPath(scratch.folder, 2));
    expect((await found()).filter((each) => each.startsWith('number'))).toEqual(['number 0001_weight']);
    expect((await messages()).join()).toContain('0001_weight has the same number as 0001_search');
  });

  test('a number that differs from the count of the journal', async () => {
    await editJournal((entries) => {
      for (const entry of entries) if (entry.idx === 2) entry.idx = 7;
    });
    expect(await messages()).toEqual([
      `0002_weight has the number 7 in the journal. Set its 'idx' in meta/_journal.json to 2`,
    ]);
  });

  test('an entry that is there twice', async () => {
    await editJournal((entries) => {
      const last = entries[2];
      if (last) entries.push({ ...last, idx: 3, when: last.when + 1 });
    });
    expect(await found()).toContain('journal_order 0002_weight');
    expect((await messages())[0]).toContain('0002_weight is in the journal twice');
  });

  test('numbers that are times may leave some out', async () => {
    await writeSound(scratch, [
      { ...tables, tag: '20250101000000_tables' },
      { ...search, tag: '20250301000000_search' },
    ]);
    for (const index of [0, 1]) {
      const tag = ['20250101000000', '20250301000000'][index];
      await rename(snapshotPath(scratch.folder, index), file(`meta/${tag}_snapshot.json`));
    }
    expect(await found()).toEqual([]);
  });

  test('an entry without its file', async () => {
    await rm(file('0001_search.sql'));
    expect((await found()).toSorted()).toEqual(['no_file 0001_search']);
  });

  test('files without an entry', async () => {
    await writeFile(file('0003_lost.sql'), 'SELECT 1');
    await writeFile(file('0003_lost.down.sql'), 'SELECT 1');
    await writeFile(snapshotPath(scratch.folder, 3), snapshotText(3));
    expect(await messages()).toEqual([
      expect.stringContaining('0003_lost.down.sql belongs to no migration of the journal: nothing runs it'),
      expect.stringContaining('0003_lost.sql belongs to no migration'),
      expect.stringContaining('meta/0003_snapshot.json belongs to no migration'),
    ]);
  });
});

describe('the way back', () => {
  const withDown = (down: string | null): Promise<void> => writeSound(scratch, [tables, search, { ...weight, down }]);

  test('that is missing', async () => {
    await withDown(null);
    expect(await found()).toEqual(['no_down 0002_weight']);
  });

  test('that is a draft', async () => {
    await withDown(`-- cc:down draft of=${markOf(weight.up)}\nSELECT 1;`);
    expect(await found()).toEqual(['draft_down 0002_weight']);
  });

  test('that belongs to another content of its migration', async () => {
    await withDown(`-- cc:down generated of=0123456789abcdef\n${weight.down}`);
    expect(await found()).toEqual(['stale_down 0002_weight']);
  });

  test.each([
    ['generated for this content', `-- cc:down generated of=${markOf(weight.up)}\n${weight.down}`],
    ['that the migration does not have, and says so', `-- cc:down irreversible of=${markOf(weight.up)}\n`],
    ['written by hand', `-- mine\n${weight.down}`],
  ])('%s is right', async (_, down) => {
    await withDown(down);
    expect(await found()).toEqual([]);
  });

  test('with other line endings is the same', async () => {
    await withDown(`-- cc:down generated of=${markOf(search.up)}\r\n${weight.down}`);
    expect(await found()).toEqual(['stale_down 0002_weight']);
    const down = `-- cc:down generated of=${markOf(search.up)}\r\n${search.down}`;
    await writeSound(scratch, [tables, { ...search, up: search.up.replaceAll('\n', '\r\n'), down }, weight]);
    expect(await found()).toEqual([]);
  });
});

describe('the snapshots', () => {
  const at = (index: number): string => snapshotPath(scratch.folder, index);

  test('one that is missing', async () => {
    await rm(at(1));
    expect(await found()).toEqual(['no_snapshot 0001_search']);
  });

  test.each([
    ['no JSON', '<<<<<<<'],
    ['something else', '{"id": 1}'],
    ['another version', JSON.stringify({ id: 'a', prevId: 'b', version: '5', dialect: 'sqlite', tables: {} })],
  ])('one that is %s', async (_, text) => {
    await writeFile(at(1), text);
    expect(await found()).toEqual(['broken_snapshot 0001_search']);
  });

  test('two behind the same one: branches that were merged', async () => {
    await writeFile(at(2), snapshotText(2, snapshotId(0)));
    expect(await found()).toEqual(['branches 0002_weight']);
    expect((await messages())[0]).toContain('0001_search and 0002_weight were generated from the same schema');
  });

  test('one that follows none of them', async () => {
    await writeFile(at(2), snapshotText(2, 'somewhere else'));
    expect(await found()).toEqual(['snapshot_chain 0002_weight']);
  });
});

describe('on an empty database', () => {
  const next = (up: string, down: string | null = ''): Promise<void> =>
    writeSound(scratch, [...library, { tag: '0003_next', up, down }]);

  test('a migration that does not run ends the trial', async () => {
    await writeSound(scratch, [tables, { ...search, up: 'CREATE TABL a (x)' }, { ...weight, down: 'nonsense' }]);
    expect(await messages()).toEqual([
      expect.stringMatching(/^0001_search\.sql does not run on a database without rows: near "TABL": syntax error/),
    ]);
  });

  test('a statement that no migration may hold', async () => {
    await next('COMMIT;');
    expect(await found()).toEqual(['statement 0003_next']);
  });

  test('a down file that does not run', async () => {
    await next('CREATE TABLE a (x)', 'DROP TABLE b');
    expect(await messages()).toEqual([expect.stringContaining('0003_next.down.sql does not run')]);
  });

  test('a down file that leads elsewhere; those behind it are tried all the same', async () => {
    await writeSound(scratch, [
      tables,
      { ...search, down: `${search.down}\nDROP INDEX idx_parts_name;` },
      { ...weight, down: 'DROP TABLE notes' },
    ]);
    expect(await messages()).toEqual([
      expect.stringContaining(
        '0001_search.down.sql does not lead back to the schema before 0001_search: index idx_parts_name is missing',
      ),
      expect.stringContaining('before 0002_weight: table notes is missing'),
    ]);
  });

  test('a down file that changes the order of columns', async () => {
    await writeSound(scratch, [
      { tag: '0000_t', up: 'CREATE TABLE t (a, b)', down: 'DROP TABLE t' },
      { tag: '0001_t', up: 'ALTER TABLE t DROP COLUMN a', down: 'ALTER TABLE t ADD a' },
    ]);
    expect((await messages())[0]).toContain('table t: columns stand in another order');
  });

  test('a migration that does not run again after its down', async () => {
    await next(`CREATE TABLE a (x); INSERT INTO parts (name) VALUES ('only one')`, 'DROP TABLE a');
    expect(await messages()).toEqual([
      expect.stringContaining('After 0003_next.down.sql, 0003_next.sql does not run: 0003_next.sql does not run on'),
    ]);
  });
});

describe('with a database', () => {
  test('a pending migration is no problem, an edited and a missing one are', async () => {
    const { migrations } = await scratch.open();
    await migrations.applyMigrations({ steps: 2 });
    expect(await migrations.check()).toEqual({ migrations: 3, problems: [] });
    await writeSound(scratch, [{ ...tables, up: `${tables.up}\n-- later` }]);
    const { problems } = await migrations.check();
    expect(problems.map(({ kind, version }) => `${kind} ${version}`)).toEqual([
      'edited 0000_tables',
      'missing 0001_search',
    ]);
  });

  test('one that is out of order is one, and the order of the journal is told once', async () => {
    const { migrations } = await scratch.open();
    await migrations.applyMigrations();
    const late: Written = { tag: '0003_late', up: 'SELECT 1', down: '', when: t0 + 500 };
    await writeSound(scratch, [...library, late]);
    const { problems } = await migrations.check();
    expect(problems.map(({ kind, version }) => `${kind} ${version}`)).toEqual([
      'journal_order 0003_late',
      'out_of_order 0003_late',
    ]);
  });

  test('a file that is missing is told beside what else is known', async () => {
    const { migrations } = await scratch.open();
    await migrations.applyMigrations();
    await rm(file('0001_search.sql'));
    const { problems } = await migrations.check();
    expect(problems.map(({ kind, version }) => `${kind} ${version}`)).toEqual([
      'no_file 0001_search',
      'missing 0001_search',
    ]);
  });
});

test('what calls a function of the program that made the database is not to be dropped', async () => {
  const up = 'CREATE TABLE t (id); CREATE VIEW v AS SELECT own(id) FROM t;';
  await scratch.write([{ tag: '0000_start', up, down: 'DROP VIEW v; DROP TABLE t;' }]);
  expect(await messages()).toContainEqual(
    expect.stringMatching(/view v does not work: no such function: own\. Leave it if .* brings that along.* Else mend/),
  );
});

test('a view or a trigger that does not work on what all migrations make', async () => {
  const broken: Written = {
    tag: '0003_views',
    up: `CREATE VIEW early AS SELECT later FROM parts; CREATE VIEW lost AS SELECT nme FROM parts;
CREATE TRIGGER told AFTER UPDATE ON parts BEGIN DELETE FROM nowhere; END;`,
    down: 'DROP TRIGGER told; DROP VIEW lost; DROP VIEW early;',
  };
  const mending: Written = {
    tag: '0004_later',
    up: 'CREATE VIEW second AS SELECT * FROM early; DROP VIEW early; CREATE VIEW early AS SELECT id FROM parts;',
    down: 'DROP VIEW early; CREATE VIEW early AS SELECT later FROM parts; DROP VIEW second;',
  };
  await writeSound(scratch, [...library, broken, mending]);
  const [lost, told, ...others] = await messages();
  expect(lost).toMatch(/^After 0004_later the view lost does not work: no such column: nme\. /);
  expect(told).toMatch(/^After 0004_later the trigger told does not work: no such table: (?:main\.)?nowhere\. /);
  expect(others).toEqual([]);
});
