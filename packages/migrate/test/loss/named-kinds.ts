// Tables whose names look like bookkeeping, and vector indexes, whose tables are the server's.
import type { Kind } from './judged.js';

/** Tables that are called as bookkeeping is, and are none. */
export const namedKinds: readonly Kind[] = [
  ...['__cc_parts', '__cc_before_0', '__drizzle_parts', 'libsql_parts', '__new_parts'].flatMap(
    (name): readonly Kind[] => [
      {
        name: `a table ${name} that goes`,
        before: `CREATE TABLE ${name} (id integer PRIMARY KEY, v text); INSERT INTO ${name} VALUES (1, 'a');`,
        up: `DROP TABLE ${name};`,
        loses: [`${name} (1)`],
      },
      {
        name: `a value in a table ${name}`,
        before: `CREATE TABLE ${name} (id integer PRIMARY KEY, v text); INSERT INTO ${name} VALUES (1, 'a'), (2, NULL);`,
        up: `UPDATE ${name} SET v = 'b';`,
        loses: [`${name}.v (1)`],
      },
    ],
  ),
  {
    name: 'a table with a vector index that goes',
    before: `CREATE TABLE t (id integer PRIMARY KEY, e F32_BLOB(3)); CREATE INDEX t_e ON t (libsql_vector_idx(e)); INSERT INTO t VALUES (1, vector32('[1,2,3]'));`,
    up: 'DROP TABLE t;',
    loses: ['t (1)'],
  },
  {
    name: 'a vector index that goes',
    before: `CREATE TABLE t (id integer PRIMARY KEY, e F32_BLOB(3)); CREATE INDEX t_e ON t (libsql_vector_idx(e)); INSERT INTO t VALUES (1, vector32('[1,2,3]'));`,
    up: 'DROP INDEX t_e; ALTER TABLE t ADD k text;',
    loses: [],
  },
];
