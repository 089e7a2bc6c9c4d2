// The public identity of a model, which the tables and everything that is read off them name.

declare const brand: unique symbol;

/**
 * What makes a text a `ModelId`, for the compiler only: no value has the property. Exported because the declarations of
 * programs that return models name it.
 */
export interface ModelIdBrand {
  readonly [brand]: 'ModelId';
}

/** The public identity of a model: a UUIDv7 in lower case, so ids sort by creation time. */
export type ModelId = string & ModelIdBrand;
