// The error table, row by row: each failure is provoked on real files and servers, and the driver's own error object must
// become the DatabaseError that docs/errors.md promises. CC_UPDATE_DOCS=1 writes the page; CC_LONG=1 also provokes the
// rows that take seconds, which are else read from recorded error objects.
import './error-table/quiet.js';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describeWithSqld } from '@cc/testkit/targets';
import { afterAll, beforeAll, describe, expect, it, type TestContext } from 'vitest';
import { type DatabaseError, isDatabaseError, toDatabaseError } from '../src/errors.js';
import { type Drivers, openFileDrivers, openServerDrivers } from './error-table/drivers.js';
import {
  type Driver,
  documentedHint,
  documentedRows,
  documentedText,
  documentRows,
  type Failure,
  lineOf,
  shapeOf,
} from './error-table/failure.js';
import { fileFailures } from './error-table/files.js';
import { refusals } from './error-table/refusals.js';
import { serverFailures } from './error-table/servers.js';
import { type StatementFailure, secret, statementFailures, tables } from './error-table/statements.js';

const long = process.env['CC_LONG'] === '1';
const local: readonly Driver[] = ['libsql', 'client'];
const sections = {
  statements: statementFailures.map(asFailure),
  files: fileFailures,
  servers: [...serverFailures, ...refusals],
};
type Section = keyof typeof sections;

/** Hints by row, for writing the page. */
const hints = new Map<Failure, string>();

describe('statements on files', () => {
  let drivers: Drivers;
  beforeAll(async () => {
    drivers = await openFileDrivers(tables);
  });
  afterAll(() => drivers.close());
  describeStatements(local, () => drivers);
});

describeWithSqld('statements on servers and replicas', () => {
  let drivers: Drivers;
  beforeAll(async () => {
    drivers = await openServerDrivers(tables);
  });
  afterAll(() => drivers.close());
  describeStatements(['http', 'ws', 'replica'], () => drivers);
});

describe('files', () => {
  describeFailures('files', sections.files);
});

describeWithSqld('servers', () => {
  describeFailures('servers', sections.servers);
});

describe('docs/errors.md', () => {
  afterAll(() => {
    if (process.env['CC_UPDATE_DOCS'] !== '1') return;
    for (const [section, failures] of Object.entries(sections)) {
      documentRows(
        section,
        failures.map((failure) => lineOf(failure, hints.get(failure) ?? documentedHint(section, failure))),
      );
    }
  });

  it.each(Object.keys(sections) as Section[])('shows the rows of the section %s and no others', (section) => {
    if (process.env['CC_UPDATE_DOCS'] === '1') return;
    const withoutHint = (line: string): string => line.slice(0, line.lastIndexOf(' | ', line.length - 3));
    const expected = sections[section].map((failure) => withoutHint(lineOf(failure, '')));
    expect(documentedRows(section).map(withoutHint)).toEqual(expected);
  });

  it('tells every code that the sources of the package give', () => {
    const files = readdirSync(sources, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.ts'));
    // With its type beside it: a code alone is one that a driver might have given.
    const given = files.flatMap((name) => [
      ...readFileSync(join(sources, name), 'utf8').matchAll(/\btype: '\w+',\s+code: '([A-Z_]+)'/g),
    ]);
    const page = documentedText();
    expect(given.map(([, code = '']) => code).filter((code) => !page.includes(`\`${code}\``))).toEqual([]);
  });

  it('lists every failure that is tried again', () => {
    const [, list = ''] = /^## Trying again$([^]*?)^## /m.exec(documentedText()) ?? [];
    const listed = [...list.matchAll(/`([A-Z_]+)…?`/g)].map(([, code = '']) => code);
    const again = Object.values(sections).flatMap((failures) => failures.filter(({ recoverable }) => recoverable));
    const unlisted = again.filter(({ code }) => !listed.some((each) => code === each || code.startsWith(`${each}_`)));
    expect(unlisted.map(({ code }) => code)).toEqual([]);
  });
});

const sources = fileURLToPath(new URL('../src/', import.meta.url));

/** Each statement through each driver, bare and through drizzle. */
function describeStatements(drivers: readonly Driver[], opened: () => Drivers): void {
  statementFailures.forEach((failure, index) => {
    const row = sections.statements[index];
    for (const driver of failure.on.filter((name) => drivers.includes(name))) {
      const { statement, values } = failure;
      it(`tells ${failure.what} on ${driver}`, async () => {
        const thrown = await failing(opened().run(driver, statement, values));
        expectRow('statements', row, toDatabaseError(thrown, statement));
      });
      if (driver === 'libsql' || failure.notInDrizzle) continue;
      it(`tells ${failure.what} through drizzle on ${driver}`, async () => {
        const thrown = await failing(opened().runInDrizzle(driver, statement, values));
        // What must not get through is there: drizzle puts the values into its message.
        if (values.length > 0) expect(String(thrown)).toContain(secret);
        expectRow('statements', row, toDatabaseError(thrown, statement));
      });
    }
  });
}

function describeFailures(section: Section, failures: readonly Failure[]): void {
  for (const failure of failures) {
    for (const driver of failure.on) {
      const recorded = failure.recorded?.[driver];
      it(`tells: ${failure.what}, on ${driver}${recorded && !long ? ' (recorded)' : ''}`, async (context) => {
        skipWhen(context, failure.impossible);
        const thrown = recorded && !long ? recorded() : await failure.provoke(driver);
        if (recorded && long) expect(shapeOf(thrown)).toEqual(shapeOf(recorded()));
        const told = toDatabaseError(thrown, 'COMMIT', failure.commit === undefined ? {} : { outcome: 'unknown' });
        expectRow(section, failure, told);
      });
    }
  }
}

function skipWhen(context: TestContext, impossible: string | null | undefined): void {
  if (!impossible) return;
  process.stderr.write(`SKIPPED: ${context.task.name}: ${impossible}\n`);
  context.skip(impossible);
}

function expectRow(section: Section, row: Failure | undefined, error: DatabaseError): void {
  if (!row) throw new Error('there is no such row');
  const { type, code, recoverable = false, constraint, otherwise, commit = 'none' } = row;
  const seen = { type: error.type, code: error.code, recoverable: error.recoverable };
  const expected = { type, code, recoverable };
  const isOther = otherwise !== undefined && error.code === otherwise.code;
  expect(seen).toEqual(
    isOther ? { type: otherwise.type, code: otherwise.code, recoverable: otherwise.recoverable } : expected,
  );
  expect(error.constraint).toEqual(constraint);
  expect(error.outcome).toBe(commit);
  expectNoSecrets(error);
  const hint = otherwise?.hint ?? error.hint;
  if (!isOther) expect(error.hint).toBe(hint);
  hints.set(row, hint);
  if (process.env['CC_UPDATE_DOCS'] !== '1') expect(documentedRows(section)).toContain(lineOf(row, hint));
}

/** Neither the error nor anything that it was made from tells a value or a token. */
function expectNoSecrets(error: DatabaseError): void {
  expect(isDatabaseError(error)).toBe(true);
  const { message, stack, hint, operation, constraint } = error;
  expect(JSON.stringify([message, stack, hint, operation, constraint])).not.toMatch(/do-not-tell|top-secret|eyJ/);
  for (let cause = error.cause; cause instanceof Error; cause = cause.cause) {
    expect(`${cause.message} ${cause.stack}`).not.toMatch(/do-not-tell|top-secret|eyJ/);
  }
}

async function failing(work: Promise<unknown>): Promise<unknown> {
  return work.then(
    () => {
      throw new Error('nothing failed');
    },
    (error: unknown) => error,
  );
}

function asFailure(failure: StatementFailure): Failure {
  const { what, on, type, code, recoverable = false, constraint } = failure;
  const provoke = (): never => {
    throw new Error('statements run on drivers that are open');
  };
  return { what, on, type, code, recoverable, ...(constraint && { constraint }), provoke };
}
