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
