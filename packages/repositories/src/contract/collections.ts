// The collections repository: what it promises, without how.
import type { Model, ModelId } from '@cc/schema';
import type { Page, PageOptions } from './page.js';

/** A named group of models, possibly inside another one. */
export interface Collection {
  /** A UUIDv7. */
  readonly id: string;
  /** The collection that this one lies in; null at the top. */
  readonly parentId: string | null;
  readonly name: string;
  readonly description: string | null;
  readonly createdAt: Date;
  readonly updatedAt: Date;
}

/** A collection in a list, with what lies directly in it. */
export interface CollectionSummary extends Collection {
  readonly models: number;
  readonly collections: number;
}

/** What `create` takes. */
export interface CollectionInput {
  /** 1 to 500 characters, kept in Unicode's composed form (NFC); no two collections in one place have the same name. */
  readonly name: string;
  /** Default null: the top. */
  readonly parentId?: string | null | undefined;
  readonly description?: string | null | undefined;
}

/** What `update` takes: any field. What is undefined stays as it is. */
export type CollectionPatch = { readonly [Field in keyof CollectionInput]?: CollectionInput[Field] | undefined };

/** Options of `modelsOf`. */
export interface CollectionPageOptions extends PageOptions {
  /** Whether the models of the collections inside count too, each model once. Default false. */
  readonly nested?: boolean | undefined;
}

/**
 * Collections of models. A model may lie in many; collections lie in one another, never in a circle and at most 100 levels
 * deep. Every method joins the transaction of the calling context; outside one, each write is a transaction of its own. What is
 * put into what does not exist is a DatabaseError `COLLECTION_NOT_FOUND` or `MODEL_NOT_FOUND`, other writes to it answer false
 * or 0; a collection that a trigger of the database ignores is `ROWS_IGNORED`.
 */
export interface CollectionRepository {
  /**
   * Makes a collection and returns its id.
   * @throws DatabaseError `DUPLICATE_COLLECTION` for a name that its place has, `COLLECTION_TOO_DEEP` below 100 levels
   */
  create(input: CollectionInput): Promise<string>;
  /** Returns the collection, or null. */
  read(id: string): Promise<Collection | null>;
  /**
   * Changes the given fields; with `parentId` it moves, with all that lies in it. True when it exists.
   * @throws DatabaseError `COLLECTION_CYCLE` for a place inside itself, `DUPLICATE_COLLECTION`, `COLLECTION_TOO_DEEP` when
   * what lies in it would be deeper than 100 levels, and deeper than before
   */
  update(id: string, patch: CollectionPatch): Promise<boolean>;
  /** Removes a collection and those inside it; the models stay in the library. True when it existed. */
  delete(id: string): Promise<boolean>;
  /** Returns the collections directly inside `parentId` (null: at the top) in the order of their names. */
  list(parentId?: string | null): Promise<readonly CollectionSummary[]>;
  /** Returns the way from the top to the collection, itself last; empty when it is absent. */
  pathOf(id: string): Promise<readonly Collection[]>;
  /** Puts models into a collection, behind those that are there, in this order; returns how many were not in it before. */
  addModels(id: string, modelIds: readonly ModelId[]): Promise<number>;
  /** Takes models out of a collection; returns how many were in it. */
  removeModels(id: string, modelIds: readonly ModelId[]): Promise<number>;
  /**
   * Returns a page of the models of a collection, in the order of their places; nested ones in the order in which they were
   * added to the library. Empty when the collection is absent.
   */
  modelsOf(id: string, options?: CollectionPageOptions): Promise<Page<Model>>;
  /** Returns the collections that a model lies in directly, in the order of their names. */
  collectionsOf(modelId: ModelId): Promise<readonly Collection[]>;
}
