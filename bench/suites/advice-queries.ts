// Statements over the library that an index would help, and such that need none; their values are taken from the library.

/** A statement and where its values come from. */
export interface AdviceQuery {
  readonly sql: string;
  /** Returns a list of values to a row; empty for a statement without placeholders. */
  readonly values: string;
}

/** None has the index that it needs: what helps is an index on a column, on two in the right order, or on an expression. */
export const slowQueries: readonly AdviceQuery[] = [
  {
    sql: 'select id from models where file_name = ?',
    values: 'select file_name from models where seq in (7, 7000, 70000)',
  },
  {
    sql: 'select id from models where file_modified_at = ? order by created_at desc limit 5',
    values: 'select distinct updated_at + seq from models where seq in (7, 7000, 70000)',
  },
  {
    sql: 'select id, name from models where license = ? and file_size >= ? order by updated_at desc limit 10',
    values:
      'select license, min(file_size) from models where license is not null group by license order by count(*) desc limit 3',
  },
  {
    sql: 'select id from models where lower(name) = ?',
    values: 'select lower(name) from models where seq in (7, 7000, 70000)',
  },
  {
    sql: 'select count(*) from models where vertices > ?',
    values: "select max(vertices) - value from models, json_each('[0, 1, 2]') group by value",
  },
  {
    sql: 'select max(file_size) from models where format = ?',
    // Of a rare one there are few rows to look at.
    values: 'select format from models group by format order by count(*) desc limit 3',
  },
  {
    sql: 'select m.name from models m join model_metadata d on d.model_seq = m.seq where d.value_text = ? and m.triangles > 0',
    values: 'select distinct value_text from model_metadata where value_text is not null limit 3',
  },
  {
    sql: 'update models set rating = ? where source_url = ?',
    values: "select value, 'https://example.org/' || value from json_each('[1, 2, 3]')",
  },
  {
    sql: 'select id from models where upper(author) = ? limit 20',
    values: "select 'NOBODY ' || value from json_each('[1, 2, 3]')",
  },
  {
    sql: 'select id from models where file_name like ?',
    values: "select substr(file_name, 1, 12) || '%' from models where seq in (7, 7000, 70000)",
  },
];

/** They have their index, read every row anyway, or are helped by none. */
export const controlQueries: readonly AdviceQuery[] = [
  { sql: 'select * from models where id = ?', values: 'select id from models where seq in (7, 7000, 70000)' },
  {
    sql: 'select id from models where format = ? order by created_at desc limit 20',
    values: 'select distinct format from models limit 3',
  },
  {
    sql: 'select id from models where file_hash = ?',
    values: 'select file_hash from models where seq in (7, 7000, 70000)',
  },
  { sql: 'select sum(file_size) from models', values: 'select 1 where 0' },
  {
    sql: 'select value_text from model_metadata where model_seq = ? and metadata_key = ?',
    values: 'select model_seq, metadata_key from model_metadata where model_seq in (7, 7000, 70000) group by model_seq',
  },
];
