// The one object that drizzle is opened with: every table by name, and the relations between them.
import { relations } from 'drizzle-orm';
import { duplicateHashes, modelCounts, searchDeletes, searchPending, searchState } from './derived.js';
import {
  collectionModels,
  collections,
  modelMetadata,
  models,
  modelTags,
  savedSearches,
  searchTerms,
  tags,
} from './tables.js';

const modelsRelations = relations(models, ({ many }) => ({
  metadata: many(modelMetadata),
  tags: many(modelTags),
  collections: many(collectionModels),
}));

const modelMetadataRelations = relations(modelMetadata, ({ one }) => ({
  model: one(models, { fields: [modelMetadata.modelSeq], references: [models.seq] }),
}));

const tagsRelations = relations(tags, ({ many }) => ({ models: many(modelTags) }));

const modelTagsRelations = relations(modelTags, ({ one }) => ({
  model: one(models, { fields: [modelTags.modelSeq], references: [models.seq] }),
  tag: one(tags, { fields: [modelTags.tagId], references: [tags.id] }),
}));

const collectionsRelations = relations(collections, ({ many, one }) => ({
  models: many(collectionModels),
  parent: one(collections, { fields: [collections.parentId], references: [collections.id], relationName: 'nested' }),
  children: many(collections, { relationName: 'nested' }),
}));

const collectionModelsRelations = relations(collectionModels, ({ one }) => ({
  collection: one(collections, { fields: [collectionModels.collectionId], references: [collections.id] }),
  model: one(models, { fields: [collectionModels.modelSeq], references: [models.seq] }),
}));

/** All tables and relations, to be passed as `schema` to `openTransactionManager` or `drizzle`. */
export const schema = {
  models,
  modelMetadata,
  tags,
  modelTags,
  collections,
  collectionModels,
  savedSearches,
  searchTerms,
  searchDeletes,
  searchState,
  searchPending,
  modelCounts,
  duplicateHashes,
  modelsRelations,
  modelMetadataRelations,
  tagsRelations,
  modelTagsRelations,
  collectionsRelations,
  collectionModelsRelations,
};
