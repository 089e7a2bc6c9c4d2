// The packaged migrations: they make what the tables say, and they can be taken back.
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { generateSQLiteDrizzleJson, generateSQLiteMigration } from 'drizzle-kit/api';
import { expect, it } from 'vitest';
import * as derived from '../src/derived.js';
import { migrationsFolder } from '../src/index.js';
import * as tables from '../src/tables.js';
import { migrations, openEmpty, openMigrated, rows, run } from './scratch.js';

const objects = `select type, name, tbl_name, replace(replace(sql, '\`', '"'), char(9), ' ') from sqlite_schema
  where name not like 'sqlite_%' order by type, name`;
// Columns as the database has them: an added column stands in another place of the text.
const columns = `select m.type, m.name, c.name, c.type, c."notnull", c.dflt_value, c.pk, c.hidden
  from sqlite_schema m join pragma_table_xinfo(m.name) c where m.type = 'table' and m.name not like 'sqlite_%' order by 1, 2, 3`;
const indexes = `${objects.replace('order by', `and type = 'index' order by`)}`;

/** What drizzle knows nothing of: the search index, its words, triggers. Every other migration follows from the code. */
const byHand = ['0001_search', '0003_counter_triggers', '0005_words_of_writes', '0008_counts_together'];

it('make exactly the tables and indexes that drizzle would make from the code', async () => {
  const migrated = openEmpty();
  for (const name of migrations.filter((each) => !byHand.includes(each))) {
    run(migrated, `${name}.sql`, (statement) => !/\b(?:CREATE|DROP) TRIGGER\b/.test(statement));
  }
  const fresh = openEmpty();
  const empty = await generateSQLiteDrizzleJson({});
  for (const statement of await generateSQLiteMigration(
    empty,
    await generateSQLiteDrizzleJson({ ...tables, ...derived }),
  )) {
    fresh.exec(statement);
  }
  expect(rows(migrated, columns)).toEqual(rows(fresh, columns));
  expect(rows(migrated, indexes)).toEqual(rows(fresh, indexes));
});

it.each(migrations)('%s has a way back beside it', (name) => {
  expect(existsSync(join(migrationsFolder, `${name}.down.sql`))).toBe(true);
});

it('leave nothing behind when they are taken back, and give the same schema when they are applied again', () => {
  const database = openMigrated();
  const up = rows(database, objects);
  for (const name of migrations.toReversed()) run(database, `${name}.down.sql`);
  expect(rows(database, objects)).toEqual([]);
  for (const name of migrations) run(database, `${name}.sql`);
  expect(rows(database, objects)).toEqual(up);
});

it('fill the index, the counters and the tag texts from the rows that are there', () => {
  const database = openMigrated();
  const later = migrations.slice(migrations.indexOf('0001_search'));
  for (const name of later.toReversed()) run(database, `${name}.down.sql`);
  database.exec(`
    insert into models (id, name, format, file_name, file_path, file_hash, file_size, created_at, updated_at)
      values ('a', 'Gear', 'stl', 'gear.stl', '/gear.stl', 'h', 1, 1, 1);
    insert into tags (key, name) values ('toy', 'Toy'), ('red', 'Red');
    insert into model_tags (tag_id, model_seq) values (1, 1), (2, 1)`);
  for (const name of later) run(database, `${name}.sql`);
  expect(rows(database, 'select tags_text from models')).toEqual([['Red\nToy']]);
  expect(rows(database, 'select name, model_count from tags order by name')).toEqual([
    ['Red', 1],
    ['Toy', 1],
  ]);
  expect(rows(database, `select rowid from models_fts where models_fts match 'toy gear'`)).toEqual([[1]]);
  expect(() => database.exec(`insert into models_fts (models_fts, rank) values ('integrity-check', 1)`)).not.toThrow();
});

it('keep the index names of the original design', () => {
  const names = rows(openMigrated(), `select name from sqlite_schema where type in ('index', 'table')`).flat();
  expect(names).toEqual(
    expect.arrayContaining([
      'idx_models_file_hash',
      'idx_models_format',
      'idx_models_created_at',
      'idx_models_name',
      'idx_models_format_created',
      'idx_metadata_model_key',
      'models_fts',
    ]),
  );
});
