// The commands that look after folder and database, as people run them: what they print, what they ask, how they end.
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Surroundings } from '../../src/command-line/commands.js';
import { runProgram } from '../../src/program.js';
import { firstOf, library, makeScratch, type Scratch, type Written } from '../scratch.js';
import { writeSound } from './sound-folder.js';

let scratch: Scratch;
let out: string;
let err: string;
let questions: string[];

beforeEach(async () => {
  scratch = await makeScratch();
  await writeSound(scratch, library);
});
afterEach(() => scratch[Symbol.asyncDispose]());

async function run(args: readonly string[], rest: Partial<Surroundings> = {}): Promise<number> {
  [out, err, questions] = ['', '', []];
  return await runProgram([...args, '--folder', scratch.folder], {
    version: '1.2.3',
    env: { CC_DATABASE_URL: scratch.url },
    print: (text) => {
      out += `${text}\n`;
    },
    warn: (text) => {
      err += `${text}\n`;
    },
    ask: null,
    ...rest,
  });
}

const says = (yes: boolean): Pick<Surroundings, 'ask'> => ({
  ask: async (question) => {
    questions.push(question);
    return yes;
  },
});
const json = (): unknown => JSON.parse(out);
const current = async (): Promise<string | null> => (await scratch.open()).migrations.getCurrentVersion();
const [tables, search, weight] = library as [Written, Written, Written];

test('diff prints what differs and ends with 2, or with 0', async () => {
  await run(['up']);
  expect(await run(['diff'])).toBe(0);
  expect(out).toBe('The schema is that of 0002_weight\n');
  const { run: change } = await scratch.open();
  await change('DROP INDEX idx_parts_name', 'CREATE TABLE by_hand (x)');
  expect(await run(['diff'])).toBe(2);
  expect(out).toBe(
    'The schema is not that of 0002_weight:\n  table by_hand is not expected\n  index idx_parts_name is missing\n',
  );
  expect(await run(['diff', '--json'])).toBe(2);
  expect(json()).toMatchObject({ current: '0002_weight', differences: [{ kind: 'extra' }, { kind: 'missing' }] });
  await writeSound(scratch, firstOf(2));
  expect(await run(['diff'])).toBe(2);
  expect(err).toContain('0002_weight is applied and the folder does not have it');
});

describe('check', () => {
  const none = { env: {} };

  test('needs no database and ends with 0, 2 with problems, 1 without a folder', async () => {
    expect(await run(['check'], none)).toBe(0);
    expect(out).toBe('3 migrations, nothing wrong\n');
    await writeSound(scratch, [tables, { ...search, down: null }]);
    expect(await run(['check'], none)).toBe(2);
    expect(out).toBe(
      '2 migrations, 1 problem:\n  0001_search.down.sql does not exist. Write 0001_search.down.sql, or let it be drafted: cc-migrate generate --missing-downs\n',
    );
    expect(await run(['check', '--json'], none)).toBe(2);
    expect(json()).toMatchObject({ migrations: 2, problems: [{ kind: 'no_down', version: '0001_search' }] });
    expect(await runProgram(['check', '--folder', join(scratch.path, 'nowhere')], { ...quiet(), env: {} })).toBe(1);
  });

  test('with a database also tells what that has recorded', async () => {
    await run(['up']);
    await writeSound(scratch, [tables, { ...search, up: `${search.up}-- later` }, weight]);
    expect(await run(['check'], none)).toBe(0);
    expect(await run(['check'])).toBe(2);
    expect(out).toContain('0001_search.sql was edited after it was applied');
  });
});

function quiet(): Surroundings {
  return { version: '', env: {}, print: () => undefined, warn: () => undefined, ask: null };
}

describe('baseline', () => {
  beforeEach(async () => {
    const { transactions } = await scratch.open();
    using lease = await transactions.getConnection();
    for (const { up } of firstOf(2)) await lease.client.executeMultiple(up);
  });

  test('records what the database has, after a look', async () => {
    expect(await run(['baseline', '--dry-run'])).toBe(0);
    expect(out).toBe('Would record 0000_tables\nWould record 0001_search\nWould be at: 0001_search\n');
    expect(await current()).toBeNull();
    expect(await run(['baseline'])).toBe(0);
    expect(out).toBe('Recorded 0000_tables\nRecorded 0001_search\nCurrent: 0001_search\n');
    expect(await run(['history'])).toBe(0);
    expect(out).toMatch(/^baseline {2}0000_tables {2}\d{4}-.*\nbaseline {2}0001_search/);
    expect(await run(['status'])).toBe(2);
    expect(out).toContain('0000_tables  recorded by baseline');
    expect(await run(['baseline'])).toBe(3);
    expect(err).toContain('0000_tables is applied already');
  });

  test('refuses another version than the schema is, with 2', async () => {
    expect(await run(['baseline', '--to', '2'])).toBe(2);
    expect(err).toContain('not that of 0002_weight:\n  table notes: column stars is missing');
    expect(await run(['baseline', '--to', '7'])).toBe(1);
  });

  test('says which other versions have the same schema', async () => {
    await writeSound(scratch, [
      ...firstOf(2),
      { tag: '0002_rows', up: `INSERT INTO parts (name) VALUES ('nut')`, down: '-- cc:down irreversible' },
    ]);
    expect(await run(['baseline', '--dry-run'])).toBe(0);
    expect(out).toContain('The schema is also that of 0001_search: what comes behind writes only rows.');
    expect(out).toContain('take --to 0001_search');
  });
});

describe('repair', () => {
  beforeEach(async () => {
    await run(['up']);
    await writeSound(scratch, [tables, search, { ...weight, up: `${weight.up}\n-- later` }]);
  });

  test('lists what it would mend and needs a yes', async () => {
    expect(await run(['repair', '--dry-run'])).toBe(0);
    expect(out).toMatch(/^Would be mended:\n {2}edited: 0002_weight has other content than when it was applied/);
    expect(await run(['repair'])).toBe(3);
    expect(err).toContain('Add --yes');
    expect(await run(['repair'], says(false))).toBe(3);
    expect(questions[0]).toContain('edited: 0002_weight');
    expect(await run(['status'])).toBe(2);
    expect(await run(['repair'], says(true))).toBe(0);
    expect(out).toMatch(/^Mended:\n {2}edited: 0002_weight/);
    expect(await run(['status'])).toBe(0);
    expect(await run(['history'])).toBe(0);
    expect(out).toMatch(/repair {2}0002_weight {2}.*\(edited\) {2}\S+\n$/);
    expect(await run(['repair'])).toBe(0);
    expect(out).toBe('Nothing to mend\n');
  });

  test('asks again when others changed something while a person thought', async () => {
    let asked = 0;
    const ask = async (): Promise<boolean> => {
      asked += 1;
      if (asked === 1)
        await (await scratch.open()).run(
          'INSERT INTO __drizzle_migrations (hash, created_at) SELECT hash, created_at FROM __drizzle_migrations LIMIT 1',
        );
      return true;
    };
    expect(await run(['repair'], { ask })).toBe(0);
    expect(asked).toBe(2);
    expect(out).toContain('duplicate: 0000_tables is recorded 2 times');
  });

  test('refuses with 2 where the schema is another', async () => {
    const { run: change } = await scratch.open();
    await change('CREATE TABLE by_hand (x)');
    expect(await run(['repair', '--yes'])).toBe(2);
    expect(err).toContain('table by_hand is not expected');
  });

  test('--journal raises times, and what is left ends with 2', async () => {
    const late: Written = { tag: '0003_late', up: 'CREATE TABLE late (x)', down: 'DROP TABLE late', when: 5 };
    await writeSound(scratch, [...library, late]);
    expect(await run(['repair', '--yes'])).toBe(2);
    expect(out).toContain('Left for people:\n  0003_late comes after 0002_weight in the journal');
    expect(await run(['repair', '--yes', '--journal'])).toBe(0);
    expect(out).toMatch(/journal: 'when' of 0003_late rises from 5 to \d+\. It must be applied nowhere else/);
    expect(await run(['up'])).toBe(0);
  });
});

describe('verify', () => {
  test('tries what is pending on a copy, and tells what it takes', async () => {
    await run(['up', '--steps', '2']);
    expect(await run(['verify'])).toBe(0);
    expect(out).toMatch(
      /^0002_weight {2}ok {2}up \d+ ms {2}down \d+ ms\n1 migration on a copy of \d+ kB \(copied in \d+ ms\) in \d+ ms: all well\n$/,
    );
    await run(['up']);
    const { run: write } = await scratch.open();
    await write(`INSERT INTO parts (name) VALUES ('bolt')`, `INSERT INTO notes VALUES (1, 'long', 3)`);
    expect(await run(['verify', '--steps', '1'])).toBe(0);
    expect(out).toContain('\n  down takes column notes.stars: 1 row\n');
  });

  test('ends with 2 where something differs', async () => {
    await writeSound(scratch, [...firstOf(2), { ...weight, down: 'SELECT 1' }]);
    expect(await run(['verify', '--json'])).toBe(2);
    // There is no file yet: as without a database.
    expect(json()).toMatchObject({ ok: false, copy: null });
    expect(await run(['verify'], { env: {} })).toBe(2);
    expect(out).toContain('0002_weight  DIFFERS\n  after down, table notes: column stars is not expected');
    expect(out).toMatch(/3 migrations on an empty database with made-up rows in \d+ ms: something differs\n$/);
  });

  test('says ok without rows, and what to do, where no made-up row fits', async () => {
    const up = `CREATE TABLE names (name text PRIMARY KEY); INSERT INTO names SELECT 'one' FROM parts;`;
    await writeSound(scratch, [...firstOf(1), { tag: '0001_names', up, down: 'DROP TABLE names' }]);
    expect(await run(['verify'], { env: {} })).toBe(0);
    expect(out).toMatch(/\n0001_names {2}ok without rows\n {2}note: no made-up row fits/);
    expect(out).toMatch(/all well, but 1 migration ran without rows: try it on a copy of a database/);
  });

  test('without a database tries the whole folder', async () => {
    expect(await run(['verify'], { env: {} })).toBe(0);
    expect(out).toMatch(/^0000_tables {2}ok\n0001_search {2}ok\n0002_weight {2}ok\n3 migrations on an empty/);
    expect(await run(['verify', '--steps', '1'], { env: {} })).toBe(1);
  });
});

describe('redo', () => {
  beforeEach(() => run(['up']));

  test('takes back and applies again, after a yes', async () => {
    expect(await run(['redo'])).toBe(3);
    expect(await run(['redo', '--steps', '2'], says(false))).toBe(3);
    expect(questions).toEqual(['Take back and apply again 0002_weight, 0001_search?']);
    expect(await run(['redo', '--steps', '2', '--yes'])).toBe(0);
    expect(out.replaceAll(/ {2}\d+ ms/g, '')).toBe(
      'Took back 0002_weight\nTook back 0001_search\nCurrent: 0000_tables\nApplied 0001_search\nApplied 0002_weight\nCurrent: 0002_weight\n',
    );
  });

  test('runs an edited file as it is now', async () => {
    await writeSound(scratch, [
      tables,
      search,
      { ...weight, up: weight.up.replaceAll('stars', 'points'), down: 'ALTER TABLE notes DROP COLUMN points' },
    ]);
    expect(await run(['redo', '--yes', '--json'])).toBe(0);
    expect(json()).toMatchObject({ down: { current: '0001_search' }, up: { current: '0002_weight' } });
    expect(await run(['diff'])).toBe(0);
    expect(await run(['status'])).toBe(0);
  });

  test('leaves pending migrations pending', async () => {
    await writeSound(scratch, [...library, { tag: '0003_more', up: 'CREATE TABLE more (x)', down: 'DROP TABLE more' }]);
    expect(await run(['redo', '--yes'])).toBe(0);
    expect(await current()).toBe('0002_weight');
  });

  test('does not go down where the way up is closed', async () => {
    await writeSound(scratch, [{ ...tables, up: `${tables.up}\n-- later` }, search, weight]);
    expect(await run(['redo', '--yes'])).toBe(2);
    await writeSound(scratch, firstOf(2));
    expect(await run(['redo', '--yes'])).toBe(2);
    expect(await current()).toBe('0002_weight');
  });

  test('does not lose rows unless allowed, shows what it would do, and may have nothing to do', async () => {
    const { run: write } = await scratch.open();
    await write(`INSERT INTO parts (name) VALUES ('bolt')`, `INSERT INTO notes VALUES (1, 'long', 3)`);
    expect(await run(['redo', '--yes'])).toBe(3);
    expect(await run(['redo', '--dry-run', '--allow-data-loss'])).toBe(0);
    expect(out).toContain('Would take back 0002_weight');
    expect(await run(['redo', '--yes', '--allow-data-loss'])).toBe(0);
    await run(['down', '--to', 'none', '--yes', '--allow-data-loss']);
    expect(await run(['redo'])).toBe(0);
    expect(out).toBe('Nothing to do\nCurrent: none\n');
  });
});

describe('goto', () => {
  test.each(['goto', 'to'])('%s goes up without a question and down with one', async (name) => {
    expect(await run([name, '1'])).toBe(0);
    expect(await current()).toBe('0001_search');
    expect(await run([name, '0'])).toBe(3);
    expect(await run([name, '0'], says(true))).toBe(0);
    expect(questions).toEqual(['Take back 0001_search?']);
    expect(await run([name, '0000_tables'])).toBe(0);
    expect(out).toBe('Nothing to do\nCurrent: 0000_tables\n');
    expect(await run([name, '0002', '--json'])).toBe(0);
    expect(json()).toMatchObject({
      direction: 'up',
      migrations: [{ version: '0001_search' }, { version: '0002_weight' }],
    });
    expect(await run([name, 'none', '--yes'])).toBe(0);
    expect(await current()).toBeNull();
    expect(await run([name, 'none', '--dry-run'])).toBe(0);
    expect(await run([name, '9'])).toBe(1);
    expect(err).toContain(`'9' is no version here`);
    expect(await run([name])).toBe(1);
  });
});
