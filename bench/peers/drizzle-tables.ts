// The plain schema in drizzle's words, for its two drivers.
import { relations } from 'drizzle-orm';
import { integer, primaryKey, sqliteTable, text } from 'drizzle-orm/sqlite-core';

export const models = sqliteTable('models', {
  id: text('id').primaryKey(),
  name: text('name').notNull(),
  description: text('description'),
  format: text('format').notNull(),
  filePath: text('file_path').notNull(),
  fileHash: text('file_hash').notNull(),
  fileSize: integer('file_size').notNull(),
  author: text('author'),
  triangles: integer('triangles'),
  vertices: integer('vertices'),
  createdAt: integer('created_at').notNull(),
  updatedAt: integer('updated_at').notNull(),
});

export const metadata = sqliteTable(
  'metadata',
  {
    modelId: text('model_id')
      .notNull()
      .references(() => models.id, { onDelete: 'cascade' }),
    key: text('key').notNull(),
    value: text('value').notNull(),
  },
  (table) => [primaryKey({ columns: [table.modelId, table.key] })],
);

export const tags = sqliteTable('tags', { id: integer('id').primaryKey(), name: text('name').notNull().unique() });

export const modelTags = sqliteTable(
  'model_tags',
  {
    modelId: text('model_id')
      .notNull()
      .references(() => models.id, { onDelete: 'cascade' }),
    tagId: integer('tag_id')
      .notNull()
      .references(() => tags.id, { onDelete: 'cascade' }),
  },
  (table) => [primaryKey({ columns: [table.modelId, table.tagId] })],
);

const modelRelations = relations(models, ({ many }) => ({ metadata: many(metadata), tags: many(modelTags) }));
const metadataRelations = relations(metadata, ({ one }) => ({
  model: one(models, { fields: [metadata.modelId], references: [models.id] }),
}));
const modelTagRelations = relations(modelTags, ({ one }) => ({
  model: one(models, { fields: [modelTags.modelId], references: [models.id] }),
  tag: one(tags, { fields: [modelTags.tagId], references: [tags.id] }),
}));

/** What both drivers are given. */
export const schema = { models, metadata, tags, modelTags, modelRelations, metadataRelations, modelTagRelations };
