// The triggers keep the full-text index, the tag texts and the counters whoever writes, here with plain SQL.
import type Database from 'libsql';
import { expect, it } from 'vitest';
import { openMigrated, rows } from './scratch.js';

function withModels(): Database.Database {
  const database = openMigrated();
  database.exec(`
    insert into models (id, name, format, file_name, file_path, file_hash, file_size, created_at, updated_at)
      values ('a', 'Gear wheel', 'stl', 'gear.stl', '/a', 'h1', 1, 1, 1), ('b', 'Hex nut', 'stl', 'nut.stl', '/b', 'h2', 1, 1, 1);
    insert into tags (key, name) values ('hex bolt', 'Hex Bolt'), ('toy', 'toy');
    insert into model_tags (tag_id, model_seq) values (1, 1), (2, 1), (1, 2)`);
  return database;
}

const found = (database: Database.Database, words: string): unknown[] =>
  rows(database, `select rowid from models_fts where models_fts match '${words}' order by rowid`).flat();

/** What `models.facets` says of each model, for the tokens that are counted. */
const tokensIn = (texts: readonly unknown[]): Map<string, number> => {
  const counts = new Map<string, number>();
  for (const text of texts) {
    for (const token of String(text).split(' ')) {
      const [letter = '', value] = [token[1], token.slice(2)];
      // Months and authors are not counted, and a model without a license has a token of none.
      if ('ma'.includes(letter) || token.slice(1) === 'l') continue;
      const counted = letter === 'l' ? `l${Buffer.from(value, 'hex').toString()}` : letter + value;
      counts.set(counted, (counts.get(counted) ?? 0) + 1);
    }
  }
  return counts;
};

const changesNow = `select (select value from search_state where name = 'changes')
  + (select count(*) from models where seq > (select value from search_state where name = 'counted'))`;

const countedAnew = (database: Database.Database) => tokensIn(rows(database, 'select facets from models').flat());

/** The counters, and the models that wait to be counted: fewer than 32, and those that were given another number. */
const countsOf = (database: Database.Database, moved = 0): Map<string, number> => {
  const past = `seq > (select value from search_state where name = 'counted')`;
  const waiting = rows(database, `select facets from models where ${past}`).flat();
  expect(waiting.length).toBeLessThan(32 + moved);
  const counts = tokensIn(waiting);
  const counters = rows(database, `select kind, value, models from model_counts where kind <> 'key' and models <> 0`);
  for (const [kind, value, models] of counters as unknown[][]) {
    const token = `${kind === 'token' ? '' : String(kind)[0]}${String(value)}`;
    counts.set(token, (counts.get(token) ?? 0) + Number(models));
  }
  return counts;
};

const verify = (database: Database.Database): void => {
  database.exec(`insert into models_fts (models_fts, rank) values ('integrity-check', 1)`);
};

it('index new models and their tags', () => {
  const database = withModels();
  expect(found(database, 'gear')).toEqual([1]);
  expect(found(database, 'bolt')).toEqual([1, 2]);
  expect(rows(database, 'select tags_text from models').flat()).toEqual(['Hex Bolt\ntoy', 'Hex Bolt']);
  verify(database);
});

it('follow a changed name, and nothing when other columns change', () => {
  const database = withModels();
  database.exec(`update models set name = 'Pinion' where id = 'a'; update models set rating = 5 where id = 'b'`);
  expect([found(database, 'gear'), found(database, 'pinion')]).toEqual([[1], [1]]);
  database.exec(`update models set file_name = 'p.stl' where id = 'a'`);
  expect(found(database, 'gear')).toEqual([]);
  verify(database);
});

it('know which models were printed, and count them, whoever writes it down', () => {
  const database = withModels();
  const printed = (): unknown => [
    rows(database, `select rowid from models_fts where models_fts match '"' || char(57344) || 'p"' order by 1`).flat(),
    countsOf(database).get('p') ?? 0,
  ];
  expect(printed()).toEqual([[], 0]);
  database.exec(`update models set printed_at = 5`);
  expect(printed()).toEqual([[1, 2], 2]);
  // Printed again: nothing that is counted or searched for has changed.
  const changes = (): unknown => rows(database, `select value from search_state where name = 'changes'`);
  const before = changes();
  database.exec(`update models set printed_at = 6 where id = 'a'`);
  expect([printed(), changes()]).toEqual([[[1, 2], 2], before]);
  database.exec(`update models set printed_at = null where id = 'a'`);
  expect(printed()).toEqual([[2], 1]);
  database.exec(`delete from models where id = 'b'`);
  expect(printed()).toEqual([[], 0]);
  verify(database);
});

/** Gives whole numbers below what is asked for: "Numerical Recipes", a generator in one line. */
function diceOf(seed: number): (max: number) => number {
  let state = seed;
  return (max) => {
    state = (state * 1_664_525 + 1_013_904_223) % 2 ** 32;
    return Math.floor((state / 2 ** 32) * max);
  };
}

it.each([1, 2, 3, 4, 5, 6])('count together what was written one by one, whatever plain SQL does (seed %i)', (seed) => {
  const database = openMigrated();
  // Here each write counts at once.
  const before = openMigrated('0007_fewer_indexes');
  const upTo = diceOf(seed);
  const pick = (texts: readonly string[]): string => texts[upTo(texts.length)] ?? '';
  const value = (): string =>
    `'${pick(['stl', 'obj', '3mf'])}', ${pick(['null', `'MIT'`, `'CC0'`])}, ${upTo(5_000)},
    ${pick(['null', '70', '71', '900'])}, ${pick(['null', '3'])}, ${upTo(3)}, ${pick([`'active'`, `'missing'`])},
    ${pick(['null', '7'])}, ${upTo(60) * 31_536_000_000}`;
  let made = 0;
  const row = (seq: string): string => {
    made += 1;
    return `(${seq}, 'id${made}', 'Gear', 'f', '/${made}', 'h${upTo(50)}', ${value()}, 1)`;
  };
  const insert = (
    ...all: string[]
  ): string => `insert into models (seq, id, name, file_name, file_path, file_hash, format,
    license, file_size, triangles, rating, favorite, status, printed_at, created_at, updated_at) values ${all.join(', ')};`;
  const some = (): string => `seq % ${2 + upTo(40)} = 0`;
  const steps: readonly (() => string)[] = [
    () => insert(row('null')),
    () => insert(row('null')),
    () => insert(...Array.from({ length: upTo(90) + 1 }, () => row('null'))),
    // A number of its own, also one that was free; in a row of inserts out of order.
    () => insert(row(`(select coalesce(max(seq), 0) + ${1 + upTo(50)} from models)`)),
    () => insert(row(`(select coalesce(min(seq), 9) - ${1 + upTo(3)} from models)`), row('null')),
    () => `update models set (format, license, file_size, triangles, rating, favorite, status, printed_at, created_at)
      = (${value()}) where ${some()};`,
    // One value alone, also to what it was.
    () => `update models set ${pick([`format = 'obj'`, `license = 'MIT'`, 'license = null'])} where ${some()};`,
    () =>
      `update models set ${pick(['file_size = file_size + 9', 'triangles = triangles + 1', 'triangles = 5'])} where ${some()};`,
    () =>
      `update models set ${pick(['rating = 3', 'rating = 0', 'favorite = 1', `status = 'archived'`])} where ${some()};`,
    () => `update models set ${pick(['created_at = created_at + 1', 'created_at = created_at * 2'])} where ${some()};`,
    () =>
      `update models set (parse_status, parse_error) = (${pick([`'unparsed', 'why'`, `'parsed', null`])}) where ${some()};`,
    () =>
      `update models set seq = (select max(seq) + 7 from models), license = 'GPL', favorite = 1 where seq = (select min(seq) from models);`,
    () =>
      `update models set seq = (select max(seq) + ${1 + upTo(40)} from models) where seq = (select min(seq) from models);`,
    () => `update or ignore models set seq = -seq where seq = (select max(seq) from models);`,
    () => `delete from models where ${some()};`,
    () => `delete from models where seq = (select max(seq) from models);`,
  ];
  let moved = 0;
  for (let step = 0; step < 120; step += 1) {
    const sql = steps[upTo(steps.length)]?.() ?? '';
    if (sql.includes('set seq')) moved += 1;
    const undone = `savepoint s; ${sql} ${insert(row('null'))} rollback to s; release s`;
    for (const each of [database, before]) each.exec(step % 5 === 4 ? undone : sql);
    expect(countsOf(database, moved)).toEqual(countedAnew(database));
    const asBefore = rows(before, `select value from search_state where name = 'changes'`).flat();
    expect(rows(database, changesNow).flat()).toEqual(asBefore);
  }
  verify(database);
});

it.each([1, 2, 3])('count duplicates and metadata keys, whatever plain SQL does (seed %i)', (seed) => {
  const database = openMigrated();
  const upTo = diceOf(seed);
  let made = 0;
  const model = (): string => {
    made += 1;
    return `('id${made}', 'Gear', 'stl', 'f', '/${made}', 'h${upTo(4)}', 1, 1, 1)`;
  };
  const some = (): string => `model_seq % ${2 + upTo(4)} = ${upTo(2)}`;
  const steps: readonly (() => string)[] = [
    () => `insert into models (id, name, format, file_name, file_path, file_hash, file_size, created_at, updated_at)
      values ${Array.from({ length: 1 + upTo(4) }, model).join(', ')}`,
    () => `update models set file_hash = 'h${upTo(5)}' where seq % ${2 + upTo(4)} = 0`,
    () => `delete from models where seq % ${4 + upTo(4)} = 0`,
    () =>
      `insert or ignore into model_metadata select seq, 'k${upTo(3)}', 'null', null, null from models where seq % 2 = ${upTo(2)}`,
    () => `update or ignore model_metadata set metadata_key = 'k${upTo(4)}' where ${some()}`,
    () => `update model_metadata set value_type = 'text', value_text = 'x' where ${some()}`,
    () => `delete from model_metadata where ${some()}`,
  ];
  const of = (sql: string) => Object.fromEntries(rows(database, sql) as [string, number][]);
  for (let step = 0; step < 80; step += 1) {
    database.exec(steps[upTo(steps.length)]?.() ?? '');
    const hashes = Object.entries(of('select file_hash, count(*) from models group by 1'));
    expect(of('select file_hash, models from duplicate_hashes')).toEqual(
      Object.fromEntries(hashes.filter(([, models]) => models > 1)),
    );
    expect(of(`select value, models from model_counts where kind = 'key' and models <> 0`)).toEqual(
      of('select metadata_key, count(*) from model_metadata group by 1'),
    );
  }
});

it.each([
  ['name', `'Cog'`],
  ['description', `'A cog'`],
  ['file_name', `'cog.stl'`],
  ['search_extra', `'cogs'`],
  ['author', `'Ada'`],
  ['tags_text', `'cog'`],
])('note down a model whose %s changes for its words, and only then', (column, value) => {
  const database = withModels();
  const noted = (): unknown => rows(database, 'select seq from search_pending').flat();
  database.exec('delete from search_pending');
  database.exec(`update models set ${column} = ${column}, rating = 5, favorite = 1, format = 'obj'`);
  expect(noted()).toEqual([]);
  for (let i = 0; i < 2; i += 1) database.exec(`update models set ${column} = ${value} || ${i} where id = 'b'`);
  expect(noted()).toEqual([2]);
});

it('read the models that wait and no others to count them', () => {
  const database = openMigrated();
  const [text = ''] = rows(database, `select sql from sqlite_schema where name = 'models_count_insert'`).flat();
  const counting = /SELECT kind, value, models FROM \([^]*?\n\t\)/.exec(String(text))?.[0] ?? '';
  const steps = (rows(database, `explain query plan ${counting}`) as unknown[][]).map((row) => String(row.at(-1)));
  const reads = steps.filter((step) => step.includes(' models '));
  expect(new Set(reads)).toEqual(new Set(['SEARCH models USING INTEGER PRIMARY KEY (rowid>?)']));
  expect(reads).toHaveLength(10);
});

it('follow a renamed and a deleted tag', () => {
  const database = withModels();
  database.exec(`update tags set name = 'Screw', key = 'screw' where id = 1`);
  expect([found(database, 'bolt'), found(database, 'screw')]).toEqual([[], [1, 2]]);
  database.exec('delete from tags where id = 1');
  expect(found(database, 'screw')).toEqual([]);
  expect(rows(database, 'select tags_text from models').flat()).toEqual(['toy', '']);
  verify(database);
});

it('count the models of each tag through cascades', () => {
  const database = withModels();
  const counts = (): unknown[] => rows(database, 'select name, model_count from tags order by id');
  expect(counts()).toEqual([
    ['Hex Bolt', 2],
    ['toy', 1],
  ]);
  database.exec(`delete from models where id = 'a'`);
  expect(counts()).toEqual([
    ['Hex Bolt', 1],
    ['toy', 0],
  ]);
  expect(found(database, 'gear')).toEqual([]);
  verify(database);
});

it('follow tags that plain SQL moves to another tag or model', () => {
  const database = withModels();
  database.exec('update model_tags set tag_id = 2 where tag_id = 1 and model_seq = 2');
  database.exec('update model_tags set model_seq = 2 where tag_id = 1');
  expect(rows(database, 'select tags_text from models order by seq').flat()).toEqual(['toy', 'Hex Bolt\ntoy']);
  expect(rows(database, 'select name, model_count from tags order by id')).toEqual([
    ['Hex Bolt', 1],
    ['toy', 2],
  ]);
  expect([found(database, 'bolt'), found(database, 'toy')]).toEqual([[2], [1, 2]]);
  const changes = rows(database, changesNow);
  database.exec('update model_tags set tag_id = tag_id, model_seq = model_seq');
  expect(rows(database, changesNow)).toEqual(changes);
  verify(database);
});

it('undo with a savepoint', () => {
  const database = withModels();
  database.exec(`savepoint s; delete from models where id = 'b'; insert into model_tags values (2, 1) on conflict do nothing;
    update models set name = 'Other' where id = 'a'; rollback to s; release s`);
  expect([found(database, 'gear'), found(database, 'nut'), found(database, 'other')]).toEqual([[1], [2], []]);
  verify(database);
});

it('leave a tag text alone that its writer has set with the model', () => {
  const database = withModels();
  database.exec(`
    insert into models (id, name, format, file_name, file_path, file_hash, file_size, created_at, updated_at, tags_text)
      values ('c', 'C', 'stl', 'c.stl', '/c', 'h3', 1, 1, 1, 'Hex Bolt' || char(10) || 'toy');
    insert into model_tags (tag_id, model_seq) select id, 3 from tags`);
  expect(rows(database, `select tags_text from models where id = 'c'`).flat()).toEqual(['Hex Bolt\ntoy']);
  expect(found(database, 'toy')).toEqual([1, 3]);
  verify(database);
});

it('stay right when OR REPLACE removes rows under recursive_triggers', () => {
  const database = withModels();
  database.exec(`pragma recursive_triggers = on;
    insert or replace into models (id, name, format, file_name, file_path, file_hash, file_size, created_at, updated_at)
      values ('a', 'Pinion', 'obj', 'p.obj', '/b', 'h1', 1, 1, 1);
    insert into model_metadata values (3, 'k', 'null', null, null);
    insert or replace into model_metadata values (3, 'k', 'text', 'x', null)`);
  expect([found(database, 'gear'), found(database, 'nut'), found(database, 'pinion')]).toEqual([[], [], [3]]);
  expect(countsOf(database)).toEqual(countedAnew(database));
  expect(rows(database, `select value, models from model_counts where kind = 'key'`)).toEqual([['k', 1]]);
  expect(rows(database, 'select model_count from tags').flat()).toEqual([0, 0]);
  verify(database);
});

it('never fire themselves, also not through others, so that recursive_triggers changes nothing else', () => {
  const triggers = rows(openMigrated(), `select tbl_name, sql from sqlite_schema where type = 'trigger'`) as string[][];
  const writes = new Map<string, Set<string>>();
  for (const [table = '', text = ''] of triggers) {
    const names = text.matchAll(/\b(?:INSERT INTO|UPDATE|DELETE FROM) `?(\w+)`?(?: SET| WHERE| ?\()/g);
    writes.set(table, new Set([...(writes.get(table) ?? []), ...[...names].map(([, name = '']) => name)]));
  }
  const reached = (table: string, seen: readonly string[] = []): readonly string[] => {
    if (seen.includes(table)) throw new Error(`a circle of triggers: ${[...seen, table].join(' → ')}`);
    return [...(writes.get(table) ?? [])].flatMap((name) => [name, ...reached(name, [...seen, table])]);
  };
  expect([...new Set(reached('model_tags'))].sort()).toEqual([
    ...['duplicate_hashes', 'model_counts', 'models', 'models_fts', 'search_pending', 'search_state', 'tags'],
  ]);
  for (const table of writes.keys()) expect(reached(table)).not.toContain(table);
});

it.each([
  ['a negative size', `update models set file_size = -1`],
  ['a rating above 5', `update models set rating = 6`],
  ['an unparsed model without a reason', `update models set parse_status = 'unparsed'`],
  ['a reason on a parsed model', `update models set parse_status = 'parsed', parse_error = 'x'`],
  ['a second model at one path', `update models set file_path = '/x'`],
  ['a tag over two lines', `update tags set name = 'a' || char(10) || 'b'`],
  ['a number without its value', `insert into model_metadata values (1, 'k', 'number', null, null)`],
  ['a boolean of 2', `insert into model_metadata values (1, 'k', 'boolean', null, 2)`],
  ['a text with a number beside it', `insert into model_metadata values (1, 'k', 'text', 'x', 1)`],
  ['metadata of no model', `insert into model_metadata values (99, 'k', 'null', null, null)`],
])('refuse %s', (_, statement) => {
  expect(() => withModels().exec(statement)).toThrow(/constraint failed/);
});
