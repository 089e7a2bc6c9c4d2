import Database from 'libsql';
import { expect, it } from 'vitest';
import { bigRebuild, bigRows, bigTables, type HandWritten, smallMigrations } from '../suites/migrations-folders.js';

function contentOf(database: Database.Database): unknown {
  const schema = database
    // RENAME writes names in double quotes.
    .prepare(`SELECT type, name, replace(sql, '"', '\`') AS sql FROM sqlite_schema ORDER BY name`)
    .all();
  const tables = database.prepare(`SELECT name FROM sqlite_schema WHERE type = 'table' ORDER BY name`).raw(true).all();
  return [schema, tables.map((name) => database.prepare(`SELECT * FROM "${String(name)}" ORDER BY 1, 2`).all())];
}

function walk(database: Database.Database, migrations: readonly HandWritten[], direction: 'up' | 'down'): void {
  const inOrder = direction === 'up' ? migrations : [...migrations].reverse();
  for (const sql of inOrder.flatMap((migration) => migration[direction])) database.exec(sql);
}

it('the rebuild goes back to the same schema and the same rows', () => {
  const database = new Database(':memory:');
  walk(database, [bigTables], 'up');
  for (const sql of bigRows(100)) database.exec(sql);
  const before = contentOf(database);
  database.exec('PRAGMA foreign_keys = OFF');
  walk(database, [bigRebuild], 'up');
  expect(contentOf(database)).not.toEqual(before);
  walk(database, [bigRebuild], 'down');
  expect(contentOf(database)).toEqual(before);
  expect(database.prepare('SELECT count(*) AS n FROM model_tags').raw(true).all()).toEqual([[50]]);
});

it('the small migrations go back, whatever their number', () => {
  for (const count of [1, 7, 20, 100]) {
    const database = new Database(':memory:');
    walk(database, smallMigrations(count), 'up');
    expect(contentOf(database)).not.toEqual([[], []]);
    walk(database, smallMigrations(count), 'down');
    expect(contentOf(database)).toEqual([[], []]);
  }
});
