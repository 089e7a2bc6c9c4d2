// The packaged migrations: they make what the tables say, and they can be taken back.
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { generateSQLiteDrizzleJson, generateSQLiteMigration } from 'drizzle-kit/api';
import type Database from 'libsql';
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

/** Tables of the rows that people write, parents first. */
const written = ['models', 'tags', 'model_tags', 'model_metadata'];

/** What the rows of `database` make in a new database of the same migrations, where the triggers see each of them written. */
function writtenAnew(database: Database.Database, last: string): Database.Database {
  const fresh = openMigrated(last);
  for (const table of written) {
    const own = rows(database, `select name from pragma_table_xinfo('${table}') where hidden = 0`).flat() as string[];
    // What triggers keep begins as it does in every new row.
    const given = own.filter((column) => !['tags_text', 'model_count'].includes(column));
    const insert = fresh.prepare(
      `insert into ${table} (${given.join(', ')}) values (${given.map(() => '?').join(', ')})`,
    );
    for (const row of rows(database, `select ${given.join(', ')} from ${table} order by rowid`)) insert.run(row);
  }
  return fresh;
}

const plainModel = `insert into models (id, name, format, file_name, file_path, file_hash, file_size, created_at, updated_at)`;

/** Everything that follows from the rows, as far as the migrations of `database` have it. */
function derivedIn(database: Database.Database): unknown {
  // A number so far on has all counted that wait for it; the row goes again in the end.
  database.exec(`begin; ${plainModel.replace('(id', '(seq, id')}
    select max(seq) + 100, 'last', 'Last', 'obj', 'l.obj', '/last', 'last', 1, 1, 1 from models`);
  const tables = rows(database, `select name from sqlite_schema where type = 'table'`).flat();
  const of = (table: string, sql: string): unknown => (tables.includes(table) ? rows(database, sql) : null);
  database.exec(`insert into models_fts (models_fts, rank) values ('integrity-check', 1)`);
  const derived = {
    tags: rows(database, 'select name, model_count from tags order by name'),
    texts: rows(database, 'select id, tags_text from models order by id'),
    words: of('models_fts_words', 'select term, doc, cnt from models_fts_words order by term'),
    counts: of('model_counts', 'select kind, value, models from model_counts where models <> 0 order by 1, 2'),
    duplicates: of('duplicate_hashes', 'select file_hash, models from duplicate_hashes order by 1'),
  };
  database.exec('rollback');
  return derived;
}

const withAnIndex = migrations.slice(migrations.indexOf('0001_search'));

it.each(withAnIndex)('make of rows on the way down to %s, and up again, what writing them there makes', (target) => {
  const database = openMigrated();
  const model = (i: number): string => `('m${i}', 'Gear ${i}', '${['stl', '3mf'][i % 2]}', 'g.stl', '/g${i}',
    'h${i % 30}', ${i * 700}, ${i * 40_000_000_000}, ${i * 40_000_000_000}, ${['null', `'MIT'`, `'CC0'`][i % 3]},
    ${['null', `'Ada'`][i % 2]}, ${['null', 90 * i][i % 2]}, ${['null', i % 6][i % 2]}, ${Number(i % 5 === 0)},
    '${i % 7 === 0 ? 'archived' : 'active'}', ${i % 4 === 0 ? `'unparsed', 'why'` : `'parsed', null`}, ${['null', 7][i % 2]})`;
  database.exec(`${plainModel.replace(')', ', license, author, triangles, rating, favorite, status, parse_status, parse_error, printed_at)')}
      values ${Array.from({ length: 45 }, (_, i) => model(i)).join(', ')};
    insert into tags (key, name) values ('toy', 'Toy'), ('red', 'Red'), ('idle', 'Idle');
    insert into model_tags (tag_id, model_seq) select 1, seq from models where seq % 2 union all select 2, seq from models where seq % 3;
    insert into model_metadata select seq, 'layer', 'number', null, 0.2 from models where seq > 40;
    ${plainModel} values ('late', 'Waits to be counted', 'stl', 'l.stl', '/l', 'h1', 1, 1, 1);
    update models set printed_at = 5 where id = 'late'`);
  for (const name of migrations.slice(migrations.indexOf(target) + 1).toReversed()) run(database, `${name}.down.sql`);
  expect(derivedIn(database)).toEqual(derivedIn(writtenAnew(database, target)));
  for (const name of migrations.slice(migrations.indexOf(target) + 1)) run(database, `${name}.sql`);
  const last = migrations.at(-1) ?? '';
  const fresh = writtenAnew(database, last);
  for (const each of [database, fresh]) {
    each.exec(`update models set rating = 2, name = 'Cog', printed_at = null where seq % 3 = 0;
      delete from models where seq % 4 = 0`);
  }
  for (let i = 0; i < 32; i += 1)
    for (const each of [database, fresh]) {
      each.exec(`${plainModel} values ('n${i}', 'New', 'obj', 'n.obj', '/n${i}', 'h${i}', 1, 1, 1)`);
    }
  expect(derivedIn(database)).toEqual(derivedIn(fresh));
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
