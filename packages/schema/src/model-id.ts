// The public identity of a model, which the tables and everything that is read off them name.

declare const brand: unique symbol;

/** The public identity of a model: a UUIDv7 in lower case, so ids sort by creation time. */
export type ModelId = string & { readonly [brand]: 'ModelId' };
