// What the page and the server say to each other about models: every request and answer as a schema, which checks it, types the
// client and makes the OpenAPI description. The page imports its types alone. Long, because it is one vocabulary; contract-care.ts
// has imports, jobs, health and events.
import type { ModelFilter } from '@cc/repositories';
import { lengthUnits, modelFormats, modelStatuses, parseStatuses } from '@cc/schema';
import { z } from '@hono/zod-openapi';

const format = z.enum(modelFormats);
const status = z.enum(modelStatuses);
const parseStatus = z.enum(parseStatuses);
const unit = z.enum(lengthUnits);

/** The id of a model: a UUID in lower case. */
export const modelId = z
  .string()
  .regex(/^[0-9a-f]{8}-[0-9a-f]{4}-[1-8][0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/)
  .openapi({ format: 'uuid' });
/** A time in ISO 8601, in UTC. */
export const time = z.iso.datetime({ precision: 3 });
const text = z.string().max(1_000);
const cursor = z.string().max(4_000);

/** An answer that is none: RFC 9457, as `application/problem+json`. `detail` says what to do next. */
export const problem = z
  .object({
    type: z.string(),
    title: z.string(),
    status: z.number().int(),
    detail: z.string(),
    /** For programs: `INVALID`, `NOT_FOUND`, `CONFLICT`, `FORBIDDEN`, or the code of a DatabaseError. */
    code: z.string(),
  })
  .openapi('Problem');

// In a URL everything is a text, and a list is one name several times.
const number = z
  .string()
  .regex(/^-?\d{1,16}(\.\d{1,9})?$/)
  .transform(Number)
  .openapi({ type: 'number' });
const boolean = z
  .enum(['true', 'false'])
  .transform((value) => value === 'true')
  .openapi({ type: 'boolean' });
const date = z
  .union([z.iso.datetime(), z.iso.date()])
  .transform((value) => new Date(value))
  .openapi({ type: 'string', format: 'date-time' });
const many = <T extends z.ZodType<string, string>>(one: T) =>
  z
    .union([one, z.array(one).max(100)])
    .transform((value): z.output<T>[] => (Array.isArray(value) ? value : [value]) as z.output<T>[]);
const whole = (least: number, most: number) =>
  z
    .string()
    .regex(/^\d{1,7}$/)
    .transform(Number)
    .pipe(z.number().min(least).max(most))
    .openapi({ type: 'integer', minimum: least, maximum: most });

/** The filter as a URL has it: the names of `ModelFilter` of @cc/repositories. */
export const filterQuery = z.object({
  formats: many(format).optional(),
  statuses: many(status).optional(),
  parseStatuses: many(parseStatus).optional(),
  tagsAll: many(z.string().max(200)).optional(),
  tagsAny: many(z.string().max(200)).optional(),
  tagsNone: many(z.string().max(200)).optional(),
  createdFrom: date.optional(),
  createdTo: date.optional(),
  minTriangles: number.optional(),
  maxTriangles: number.optional(),
  minFileSize: number.optional(),
  maxFileSize: number.optional(),
  minRating: number.optional(),
  maxRating: number.optional(),
  favorite: boolean.optional(),
  printed: boolean.optional(),
  printedFrom: date.optional(),
  printedTo: date.optional(),
  author: text.optional(),
  license: text.optional(),
  collectionsAny: many(z.string().min(1).max(200)).optional(),
  /** Three lengths: `220x220x250`. */
  fitsMm: z
    .string()
    .regex(/^\d{1,9}(\.\d{1,9})?(x\d{1,9}(\.\d{1,9})?){2}$/)
    .transform((value) => {
      const [x = 0, y = 0, z = 0] = value.split('x').map(Number);
      return [x, y, z] as const;
    })
    .openapi({ type: 'string' })
    .optional(),
  minSizeMm: number.optional(),
  maxSizeMm: number.optional(),
  minVolumeMm3: number.optional(),
  maxVolumeMm3: number.optional(),
} satisfies Readonly<Record<keyof ModelFilter, z.ZodType>>);

/** What models can be counted by. */
export const countQuery = filterQuery
  .extend({
    /** Words, as `docs/search.md` has them. */
    q: z.string().max(2_000).optional(),
    /** Conditions on metadata as people type them: `layer>=0.2`. */
    meta: many(text).optional(),
    /** Conditions on metadata (`MetadataCriteria`) as JSON. */
    metadata: z.string().max(10_000).optional(),
  })
  .strict();

/** Everything that a page of models can be asked by. */
export const modelsQuery = countQuery
  .extend({
    /** Default `relevance`: the best hit first, without words the newest model. */
    sort: z.enum(['relevance', 'added', 'createdAt', 'name', 'printedAt']).optional(),
    direction: z.enum(['asc', 'desc']).optional(),
    /** The `next` of the page before, of the same query. */
    after: cursor.optional(),
    /** Default 50. */
    limit: whole(1, 100).optional(),
    /** Whether the first page tells how the models divide. */
    facets: boolean.optional(),
  })
  .strict();

const parts = z.array(z.object({ text: z.string(), match: z.boolean() }));

const highlight = z.object({ name: parts, fileName: parts, description: parts, tags: parts }).openapi('Highlight');

/** A model in a list. */
export const modelCard = z
  .object({
    id: modelId,
    version: z.number().int(),
    name: z.string(),
    fileName: z.string(),
    format,
    fileSize: z.number().int(),
    status,
    parseStatus,
    rating: z.number().int().nullable(),
    favorite: z.boolean(),
    printedAt: time.nullable(),
    createdAt: time,
    updatedAt: time,
    triangles: z.number().int().nullable(),
    /** The sides of the box along x, y and z, in `unit`; null where nothing was measured. */
    size: z.tuple([z.number(), z.number(), z.number()]).nullable(),
    /** Null when the file names none. */
    unit: unit.nullable(),
    tags: z.array(z.string()),
    /** Holds for this content for ever. 404 where there is no picture. */
    pictureUrl: z.string(),
    highlight: highlight.nullable(),
  })
  .openapi('ModelCard');

const counts = z.array(z.object({ value: z.string(), models: z.number().int() }));

/** A page of models. */
export const modelsPage = z
  .object({
    items: z.array(modelCard),
    next: z.string().nullable(),
    /** Counted up to 500, then not `exact`; the whole library always is. Null on later pages and by metadata. `/api/count` counts all. */
    total: z.object({ models: z.number().int(), exact: z.boolean() }).nullable(),
    facets: z
      .object({
        formats: counts,
        tags: counts,
        years: counts,
        licenses: counts,
        /** How many models were counted. */
        models: z.number().int(),
        exact: z.boolean(),
      })
      .nullable(),
    /** Did you mean: nothing matched the query, and these are the hits of this one. */
    corrected: z.string().nullable(),
    /** `some`: no model has all words. */
    matching: z.enum(['all', 'some']),
  })
  .openapi('ModelsPage');

/** How many models there are. */
export const modelCount = z.object({ models: z.number().int() }).openapi('ModelCount');

/** Words that go on where the typed one ends. */
export const suggestions = z
  .object({ items: z.array(z.object({ text: z.string(), word: z.string(), models: z.number().int() })) })
  .openapi('Suggestions');

type Json = string | number | boolean | null | readonly Json[] | { readonly [key: string]: Json };
const json: z.ZodType<Json> = z.any().openapi({ description: 'Any JSON value' });

/** Everything about one model. */
export const modelDetail = modelCard
  .extend({
    description: z.string().nullable(),
    filePath: z.string(),
    fileHash: z.string(),
    fileModifiedAt: time.nullable(),
    author: z.string().nullable(),
    license: z.string().nullable(),
    sourceUrl: z.string().nullable(),
    /** Why nothing was measured. */
    parseError: z.string().nullable(),
    vertices: z.number().int().nullable(),
    volume: z.number().nullable(),
    min: z.tuple([z.number(), z.number(), z.number()]).nullable(),
    max: z.tuple([z.number(), z.number(), z.number()]).nullable(),
    /** Holds for this content for ever. */
    fileUrl: z.string(),
    metadata: z.array(
      z.object({ key: z.string(), type: z.enum(['text', 'number', 'boolean', 'null', 'json']), value: json }),
    ),
    /** `path`: the names from the top to the collection itself. */
    collections: z.array(z.object({ id: z.string(), name: z.string(), path: z.array(z.string()) })),
    /** Models of the library whose files lie in the same folder, at most 100. */
    beside: z.array(z.object({ id: modelId, name: z.string(), fileName: z.string(), format })),
    /** How many other models have the same content; the first 100 of them are `equal`. */
    equalCount: z.number().int(),
    equal: z.array(z.object({ id: modelId, name: z.string(), filePath: z.string(), status })),
    /** What is kept of its past, the latest first. */
    history: z.array(z.object({ at: time, what: z.enum(['added', 'changed', 'printed', 'file written']) })),
  })
  .openapi('ModelDetail');

/** The fields that people edit. `printedAt` null: never printed. A missing model is `missing` by its file alone. */
const editable = z
  .object({
    name: z.string().min(1).max(500),
    description: z.string().max(100_000).nullable(),
    author: text.nullable(),
    license: text.nullable(),
    sourceUrl: z.string().max(4_096).nullable(),
    rating: z.number().int().min(0).max(5).nullable(),
    favorite: z.boolean(),
    status: z.enum(['active', 'archived']),
    printedAt: time.nullable(),
  })
  .partial()
  .strict()
  .openapi('Editable');

const key = z.string().min(1).max(200);
/** Values by any key. A record of zod would leave out `__proto__`, without a word. */
const values = z
  .custom<Record<string, Json>>(hasKeys, 'must be an object of values by keys of 1 to 200 characters')
  .openapi({ type: 'object', additionalProperties: { description: 'Any JSON value' } });
const tagNames = z.array(z.string().min(1).max(200)).max(100);
const collectionId = z.string().max(36);

/** What changes in one model. With `ifVersion` only if nobody has changed it since. */
export const edit = z
  .object({
    id: modelId,
    ifVersion: z.number().int().positive().optional(),
    set: editable.optional(),
    /** Null is a value like any other; `remove` takes keys away. */
    metadata: z
      .object({ set: values, remove: z.array(key).max(1_000) })
      .partial()
      .strict()
      .optional(),
    tags: z.object({ add: tagNames, remove: tagNames }).partial().strict().optional(),
    /** `position`: the place that an undo puts it back to; default behind the others. */
    collections: z
      .object({
        add: z.array(z.object({ id: collectionId, position: z.number().int().optional() }).strict()).max(100),
        remove: z.array(collectionId).max(100),
      })
      .partial()
      .strict()
      .optional(),
  })
  .strict()
  .openapi('Edit');

/** Edits of one or several models: all or none, in this order. */
export const edits = z
  .object({ edits: z.array(edit).min(1).max(1_000) })
  .strict()
  .openapi('Edits');

/** What the models are now, and the edits that take everything back when they are posted. */
export const edited = z
  .object({
    versions: z.array(z.object({ id: modelId, version: z.number().int() })),
    undo: z.array(edit),
  })
  .openapi('Edited');

/** Nothing was written: somebody has changed these models meanwhile. */
export const conflict = problem
  .extend({
    conflicts: z.array(
      z.object({
        id: modelId,
        /** Null: it is not in the library any more. */
        name: z.string().nullable(),
        version: z.number().int().nullable(),
        /** What was to be written and what is there, where they differ. Metadata is named `metadata.<key>`. */
        fields: z.array(z.object({ field: z.string(), yours: json, theirs: json })),
      }),
    ),
  })
  .openapi('Conflict');

/** A collection with what lies directly in it. */
export const collection = z
  .object({
    id: z.string(),
    parentId: z.string().nullable(),
    name: z.string(),
    description: z.string().nullable(),
    models: z.number().int(),
    collections: z.number().int(),
  })
  .openapi('Collection');

/** What makes or changes a collection. */
export const collectionInput = z
  .object({
    name: z.string().min(1).max(500),
    parentId: collectionId.nullable().optional(),
    description: z.string().max(100_000).nullable().optional(),
  })
  .strict()
  .openapi('CollectionInput');

/** A search under a name. `query` is what stands behind `?` in the address of the page: the names of `modelsQuery`. */
export const savedSearch = z
  .object({ name: z.string(), query: z.string(), createdAt: time, lastUsedAt: time.nullable() })
  .openapi('SavedSearch');

function hasKeys(given: unknown): boolean {
  const isObject = typeof given === 'object' && given !== null && !Array.isArray(given);
  return isObject && Object.keys(given).every((each) => key.safeParse(each).success);
}

/** An answer that is none. */
export type Problem = z.infer<typeof problem>;
/** What a page of models is asked by, read from its address. */
export type ModelsQuery = z.output<typeof modelsQuery>;
/** A model in a list. */
export type ModelCard = z.infer<typeof modelCard>;
/** What models are counted by, read from an address. */
export type CountQuery = z.output<typeof countQuery>;
/** A page of models. */
export type ModelsPage = z.infer<typeof modelsPage>;
/** Everything about one model. */
export type ModelDetail = z.infer<typeof modelDetail>;
/** What changes in one model. */
export type Edit = z.infer<typeof edit>;
/** What edits have made, and the way back. */
export type Edited = z.infer<typeof edited>;
/** Why edits were not made. */
export type Conflict = z.infer<typeof conflict>;
/** A collection. */
export type Collection = z.infer<typeof collection>;
/** A saved search. */
export type SavedSearch = z.infer<typeof savedSearch>;
