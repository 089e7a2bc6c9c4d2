// runChecks: one check after the other, each in a process of its own where there is a file. A check reads a snapshot of its
// own and holds no lock that a writer waits for. integrity.ts, text-values.ts, foreign-keys.ts and full-text.ts look.
import { performance } from 'node:perf_hooks';
import { type DatabaseError, isDatabaseError, toDatabaseError } from '@cc/tx/errors';
import { refuseUnknownOptions } from '@cc/tx/known-options';
import { databaseFileOf } from '@cc/tx/side-program';
import { type Ask, askerOf, type DatabaseSource, refuseAborted } from '../questions.js';
import { refuseNoSignal } from '../signal.js';
import { checkForeignKeys } from './foreign-keys.js';
import { checkFullText } from './full-text.js';
import { checkIntegrity } from './integrity.js';
import { checkTexts } from './text-values.js';
import type { CheckKind, CheckResult, Findings, RunChecksOptions } from './types.js';

/** A check under way. */
interface Check {
  readonly ask: Ask;
  readonly source: DatabaseSource;
  readonly signal: AbortSignal | undefined;
}

const checks: Readonly<Record<CheckKind, (check: Check) => Promise<Findings>>> = Object.freeze({
  integrity: async ({ ask }) => {
    const { findings, unseen } = await checkIntegrity(ask, 'integrity');
    return { findings: [...findings, ...(await checkTexts(ask))], unseen };
  },
  quick: ({ ask }) => checkIntegrity(ask, 'quick'),
  foreignKeys: ({ ask }) => checkForeignKeys(ask),
  fts: ({ ask, source, signal }) => checkFullText(ask, source, signal),
});

/**
 * Runs the checks in the order given and returns what each has found. What goes wrong in one is its result, not an error.
 *
 * @throws TypeError for an unknown kind or option
 * @throws DatabaseError `aborted` (`ABORTED`), `closed`
 */
export async function runChecks(
  source: DatabaseSource,
  kinds: readonly CheckKind[],
  options: RunChecksOptions = {},
): Promise<readonly CheckResult[]> {
  refuseUnknownOptions('runChecks', options, ['signal']);
  refuseNoSignal('runChecks', options.signal);
  refuseUnknownKinds(kinds);
  const { signal } = options;
  const ask = askerOf(source, signal);
  const results: CheckResult[] = [];
  for (const kind of new Set(kinds)) results.push(await run(kind, { ask, source, signal }));
  return results;
}

function refuseUnknownKinds(kinds: readonly CheckKind[]): void {
  const known = Object.keys(checks);
  if (!Array.isArray(kinds) || kinds.length === 0)
    throw new TypeError(`runChecks takes a list of checks: ${known.join(', ')}`);
  const unknown: unknown = kinds.find((kind) => !known.includes(kind));
  if (unknown !== undefined)
    throw new TypeError(`runChecks: unknown check '${String(unknown)}'; it takes ${known.join(', ')}`);
}

async function run(kind: CheckKind, check: Check): Promise<CheckResult> {
  const startedAt = new Date();
  const begin = performance.now();
  const outcome = await outcomeOf(kind, check);
  return { kind, ...outcome, startedAt, durationMs: performance.now() - begin };
}

type Outcome = Pick<CheckResult, 'status' | 'findings' | 'message'>;

async function outcomeOf(kind: CheckKind, check: Check): Promise<Outcome> {
  refuseAborted(check.signal, `check ${kind}`);
  try {
    refuseMoved(check.source);
    const { findings, unseen } = await checks[kind](check);
    // What was read meanwhile was of a file that is gone.
    refuseMoved(check.source);
    const hidden = unseen.length === 0 ? '' : ` Could not be looked at: ${listed(unseen)}.`;
    const [first] = findings;
    if (first === undefined) {
      if (hidden === '') return { status: 'ok', findings: [], message: 'Nothing is wrong.' };
      return { status: 'unsupported', findings: [], message: `Nothing is wrong in the rest.${hidden}` };
    }
    const rest = findings.length === 1 ? '' : ` And ${findings.length - 1} more.`;
    const message = hidden === '' ? `${first.message}${rest}` : `${first.message}.${rest}${hidden}`;
    return { status: 'failed', findings: findings.slice(0, mostFindings), message };
  } catch (error) {
    if (error instanceof TypeError && !isDatabaseError(error)) throw error;
    return ofError(toDatabaseError(error, `check ${kind}`), check.signal);
  }
}

const mostFindings = 100;
const mostNamed = 5;

function listed(names: readonly string[]): string {
  const more = names.length > mostNamed ? ` and ${names.length - mostNamed} more` : '';
  return `${names.slice(0, mostNamed).join(', ')}${more}`;
}

/** @throws DatabaseError `readonly` (`SQLITE_READONLY_DBMOVED`) where the file that is open does not lie at its path */
function refuseMoved(source: DatabaseSource): void {
  const { target } = source.capabilities;
  if (target !== 'remote' && target !== 'memory') databaseFileOf(source);
}

/** What the failure of a check says about the database. @throws DatabaseError where it says nothing of it */
function ofError(error: DatabaseError, signal: AbortSignal | undefined): Outcome {
  const { type, code, reason, cause } = error;
  refuseAborted(signal, 'runChecks');
  if (type === 'closed' || code === 'TX_FORBIDDEN') throw error;
  if (type === 'integrity') return damaged(`The file cannot be read: ${reason}`);
  if (code === 'SIDE_PROCESS_LOST' && typeof cause === 'string' && crashes.has(cause)) {
    return damaged(`The engine crashed (${cause}) while it read the file`);
  }
  // A server parses statements itself, and refuses what it does not know or allow.
  if (type === 'syntax' || code === 'UNSUPPORTED') return { status: 'unsupported', findings: [], message: reason };
  return { status: 'unknown', findings: [], message: `The check could not be carried out: ${reason}` };
}

/** Signals by which a process ends itself. */
const crashes: ReadonlySet<string> = new Set(['SIGABRT', 'SIGSEGV', 'SIGBUS', 'SIGILL', 'SIGFPE', 'SIGTRAP']);

function damaged(message: string): Outcome {
  const hint = 'Stop writing, keep a copy of the file and restore the last verified backup (@cc/tx/restore)';
  return { status: 'failed', findings: [{ fault: 'file', name: null, message, hint }], message };
}
