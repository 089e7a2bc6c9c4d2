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
import type { Library } from '../library.js';
import { parseCondition } from '../meta-condition.js';
import { collectionNamed } from './collection-named.js';
import {
  collect,
  collectNames,
  oneOfNames,
  parseBox,
  parseCount,
  parseFrom,
  parseMeasure,
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
  readonly collection?: readonly string[];
  readonly fits?: readonly [number, number, number];
  readonly minSide?: number;
  readonly maxSide?: number;
  readonly minVolume?: number;
  readonly maxVolume?: number;
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
    .option('--max-rating <n>', '0 to 5', parseRatingBound)
    .option('--collection <name>', 'only in this collection or those inside it (repeated: in one of them)', collect)
    .option('--fits <box>', 'only what fits into this box in mm, however it is turned: 220x220x250', parseBox)
    .option('--min-side <mm>', 'the longest side, in mm', parseMeasure)
    .option('--max-side <mm>', 'the longest side, in mm', parseMeasure)
    .option('--min-volume <cm3>', 'the volume, in cubic centimetres', parseMeasure)
    .option('--max-volume <cm3>', 'the volume, in cubic centimetres', parseMeasure);
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

/** The filter that the flags ask for, but for its collections. @throws Refused for bounds that leave nothing between them */
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
    fitsMm: flags.fits,
    minSizeMm: flags.minSide,
    maxSizeMm: flags.maxSide,
    minVolumeMm3: cubicMillimetres(flags.minVolume),
    maxVolumeMm3: cubicMillimetres(flags.maxVolume),
  } satisfies Readonly<Record<Exclude<keyof ModelFilter, 'collectionsAny'>, unknown>>;
}

/** The same with the collections, which have names in a library only. @throws Refused for one that is not there */
export async function filterIn(library: Library, flags: FilterFlags): Promise<ModelFilter> {
  const filter = filterOf(flags);
  if (flags.collection === undefined) return filter;
  const collectionsAny: string[] = [];
  for (const name of flags.collection) collectionsAny.push(await collectionNamed(library, name));
  return { ...filter, collectionsAny };
}

function cubicMillimetres(cubicCentimetres: number | undefined): number | undefined {
  return cubicCentimetres === undefined ? undefined : cubicCentimetres * 1000;
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
    [flags.minSide, flags.maxSide, ['min-side', 'max-side']],
    [flags.minVolume, flags.maxVolume, ['min-volume', 'max-volume']],
    [flags.since, flags.until, ['since', 'until']],
    [flags.printedSince, flags.printedUntil, ['printed-since', 'printed-until']],
  ];
}

function collectMeta(value: string, previous: readonly MetadataCriterion[] = []): readonly MetadataCriterion[] {
  const condition = parseCondition(value);
  if (typeof condition === 'string') throw new InvalidArgumentError(condition);
  return [...previous, condition];
}
