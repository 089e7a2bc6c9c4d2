// The filter flags that search and list share.

import type { ModelFilter } from '@cc/repositories';
import { type ModelFormat, modelFormats } from '@cc/schema';
import { type Command, InvalidArgumentError } from 'commander';

/** Filter flags as commander gives them. */
export interface FilterFlags {
  readonly format?: readonly ModelFormat[];
  readonly tag?: readonly string[];
  readonly since?: Date;
  readonly printed?: boolean;
  readonly limit: number;
  readonly after?: string;
}

/** Adds `--format`, `--tag`, `--since`, `--printed`, `--limit` and `--after`. */
export function addFilterFlags(command: Command): Command {
  return command
    .option('--format <format>', 'only this format (may be repeated)', collectFormat)
    .option('--tag <tag>', 'only models with this tag (repeated: with all of them)', collect)
    .option(
      '--since <date>',
      'only models created on this day or later (2026-01-31, or 7d for the last 7 days)',
      parseSince,
    )
    .option('--printed', 'only models that were printed')
    .option('--limit <n>', 'most models to show', parseLimit, 20)
    .option('--after <cursor>', 'the next page: the cursor that the last one showed');
}

/** The filter that the flags ask for. */
export function filterOf(flags: FilterFlags): ModelFilter {
  return { formats: flags.format, tagsAll: flags.tag, createdFrom: flags.since, printed: flags.printed };
}

/** Collects the values of a flag that may be repeated. */
export function collect(value: string, previous: readonly string[] = []): readonly string[] {
  return [...previous, value];
}

function collectFormat(value: string, previous: readonly ModelFormat[] = []): readonly ModelFormat[] {
  const format = modelFormats.find((known) => known === value.toLowerCase());
  if (!format) throw new InvalidArgumentError(`It must be one of ${modelFormats.join(', ')}.`);
  return [...previous, format];
}

function parseSince(value: string): Date {
  const days = /^(\d{1,5})d$/.exec(value)?.[1];
  if (days !== undefined) return new Date(Date.now() - Number(days) * 86_400_000);
  const [, year, month, day] = /^(\d{4})-(\d{2})-(\d{2})$/.exec(value) ?? [];
  // A day begins at midnight where its person lives.
  const date = new Date(Number(year), Number(month) - 1, Number(day));
  // The constructor takes February 31 for March 3.
  if (date.getMonth() === Number(month) - 1 && date.getDate() === Number(day)) return date;
  throw new InvalidArgumentError('It must be a day such as 2026-01-31, or a number of days such as 7d.');
}

function parseLimit(value: string): number {
  const limit = Number(value);
  if (/^\d+$/.test(value) && limit >= 1 && limit <= 100) return limit;
  throw new InvalidArgumentError('It must be a whole number from 1 to 100.');
}
