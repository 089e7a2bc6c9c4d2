// Points in time as people write them: with day, time and zone, or refused. `down --to-date` and `plan --down --to-date`.
import { InvalidArgumentError } from 'commander';
import type { MigrationManager } from '../contract/run.js';
import { migrationError } from '../errors.js';

/** A point in time, as exactly as it was written. */
export interface WrittenDate {
  readonly text: string;
  /** Its first millisecond. */
  readonly at: Date;
  /** Epoch ms behind its last one: a minute or second further where that is all that was written. */
  readonly until: number;
}

const form = /^(\d{4}-\d\d-\d\d)(?:[T ](\d\d:\d\d)(?::(\d\d)(?:[.,](\d{1,3}))?)?)?\s*(Z|UTC|[+-]\d\d:?\d\d)?$/i;

const right = 'Write day, time and zone: 2026-11-28T14:30Z (UTC, as status prints it) or 2026-11-28T14:30+01:00.';

/** Reads a date. @throws InvalidArgumentError that says what to write */
export function parseDate(text: string): WrittenDate {
  const [, day, time, seconds, fraction, zone] = form.exec(text.trim()) ?? [];
  if (day === undefined) throw new InvalidArgumentError(`It is no date. ${right}`);
  if (time === undefined) throw new InvalidArgumentError(`It says a day and no time. ${right}`);
  if (zone === undefined) throw new InvalidArgumentError(`It has no time zone, and could be hours off. ${right}`);
  const offset = /^[+-]/.test(zone) ? zone.replace(/^(...):?/, '$1:') : 'Z';
  const written = `${day}T${time}:${seconds ?? '00'}.${(fraction ?? '').padEnd(3, '0')}`;
  const at = new Date(`${written}${offset}`);
  // The 30th of February is the 2nd of March to a Date.
  const isThere = Number.isFinite(at.getTime()) && new Date(`${written}Z`).toISOString() === `${written}Z`;
  if (!isThere) throw new InvalidArgumentError(`There is no such date. ${right}`);
  const preciseMs = fraction !== undefined ? 10 ** (3 - fraction.length) : seconds === undefined ? 60_000 : 1_000;
  return { text: text.trim(), at, until: at.getTime() + preciseMs };
}

/**
 * The moment that `date` means: its first millisecond, unless a migration was applied within what it leaves open.
 *
 * @throws DatabaseError `MIGRATION_QUESTION` then
 */
export async function momentOf(migrations: MigrationManager, { text, at, until }: WrittenDate): Promise<Date> {
  const { applied } = await migrations.status();
  const within = applied.find(({ appliedAt }) => appliedAt !== null && appliedAt > at && appliedAt.getTime() < until);
  if (!within?.appliedAt) return at;
  const exactly = within.appliedAt.toISOString();
  throw migrationError('question', `${within.version} was applied at ${exactly}, within the ${text} that is given`, {
    operation: 'go back to a date',
    hint: `To keep it: cc-migrate down --to-date ${exactly}; to take it back, too: cc-migrate down --to-date ${at.toISOString()}`,
  });
}
