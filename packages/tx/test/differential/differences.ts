// Where ours answers otherwise than the stock client on purpose. docs/differences.md is this list for readers; a test
// provokes every row of it on every target it names, and a random call may differ in nothing else.
import type { Call } from './call.js';
import { callDifferences } from './differences/calls.js';
import type { Difference, Observed, TargetName } from './differences/difference.js';
import { errorDifferences } from './differences/errors.js';
import { transactionDifferences } from './differences/transactions.js';
import { valueDifferences } from './differences/values.js';

export type { Difference, Observed, TargetName } from './differences/difference.js';

/** The differences by the headings of the page. */
export const differences: readonly (readonly [heading: string, rows: readonly Difference[]])[] = [
  ['Values and rows', valueDifferences],
  ['Statements', callDifferences],
  ['Errors', errorDifferences],
  ['Transactions', transactionDifferences],
];

/** The difference of the list that explains what was observed; `same`: the two outcomes are equal. */
export function listed(observed: Observed, same: boolean): Difference | undefined {
  return differences
    .flatMap(([, rows]) => rows)
    .find(
      ({ applies, targets, silent = false }) =>
        silent === same && targets.includes(observed.target) && applies(observed),
    );
}

/** The calls that show a difference on this target. */
export function provoked(target: TargetName): readonly Call[] {
  return differences
    .flatMap(([, rows]) => rows)
    .filter(({ targets }) => targets.includes(target))
    .flatMap(({ provoke }) => provoke);
}

/** What ends the process; the driver looks at texts when JavaScript has no hand in it any more. */
export const notUtf8 = `select cast(x'ff' as text)`;

/** docs/differences.md. */
export function page(): string {
  return [
    '# What differs from the stock client',
    '',
    '`manager.db` and its `$client` answer as drizzle 0.45 on `createClient` of @libsql/client 0.18 does, call by call: results, their JSON, errors’ codes and the rows in the file. A suite runs random programs on both side by side (`packages/tx/test/differential`), a million calls in `npm run torture`. What follows is everything in which they may differ; this page is written by that suite, which provokes each row.',
    '',
    ...differences.flatMap(([heading, rows]) => [`## ${heading}`, '', ...rows.flatMap(rowLines)]),
    '## Alike, and not expected',
    '',
    '**Reading a text that is not UTF-8 from a local file** (file, :memory:, replica)',
    '',
    `- both: the driver ends the process, as after \`${notUtf8}\`; nothing in JavaScript can catch it`,
    '- what to do: keep bytes in BLOB columns, and read texts that others wrote as `cast(column as blob)`',
    '',
  ].join('\n');
}

function rowLines({ call, stock, ours, reason, targets }: Difference): string[] {
  const where = targets.length === 5 ? '' : ` (${targets.join(', ')})`;
  return [`**${call}**${where}`, '', `- stock: ${stock}`, `- ours: ${ours}`, `- why: ${reason}`, ''];
}
