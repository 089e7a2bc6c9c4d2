// What moved: rows and values that stand in another table, or in another column, when they are gone from where they were.
import type { Kind } from './judged.js';

const t = `CREATE TABLE t (id integer PRIMARY KEY, name text, x integer);
INSERT INTO t VALUES (1, 'a', 10), (2, 'b', 20), (3, NULL, 30);`;
const like = (name: string): string => `CREATE TABLE ${name} (id integer PRIMARY KEY, name text, x integer);`;

export const movedKinds: readonly Kind[] = [
  {
    name: 'rows that are archived and then deleted',
    before: t,
    up: `${like('archive')} INSERT INTO archive SELECT * FROM t WHERE x < 25; DELETE FROM t WHERE x < 25;`,
    loses: [],
  },
  {
    name: 'rows that are archived in a table that was there, and then deleted',
    before: `${t} CREATE TABLE old (no integer, title text, size integer, at text);`,
    up: `INSERT INTO old (no, title, size, at) SELECT id, name, x, 'now' FROM t WHERE x < 25; DELETE FROM t WHERE x < 25;`,
    loses: [],
  },
  {
    name: 'rows of which only a part was archived before they are deleted',
    before: t,
    up: `${like('archive')} INSERT INTO archive SELECT * FROM t WHERE x < 15; DELETE FROM t WHERE x < 25;`,
    loses: ['t (1)'],
  },
  {
    name: 'rows that are archived without one of their columns',
    before: t,
    up: `CREATE TABLE archive AS SELECT id, x FROM t; DELETE FROM t;`,
    loses: ['t (2)'],
  },
  {
    name: 'rows that are archived, deleted, and gone from the archive, too',
    before: t,
    up: `${like('archive')} INSERT INTO archive SELECT * FROM t; DELETE FROM t WHERE x < 25; DELETE FROM archive WHERE id = 1;`,
    loses: ['t (1)'],
  },
  {
    name: 'a rebuild that leaves out what is archived',
    before: t,
    up: `${like('archive')} INSERT INTO archive SELECT * FROM t WHERE x < 15;
${like('__new_t')} INSERT INTO __new_t SELECT * FROM t WHERE x >= 15; DROP TABLE t; ALTER TABLE __new_t RENAME TO t;`,
    loses: [],
  },
  {
    name: 'a table whose rows go into two',
    before: t,
    up: `${like('t_a')} ${like('t_b')} INSERT INTO t_a SELECT * FROM t WHERE x < 15; INSERT INTO t_b SELECT * FROM t WHERE x >= 15; DROP TABLE t;`,
    loses: [],
  },
  {
    name: 'a table whose rows go into two, but for one',
    before: t,
    up: `${like('t_a')} ${like('t_b')} INSERT INTO t_a SELECT * FROM t WHERE x < 15; INSERT INTO t_b SELECT * FROM t WHERE x > 25; DROP TABLE t;`,
    loses: ['t (1)'],
  },
  {
    name: 'a column that goes into two tables, in part each',
    before: t,
    up: `CREATE TABLE w1 (id integer PRIMARY KEY, x integer); CREATE TABLE w2 (id integer PRIMARY KEY, x integer);
INSERT INTO w1 SELECT id, x FROM t WHERE x < 15; INSERT INTO w2 SELECT id, x FROM t WHERE x >= 15; ALTER TABLE t DROP COLUMN x;`,
    loses: [],
  },
  {
    name: 'a column that is copied beside itself under another name, and goes',
    before: t,
    up: 'ALTER TABLE t ADD COLUMN title text; UPDATE t SET title = name; ALTER TABLE t DROP COLUMN name;',
    loses: [],
  },
  {
    name: 'a column that is copied in part beside itself, and goes',
    before: t,
    up: `ALTER TABLE t ADD COLUMN title text; UPDATE t SET title = name WHERE x < 15; ALTER TABLE t DROP COLUMN name;`,
    loses: ['t.name (1)'],
  },
  {
    name: 'values that are noted elsewhere before they are written over',
    before: t,
    up: `CREATE TABLE before_upper (id integer, name text); INSERT INTO before_upper SELECT id, name FROM t; UPDATE t SET name = upper(name);`,
    loses: [],
  },
  {
    name: 'values of which only one is noted elsewhere before they are written over',
    before: t,
    up: `CREATE TABLE before_upper (id integer, name text); INSERT INTO before_upper SELECT id, name FROM t WHERE id = 1; UPDATE t SET name = upper(name);`,
    loses: ['t.name (1)'],
  },
  {
    name: 'a column that holds its default wherever nothing holds what it held',
    before: `CREATE TABLE t (id integer PRIMARY KEY, n integer NOT NULL DEFAULT '5'); INSERT INTO t VALUES (1, 5), (2, 7);`,
    up: 'CREATE TABLE w (id integer PRIMARY KEY, n integer); INSERT INTO w SELECT id, n FROM t WHERE n <> 5; ALTER TABLE t DROP COLUMN n;',
    loses: [],
  },
  {
    name: 'a table that is rebuilt from one put aside, and then trades names with another',
    before: `${t} CREATE TABLE u (name text); INSERT INTO u VALUES ('q');`,
    up: `ALTER TABLE t RENAME TO t_before; ${like('t')} INSERT INTO t SELECT * FROM t_before; DROP TABLE t_before;
ALTER TABLE u RENAME TO aside; ALTER TABLE t RENAME TO u; ALTER TABLE aside RENAME TO t;`,
    loses: [],
  },
  {
    name: 'a table that is rebuilt from one put aside, but for a row, and whose name another one gets',
    before: `${t} CREATE TABLE u (id integer PRIMARY KEY, name text, x integer); INSERT INTO u VALUES (1, 'a', 10), (2, 'b', 20), (3, NULL, 30);`,
    up: `ALTER TABLE t RENAME TO t_before; ${like('t')} INSERT INTO t SELECT * FROM t_before WHERE x < 25; DROP TABLE t_before;
ALTER TABLE t RENAME TO t_kept; ALTER TABLE u RENAME TO t;`,
    loses: ['t (1)'],
  },
];

/** What is written in words that are easily read for others. */
const b = `CREATE TABLE a (id integer PRIMARY KEY, n text); INSERT INTO a VALUES (1, 'x'), (2, 'y');
CREATE TABLE b (id integer PRIMARY KEY, w text); INSERT INTO b VALUES (1, 'p'), (2, 'q');`;

/** Values that an UPDATE brings from another table, which goes. */
export const broughtKinds: readonly Kind[] = [
  {
    name: 'values that a subquery brings from a table that goes',
    before: b,
    up: 'ALTER TABLE a ADD w text; UPDATE a SET w = (SELECT w FROM b WHERE b.id = a.id); DROP TABLE b;',
    loses: [],
  },
  {
    name: 'values that a subquery brings under another name',
    before: b,
    up: 'ALTER TABLE a ADD z text; UPDATE a SET z = (SELECT x.w FROM b AS x WHERE x.id = a.id) WHERE z IS NULL; DROP TABLE b;',
    loses: [],
  },
  {
    name: 'values that UPDATE FROM brings from a table that goes',
    before: b,
    up: 'ALTER TABLE a ADD w text; UPDATE a SET w = b.w FROM b WHERE b.id = a.id; DROP TABLE b;',
    loses: [],
  },
  {
    name: 'several values that one subquery brings',
    before: `${b} ALTER TABLE b ADD u integer; UPDATE b SET u = id * 7;`,
    up: 'ALTER TABLE a ADD w text; ALTER TABLE a ADD u integer; UPDATE a SET (w, u) = (SELECT w, u FROM b WHERE b.id = a.id); DROP TABLE b;',
    loses: [],
  },
  {
    name: 'values that a subquery brings from a column that goes',
    before: b,
    up: 'ALTER TABLE a ADD w text; UPDATE a SET w = (SELECT b.w FROM b WHERE b.id = a.id); ALTER TABLE b DROP COLUMN w;',
    loses: [],
  },
  {
    name: 'the way back of a split',
    before: `CREATE TABLE t (id integer PRIMARY KEY); INSERT INTO t VALUES (1), (2); CREATE TABLE w (t_id integer PRIMARY KEY REFERENCES t (id), x text); INSERT INTO w VALUES (1, 'p'), (2, NULL);`,
    up: 'ALTER TABLE t ADD x text; UPDATE t SET x = (SELECT x FROM w WHERE w.t_id = t.id); DROP TABLE w;',
    loses: [],
  },
  {
    name: 'values of which a subquery brings one',
    before: b,
    up: 'ALTER TABLE a ADD w text; UPDATE a SET w = (SELECT w FROM b WHERE b.id = a.id) WHERE id = 1; DROP TABLE b;',
    loses: ['b.w (1)'],
  },
  {
    name: 'values that a subquery brings to other keys',
    before: b,
    up: 'ALTER TABLE a ADD w text; UPDATE a SET w = (SELECT w FROM b WHERE b.id = 3 - a.id); DROP TABLE b;',
    loses: ['b (2)'],
  },
  {
    name: 'values of which there is no row to bring them to',
    before: `${b} INSERT INTO b VALUES (3, 'r');`,
    up: 'ALTER TABLE a ADD w text; UPDATE a SET w = (SELECT w FROM b WHERE b.id = a.id); DROP TABLE b;',
    loses: ['b (1)'],
  },
  {
    name: 'values that a subquery brings, without those beside them',
    before: `${b} ALTER TABLE b ADD u integer; UPDATE b SET u = 7 WHERE id = 1;`,
    up: 'ALTER TABLE a ADD w text; UPDATE a SET w = (SELECT w FROM b WHERE b.id = a.id); DROP TABLE b;',
    loses: ['b.u (1)'],
  },
  {
    name: 'values that a subquery brings and something writes over',
    before: b,
    up: `ALTER TABLE a ADD w text; UPDATE a SET w = (SELECT w FROM b WHERE b.id = a.id); UPDATE a SET w = 'gone' WHERE id = 2; DROP TABLE b;`,
    loses: ['b.w (1)'],
  },
  {
    name: 'a table of keys, of which an UPDATE looks only at the number',
    before: `${b} CREATE TABLE c (id integer PRIMARY KEY); INSERT INTO c VALUES (1), (2);`,
    up: 'ALTER TABLE a ADD z integer; UPDATE a SET z = (SELECT count(*) FROM c); DROP TABLE c;',
    loses: ['c (2)'],
  },
  {
    name: 'rows of keys that are deleted, of which an UPDATE looks only at the number',
    before: `${b} CREATE TABLE c (id integer PRIMARY KEY); INSERT INTO c VALUES (1), (2);`,
    up: 'ALTER TABLE a ADD z integer; UPDATE a SET z = (SELECT count(*) FROM c WHERE c.id = a.id); DELETE FROM c;',
    loses: ['c (2)'],
  },
  {
    name: 'a sum of values of a table that goes',
    before: `${b} CREATE TABLE c (id integer PRIMARY KEY, a_id integer, x integer); INSERT INTO c VALUES (1, 1, 5), (2, 1, 6), (3, 2, 7);`,
    up: 'ALTER TABLE a ADD z integer; UPDATE a SET z = (SELECT sum(x) FROM c WHERE c.a_id = a.id); DROP TABLE c;',
    loses: ['c (3)'],
  },
  {
    name: 'a table from which one UPDATE brings values, and all goes into another',
    before: b,
    up: 'ALTER TABLE a ADD w text; UPDATE a SET w = (SELECT w FROM b WHERE b.id = a.id) WHERE id = 1; CREATE TABLE c (id integer PRIMARY KEY, w text); INSERT INTO c SELECT * FROM b; DROP TABLE b;',
    loses: [],
  },
  {
    name: 'a table that goes with a yes, of which an UPDATE brings a part',
    before: `${b} ALTER TABLE b ADD u integer; UPDATE b SET u = 7;`,
    up: '-- cc:loss b\nALTER TABLE a ADD w text; UPDATE a SET w = (SELECT w FROM b WHERE b.id = a.id); DROP TABLE b;',
    loses: [],
  },
];

export const strangeKinds: readonly Kind[] = [
  {
    name: 'one of two rows without the key that may be NULL',
    before: `CREATE TABLE k (id text PRIMARY KEY, v text); INSERT INTO k VALUES (NULL, 'a'), (NULL, 'b'), ('c', 'c');`,
    up: `DELETE FROM k WHERE v = 'b';`,
    loses: ['k (1)'],
  },
  {
    name: 'an update of one of two rows without the key that may be NULL',
    before: `CREATE TABLE k (a text, b text, v text, PRIMARY KEY (a, b)); INSERT INTO k VALUES ('x', NULL, 'a'), ('x', NULL, 'b'), ('c', 'c', 'c');`,
    up: `UPDATE k SET v = v || '' ; UPDATE k SET v = 'z' WHERE v = 'b';`,
    loses: ['k.v (1)'],
  },
  {
    name: 'a whole rebuild of rows without the key that may be NULL',
    before: `CREATE TABLE k (id text PRIMARY KEY, v text); INSERT INTO k VALUES (NULL, 'a'), (NULL, 'b'), ('c', 'c');`,
    up: 'CREATE TABLE n (id text PRIMARY KEY, v text, w text); INSERT INTO n (id, v) SELECT id, v FROM k ORDER BY v DESC; DROP TABLE k; ALTER TABLE n RENAME TO k;',
    loses: [],
  },
  {
    name: 'one of two equal rows without the key that may be NULL',
    before: `CREATE TABLE k (id text PRIMARY KEY, v text); INSERT INTO k VALUES (NULL, 'a'), (NULL, 'a'), ('c', 'c');`,
    up: 'CREATE TABLE n (id text PRIMARY KEY, v text, w text); INSERT INTO n (id, v) SELECT DISTINCT id, v FROM k; DROP TABLE k; ALTER TABLE n RENAME TO k;',
    loses: ['k (1)'],
  },
  {
    name: 'a value in a rebuild of rows without the key that may be NULL',
    before: `CREATE TABLE k (id text PRIMARY KEY, v text); INSERT INTO k VALUES (NULL, 'a'), (NULL, 'b'), ('c', 'c');`,
    up: `CREATE TABLE n (id text PRIMARY KEY, v text, w text); INSERT INTO n (id, v) SELECT id, iif(v = 'b', 'z', v) FROM k; DROP TABLE k; ALTER TABLE n RENAME TO k;`,
    loses: ['k.v (1)'],
  },
  {
    name: 'defaults of true and false are 1 and 0',
    before: `CREATE TABLE t (id integer PRIMARY KEY, n integer DEFAULT true, s text DEFAULT false); INSERT INTO t VALUES (1, 5, 'hello'), (2, 1, '0');`,
    up: 'ALTER TABLE t DROP COLUMN n; ALTER TABLE t DROP COLUMN s;',
    loses: ['t.n (1)', 't.s (1)'],
  },
  {
    name: 'keys that trade places',
    before: `CREATE TABLE t (id integer PRIMARY KEY, v text); INSERT INTO t VALUES (1, 'a'), (2, 'b');`,
    up: 'UPDATE t SET id = -1 WHERE id = 1; UPDATE t SET id = 1 WHERE id = 2; UPDATE t SET id = 2 WHERE id = -1;',
    loses: ['t.v (2)'],
  },
  {
    name: 'a row that is deleted and put back with less',
    before: `CREATE TABLE t (id integer PRIMARY KEY, v text, w text); INSERT INTO t VALUES (1, 'a', 'x'), (2, 'b', 'y');`,
    up: `DELETE FROM t WHERE id = 1; INSERT INTO t (id, v) VALUES (1, 'a');`,
    loses: ['t.w (1)'],
  },
  {
    name: 'a table that is emptied and filled anew under the same keys',
    before: `CREATE TABLE cfg (k text PRIMARY KEY NOT NULL, v text); INSERT INTO cfg VALUES ('site', 'mine'), ('lang', 'en');`,
    up: `DELETE FROM cfg; INSERT INTO cfg VALUES ('site', 'default'), ('lang', 'en'), ('new', 'x');`,
    loses: ['cfg.v (1)'],
  },
  {
    name: 'a row that came with the migration and goes again',
    before: `CREATE TABLE t (id integer PRIMARY KEY, v text); INSERT INTO t VALUES (1, 'a');`,
    up: `INSERT INTO t VALUES (2, 'b'); UPDATE t SET v = 'c' WHERE id = 2; DELETE FROM t WHERE id = 2;`,
    loses: [],
  },
  {
    name: 'ON CONFLICT REPLACE with a comment in it',
    before: `CREATE TABLE t (id integer PRIMARY KEY ON CONFLICT /* the newer */ REPLACE, v text); INSERT INTO t VALUES (1, 'a');`,
    up: `INSERT INTO t VALUES (1, 'b');`,
    loses: ['t.v (1)'],
  },
  {
    name: 'a key that is no UTF-8',
    before: `CREATE TABLE t (id text PRIMARY KEY NOT NULL, v text); INSERT INTO t VALUES (CAST(x'ff41' AS text), 'a');`,
    up: 'DELETE FROM t;',
    loses: ['t (1)'],
  },
  {
    name: 'one value in a wide table',
    before: `CREATE TABLE t (id integer PRIMARY KEY, ${Array.from({ length: 900 }, (_, index) => `c${index} text`).join(', ')}); INSERT INTO t (id, c7, c8) VALUES (1, 'a', 'b');`,
    up: `DELETE FROM t; INSERT INTO t (id, c7) VALUES (1, 'a');`,
    loses: ['t.c8 (1)'],
  },
  {
    name: 'values that go and come back',
    before: `CREATE TABLE t (id integer PRIMARY KEY, v text); INSERT INTO t VALUES (1, NULL), (2, 'b');`,
    up: `UPDATE t SET v = coalesce(v, 'n') || 'x'; UPDATE t SET v = substr(v, 1, length(v) - 1);`,
    loses: [],
  },
  {
    name: 'IS DISTINCT FROM in SET ends nothing',
    before: `CREATE TABLE t (id integer PRIMARY KEY, v text, n integer); INSERT INTO t VALUES (1, 'a', NULL), (2, 'b', NULL);`,
    up: `UPDATE t SET n = v IS NOT DISTINCT FROM 'a', v = 'gone' WHERE n IS NULL;`,
    loses: ['t.v (2)'],
  },
  {
    name: 'a name of WITH that is a verb',
    before: `CREATE TABLE t (id integer PRIMARY KEY, v text); INSERT INTO t VALUES (1, 'a'), (2, 'b');`,
    up: 'WITH replace AS (SELECT 1 AS id) DELETE FROM t WHERE id IN (SELECT id FROM replace);',
    loses: ['t (1)'],
  },
  {
    name: 'a trigger whose condition names a column begin',
    before: `CREATE TABLE a (id integer PRIMARY KEY, v text, "begin" integer); CREATE TABLE b (id integer PRIMARY KEY, w text);
INSERT INTO a VALUES (1, NULL, 1); INSERT INTO b VALUES (1, 'w');
CREATE TRIGGER tr AFTER UPDATE OF v ON a WHEN new.begin > 0 BEGIN UPDATE b SET w = 'gone'; END;`,
    up: `UPDATE a SET v = 'x' WHERE v IS NULL;`,
    loses: ['b.w (1)'],
  },
  {
    name: 'a table with a column of its own name takes no commands',
    before: `CREATE TABLE note (id integer PRIMARY KEY, note text); INSERT INTO note VALUES (1, 'kept');`,
    up: `REPLACE INTO note (note, id) VALUES ('optimize', 1);`,
    loses: ['note.note (1)'],
  },
  {
    name: 'names beyond ASCII that differ in case alone',
    before: `CREATE TABLE "É" (id integer PRIMARY KEY); CREATE TABLE "é" (id integer PRIMARY KEY, "Ö" text, "ö" text);
INSERT INTO "É" VALUES (1); INSERT INTO "é" VALUES (1, 'a', 'b');`,
    up: 'DROP TABLE "É"; ALTER TABLE "é" DROP COLUMN "ö";',
    loses: ['É (1)', 'é.ö (1)'],
  },
  {
    name: 'what a statement says of conflicts holds for its triggers',
    before: `CREATE TABLE t (id integer PRIMARY KEY, v text); INSERT INTO t VALUES (1, 'x'), (2, 'y'); CREATE TABLE keys (id integer PRIMARY KEY);
CREATE TRIGGER tr AFTER INSERT ON keys BEGIN INSERT INTO t VALUES (new.id, 'z'); END;`,
    up: 'INSERT OR REPLACE INTO keys VALUES (1);',
    loses: ['t.v (1)'],
  },
  {
    name: 'a temporary trigger',
    before: `CREATE TABLE t (id integer PRIMARY KEY); INSERT INTO t VALUES (1), (2); CREATE TABLE l (id integer PRIMARY KEY);`,
    isLocal: true,
    up: 'CREATE TEMP TRIGGER tr AFTER INSERT ON l BEGIN DELETE FROM t; END; INSERT INTO l VALUES (1); DROP TRIGGER tr;',
    loses: ['t (2)'],
  },
  {
    name: 'keys that are one without their case',
    before: `CREATE TABLE t (id text PRIMARY KEY NOT NULL, v text); INSERT INTO t VALUES ('a', 'x'), ('A', 'x');`,
    up: 'CREATE TABLE n (id text PRIMARY KEY NOT NULL COLLATE NOCASE, v text); INSERT OR IGNORE INTO n SELECT * FROM t ORDER BY id DESC; DROP TABLE t; ALTER TABLE n RENAME TO t;',
    loses: ['t (1)'],
  },
  {
    name: 'a column whose type ALTER COLUMN changes',
    before: `CREATE TABLE n (id integer PRIMARY KEY, v integer); INSERT INTO n VALUES (1, 9007199254740993), (2, 5);`,
    up: 'ALTER TABLE n ALTER COLUMN v TO v real;',
    loses: ['n.v (1)'],
  },
  {
    name: 'text that ALTER COLUMN leaves in an integer column',
    before: `CREATE TABLE n (id integer PRIMARY KEY, v text); INSERT INTO n VALUES (1, 'abc'), (2, '5');`,
    up: 'ALTER TABLE n ALTER COLUMN v TO v integer;',
    loses: ['n.v (2)'],
  },
  {
    name: 'rows of a full-text table with text of its own',
    before: `CREATE VIRTUAL TABLE f USING fts5(body); INSERT INTO f VALUES ('one'), ('two');`,
    up: `UPDATE f SET body = 'x' WHERE rowid = 1; DELETE FROM f WHERE rowid = 2;`,
    loses: ['f (1)', 'f.body (1)'],
  },
  {
    name: 'a full-text index without text',
    before: `CREATE VIRTUAL TABLE f USING fts5(body, content=''); INSERT INTO f (rowid, body) VALUES (1, 'one'), (2, 'two');`,
    up: 'DROP TABLE f;',
    loses: ['f (2)'],
  },
  {
    name: 'the rows under a full-text table',
    before: `CREATE VIRTUAL TABLE f USING fts5(body); INSERT INTO f VALUES ('one'), ('two');`,
    up: 'DELETE FROM f_content;',
    loses: ['f (2)'],
  },
];
