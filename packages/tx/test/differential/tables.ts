// The tables of the random programs: every column mode of drizzle, keys, checks, a trigger, a view and a full-text table.
import { eq, relations, sql } from 'drizzle-orm';
import {
  blob,
  customType,
  integer,
  numeric,
  primaryKey,
  real,
  sqliteTable,
  sqliteView,
  text,
} from 'drizzle-orm/sqlite-core';

const point = customType<{ data: { x: number; y: number }; driverData: string }>({
  dataType: () => 'text',
  toDriver: ({ x, y }) => `${x};${y}`,
  fromDriver: (stored) => {
    const [x, y] = stored.split(';').map(Number);
    return { x: x ?? 0, y: y ?? 0 };
  },
});

export const kinds = sqliteTable('kinds', {
  id: integer('id').primaryKey({ autoIncrement: true }),
  n: integer('n'),
  flag: integer('flag', { mode: 'boolean' }),
  at: integer('at', { mode: 'timestamp' }),
  atMs: integer('at_ms', { mode: 'timestamp_ms' }),
  word: text('word'),
  doc: text('doc', { mode: 'json' }),
  choice: text('choice', { enum: ['red', 'green', 'blue'] }),
  raw: blob('raw', { mode: 'buffer' }),
  rawDoc: blob('raw_doc', { mode: 'json' }),
  big: blob('big', { mode: 'bigint' }),
  ratio: real('ratio'),
  amount: numeric('amount'),
  amountNumber: numeric('amount_number', { mode: 'number' }),
  amountBig: numeric('amount_big', { mode: 'bigint' }),
  place: point('place'),
  filled: text('filled').default('as declared'),
  made: text('made').$defaultFn(() => 'as made'),
  touched: integer('touched').$onUpdate(() => 7),
  doubled: integer('doubled').generatedAlwaysAs(sql`n * 2`),
  shout: text('shout').generatedAlwaysAs(sql`upper(word)`, { mode: 'stored' }),
});

export const people = sqliteTable('people', {
  id: integer('id').primaryKey(),
  name: text('name').notNull().unique(),
  age: integer('age'),
  mentorId: integer('mentor_id'),
});

export const posts = sqliteTable('posts', {
  id: integer('id').primaryKey(),
  authorId: integer('author_id').notNull(),
  title: text('title').notNull(),
  body: text('body'),
  likes: integer('likes').notNull().default(0),
});

export const tags = sqliteTable('tags', { id: integer('id').primaryKey(), title: text('title').notNull().unique() });

export const postTags = sqliteTable(
  'post_tags',
  { postId: integer('post_id').notNull(), tagId: integer('tag_id').notNull() },
  (table) => [primaryKey({ columns: [table.postId, table.tagId] })],
);

export const popular = sqliteView('popular').as((query) =>
  query
    .select({ id: posts.id, title: posts.title, author: people.name })
    .from(posts)
    .innerJoin(people, eq(people.id, posts.authorId))
    .where(sql`${posts.likes} > 1`),
);

const peopleRelations = relations(people, ({ one, many }) => ({
  mentor: one(people, { fields: [people.mentorId], references: [people.id], relationName: 'mentor' }),
  pupils: many(people, { relationName: 'mentor' }),
  posts: many(posts),
}));

const postRelations = relations(posts, ({ one, many }) => ({
  author: one(people, { fields: [posts.authorId], references: [people.id] }),
  postTags: many(postTags),
}));

const tagRelations = relations(tags, ({ many }) => ({ postTags: many(postTags) }));

const postTagRelations = relations(postTags, ({ one }) => ({
  post: one(posts, { fields: [postTags.postId], references: [posts.id] }),
  tag: one(tags, { fields: [postTags.tagId], references: [tags.id] }),
}));

export const schema = {
  kinds,
  people,
  posts,
  tags,
  postTags,
  popular,
  peopleRelations,
  postRelations,
  tagRelations,
  postTagRelations,
};

/** The statements that make the tables and their first rows. */
export const preparation: readonly string[] = [
  `create table kinds (id integer primary key autoincrement, n integer, flag integer, at integer, at_ms integer, word text,
    doc text, choice text, raw blob, raw_doc blob, big blob, ratio real, amount numeric, amount_number numeric,
    amount_big numeric, place text, filled text default 'as declared', made text, touched integer,
    doubled integer generated always as (n * 2) virtual, shout text generated always as (upper(word)) stored)`,
  `create table people (id integer primary key, name text not null unique, age integer check (age >= 0),
    mentor_id integer references people(id))`,
  `create table posts (id integer primary key, author_id integer not null references people(id) on delete cascade,
    title text not null, body text, likes integer not null default 0)`,
  'create table tags (id integer primary key, title text not null unique)',
  `create table post_tags (post_id integer not null references posts(id), tag_id integer not null references tags(id),
    primary key (post_id, tag_id)) without rowid`,
  'create table log (what text, post integer)',
  'create table loose (a, b)',
  'create table strict_ones (id integer primary key, n int, t text, r real, b blob, any_one any) strict',
  `create view popular as select posts.id, posts.title, people.name as author from posts
    inner join people on people.id = posts.author_id where posts.likes > 1`,
  'create virtual table notes using fts5(body)',
  `create trigger posts_logged after insert on posts begin insert into log values ('new', new.id); end`,
  `create trigger posts_guarded before insert on posts when new.title = 'forbidden'
    begin select raise(abort, 'no such title'); end`,
  `insert into people (id, name, age, mentor_id) values (1, 'ada', 36, null), (2, 'bob', 20, 1), (3, 'eve', null, 1)`,
  `insert into posts (id, author_id, title, body, likes) values (1, 1, 'engines', 'wheels', 3), (2, 1, 'notes', null, 0),
    (3, 2, 'first', 'words', 2)`,
  `insert into tags (id, title) values (1, 'new'), (2, 'old')`,
  'insert into post_tags values (1, 1), (1, 2), (3, 1)',
  `insert into kinds (n, flag, at, at_ms, word, doc, choice, raw, ratio, amount, place)
    values (1, 1, 1700000000, 1700000000123, 'one', '{"a":[1,null]}', 'red', x'00ff', 0.5, 12, '1;2'),
    (null, null, null, null, null, null, null, null, null, null, null)`,
  `insert into notes values ('quick brown fox'), ('lazy dog')`,
];

/** Every table whose rows are compared, virtual ones by what they show. */
export const tableNames = ['kinds', 'people', 'posts', 'tags', 'post_tags', 'log', 'loose', 'strict_ones', 'notes'];
