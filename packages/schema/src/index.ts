// The public names of @cc/schema; the checks of what callers hand in are in @cc/schema/validation.
export { migrationsFolder } from './migrations-folder.js';
export type { ModelId, ModelIdBrand } from './model-id.js';
export { schema } from './schema.js';
export {
  collectionModels,
  collections,
  lengthUnits,
  metadataValueTypes,
  millimetersIn,
  modelFormats,
  modelMetadata,
  modelStatuses,
  models,
  modelTags,
  parseStatuses,
  savedSearches,
  searchTerms,
  tags,
} from './tables.js';
export type {
  JsonValue,
  LengthUnit,
  MetadataValue,
  MetadataValueType,
  Model,
  ModelFormat,
  ModelMetadataRow,
  ModelRow,
  ModelStatus,
  ParseStatus,
  TagRow,
} from './types.js';
