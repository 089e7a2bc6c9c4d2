// Row and value types read off the tables: what repositories take and return.
import type {
  lengthUnits,
  metadataValueTypes,
  modelFormats,
  modelMetadata,
  modelStatuses,
  models,
  parseStatuses,
  tags,
} from './tables.js';

/** One of `modelFormats`. */
export type ModelFormat = (typeof modelFormats)[number];

/** One of `lengthUnits`. */
export type LengthUnit = (typeof lengthUnits)[number];
/** One of `modelStatuses`. */
export type ModelStatus = (typeof modelStatuses)[number];

/** One of `parseStatuses`. */
export type ParseStatus = (typeof parseStatuses)[number];

/** One of `metadataValueTypes`. */
export type MetadataValueType = (typeof metadataValueTypes)[number];

/** A row of `models` as drizzle selects it, with the columns that only the database needs. */
export type ModelRow = typeof models.$inferSelect;

/** A model as the repositories return it. Times are `Date`s (UTC); unknown values are null. */
export type Model = Readonly<
  Omit<
    ModelRow,
    'seq' | 'tagsText' | 'searchExtra' | 'nameKey' | 'nameOrder' | 'sizeOctave' | 'triangleOctave' | 'facets'
  >
>;

/** A row of `model_metadata` as drizzle selects it. */
export type ModelMetadataRow = typeof modelMetadata.$inferSelect;

/** A row of `tags` as drizzle selects it. */
export type TagRow = typeof tags.$inferSelect;

/** A value of JSON. */
export type JsonValue = string | number | boolean | null | readonly JsonValue[] | { readonly [key: string]: JsonValue };

/** A metadata value. Its type is kept: `1`, `'1'`, `true` and `null` stay four different values. */
export type MetadataValue = JsonValue;
