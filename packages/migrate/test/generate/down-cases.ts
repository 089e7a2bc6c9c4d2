// Migrations of custom SQL, each with the way back that has to be drafted for it. Read by downs.test.ts.

/** A migration and what its drafted down has to be. */
export interface DownCase {
  readonly name: string;
  /** Migrations before it. */
  readonly before: readonly string[];
  readonly up: string;
  /** Rows that are there before it. */
  readonly rows?: readonly string[];
  readonly kind: 'generated' | 'draft';
  /** What its first line says that it takes. */
  readonly losses?: readonly string[];
  /** Part of a note. */
  readonly note?: string;
  /** Whether every row is again what it was. Default: for a generated down. */
  readonly rowsReturn?: boolean;
}

const users = 'CREATE TABLE users (id integer PRIMARY KEY NOT NULL, name text, email text)';
const userRows = [`INSERT INTO users VALUES (1, 'Ann', 'A@x'), (2, '007', ''), (3, NULL, NULL)`];

const logged = 'CREATE TRIGGER noted AFTER UPDATE OF name ON users BEGIN INSERT INTO log VALUES (old.name); END';

/** Names that are used again. */
const reused: readonly DownCase[] = [
  {
    name: 'a column is renamed through a copy, and a trigger is made again that names the old column',
    before: [`${users}; CREATE TABLE log (line text); ${logged};`],
    up: `CREATE TABLE draft (id integer PRIMARY KEY NOT NULL, title text, email text);
INSERT INTO draft SELECT id, name, email FROM users; DROP TABLE users; ALTER TABLE draft RENAME TO users; ${logged};`,
    rows: userRows,
    kind: 'generated',
  },
  {
    name: 'a column is renamed, and a trigger is made again that names the old column',
    before: [`${users}; CREATE TABLE log (line text); ${logged};`],
    up: `ALTER TABLE users RENAME COLUMN name TO title; DROP TRIGGER noted; ${logged};`,
    rows: userRows,
    kind: 'generated',
  },
  {
    name: 'a table is renamed, and a view is made that names the old one',
    before: [users],
    up: 'ALTER TABLE users RENAME TO people; CREATE VIEW shown AS SELECT * FROM users;',
    rows: userRows,
    kind: 'generated',
  },
  {
    name: 'a table is made anew without its rows, then rebuilt under another name of a column',
    before: [users],
    up: `DROP TABLE users; CREATE TABLE draft (id integer PRIMARY KEY NOT NULL, name text, email text);
ALTER TABLE draft RENAME TO users; ALTER TABLE users RENAME TO users_before;
CREATE TABLE users (id integer PRIMARY KEY NOT NULL, title text, email text);
INSERT INTO users (id, title, email) SELECT id, name, email FROM users_before; DROP TABLE users_before;`,
    kind: 'generated',
    losses: ['users'],
  },
  {
    name: 'a column is renamed, and a new one takes its name',
    before: ['CREATE TABLE a (id integer PRIMARY KEY, updated_at integer)'],
    up: 'ALTER TABLE a RENAME COLUMN updated_at TO created_at; ALTER TABLE a ADD updated_at integer;',
    rows: ['INSERT INTO a VALUES (1, 5), (2, NULL)'],
    kind: 'generated',
  },
  {
    name: 'the same with an index on the new one and another on the old one',
    before: ['CREATE TABLE a (id integer PRIMARY KEY, at integer); CREATE INDEX i ON a (at)'],
    up: 'ALTER TABLE a RENAME COLUMN at TO was; ALTER TABLE a ADD at text; CREATE INDEX j ON a (at, was);',
    rows: ['INSERT INTO a VALUES (1, 5), (2, NULL)'],
    kind: 'generated',
  },
  {
    name: 'a table is renamed, and a new one takes its name',
    before: ['CREATE TABLE t (id integer PRIMARY KEY, v text)'],
    up: 'ALTER TABLE t RENAME TO old_t; CREATE TABLE t (id integer PRIMARY KEY, w integer);',
    rows: [`INSERT INTO t VALUES (1, 'x'), (2, '')`],
    kind: 'generated',
  },
  {
    name: 'the same under a child, a view and a trigger',
    before: [
      `CREATE TABLE t (id integer PRIMARY KEY, v text); CREATE TABLE c (id integer PRIMARY KEY, t integer REFERENCES t (id));
CREATE VIEW vs AS SELECT v FROM t; CREATE TRIGGER tr AFTER INSERT ON t BEGIN UPDATE c SET t = new.id WHERE t IS NULL; END;`,
    ],
    up: 'ALTER TABLE t RENAME TO old_t; CREATE TABLE t (id integer PRIMARY KEY, w integer); CREATE TABLE d (t integer REFERENCES t (id));',
    rows: [`INSERT INTO t VALUES (1, 'x'), (2, '')`, 'INSERT INTO c VALUES (1, 2)'],
    kind: 'generated',
  },
  {
    name: 'two columns trade their names through a third',
    before: ['CREATE TABLE t (id integer PRIMARY KEY, a text, b text)'],
    up: 'ALTER TABLE t RENAME COLUMN a TO x; ALTER TABLE t RENAME COLUMN b TO a; ALTER TABLE t RENAME COLUMN x TO b;',
    rows: [`INSERT INTO t VALUES (1, 'left', 'right')`],
    kind: 'generated',
  },
  {
    name: 'two tables trade their names, and a third takes the name between',
    before: ['CREATE TABLE a (x text); CREATE TABLE b (y integer)'],
    up: 'ALTER TABLE a RENAME TO z; ALTER TABLE b RENAME TO a; ALTER TABLE z RENAME TO b; CREATE TABLE z (q);',
    rows: [`INSERT INTO a VALUES ('l')`, 'INSERT INTO b VALUES (9)'],
    kind: 'generated',
  },
  {
    name: 'names move up by one, and the first is new',
    before: ['CREATE TABLE t (id integer PRIMARY KEY, a text, b text)'],
    up: 'ALTER TABLE t RENAME COLUMN b TO c; ALTER TABLE t RENAME COLUMN a TO b; ALTER TABLE t ADD a text;',
    rows: [`INSERT INTO t VALUES (1, 'one', 'two')`],
    kind: 'generated',
  },
  {
    name: 'a name changes its case alone',
    before: ['CREATE TABLE t (id integer PRIMARY KEY, name text)'],
    up: 'ALTER TABLE t RENAME COLUMN name TO Name;',
    rows: [`INSERT INTO t VALUES (1, 'x')`],
    kind: 'generated',
  },
  {
    name: 'a column is dropped and made anew: what it held is gone, and said',
    before: [users],
    up: 'ALTER TABLE users DROP COLUMN email; ALTER TABLE users ADD email text;',
    rows: userRows,
    kind: 'generated',
    losses: ['users.email'],
    rowsReturn: false,
  },
  {
    name: 'a table is dropped and made anew: what it held is gone, and said',
    before: [users],
    up: `DROP TABLE users; ${users};`,
    rows: userRows,
    kind: 'generated',
    losses: ['users'],
    rowsReturn: false,
  },
];

/** Statements that change rows. */
const data: readonly DownCase[] = [
  {
    name: 'a backfill that asks the table it fills',
    before: [users],
    up: `CREATE TABLE roles (id integer PRIMARY KEY, name text);
INSERT INTO roles (name) SELECT 'admin' WHERE NOT EXISTS (SELECT 1 FROM roles r WHERE r.name = 'admin');
INSERT INTO roles (name) SELECT name || '2' FROM roles;`,
    rows: userRows,
    kind: 'generated',
  },
  {
    name: 'two new tables that are filled from each other',
    before: [users],
    up: 'CREATE TABLE a (x); CREATE TABLE b (x); INSERT INTO a SELECT x FROM b; INSERT INTO b SELECT x FROM a; DROP TABLE a; ALTER TABLE b RENAME TO a;',
    rows: userRows,
    kind: 'generated',
  },
  {
    name: 'a new column is filled: dropping it undoes all of it',
    before: [users],
    up: 'ALTER TABLE users ADD lower_name text; UPDATE users SET lower_name = lower(name) WHERE name IS NOT NULL;',
    rows: userRows,
    kind: 'generated',
  },
  {
    name: 'a table is named with its schema, renamed, and its rows are changed',
    before: [users],
    up: `ALTER TABLE main.users RENAME TO people; UPDATE people SET email = 'none' WHERE email IS NULL;`,
    rows: userRows,
    kind: 'draft',
    note: 'Still to be undone by hand: UPDATE people SET email',
  },
  {
    name: 'a new column of a table that is named with its schema is filled',
    before: [users],
    up: 'ALTER TABLE "main".users ADD COLUMN y text; UPDATE main.users SET y = lower(name);',
    rows: userRows,
    kind: 'generated',
  },
  {
    name: 'a new column is filled, and an old one with it',
    before: [users],
    up: `ALTER TABLE users ADD y text; UPDATE users SET y = lower(name), email = 'none';`,
    rows: userRows,
    kind: 'draft',
    note: 'Still to be undone by hand: UPDATE users SET y',
  },
  {
    name: 'a new column is filled, and a trigger hears of it',
    before: [
      `${users}; CREATE TABLE log (line text); CREATE TRIGGER tr AFTER UPDATE ON users BEGIN INSERT INTO log VALUES (old.name); END;`,
    ],
    up: 'ALTER TABLE users ADD y text; UPDATE users SET y = lower(name);',
    rows: userRows,
    kind: 'draft',
    note: 'Still to be undone by hand: UPDATE users',
  },
  {
    name: 'a table is split, its data moved: a draft, because only the data step knows where it is',
    before: [users],
    up: `CREATE TABLE mails (user_id integer PRIMARY KEY, email text);
INSERT INTO mails (user_id, email) SELECT id, email FROM users WHERE email IS NOT NULL;
ALTER TABLE users DROP COLUMN email;`,
    rows: userRows,
    kind: 'draft',
    losses: ['users.email'],
    note: 'Still to be undone by hand: INSERT INTO mails',
    rowsReturn: false,
  },
  {
    name: 'a table is split by CREATE TABLE AS',
    before: [users],
    up: 'CREATE TABLE mails AS SELECT id, email FROM users; ALTER TABLE users DROP COLUMN email;',
    rows: userRows,
    kind: 'draft',
    losses: ['users.email'],
    note: 'Still to be undone by hand: CREATE TABLE mails',
    rowsReturn: false,
  },
  {
    name: 'columns are merged in a rebuild',
    before: ['CREATE TABLE p (id integer PRIMARY KEY, first text, last text)'],
    up: `CREATE TABLE n (id integer PRIMARY KEY, name text); INSERT INTO n SELECT id, first || ' ' || last FROM p; DROP TABLE p; ALTER TABLE n RENAME TO p;`,
    rows: [`INSERT INTO p VALUES (1, 'a', 'b')`],
    kind: 'draft',
    losses: ['p.first', 'p.last'],
    rowsReturn: false,
  },
  {
    name: 'a column moves by name through an UPDATE',
    before: [users],
    up: 'ALTER TABLE users ADD mail text; UPDATE users SET mail = email; ALTER TABLE users DROP COLUMN email;',
    rows: userRows,
    kind: 'draft',
    losses: ['users.email'],
    rowsReturn: false,
  },
  {
    name: 'a copy of a table that stays',
    before: [users],
    up: 'CREATE TABLE copy (id integer PRIMARY KEY, email text); INSERT INTO copy SELECT id, email FROM users;',
    rows: userRows,
    kind: 'generated',
  },
  {
    name: 'a plain drop of a column beside a data step that has nothing to do with it',
    before: [users],
    up: 'CREATE TABLE names (name text); INSERT INTO names SELECT name FROM users; ALTER TABLE users DROP COLUMN email;',
    rows: userRows,
    kind: 'generated',
    losses: ['users.email'],
    rowsReturn: false,
  },
];

/** Values and defaults. */
const values: readonly DownCase[] = [
  ...[`"manual"`, 'manual', '[manual]', '`manual`', `'manual'`, `"it's"`].map((written) => ({
    name: `a default that is written ${written}`,
    before: ['CREATE TABLE a (id integer PRIMARY KEY, v text)'],
    up: `ALTER TABLE a ADD kind text DEFAULT ${written};`,
    rows: [`INSERT INTO a VALUES (1, 'x')`],
    kind: 'generated' as const,
  })),
  {
    name: 'a rebuild of a table whose default is a text in double quotes, and NOT NULL goes with it',
    before: ['CREATE TABLE a (id integer PRIMARY KEY, kind text NOT NULL DEFAULT "manual")'],
    up: `CREATE TABLE n (id integer PRIMARY KEY, kind text DEFAULT "manual"); INSERT INTO n SELECT id, kind FROM a; DROP TABLE a; ALTER TABLE n RENAME TO a;`,
    rows: [`INSERT INTO a VALUES (1, 'x')`],
    kind: 'generated',
    losses: [],
  },
  {
    name: 'a change of type says which column does not come back',
    before: ['CREATE TABLE a (id integer PRIMARY KEY, v text)'],
    up: 'CREATE TABLE n (id integer PRIMARY KEY, v integer); INSERT INTO n SELECT id, v FROM a; DROP TABLE a; ALTER TABLE n RENAME TO a;',
    rows: [`INSERT INTO a VALUES (1, '007')`],
    kind: 'generated',
    losses: ['a.v'],
    note: 'a.v: values that its new shape does not hold as they are come out changed',
    rowsReturn: false,
  },
  {
    name: 'keys say no more how they compare and sort',
    before: [
      'CREATE TABLE t (id integer PRIMARY KEY DESC, email text, UNIQUE (email COLLATE NOCASE)); CREATE TABLE u (a, b, PRIMARY KEY (a, b DESC));',
    ],
    up: `CREATE TABLE n (id integer PRIMARY KEY, email text, UNIQUE (email)); INSERT INTO n SELECT * FROM t; DROP TABLE t;
ALTER TABLE n RENAME TO t; CREATE TABLE n (a, b, PRIMARY KEY (a, b)); INSERT INTO n SELECT * FROM u; DROP TABLE u; ALTER TABLE n RENAME TO u;`,
    rows: ["INSERT INTO t VALUES (1, 'x'), (7, 'y')", 'INSERT INTO u VALUES (1, 2)'],
    kind: 'generated',
  },
  {
    name: 'a number that becomes a text comes back',
    before: ['CREATE TABLE a (id integer PRIMARY KEY, v integer)'],
    up: 'CREATE TABLE n (id integer PRIMARY KEY, v text); INSERT INTO n SELECT id, v FROM a; DROP TABLE a; ALTER TABLE n RENAME TO a;',
    rows: ['INSERT INTO a VALUES (1, 9007199254740993), (2, 4.5), (3, NULL)'],
    kind: 'generated',
  },
  {
    name: 'an integer that becomes a real does not',
    before: ['CREATE TABLE a (id integer PRIMARY KEY, v integer)'],
    up: 'CREATE TABLE n (id integer PRIMARY KEY, v real); INSERT INTO n SELECT id, v FROM a; DROP TABLE a; ALTER TABLE n RENAME TO a;',
    rows: ['INSERT INTO a VALUES (1, 9007199254740993)'],
    kind: 'generated',
    losses: ['a.v'],
    rowsReturn: false,
  },
  {
    name: 'a computed column becomes a plain one, and keeps its values both ways',
    before: ['CREATE TABLE a (id integer PRIMARY KEY, v text, loud text GENERATED ALWAYS AS (upper(v)) STORED)'],
    up: 'CREATE TABLE n (id integer PRIMARY KEY, v text, loud text); INSERT INTO n SELECT id, v, loud FROM a; DROP TABLE a; ALTER TABLE n RENAME TO a;',
    rows: [`INSERT INTO a (id, v) VALUES (1, 'x')`],
    kind: 'generated',
  },
];

/** Foreign keys. */
const keys: readonly DownCase[] = [
  {
    name: 'a parent goes with the foreign key of its child: the way back makes rows for what the child refers to',
    before: [
      'CREATE TABLE p (id integer PRIMARY KEY NOT NULL, name text NOT NULL); CREATE TABLE c (id integer PRIMARY KEY, p integer NOT NULL REFERENCES p (id))',
    ],
    up: 'CREATE TABLE n (id integer PRIMARY KEY, p integer NOT NULL); INSERT INTO n SELECT id, p FROM c; DROP TABLE c; ALTER TABLE n RENAME TO c; DROP TABLE p;',
    rows: [`INSERT INTO p VALUES (4, 'x'), (5, 'y')`, 'INSERT INTO c VALUES (1, 4), (2, 4)'],
    kind: 'generated',
    losses: ['p'],
    note: 'Rows of p that c refers to come back with their key alone',
    rowsReturn: false,
  },
  {
    name: 'a parent goes with the column of its child',
    before: [
      'CREATE TABLE p (id integer PRIMARY KEY, name text NOT NULL); CREATE TABLE c (id integer PRIMARY KEY, p integer REFERENCES p (id))',
    ],
    up: 'CREATE TABLE n (id integer PRIMARY KEY); INSERT INTO n SELECT id FROM c; DROP TABLE c; ALTER TABLE n RENAME TO c; DROP TABLE p;',
    rows: [`INSERT INTO p VALUES (4, 'x')`, 'INSERT INTO c VALUES (1, 4), (2, NULL)'],
    kind: 'generated',
    losses: ['c.p', 'p'],
    rowsReturn: false,
  },
  {
    name: 'a foreign key that was to no key before blocks nothing',
    before: ['CREATE TABLE p (email text); CREATE TABLE c (id integer PRIMARY KEY, p text REFERENCES p (email))'],
    up: 'ALTER TABLE c ADD note text;',
    rows: [`INSERT INTO c VALUES (1, 'x')`],
    kind: 'generated',
  },
  {
    name: 'a foreign key to no key is mended',
    before: ['CREATE TABLE p (email text); CREATE TABLE c (id integer PRIMARY KEY, p text REFERENCES p (email))'],
    up: 'CREATE UNIQUE INDEX p_email ON p (email);',
    kind: 'generated',
  },
];

/** All of them. */
/** A trigger that keeps the rows of a table, whatever it says of them. */
const keeps = (raised: string): string =>
  `CREATE TRIGGER kept BEFORE DELETE ON events BEGIN SELECT RAISE(${raised}); END;`;
const events = 'CREATE TABLE events (id integer PRIMARY KEY NOT NULL, kind text);';
const eventRows = ["INSERT INTO events VALUES (1, 'made'), (2, NULL)"];

/** Tables that only grow. */
const growing: readonly DownCase[] = [
  ...["ABORT, 'append-only'", "ROLLBACK, 'append-only'", 'IGNORE'].map((raised): DownCase => {
    return {
      name: `a table whose rows a trigger keeps by RAISE(${raised}) gets an index`,
      before: [events, keeps(raised)],
      up: 'CREATE INDEX events_by_kind ON events (kind);',
      rows: eventRows,
      kind: 'generated',
    };
  }),
  {
    name: 'a table loses rows that another one keeps by a trigger',
    before: [
      `${events} ${keeps("ABORT, 'append-only'")} CREATE TABLE log (id integer PRIMARY KEY NOT NULL, line text);
CREATE TRIGGER unlogged AFTER DELETE ON log BEGIN DELETE FROM events WHERE id = old.id; END;`,
    ],
    up: 'ALTER TABLE log ADD size integer;',
    rows: ["INSERT INTO log VALUES (7, 'x')"],
    kind: 'generated',
  },
  ...["ABORT, 'append-only'", 'IGNORE'].map((raised): DownCase => {
    return {
      name: `rows that a trigger keeps by RAISE(${raised}) refer to a table that takes no row`,
      before: [
        `CREATE TABLE parents (id integer PRIMARY KEY NOT NULL, CHECK (id IS NULL));
CREATE TABLE events (id integer PRIMARY KEY NOT NULL, parent_id integer NOT NULL REFERENCES parents (id));
${keeps(raised)}`,
      ],
      up: 'CREATE INDEX events_by_parent ON events (parent_id);',
      kind: 'generated',
    };
  }),
];

export const downCases: readonly DownCase[] = [...reused, ...data, ...values, ...keys, ...growing];
