// Another runner applies migrations between two reads of a plan: what the plan would refuse for that is looked at again.
import { expect, test } from 'vitest';
import { makeScratch, overtaken } from './scratch.js';

const filled = [
  { tag: '0000_parts', up: `CREATE TABLE parts (id integer PRIMARY KEY); INSERT INTO parts VALUES (1);`, down: null },
  { tag: '0001_notes', up: `CREATE TABLE notes (id integer PRIMARY KEY); INSERT INTO notes VALUES (1);`, down: null },
];

test.each(['file', 'http', 'replica'] as const)(
  'who is overtaken while planning on %s goes on with what is left',
  async (target) => {
    await using scratch = await makeScratch(target);
    await scratch.write(filled);
    const [mine, other] = [await scratch.open(), await scratch.open()];
    const rival = () => other.migrations.applyMigrations({ steps: 1 });
    const slow = overtaken(mine.transactions, scratch.folder, rival, /__drizzle_migrations/);
    const { migrations, current } = await slow.applyMigrations();
    expect(migrations.map(({ version }) => version)).toEqual(['0001_notes']);
    expect(current).toBe('0001_notes');
  },
);

test('what is refused whoever runs stays refused', async () => {
  await using scratch = await makeScratch();
  const late = { tag: '0002_more', up: 'INSERT INTO parts VALUES (2);', down: null };
  await scratch.write([...filled, late]);
  const [mine, other] = [await scratch.open(), await scratch.open()];
  const rival = () => other.migrations.applyMigrations({ steps: 2 });
  const slow = overtaken(mine.transactions, scratch.folder, rival, /__drizzle_migrations/);
  await expect(slow.applyMigrations()).rejects.toMatchObject({
    code: 'MIGRATION_NO_DOWN',
    message: expect.stringContaining('0002_more changes rows'),
  });
});

test.each(['file', 'http'] as const)(
  'rows that came behind the migration of another runner are not lost on %s, though the call began without the table',
  async (target) => {
    await using scratch = await makeScratch(target);
    await scratch.write([
      { tag: '0000_parts', up: 'CREATE TABLE parts (id integer PRIMARY KEY, name text);', down: null },
      { tag: '0001_no_names', up: 'ALTER TABLE parts DROP COLUMN name;', down: null },
    ]);
    const [mine, other] = [await scratch.open(), await scratch.open()];
    // An older program, which has the first migration only, and begins its work.
    const rival = async (): Promise<void> => {
      await other.migrations.applyMigrations({ steps: 1 });
      await other.transactions.db.run(`INSERT INTO parts VALUES (1, 'bolt')`);
    };
    const slow = overtaken(mine.transactions, scratch.folder, rival);
    await expect(slow.applyMigrations()).rejects.toMatchObject({
      code: 'MIGRATION_DATA_LOSS',
      message: expect.stringContaining('parts.name'),
    });
    expect(await other.transactions.db.values('SELECT * FROM parts')).toEqual([[1, 'bolt']]);
  },
);
