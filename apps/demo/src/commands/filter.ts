// The flags that narrow a listing or a search, and the filter that they ask for. flag-values.ts reads what is typed.
import type { MetadataCriterion, ModelFilter, ModelSort } from '@cc/repositories';
import {
  type ModelFormat,
  type ModelStatus,
  modelFormats,
  modelStatuses,
  type ParseStatus,
  parseStatuses,
} from '@cc/schema';
import { type Command, InvalidArgumentError, Option } from 'commander';
import { Refused } from '../failure.js';
import { parseValue } from './edit.js';
import {
  collect,
  collectNames,
  oneOfNames,
  parseCount,
  parseFrom,
  parseRatingBound,
  parseSize,
  parseUntil,
} from './flag-values.js';

/** Filter flags as commander gives them. */
export interface FilterFlags {
  readonly format?: readonly ModelFormat[];
  readonly tag?: readonly string[];
  readonly anyTag?: readonly string[];
  readonly withoutTag?: readonly string[];
  readonly status?: readonly ModelStatus[];
  readonly parsed?: readonly ParseStatus[];
  readonly author?: string;
  readonly license?: string;
  readonly since?: Date;
  readonly until?: Date;
  readonly printed?: boolean;
  readonly neverPrinted?: boolean;
  readonly printedSince?: Date;
  readonly printedUntil?: Date;
  readonly favorite?: boolean;
  readonly notFavorite?: boolean;
  readonly minSize?: number;
  readonly maxSize?: number;
  readonly minTriangles?: number;
  readonly maxTriangles?: number;
  readonly minRating?: number;
  readonly maxRating?: number;
}

/** Flags of a listing besides its filter, as commander gives them. */
export interface OrderFlags {
  readonly meta?: readonly MetadataCriterion[];
  readonly sort?: SortName;
  readonly asc?: boolean;
  readonly desc?: boolean;
}

/** Adds the flags of a filter. */
export function addFilterFlags(command: Command): Command {
  return command
    .option('--format <format>', 'only this format (may be repeated)', collectNames(modelFormats))
    .option('--tag <tag>', 'only models with this tag (repeated: with all of them)', collect)
    .option('--any-tag <tag>', 'only models with one of these tags (may be repeated)', collect)
    .option('--without-tag <tag>', 'only models without this tag (may be repeated)', collect)
    .option('--status <status>', 'active, archived or missing (may be repeated)', collectNames(modelStatuses))
    .option('--parsed <how>', 'parsed, unparsed or pending (may be repeated)', collectNames(parseStatuses))
    .option('--author <name>', 'only of this author, the whole name')
    .option('--license <name>', 'only under this license, the whole name')
    .option('--since <date>', 'created on this day or later (2026-01-31, or 7d, 2w back from now)', parseFrom)
    .option('--until <date>', 'created on this day or earlier', parseUntil)
    .option('--printed', 'only models that were printed')
    .addOption(new Option('--never-printed', 'only models that were not').conflicts('printed'))
    .option('--printed-since <date>', 'last printed on this day or later', parseFrom)
    .option('--printed-until <date>', 'last printed on this day or earlier', parseUntil)
    .option('--favorite', 'only favorites')
    .addOption(new Option('--not-favorite', 'only models that are none').conflicts('favorite'))
    .option('--min-size <bytes>', 'file size: 500, 20kB, 1.5MB, 2GiB', parseSize)
    .option('--max-size <bytes>', 'file size', parseSize)
    .option('--min-triangles <n>', '500, 12k, 1.5M', parseCount)
    .option('--max-triangles <n>', '500, 12k, 1.5M', parseCount)
    .option('--min-rating <n>', '0 to 5', parseRatingBound)
    .option('--max-rating <n>', '0 to 5', parseRatingBound);
}

/** Adds the flags of an order, and the condition on metadata, which only a listing takes. */
export function addOrderFlags(command: Command, otherwise: string): Command {
  return command
    .option(
      '--meta <condition>',
      `metadata: 'key', 'key=0.2', 'key>=3', 'key^=beginning' (may be repeated)`,
      collectMeta,
    )
    .option('--sort <order>', `${sortNames.join(', ')} (default: ${otherwise})`, (value) =>
      oneOfNames(value, sortNames),
    )
    .option('--asc', 'smallest, oldest or first letters first')
    .addOption(new Option('--desc', 'the other way round').conflicts('asc'));
}

/** The filter that the flags ask for. @throws Refused for bounds that leave nothing between them */
export function filterOf(flags: FilterFlags): ModelFilter {
  for (const [low, high, what] of boundsOf(flags)) {
    if (low !== undefined && high !== undefined && low > high) {
      throw new Refused(`--${what[0]} is beyond --${what[1]}: no model can be between them.`);
    }
  }
  const { printed, neverPrinted, favorite, notFavorite } = flags;
  return {
    formats: flags.format,
    statuses: flags.status,
    parseStatuses: flags.parsed,
    tagsAll: flags.tag,
    tagsAny: flags.anyTag,
    tagsNone: flags.withoutTag,
    author: flags.author,
    license: flags.license,
    createdFrom: flags.since,
    createdTo: flags.until,
    printed: neverPrinted === true ? false : printed,
    printedFrom: flags.printedSince,
    printedTo: flags.printedUntil,
    favorite: notFavorite === true ? false : favorite,
    minFileSize: flags.minSize,
    maxFileSize: flags.maxSize,
    minTriangles: flags.minTriangles,
    maxTriangles: flags.maxTriangles,
    minRating: flags.minRating,
    maxRating: flags.maxRating,
  };
}

/** The order that the flags ask for; undefined is the default. */
export function sortOf({ sort, asc, desc, printed }: OrderFlags & Pick<FilterFlags, 'printed'>): ModelSort | undefined {
  const by = sort !== undefined ? sorts[sort] : printed === true ? 'printedAt' : undefined;
  if (by === undefined && asc !== true && desc !== true) return undefined;
  const direction = asc === true ? 'asc' : desc === true ? 'desc' : undefined;
  return { by: by ?? 'createdAt', direction };
}

const sorts = { created: 'createdAt', added: 'added', name: 'name', printed: 'printedAt' } as const;

type SortName = keyof typeof sorts;

const sortNames = Object.keys(sorts) as readonly SortName[];

type Bound = number | Date | undefined;

function boundsOf(
  flags: FilterFlags,
): readonly (readonly [low: Bound, high: Bound, flags: readonly [string, string]])[] {
  return [
    [flags.minSize, flags.maxSize, ['min-size', 'max-size']],
    [flags.minTriangles, flags.maxTriangles, ['min-triangles', 'max-triangles']],
    [flags.minRating, flags.maxRating, ['min-rating', 'max-rating']],
    [flags.since, flags.until, ['since', 'until']],
    [flags.printedSince, flags.printedUntil, ['printed-since', 'printed-until']],
  ];
}

function collectMeta(value: string, previous: readonly MetadataCriterion[] = []): readonly MetadataCriterion[] {
  return [...previous, parseCriterion(value)];
}

/** A condition on metadata as it is typed. The value is read as `meta set` reads it. */
function parseCriterion(typed: string): MetadataCriterion {
  const [, key = typed, op, text = ''] = /^([^=<>^]+)(\^=|>=|<=|=|>|<)(.*)$/s.exec(typed) ?? [];
  if (!/^[^=<>^]*[^=<>^\s]/.test(typed)) throw new InvalidArgumentError('It must begin with a key.');
  if (op === undefined) return { key, op: 'exists' };
  if (op === '^=') return { key, op: 'prefix', value: text };
  const value = parseValue(text);
  if (op === '=' && (value === null || typeof value !== 'object')) return { key, op, value };
  if (op !== '=' && (typeof value === 'number' || typeof value === 'string')) {
    return { key, op: op as '>' | '>=' | '<' | '<=', value };
  }
  throw new InvalidArgumentError('It must compare with a number or a text; = also with true, false and null.');
}
