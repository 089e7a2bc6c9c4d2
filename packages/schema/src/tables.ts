// The drizzle tables of the library: what drizzle-kit reads to generate migrations and what queries are typed by.
// Full-text search, and the triggers that keep it and the counters, are custom SQL in migrations/: README.md names the files.
import { type SQL, sql } from 'drizzle-orm';
import {
  type AnySQLiteColumn,
  check,
  index,
  integer,
  primaryKey,
  real,
  sqliteTable,
  text,
  uniqueIndex,
} from 'drizzle-orm/sqlite-core';
import { facetsColumn, octaveColumn, sizeOctaves, triangleOctaves } from './facet-tokens.js';
import type { ModelId } from './model-id.js';

/** Every value of `models.format`, in the order they are shown. */
export const modelFormats = [
  'stl',
  'obj',
  'ply',
  '3mf',
  'glb',
  'gltf',
  'step',
  'off',
  'amf',
  'iges',
  'fbx',
  'dae',
  '3ds',
  'blend',
  'wrl',
  'x3d',
  'scad',
  'gcode',
  'f3d',
  'lys',
  'other',
] as const;

/** Every value of `models.status`: `missing` means that the file was not found at its path the last time it was looked for. */
export const modelStatuses = ['active', 'archived', 'missing'] as const;

/** Every value of `models.parse_status`: `unparsed` rows carry the reason in `parse_error` and have no geometry. */
export const parseStatuses = ['pending', 'parsed', 'unparsed'] as const;

/** Every value of `models.unit`. */
export const lengthUnits = ['micron', 'millimeter', 'centimeter', 'inch', 'foot', 'meter'] as const;

/** How many millimetres each unit has. */
export const millimetersIn = Object.freeze({
  micron: 0.001,
  millimeter: 1,
  centimeter: 10,
  inch: 25.4,
  foot: 304.8,
  meter: 1000,
} satisfies Record<(typeof lengthUnits)[number], number>);

/** Every value of `model_metadata.value_type`: how `value_text` and `value_number` are read back. */
export const metadataValueTypes = ['text', 'number', 'boolean', 'null', 'json'] as const;

/**
 * One row per 3D model file.
 *
 * `seq` is the rowid that full-text search and the join tables refer to; `id` (UUIDv7) is the public identity.
 * Times are UTC epoch milliseconds. Lengths are in the file's own unit, `volume` in that unit cubed.
 */
export const models = sqliteTable(
  'models',
  {
    seq: integer('seq').primaryKey({ autoIncrement: true }),
    id: text('id').$type<ModelId>().notNull().unique('idx_models_id'),
    name: text('name').notNull(),
    description: text('description'),
    format: text('format', { enum: modelFormats }).notNull(),
    fileName: text('file_name').notNull(),
    filePath: text('file_path').notNull(),
    fileHash: text('file_hash').notNull(),
    fileSize: integer('file_size').notNull(),
    fileModifiedAt: integer('file_modified_at', { mode: 'timestamp_ms' }),
    /** What the program that read the file noted about it for the next time, in words of its own; null when it noted nothing. */
    fileStamp: text('file_stamp'),
    author: text('author'),
    license: text('license'),
    sourceUrl: text('source_url'),
    parseStatus: text('parse_status', { enum: parseStatuses }).notNull().default('pending'),
    parseError: text('parse_error'),
    triangles: integer('triangles'),
    vertices: integer('vertices'),
    minX: real('min_x'),
    minY: real('min_y'),
    minZ: real('min_z'),
    maxX: real('max_x'),
    maxY: real('max_y'),
    maxZ: real('max_z'),
    volume: real('volume'),
    /** The unit of the box and the volume, in the words of 3MF; null when the file names none. */
    unit: text('unit', { enum: lengthUnits }),
    rating: integer('rating'),
    favorite: integer('favorite', { mode: 'boolean' }).notNull().default(false),
    /** When it was last printed; null when it never was. */
    printedAt: integer('printed_at', { mode: 'timestamp_ms' }),
    status: text('status', { enum: modelStatuses }).notNull().default('active'),
    /** Tag names, a line each, kept by triggers on `model_tags` and `tags` for full-text search. */
    tagsText: text('tags_text').notNull().default(''),
    /** Extra search tokens (parts of glued names such as `M3x12`, words of folders), written by the repositories. */
    searchExtra: text('search_extra').notNull().default(''),
    createdAt: integer('created_at', { mode: 'timestamp_ms' }).notNull(),
    updatedAt: integer('updated_at', { mode: 'timestamp_ms' }).notNull(),
    /** Starts at 1 and grows by one with each update: what `ifVersion` compares. */
    version: integer('version').notNull().default(1),
    /** What names are ordered by: its bytes are in the natural order of names. '' until the repositories have written it. */
    nameKey: text('name_key').notNull().default(''),
    /** The same for every row: of one that plain SQL has written, near enough until `reindex`. */
    nameOrder: text('name_order').generatedAlwaysAs((): SQL => sql.raw(`iif(name_key = '', lower(name), name_key)`), {
      mode: 'virtual',
    }),
    /** Between which powers of two the number lies, so that a range is a few tokens; null when it is not known. */
    sizeOctave: integer('size_octave').generatedAlwaysAs((): SQL => sql.raw(octaveColumn('file_size', sizeOctaves)), {
      mode: 'virtual',
    }),
    triangleOctave: integer('triangle_octave').generatedAlwaysAs(
      (): SQL => sql.raw(octaveColumn('triangles', triangleOctaves)),
      { mode: 'virtual' },
    ),
    /** Tokens of the full-text index for filters: the alphabet is in facet-tokens.ts. */
    facets: text('facets').generatedAlwaysAs((): SQL => sql.raw(facetsColumn), { mode: 'virtual' }),
  },
  (t) => [
    uniqueIndex('idx_models_file_path').on(t.filePath),
    index('idx_models_file_hash').on(t.fileHash),
    index('idx_models_format').on(t.format),
    index('idx_models_created_at').on(t.createdAt),
    index('idx_models_name').on(sql`${t.name} collate nocase`),
    index('idx_models_name_order').on(t.nameOrder),
    index('idx_models_format_created').on(t.format, t.createdAt),
    // Each for one condition of a filter; partial, so that rows without the value cost nothing. Author, license, size and triangles,
    // which nearly every model has, are asked for by their tokens in the full-text index instead.
    index('idx_models_rating').on(t.rating, t.createdAt).where(sql`rating is not null`),
    index('idx_models_favorite').on(t.createdAt).where(sql`favorite = 1`),
    index('idx_models_printed_at').on(t.printedAt).where(sql`printed_at is not null`),
    index('idx_models_status').on(t.status, t.createdAt).where(sql`status <> 'active'`),
    index('idx_models_parse_status').on(t.parseStatus, t.createdAt).where(sql`parse_status <> 'parsed'`),
    check('models_file_size_check', sql`${t.fileSize} >= 0`),
    check('models_rating_check', sql`${t.rating} is null or ${t.rating} between 0 and 5`),
    check('models_parse_check', sql`(${t.parseStatus} = 'unparsed') = (${t.parseError} is not null)`),
  ],
);

/**
 * One row per model and key. The value keeps its type: numbers and booleans (0, 1) in `value_number`,
 * text and JSON in `value_text`, null in neither.
 */
export const modelMetadata = sqliteTable(
  'model_metadata',
  {
    modelSeq: integer('model_seq')
      .notNull()
      .references(() => models.seq, { onDelete: 'cascade' }),
    key: text('metadata_key').notNull(),
    valueType: text('value_type', { enum: metadataValueTypes }).notNull(),
    valueText: text('value_text'),
    valueNumber: real('value_number'),
  },
  (t) => [
    uniqueIndex('idx_metadata_model_key').on(t.modelSeq, t.key),
    // Each answers by itself which models have a value, and has those of one value in the order of their numbers.
    index('idx_metadata_key_number')
      .on(t.key, t.valueNumber, t.modelSeq, t.valueType)
      .where(sql`value_number is not null`),
    index('idx_metadata_key_text').on(t.key, t.valueText, t.modelSeq).where(sql`value_type = 'text'`),
    // Null and JSON: what the other two leave out, so that a key is found whatever its values are.
    index('idx_metadata_key_other')
      .on(t.key, t.valueType, t.modelSeq)
      .where(sql`value_type <> 'text' and value_number is null`),
    check(
      'model_metadata_value_check',
      sql`case ${t.valueType}
        when 'null' then ${t.valueText} is null and ${t.valueNumber} is null
        when 'number' then ${t.valueText} is null and ${t.valueNumber} is not null
        when 'boolean' then ${t.valueText} is null and ${t.valueNumber} in (0, 1)
        else ${t.valueText} is not null and ${t.valueNumber} is null end`,
    ),
  ],
);

/** One row per tag. `key` is the case-folded name that makes it unique; `name` is its first spelling. */
export const tags = sqliteTable(
  'tags',
  {
    id: integer('id').primaryKey({ autoIncrement: true }),
    key: text('key').notNull().unique('idx_tags_key'),
    name: text('name').notNull(),
    /** How many models carry the tag, kept by triggers on `model_tags`. */
    modelCount: integer('model_count').notNull().default(0),
  },
  (t) => [
    index('idx_tags_model_count').on(sql`model_count desc`, t.key),
    // A line feed separates the names in `models.tags_text`.
    check('tags_name_check', sql`${t.name} <> '' and instr(${t.name}, char(10)) = 0`),
  ],
);

/** Which model carries which tag. */
export const modelTags = sqliteTable(
  'model_tags',
  {
    tagId: integer('tag_id')
      .notNull()
      .references(() => tags.id, { onDelete: 'cascade' }),
    modelSeq: integer('model_seq')
      .notNull()
      .references(() => models.seq, { onDelete: 'cascade' }),
  },
  (t) => [
    primaryKey({ name: 'model_tags_pk', columns: [t.tagId, t.modelSeq] }),
    index('idx_model_tags_model').on(t.modelSeq, t.tagId),
  ],
);

/** Named groups of models; a collection may lie inside another one. */
export const collections = sqliteTable(
  'collections',
  {
    id: text('id').primaryKey(),
    parentId: text('parent_id').references((): AnySQLiteColumn => collections.id, { onDelete: 'cascade' }),
    name: text('name').notNull(),
    description: text('description'),
    createdAt: integer('created_at', { mode: 'timestamp_ms' }).notNull(),
    updatedAt: integer('updated_at', { mode: 'timestamp_ms' }).notNull(),
  },
  (t) => [
    uniqueIndex('idx_collections_parent_name').on(t.parentId, t.name),
    // NULLs are distinct in a unique index, so the top level has an index of its own.
    uniqueIndex('idx_collections_top_name').on(t.name).where(sql`parent_id is null`),
  ],
);

/** Which model lies in which collection, and at which place (ascending, gaps allowed). */
export const collectionModels = sqliteTable(
  'collection_models',
  {
    collectionId: text('collection_id')
      .notNull()
      .references(() => collections.id, { onDelete: 'cascade' }),
    modelSeq: integer('model_seq')
      .notNull()
      .references(() => models.seq, { onDelete: 'cascade' }),
    position: integer('position').notNull().default(0),
  },
  (t) => [
    primaryKey({ name: 'collection_models_pk', columns: [t.collectionId, t.modelSeq] }),
    index('idx_collection_models_model').on(t.modelSeq),
    index('idx_collection_models_place').on(t.collectionId, t.position, t.modelSeq),
  ],
);

/** Searches kept under a name; `filters` is the JSON of the filter object that was saved. */
export const savedSearches = sqliteTable('saved_searches', {
  id: text('id').primaryKey(),
  name: text('name').notNull().unique('idx_saved_searches_name'),
  query: text('query').notNull(),
  filters: text('filters', { mode: 'json' }).notNull(),
  createdAt: integer('created_at', { mode: 'timestamp_ms' }).notNull(),
  lastUsedAt: integer('last_used_at', { mode: 'timestamp_ms' }),
});

/** The words of the full-text index with the number of models that contain them: for suggestions and prefixes. */
export const searchTerms = sqliteTable('search_terms', {
  term: text('term').primaryKey(),
  models: integer('models').notNull(),
});
