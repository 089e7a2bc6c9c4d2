// What loses and what keeps, by kind, for the tests that measure on every target.
import type { Kind } from './judged.js';

const users = `CREATE TABLE users (id integer PRIMARY KEY, name text, email text, balance integer);
INSERT INTO users VALUES (1, 'a', 'A@x', 10), (2, 'b', NULL, 20), (5, '', 'c@x', NULL);`;

const rebuilt = (table: string, definition: string, copy: string): string =>
  `CREATE TABLE __new_${table} (${definition});
${copy}
DROP TABLE ${table};
ALTER TABLE __new_${table} RENAME TO ${table};`;

const retyped = (values: string, from: string, to: string): Pick<Kind, 'before' | 'up'> => ({
  before: `CREATE TABLE t (id integer PRIMARY KEY, v ${from}); INSERT INTO t (v) VALUES ${values};`,
  up: rebuilt('t', `id integer PRIMARY KEY, v ${to}`, 'INSERT INTO __new_t (id, v) SELECT id, v FROM t;'),
});

const whole = rebuilt(
  'users',
  'id integer PRIMARY KEY, name text, email text, balance integer, more text',
  'INSERT INTO __new_users (id, name, email, balance) SELECT id, name, email, balance FROM users;',
);

export const kinds: readonly Kind[] = [
  {
    name: 'a copy into another table is not the rebuild’s',
    before: `${users} CREATE TABLE audit (user_id integer, email text, balance integer);`,
    up: `INSERT INTO audit SELECT id, '', 0 FROM users;
${rebuilt('users', 'id integer PRIMARY KEY, name text', 'INSERT INTO __new_users SELECT id, name FROM users;')}`,
    loses: ['users.email (2)', 'users.balance (2)'],
  },
  {
    name: 'a copy into a new table that keeps nothing is not the rebuild’s',
    before: users,
    up: `CREATE TABLE audit (user_id integer, email text, balance integer);
INSERT INTO audit SELECT id, '', 0 FROM users;
${rebuilt('users', 'id integer PRIMARY KEY, name text', 'INSERT INTO __new_users SELECT id, name FROM users;')}`,
    loses: ['users.email (2)', 'users.balance (2)'],
  },
  {
    name: 'a copy of some columns beside a whole rebuild',
    before: users,
    up: `CREATE TABLE wallets (user_id integer, balance integer);
INSERT INTO wallets SELECT id, balance FROM users;
${whole}`,
    loses: [],
  },
  {
    name: 'columns that moved to a table with the same key',
    before: users,
    up: `CREATE TABLE wallets (user_id integer PRIMARY KEY, amount integer);
INSERT INTO wallets (user_id, amount) SELECT id, balance FROM users WHERE balance IS NOT NULL;
ALTER TABLE users DROP COLUMN balance;`,
    loses: [],
  },
  {
    name: 'columns of which a part moved',
    before: users,
    up: `CREATE TABLE wallets (user_id integer PRIMARY KEY, amount integer);
INSERT INTO wallets (user_id, amount) SELECT id, balance FROM users WHERE balance > 10;
ALTER TABLE users DROP COLUMN balance;`,
    loses: ['users.balance (1)'],
  },
  {
    name: 'WHERE in the copy of a rebuild',
    before: users,
    up: rebuilt(
      'users',
      'id integer PRIMARY KEY, name text, email text, balance integer',
      'INSERT INTO __new_users SELECT * FROM users WHERE email IS NOT NULL;',
    ),
    loses: ['users (1)'],
  },
  { name: 'a whole rebuild', before: users, up: whole, loses: [] },
  {
    name: 'a rebuild that swaps two columns',
    before: users,
    up: rebuilt(
      'users',
      'id integer PRIMARY KEY, name text, email text, balance integer',
      'INSERT INTO __new_users SELECT id, email, name, balance FROM users;',
    ),
    loses: ['users.name (3)', 'users.email (2)'],
  },
  {
    name: 'a rebuild that renames a column',
    before: users,
    up: rebuilt(
      'users',
      'id integer PRIMARY KEY, title text, email text, balance integer',
      'INSERT INTO __new_users (id, title, email, balance) SELECT id, name, email, balance FROM users;',
    ),
    loses: [],
  },
  {
    name: 'a rebuild under the name that the old table had',
    before: users,
    up: `ALTER TABLE users RENAME TO old_users;
CREATE TABLE users (id integer PRIMARY KEY, name text, email text, balance integer);
INSERT INTO users SELECT * FROM old_users;
DROP TABLE old_users;`,
    loses: [],
  },
  {
    name: 'a table that moved under another name',
    before: users,
    up: `CREATE TABLE people (id integer PRIMARY KEY, name text, email text, balance integer);
INSERT INTO people SELECT * FROM users;
DROP TABLE users;`,
    loses: [],
  },
  { name: 'a dropped table', before: users, up: 'DROP TABLE users;', loses: ['users (3)'] },
  { name: 'a dropped column', before: users, up: 'ALTER TABLE users DROP COLUMN email;', loses: ['users.email (2)'] },
  {
    name: 'renamed, then dropped',
    before: users,
    up: 'ALTER TABLE users RENAME COLUMN name TO title; ALTER TABLE users DROP COLUMN title;',
    loses: ['users.name (3)'],
  },
  {
    name: 'names of columns that are swapped',
    before: users,
    up: `ALTER TABLE users RENAME COLUMN name TO x; ALTER TABLE users RENAME COLUMN email TO name; ALTER TABLE users RENAME COLUMN x TO email;`,
    loses: [],
  },
  {
    name: 'names of columns that are swapped, with a backfill of one that is new',
    before: users,
    up: `ALTER TABLE users RENAME COLUMN name TO email2; ALTER TABLE users RENAME COLUMN email TO name;
ALTER TABLE users ADD low text NOT NULL DEFAULT ''; UPDATE users SET low = coalesce(lower(name), '');`,
    loses: [],
  },
  {
    name: 'names of tables that are swapped',
    before: `${users} CREATE TABLE old (id integer PRIMARY KEY, v text); INSERT INTO old VALUES (1, 'x');`,
    up: 'ALTER TABLE users RENAME TO tmp; ALTER TABLE old RENAME TO users; ALTER TABLE tmp RENAME TO old; UPDATE old SET name = NULL WHERE id = 1;',
    loses: ['users.name (1)'],
  },
  { name: 'an update', before: users, up: 'UPDATE users SET email = lower(email);', loses: ['users.email (1)'] },
  {
    name: 'an update of what is NULL',
    before: users,
    up: `UPDATE users SET email = 'x' WHERE email IS NULL;`,
    loses: [],
  },
  {
    name: 'an update to NULL',
    before: users,
    up: 'UPDATE users SET balance = NULL WHERE id = 1;',
    loses: ['users.balance (1)'],
  },
  { name: 'a delete', before: users, up: 'DELETE FROM users WHERE id > 1;', loses: ['users (2)'] },
  { name: 'a delete of nothing', before: users, up: 'DELETE FROM users WHERE id > 100;', loses: [] },
  {
    name: 'a REPLACE',
    before: users,
    up: `REPLACE INTO users (id, name) VALUES (1, 'a');`,
    loses: ['users.email (1)', 'users.balance (1)'],
  },
  {
    name: 'an upsert',
    before: users,
    up: `INSERT INTO users (id, name) VALUES (1, 'z'), (9, 'n') ON CONFLICT (id) DO UPDATE SET name = excluded.name;`,
    loses: ['users.name (1)'],
  },
  {
    name: 'a trigger that inserts where another trigger deletes',
    before: `${users} CREATE TABLE log (line text); CREATE TABLE keys (id integer PRIMARY KEY);
CREATE TRIGGER noted AFTER INSERT ON keys BEGIN INSERT INTO log VALUES (new.id); END;
CREATE TRIGGER cleared AFTER INSERT ON log BEGIN DELETE FROM users WHERE id = new.line; END;`,
    up: 'INSERT INTO keys VALUES (1), (5);',
    loses: ['users (2)'],
  },
  {
    name: 'a trigger that inserts into a table whose own rule replaces rows',
    before: `CREATE TABLE t (id integer PRIMARY KEY ON CONFLICT REPLACE, v text); INSERT INTO t VALUES (1, 'x'), (2, 'y');
CREATE TABLE keys (id integer PRIMARY KEY);
CREATE TRIGGER noted AFTER INSERT ON keys BEGIN INSERT INTO t VALUES (new.id, 'z'); END;`,
    up: 'INSERT INTO keys VALUES (1);',
    loses: ['t.v (1)'],
  },
  {
    name: 'a trigger that deletes',
    before: `${users} CREATE TABLE log (n integer); INSERT INTO log VALUES (7), (7);
CREATE TRIGGER tr AFTER UPDATE ON users BEGIN DELETE FROM log; END;`,
    up: 'UPDATE users SET email = email;',
    loses: ['log (2)'],
  },
  {
    ...retyped(`('12'), ('0'), ('-5'), (NULL)`, 'text', 'integer'),
    name: 'text that is a number to integer',
    loses: [],
  },
  {
    ...retyped(
      `('007'), ('1e3'), ('abc'), ('12345678901234567890'), (''), ('-0'), (' 1'), ('1.0'), ('12')`,
      'text',
      'integer',
    ),
    name: 'text that no integer gives back',
    loses: ['t.v (8)'],
  },
  { ...retyped('(4.5), (4.0), (1e300), (NULL)', 'real', 'integer'), name: 'real to integer', loses: ['t.v (2)'] },
  { ...retyped('(9007199254740993), (5), (-3)', 'integer', 'real'), name: 'big integers to real', loses: ['t.v (1)'] },
  { ...retyped('(9007199254740993), (5), (-3)', 'integer', 'text'), name: 'integer to text', loses: [] },
  { ...retyped('(0.5), (0.1 + 0.2), (1e300)', 'real', 'text'), name: 'real to text', loses: ['t.v (1)'] },
  { ...retyped(`(x'00ff'), ('a')`, 'blob', 'text'), name: 'blob to text', loses: ['t.v (1)'] },
  { ...retyped(`('a' || char(0) || 'b'), ('')`, 'text', 'blob'), name: 'text with NUL to blob', loses: [] },
  {
    name: 'text with NUL that is cut',
    before: `CREATE TABLE t (id integer PRIMARY KEY, v text); INSERT INTO t (v) VALUES ('a' || char(0) || 'b'), ('a');`,
    up: `UPDATE t SET v = 'a';`,
    loses: ['t.v (1)'],
  },
  {
    name: 'a column without case in its collation',
    before: `CREATE TABLE t (id integer PRIMARY KEY, v text COLLATE NOCASE); INSERT INTO t (v) VALUES ('Ab'), ('ab');`,
    up: 'UPDATE t SET v = lower(v);',
    loses: ['t.v (1)'],
  },
  {
    name: 'a plain column that becomes generated and holds other values',
    before: `CREATE TABLE t (id integer PRIMARY KEY, a text, v text); INSERT INTO t VALUES (1, 'a', 'a!'), (2, 'b', 'x');`,
    up: `ALTER TABLE t DROP COLUMN v; ALTER TABLE t ADD v text GENERATED ALWAYS AS (a || '!') VIRTUAL;`,
    loses: ['t.v (1)'],
  },
  {
    name: 'a plain column that a rebuild makes generated',
    before: `CREATE TABLE t (id integer PRIMARY KEY, a text, v text); INSERT INTO t VALUES (1, 'a', 'a!'), (2, 'b', 'x');`,
    up: rebuilt(
      't',
      `id integer PRIMARY KEY, a text, v text GENERATED ALWAYS AS (a || '!') STORED`,
      'INSERT INTO __new_t (id, a) SELECT id, a FROM t;',
    ),
    loses: ['t.v (1)'],
  },
  {
    name: 'a generated column that becomes a plain one without its values',
    before: `CREATE TABLE t (id integer PRIMARY KEY, a text, v text GENERATED ALWAYS AS (a || '!') VIRTUAL); INSERT INTO t (id, a) VALUES (1, 'a');`,
    up: 'ALTER TABLE t DROP COLUMN v; ALTER TABLE t ADD v text;',
    loses: ['t.v (1)'],
  },
  {
    name: 'a generated column that goes',
    before: `CREATE TABLE t (id integer PRIMARY KEY, a text, v text GENERATED ALWAYS AS (a || '!') VIRTUAL); INSERT INTO t (id, a) VALUES (1, 'a');`,
    up: 'ALTER TABLE t DROP COLUMN v;',
    loses: [],
  },
  {
    name: 'rows without a key that are copied in another order',
    before: `CREATE TABLE t (a text, b integer); INSERT INTO t VALUES ('x', 1), ('x', 1), ('y', NULL), (NULL, NULL);`,
    up: rebuilt('t', 'a text, b integer, c text', 'INSERT INTO __new_t (a, b) SELECT a, b FROM t ORDER BY a DESC;'),
    loses: [],
  },
  {
    name: 'one of two equal rows without a key',
    before: `CREATE TABLE t (a text, b integer); INSERT INTO t VALUES ('x', 1), ('x', 1), ('y', NULL), (NULL, NULL);`,
    up: rebuilt('t', 'a text, b integer', 'INSERT INTO __new_t (a, b) SELECT DISTINCT a, b FROM t;'),
    loses: ['t (1)'],
  },
  {
    name: 'rows without a key that keep their order and change their type',
    before: `CREATE TABLE t (a text, b text); INSERT INTO t VALUES ('x', '1'), ('x', '1'), ('y', '02'); DELETE FROM t WHERE rowid = 1;`,
    up: rebuilt('t', 'a text, b integer', 'INSERT INTO __new_t (a, b) SELECT a, b FROM t;'),
    loses: ['t.b (1)'],
  },
  {
    name: 'a table without rowids whose key changes its type and its name',
    before: `CREATE TABLE t (k text PRIMARY KEY NOT NULL, v text) WITHOUT ROWID; INSERT INTO t VALUES ('1', 'a'), ('2', 'b');`,
    up: rebuilt(
      't',
      'n integer PRIMARY KEY NOT NULL, v text',
      'INSERT INTO __new_t (n, v) SELECT CAST(k AS integer), v FROM t;',
    ),
    loses: [],
  },
  {
    name: 'a key of two columns, and the values beside it',
    before: `CREATE TABLE t (a text NOT NULL, b integer NOT NULL, v text, PRIMARY KEY (a, b)) WITHOUT ROWID; INSERT INTO t VALUES ('a', 1, 'x'), ('a', 2, 'y'), ('b', 1, 'z');`,
    up: rebuilt(
      't',
      'b integer NOT NULL, a text NOT NULL, v text, PRIMARY KEY (b, a)',
      `INSERT INTO __new_t SELECT b, a, iif(b = 2, 'other', v) FROM t;`,
    ),
    loses: ['t.v (1)'],
  },
  {
    name: 'another primary key over the same rows',
    before: `CREATE TABLE t (id integer PRIMARY KEY AUTOINCREMENT, code text NOT NULL UNIQUE, v text); INSERT INTO t (code, v) VALUES ('a', 'x'), ('b', 'y'), ('c', NULL); DELETE FROM t WHERE id = 2;`,
    up: rebuilt(
      't',
      'id integer, code text PRIMARY KEY NOT NULL, v text',
      'INSERT INTO __new_t SELECT id, code, v FROM t;',
    ),
    loses: [],
  },
  {
    name: 'another key in place of one that goes',
    before: `CREATE TABLE t (id integer PRIMARY KEY, code text NOT NULL UNIQUE, v text); INSERT INTO t VALUES (3, 'a', 'x'), (7, 'b', 'y');`,
    up: rebuilt('t', 'code text PRIMARY KEY NOT NULL, v text', 'INSERT INTO __new_t SELECT code, v FROM t;'),
    loses: ['t.id (2)'],
  },
  {
    name: 'keys that are numbered anew',
    before: `CREATE TABLE t (id integer PRIMARY KEY, v text); INSERT INTO t VALUES (3, 'x'), (7, 'y');`,
    up: 'UPDATE t SET id = id + 100;',
    loses: ['t (2)'],
  },
  {
    name: 'a default that is written over, and one that goes',
    before: `CREATE TABLE t (id integer PRIMARY KEY, n integer NOT NULL DEFAULT 0, s text DEFAULT "manual"); INSERT INTO t (id) VALUES (1), (2); INSERT INTO t VALUES (3, 4, 'by hand');`,
    up: 'UPDATE t SET n = 9 WHERE id < 3; ALTER TABLE t DROP COLUMN s;',
    loses: ['t.n (2)', 't.s (1)'],
  },
];
