// Rows that no key tells apart: equal ones that are archived, and tables that have several rows to the key of another.
import type { Kind } from './judged.js';

/** Rows that nothing tells from their equals. */
const log = `CREATE TABLE log (at integer, line text); INSERT INTO log VALUES (1, 'a'), (1, 'a'), (2, NULL), (3, 'A'), (9, 'z');`;
const archive = 'CREATE TABLE archive (line text, at integer, why text);';

export const keylessKinds: readonly Kind[] = [
  {
    name: 'rows without a key that are archived and then deleted',
    before: log,
    up: `${archive} INSERT INTO archive (at, line) SELECT at, line FROM log WHERE at < 5; DELETE FROM log WHERE at < 5;`,
    loses: [],
  },
  {
    name: 'rows without a key that are archived in two tables and then deleted',
    before: log,
    up: `${archive} CREATE TABLE more AS SELECT * FROM log WHERE at > 1; INSERT INTO archive (at, line) SELECT at, line FROM log WHERE at = 1; DELETE FROM log;`,
    loses: [],
  },
  {
    name: 'equal rows without a key of which one is archived',
    before: log,
    up: `${archive} INSERT INTO archive (at, line) SELECT DISTINCT at, line FROM log; DELETE FROM log WHERE at < 5;`,
    loses: ['log (1)'],
  },
  {
    name: 'rows without a key that are archived in another case',
    before: log,
    up: `${archive} INSERT INTO archive (at, line) SELECT at, line FROM log; UPDATE archive SET line = upper(line); DELETE FROM log WHERE at < 5;`,
    loses: ['log (2)'],
  },
  {
    name: 'rows without a key that are archived without a column',
    before: log,
    up: `${archive} INSERT INTO archive (at) SELECT at FROM log; DELETE FROM log WHERE at > 5;`,
    loses: ['log (1)'],
  },
  {
    name: 'rows without a key that are deleted but stand in the archive from before',
    before: `${log} ${archive} INSERT INTO archive VALUES ('z', 9, 'before');`,
    up: `INSERT INTO archive (at, line) SELECT at, line FROM log WHERE at < 5; DELETE FROM log WHERE at < 5;`,
    loses: [],
  },
];

/** A table whose rows go on in one that has several to a key. */
const users = `CREATE TABLE u (id integer PRIMARY KEY, password text); INSERT INTO u VALUES (1, 'p'), (2, 'q'), (3, NULL);
CREATE TABLE account (user integer, password text); INSERT INTO account VALUES (1, 'old'), (1, 'older'), (2, 'old');`;

export const severalKinds: readonly Kind[] = [
  {
    name: 'a table that goes on in one with several rows to a key',
    before: users,
    up: 'INSERT INTO account SELECT id, password FROM u; DROP TABLE u;',
    loses: [],
  },
  {
    name: 'a value that no row of several to a key has',
    before: users,
    up: 'INSERT INTO account SELECT id, upper(password) FROM u; DROP TABLE u;',
    loses: ['u.password (2)'],
  },
  {
    name: 'a row that goes on in none of several to a key',
    before: users,
    up: 'INSERT INTO account SELECT id, password FROM u WHERE id < 2; DROP TABLE u;',
    loses: ['u (2)'],
  },
  {
    name: 'a column of a table that goes on in one with several rows to a key',
    before: users,
    up: 'INSERT INTO account (user) SELECT id FROM u; DROP TABLE u;',
    loses: ['u.password (2)'],
  },
  {
    name: 'a table whose key may be NULL that goes on in one with several rows to a key',
    before: `CREATE TABLE u (id text PRIMARY KEY, v text); INSERT INTO u VALUES ('a', 'p'), (NULL, 'q');
CREATE TABLE w (id text, v text); INSERT INTO w VALUES ('a', 'old'), ('a', 'older');`,
    up: 'INSERT INTO w SELECT id, v FROM u; DROP TABLE u;',
    loses: [],
  },
];
