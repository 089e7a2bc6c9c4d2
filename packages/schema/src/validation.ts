// Checks of what callers hand in, made from the tables: a wrong field is named before any SQL runs.
import { types } from 'node:util';
import { type ColumnRule, columnRules, type Refinement, type Rule, textRule } from './column-rules.js';
import { holdsValues, nearestName, refuseUnknownKeys } from './known-keys.js';
import { metadataCopy } from './metadata-rule.js';
import type { ModelId } from './model-id.js';
import { models } from './tables.js';
import type { LengthUnit, MetadataValue, ModelFormat, ModelStatus, ParseStatus } from './types.js';

export { holdsValues, nearestName, refuseUnknownKeys };

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
  /** What the program that read the file notes about it for the next time. */
  readonly fileStamp?: string | null | undefined;
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
  /** The unit of the box and the volume, where the file names one. */
  readonly unit?: LengthUnit | null | undefined;
  /** 0 to 5. */
  readonly rating?: number | null | undefined;
  readonly favorite?: boolean | undefined;
  /** When it was last printed. */
  readonly printedAt?: Date | null | undefined;
  readonly status?: ModelStatus | undefined;
  readonly createdAt?: Date | undefined;
}

/** What `ModelRepository.update` takes: any field of a model but its id and its times. What is undefined stays as it is. */
export type ModelPatch = {
  readonly [Field in keyof Omit<ModelInput, 'id' | 'createdAt'>]?: ModelInput[Field] | undefined;
};

const uuid = /^[0-9a-f]{8}-[0-9a-f]{4}-[1-8][0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;

/** Every field of `ModelInput`; what is not refined is as its column says. */
const refinements: Readonly<Record<keyof ModelInput, Refinement>> = {
  id: { pattern: [uuid, 'must be a UUID in lower case'] },
  name: { maxLength: textLimits.name, filled: true },
  description: { maxLength: textLimits.description },
  format: {},
  fileName: { maxLength: textLimits.short, filled: true },
  filePath: { maxLength: textLimits.path, filled: true },
  fileHash: { maxLength: textLimits.short, filled: true },
  fileSize: {},
  fileModifiedAt: {},
  fileStamp: { maxLength: textLimits.path },
  author: { maxLength: textLimits.short },
  license: { maxLength: textLimits.short },
  sourceUrl: { maxLength: textLimits.path },
  parseStatus: {},
  parseError: { maxLength: textLimits.path, filled: true },
  triangles: {},
  vertices: {},
  minX: {},
  minY: {},
  minZ: {},
  maxX: {},
  maxY: {},
  maxZ: {},
  volume: {},
  unit: {},
  rating: { max: 5 },
  favorite: {},
  printedAt: {},
  status: {},
  createdAt: {},
};

const inputRules = columnRules(models, refinements, ['id', 'createdAt']);
const patchRules = inputRules
  .filter(({ name }) => name !== 'id' && name !== 'createdAt')
  .map((column) => ({ ...column, optional: true }));

const idRule = textRule(refinements.id);
const keyRule = textRule({ maxLength: textLimits.metadataKey, filled: true });
const tagRule = textRule({
  maxLength: textLimits.tag,
  filled: true,
  pattern: [/^[^\n\r]*$/, 'must be on one line'],
});

/** Returns a copy of `value` as a model to create. @throws TypeError that names the first wrong field */
export function parseModelInput(value: unknown): ModelInput {
  // The rules are those of the interface's fields.
  const input = parseFields('model', inputRules, value) as unknown as ModelInput;
  requireReason(input.parseStatus ?? 'pending', input.parseError);
  return input;
}

/** Returns a copy of `value` as changes to a model. @throws TypeError that names the first wrong field */
export function parseModelPatch(value: unknown): ModelPatch {
  const patch: ModelPatch = parseFields('model', patchRules, value);
  if (patch.parseStatus !== undefined) requireReason(patch.parseStatus, patch.parseError);
  return patch;
}

/** Returns `value` as a model id. @throws TypeError when it is not a UUID in lower case */
export function parseModelId(value: unknown): ModelId {
  return parseText('id', idRule, value) as ModelId;
}

/** Returns `value` as a metadata key of 1 to 200 characters. @throws TypeError */
export function parseMetadataKey(value: unknown): string {
  return parseText('key', keyRule, value);
}

/** Returns a copy of `value` as a metadata value. @throws TypeError for anything that JSON cannot hold: NaN, bigint, Date, undefined */
export function parseMetadataValue(value: unknown): MetadataValue {
  return metadataCopy(value, textLimits.metadataText);
}

/** Returns `value` as a tag name, trimmed: one line of 1 to 200 characters. @throws TypeError */
export function parseTagName(value: unknown): string {
  return parseText('tag', tagRule, typeof value === 'string' ? value.trim() : value);
}

/**
 * Returns `value` as the name of a tag that is to be made: as `parseTagName` does, and it shows at least one sign.
 * @throws TypeError
 */
export function parseNewTagName(value: unknown): string {
  const name = parseTagName(value);
  if (!isBlank(name)) return name;
  throw new TypeError('tag must have a sign that can be seen: this one has spaces and invisible characters only');
}

/** Whether nothing of a text can be seen: it is empty, or holds only spaces, control and invisible characters. */
export function isBlank(text: string): boolean {
  return /^[\p{Cc}\p{Cf}\p{Z}\p{Default_Ignorable_Code_Point}\u2800]*$/u.test(text);
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

function parseText(subject: string, rule: Rule, value: unknown): string {
  const problem = rule(value);
  if (problem !== null) throw new TypeError(`${subject} ${problem}`);
  return value as string;
}

function parseFields(subject: string, rules: readonly ColumnRule[], given: unknown): Record<string, unknown> {
  if (!holdsValues(given))
    throw new TypeError(`${subject} must be an object, with its values as properties of its own`);
  // A copy, with its dates: what is written is what was checked, whatever the caller does with the object meanwhile.
  const value: Record<string, unknown> = { ...given };
  let known = 0;
  for (const { name, rule, nullable, optional } of rules) {
    const field = value[name];
    if (field === undefined) {
      if (name in value) known += 1;
      if (optional) continue;
    } else {
      known += 1;
      if (field === null && nullable) continue;
    }
    const problem = rule(field);
    if (problem === null) {
      if (types.isDate(field)) value[name] = new Date(field);
      continue;
    }
    // A misspelt field is told before the one that it was meant to be is missing.
    refuseUnknownKeys(subject, value, namesOf(rules));
    throw new TypeError(`${subject}.${name} ${problem}`);
  }
  if (known < Object.keys(value).length) refuseUnknownKeys(subject, value, namesOf(rules));
  return value;
}

function namesOf(rules: readonly ColumnRule[]): readonly string[] {
  return rules.map(({ name }) => name);
}
