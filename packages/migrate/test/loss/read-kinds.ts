// Copies as people write them: from a list of tables, in parentheses, through a view, behind WITH, with other names on the way.
import type { Kind } from './judged.js';

const before = `CREATE TABLE t (id integer PRIMARY KEY, a text, b text); INSERT INTO t VALUES (1, 'x', 'y'), (2, 'z', NULL);
CREATE TABLE settings (k integer PRIMARY KEY, v text); INSERT INTO settings VALUES (1, 'on');
CREATE VIEW shown AS SELECT id, a, b FROM t; CREATE VIEW shown_again AS SELECT * FROM shown;`;
const archive = 'CREATE TABLE archive (id integer PRIMARY KEY, p text, q text);';

const archived = (how: string): Kind => {
  return {
    name: `rows that are archived by ${how}`,
    before,
    up: `${archive} INSERT INTO archive ${how}; DELETE FROM t;`,
    loses: [],
  };
};

/** Rows that go to another table and then go. */
export const readKinds: readonly Kind[] = [
  ...[
    'SELECT t.id, t.a, t.b FROM settings, t WHERE settings.k = 1',
    `SELECT t.id, t.a, t.b FROM settings s JOIN settings r ON r.k IN (s.k, 2), main.t AS "t"`,
    'SELECT id, a, b FROM (t)',
    'SELECT t.id, t.a, t.b FROM (settings, t)',
    'SELECT * FROM shown',
    'SELECT id, a, b FROM "Shown_Again" WHERE id > 0',
    '(q, id, p) WITH x AS (SELECT a, b, id FROM t) SELECT b, id, a FROM x',
    'SELECT s.id, s.one, s.two FROM (SELECT id, a AS one, b AS two FROM t) s',
    'WITH x AS (SELECT id, a AS one, b AS two FROM t) SELECT id, one, two FROM x',
    'SELECT id, one, b FROM (SELECT id, b AS one, a AS b FROM t)',
  ].map(archived),
  {
    name: 'rows that are archived from a list of tables, but for one',
    before,
    up: `${archive} INSERT INTO archive SELECT t.id, t.a, t.b FROM settings, t WHERE settings.k = t.id; DELETE FROM t;`,
    loses: ['t (1)'],
  },
  {
    name: 'rows that are archived through a view with a column for another',
    before,
    up: `${archive} INSERT INTO archive SELECT id, a, a FROM shown; DELETE FROM t;`,
    loses: ['t (1)'],
  },
];
