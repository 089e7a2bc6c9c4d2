// Two migrations with their ways back: one given, one drafted and proven. Going back is refused while it would lose data.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createMigrationManager, type MigrationResult } from '@cc/migrate';
import { isDatabaseError, openTransactionManager } from '@cc/tx';
import { sql } from 'drizzle-orm';

const place = await mkdtemp(join(tmpdir(), 'up-and-down-'));
await using transactions = await openTransactionManager({ url: ':memory:' });
const migrations = createMigrationManager(transactions, { folder: join(place, 'drizzle') });
const { db } = transactions;

// Written into the folder as drizzle-kit lays it out; nothing touches the database yet.
const parts = await migrations.createMigration({
  name: 'parts',
  upSql: 'CREATE TABLE parts (id integer PRIMARY KEY, name text NOT NULL);',
  downSql: 'DROP TABLE parts;',
});
const stars = await migrations.createMigration({
  name: 'stars',
  upSql: 'ALTER TABLE parts ADD stars integer DEFAULT 0 NOT NULL; CREATE INDEX idx_parts_stars ON parts (stars);',
}); // without downSql: worked out from the schema before and behind it, and tried with rows
console.log(`written: ${parts.version} (down ${parts.down}), ${stars.version} (down ${stars.down})`);

console.log(`up: ${versionsOf(await migrations.applyMigrations())}`);
const applied = await schemaNow();
await db.run(sql`INSERT INTO parts (name, stars) VALUES ('gear', 5), ('bolt', 4), ('nut', 0)`);

const { migrations: steps } = await migrations.plan({ direction: 'down' });
for (const { version, statements, losses } of steps) {
  console.log(`the way back from ${version}:\n  ${statements.join(';\n  ')}`);
  for (const { table, column, rows } of losses) console.log(`would lose: ${table}.${column}, ${rows} rows`);
}
await migrations.rollbackMigration().catch((error: unknown) => {
  if (!isDatabaseError(error)) throw error;
  console.log(`refused: ${error.code}`);
});

console.log(`down: ${versionsOf(await migrations.rollbackMigration({ allowDataLoss: true }))}`);
console.log(`kept: ${(await db.values(sql`SELECT * FROM parts`)).join(' ')}`);
console.log(`up again: ${versionsOf(await migrations.applyMigrations())}`);
console.log(`the same schema as before: ${(await schemaNow()) === applied}`);

await rm(place, { recursive: true });

function versionsOf(result: MigrationResult): string {
  return result.migrations.map(({ version }) => version).join(', ');
}

async function schemaNow(): Promise<string> {
  return JSON.stringify(await db.values(sql`SELECT type, name, sql FROM sqlite_schema ORDER BY name`));
}
