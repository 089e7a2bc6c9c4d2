// Checks of what callers hand in, made from the tables: a wrong field is named before any SQL runs.
import { createInsertSchema } from 'drizzle-zod';
import { z } from 'zod';
import { models } from './tables.js';
import type { MetadataValue, ModelFormat, ModelId, ModelStatus, ParseStatus } from './types.js';

/** The longest texts that are taken, in UTF-16 code units. */
export const textLimits = Object.freeze({
  name: 500,
  description: 100_000,
  path: 4_096,
  short: 1_000,
  tag: 200,
  metadataKey: 200,
  metadataText: 1_000_000,
});

/** What `ModelRepository.create` takes. `id` (UUIDv7) and the times are made when absent. */
export interface ModelInput {
  readonly id?: ModelId | undefined;
  readonly name: string;
  readonly description?: string | null | undefined;
  readonly format: ModelFormat;
  readonly fileName: string;
  readonly filePath: string;
  /** SHA-256 of the file in lower-case hex. */
  readonly fileHash: string;
  /** Bytes. */
  readonly fileSize: number;
  readonly fileModifiedAt?: Date | null | undefined;
  readonly author?: string | null | undefined;
  readonly license?: string | null | undefined;
  readonly sourceUrl?: string | null | undefined;
  readonly parseStatus?: ParseStatus | undefined;
  /** Why the file could not be read; required with `parseStatus: 'unparsed'` and only then. */
  readonly parseError?: string | null | undefined;
  readonly triangles?: number | null | undefined;
  readonly vertices?: number | null | undefined;
  readonly minX?: number | null | undefined;
  readonly minY?: number | null | undefined;
  readonly minZ?: number | null | undefined;
  readonly maxX?: number | null | undefined;
  readonly maxY?: number | null | undefined;
  readonly maxZ?: number | null | undefined;
  readonly volume?: number | null | undefined;
  /** 0 to 5. */
  readonly rating?: number | null | undefined;
  readonly favorite?: boolean | undefined;
  readonly status?: ModelStatus | undefined;
  readonly createdAt?: Date | undefined;
}

/** What `ModelRepository.update` takes: any field of a model but its id and its times. */
export type ModelPatch = Partial<Omit<ModelInput, 'id' | 'createdAt'>>;

const uuid = /^[0-9a-f]{8}-[0-9a-f]{4}-[1-8][0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;

const text = (max: number, min = 0) =>
  z
    .string()
    .min(min, min === 1 ? 'must not be empty' : `must have at least ${min} characters`)
    .max(max, `must have at most ${max} characters`)
    .refine((value) => value.isWellFormed(), 'must be well-formed Unicode (it has a lone surrogate)')
    .refine((value) => !value.includes('\0'), 'must not contain a NUL character');

const count = z.number().int('must be a whole number').min(0, 'must not be negative').max(Number.MAX_SAFE_INTEGER);
const time = z.date('must be a valid Date');
const coordinate = z.number('must be a finite number').nullish();

const modelInput = createInsertSchema(models, {
  id: z.string().regex(uuid, 'must be a UUID in lower case').optional(),
  name: text(textLimits.name, 1),
  description: text(textLimits.description).nullish(),
  fileName: text(textLimits.short, 1),
  filePath: text(textLimits.path, 1),
  fileHash: text(textLimits.short, 1),
  fileSize: count,
  fileModifiedAt: time.nullish(),
  author: text(textLimits.short).nullish(),
  license: text(textLimits.short).nullish(),
  sourceUrl: text(textLimits.path).nullish(),
  parseError: text(textLimits.path, 1).nullish(),
  triangles: count.nullish(),
  vertices: count.nullish(),
  minX: coordinate,
  minY: coordinate,
  minZ: coordinate,
  maxX: coordinate,
  maxY: coordinate,
  maxZ: coordinate,
  volume: coordinate,
  rating: count.max(5, 'must be at most 5').nullish(),
  createdAt: time.optional(),
})
  .omit({ seq: true, tagsText: true, searchExtra: true, updatedAt: true, version: true })
  .strict();

const modelPatch = modelInput.omit({ id: true, createdAt: true }).partial().strict();

const metadataKey = text(textLimits.metadataKey, 1);
const tagName = text(textLimits.tag, 1).refine((name) => !/[\r\n]/.test(name), 'must be a single line');
const modelId = z.string().regex(uuid, 'must be a model id (a UUID in lower case)');
// JSON.stringify hides a lone surrogate in an escape; json_extract would turn it into a text that ends the process.
const storable = (value: unknown): boolean => {
  if (typeof value === 'string') return value.isWellFormed() && !value.includes('\0');
  if (typeof value !== 'object' || value === null) return true;
  return Object.entries(value).every(([key, nested]) => storable(key) && storable(nested));
};
const json = <T extends z.ZodType>(schema: T) =>
  schema.refine(storable, 'must hold well-formed Unicode without NUL characters only');

const metadataValue = z.union([
  text(textLimits.metadataText),
  z.number('must be a finite number'),
  z.boolean(),
  z.null(),
  json(z.array(z.json())),
  json(z.record(z.string(), z.json())),
]);

/** Returns `value` as a model to create. @throws TypeError that names the first wrong field */
export function parseModelInput(value: unknown): ModelInput {
  const input = parse('model', modelInput, value);
  requireReason(input.parseStatus ?? 'pending', input.parseError);
  // The brand has no runtime form; the pattern above is what it stands for.
  return input as ModelInput;
}

/** Returns `value` as changes to a model. @throws TypeError that names the first wrong field */
export function parseModelPatch(value: unknown): ModelPatch {
  const patch = parse('model', modelPatch, value);
  if (patch.parseStatus !== undefined) requireReason(patch.parseStatus, patch.parseError);
  return patch as ModelPatch;
}

/** Returns `value` as a model id. @throws TypeError when it is not a UUID in lower case */
export function parseModelId(value: unknown): ModelId {
  return parse('id', modelId, value) as ModelId;
}

/** Returns `value` as a metadata key of 1 to 200 characters. @throws TypeError */
export function parseMetadataKey(value: unknown): string {
  return parse('key', metadataKey, value);
}

/** Returns `value` as a metadata value. @throws TypeError for anything that JSON cannot hold: NaN, bigint, Date, undefined */
export function parseMetadataValue(value: unknown): MetadataValue {
  parse('value', metadataValue, value);
  // The value itself: the checked copy would lack a key named __proto__, which JSON can hold.
  return value as MetadataValue;
}

/** Returns `value` as a tag name, trimmed: one line of 1 to 200 characters. @throws TypeError */
export function parseTagName(value: unknown): string {
  return parse('tag', tagName, typeof value === 'string' ? value.trim() : value);
}

/** Returns the form of a tag's name that makes it unique: Unicode NFKC in lower case. */
export function tagKey(name: string): string {
  return name.normalize('NFKC').toLowerCase();
}

function requireReason(parseStatus: ParseStatus, parseError: string | null | undefined): void {
  const given = parseError !== undefined && parseError !== null;
  if (given !== (parseStatus === 'unparsed')) {
    throw new TypeError(`model.parseError must be given with parseStatus 'unparsed' and only then`);
  }
}

function parse<T extends z.ZodType>(subject: string, schema: T, value: unknown): z.output<T> {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  const [issue] = result.error.issues;
  if (issue?.code === 'unrecognized_keys') {
    throw new TypeError(`${subject} has the unknown field ${issue.keys.map((key) => `'${key}'`).join(', ')}`);
  }
  const field = [subject, ...(issue?.path ?? [])].map(String).join('.');
  throw new TypeError(`${field}: ${issue?.message ?? 'is not valid'}`);
}
