// The tables whose rows follow from those in tables.ts: kept by triggers (migrations/, README.md names the files), but for the
// deletes, which the search repository of @cc/repositories keeps.
import { integer, primaryKey, sqliteTable, text } from 'drizzle-orm/sqlite-core';

export {
  afterFacets,
  type FacetToken,
  facetMark,
  facetOfText,
  facetTokens,
  type Octaves,
  octaveOf,
  sizeOctaves,
  triangleOctaves,
} from './facet-tokens.js';

/** How `search_terms` is found from a word with one letter wrong: each term without one of its letters, and itself. */
export const searchDeletes = sqliteTable(
  'search_deletes',
  {
    del: text('del').notNull(),
    term: text('term').notNull(),
  },
  (t) => [primaryKey({ name: 'search_deletes_pk', columns: [t.del, t.term] })],
);

/**
 * Numbers about the search index. `changes` grows with each change of an indexed text, by a trigger. `words` is how many of
 * them `search_terms` has; the words of the models up to number `seq` are there. `model_counts` has the models up to
 * number `counted`, and each model past it is one more of the changes.
 */
export const searchState = sqliteTable('search_state', {
  name: text('name').primaryKey(),
  value: integer('value').notNull(),
});

/** Models whose texts were changed and whose words are not among `search_terms` yet; new models are those past `search_state.seq`. */
export const searchPending = sqliteTable('search_pending', {
  seq: integer('seq').primaryKey(),
});

/**
 * Every value of `model_counts.kind`: years are those of `models.created_at` in UTC, keys those of the metadata, tokens those
 * of `models.facets` that no other kind counts (`facetTokens` says which).
 */
export const modelCountKinds = ['format', 'year', 'license', 'key', 'token'] as const;

/**
 * How many models have a value, kept by triggers: a row may stay with 0. The formats add up to all models that are counted:
 * those past `search_state.counted`, 31 at most and those whose number was changed, have to be added by who reads this.
 * Metadata keys are counted at once.
 */
export const modelCounts = sqliteTable(
  'model_counts',
  {
    kind: text('kind', { enum: modelCountKinds }).notNull(),
    value: text('value').notNull(),
    models: integer('models').notNull(),
  },
  (t) => [primaryKey({ name: 'model_counts_pk', columns: [t.kind, t.value] })],
);

/** The file hashes that more than one model has, and how many have them, kept by triggers. */
export const duplicateHashes = sqliteTable('duplicate_hashes', {
  fileHash: text('file_hash').primaryKey(),
  models: integer('models').notNull(),
});
