// Every statement that the repositories build or run is explained, on a connection of its own: none reads a big table whole,
// but those of the calls that are there to read everything, which are named here.
import { pathToFileURL } from 'node:url';
import { openTransactionManager } from '@cc/tx';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { testRepositories } from '../src/testing.js';
import { callEverything } from './every-call.js';
import { type Library, openLibrary } from './open-library.js';
import { createStatementRecorder } from './statement-recorder.js';

/** What may be read whole: values of the call itself, tables with a row for each setting, and what waits for the next catch-up. */
const small = ['json_each', 'pair', 'search_state', 'saved_searches', 'sqlite_sequence', 'search_pending', 'told'];

/** Methods that read everything by their promise. `listAll` does so in steps that end early. */
const methodsThatReadAll: Readonly<Record<string, string>> = {
  'search.verifyIndex': 'compares everything with everything',
  'search.reindex': 'makes everything anew',
};

const recorder = createStatementRecorder();
let library: Library;

beforeAll(async () => {
  library = await openLibrary('file');
  await callEverything(recorder.watch(library));
  const runs: (() => Promise<void>)[] = [];
  const open = async () => {
    const opened = await openLibrary(':memory:');
    return {
      ...opened,
      ...recorder.watch(opened),
      transaction: <T>(work: () => Promise<T>) => opened.transactions.transaction(work),
    };
  };
  testRepositories({ describe: (_, suite) => suite(), test: (_, run) => runs.push(run) }, open);
  for (const run of runs) await run();
});

afterAll(async () => library[Symbol.asyncDispose]());

test('every method was called, so that all of its statements are looked at', () => {
  const { models, metadata, search, tags, collections } = library;
  const called = (name: string, each: object) =>
    Object.keys(each).filter((key) => recorder.called.has(`${name}.${key}`));
  expect(called('models', models)).toEqual(Object.keys(models));
  expect(called('metadata', metadata)).toEqual(Object.keys(metadata));
  expect(called('tags', tags)).toEqual(Object.keys(tags));
  expect(called('collections', collections)).toEqual(Object.keys(collections));
  expect(called('search', search)).toEqual(Object.keys(search));
});

test('no statement reads a big table whole, but in the order of a page that ends early', async () => {
  const plans = await explainAll();
  // A recorder that misses some would leave this test with less to look at.
  expect(plans.length).toBeGreaterThan(450);
  const readers = plans.filter(({ sql, steps }) =>
    steps.some((step) => readsWhole(step, steps) && !endsEarly(sql, step) && !comparesSizes(sql, step)),
  );
  const readsByPromise = (methods: readonly string[]) =>
    methods.length > 0 && methods.every((name) => name in methodsThatReadAll);
  const others = readers.filter(({ methods }) => !readsByPromise(methods));
  expect(others.map(({ sql, methods, steps }) => [methods.join(', '), sql, ...steps].join('\n  ')).join('\n\n')).toBe(
    '',
  );
  // What is named here and reads nothing whole is a name too many.
  const reading = readers.flatMap(({ methods }) => methods);
  expect(reading).toEqual(expect.arrayContaining(Object.keys(methodsThatReadAll)));
});

test('no statement asks the full-text index about models one by one', async () => {
  const plans = await explainAll();
  // Both what matches and a row number, of a query that runs again for each row around it.
  const asksEach = ({ steps }: Plan) =>
    steps.some((step) => /^SCAN models_fts VIRTUAL TABLE INDEX \d+:(?=.*M)(?=.*=)/.test(step)) &&
    steps.some((step) => step.startsWith('CORRELATED'));
  expect(plans.filter(asksEach).map(({ sql }) => sql)).toEqual([]);
  expect(plans.some(({ sql }) => sql.includes('not in (select rowid from models_fts'))).toBe(true);
});

interface Plan {
  readonly sql: string;
  /** The methods that ran it. */
  readonly methods: readonly string[];
  readonly steps: readonly string[];
}

async function explainAll(): Promise<readonly Plan[]> {
  if (library.path === null) throw new Error('not a file');
  // An explained statement stays open on its connection: this one is closed after them.
  await using explaining = await openTransactionManager({ url: pathToFileURL(library.path).href });
  const plans: Plan[] = [];
  for (const [sql, methods] of recorder.statements) {
    const args = sql.match(/\?/g)?.map(() => null) ?? [];
    const { rows } = await explaining.db.$client.execute({ sql: `explain query plan ${sql}`, args });
    plans.push({ sql, methods: [...methods].sort(), steps: rows.map((row) => String(row['detail'])) });
  }
  return plans;
}

function readsWhole(step: string, steps: readonly string[]): boolean {
  const scan = /^SCAN (\S+)(?: VIRTUAL TABLE INDEX (\d+):(\S*))?/.exec(step);
  const [, name = '', index, how = ''] = scan ?? [];
  // An index made for the one statement is made of all rows.
  if (step.includes('AUTOMATIC')) return true;
  if (
    scan === null ||
    small.includes(name) ||
    name.startsWith('(subquery') ||
    /^SCAN (\d+ )?CONSTANT ROWS?$/.test(step)
  )
    return false;
  // Of the index what matches or has a row number; of its words those above or below one.
  if (name === 'models_fts') return !/[M=]/.test(how);
  if (name === 'models_fts_words') return index === '0';
  // One of these holds the favorites only, the other those that were printed.
  if (step.endsWith(' idx_models_favorite') || step.endsWith(' idx_models_printed_at')) return false;
  // The name of a query inside the statement, which has steps of its own.
  return !steps.some((each) => each === `CO-ROUTINE ${name}` || each === `MATERIALIZE ${name}`);
}

/** No index has the sizes of models: few are found by one walk through the table, which is read once and in its order. */
function comparesSizes(sql: string, step: string): boolean {
  return step === 'SCAN models' && / where [^]*("max_x"|"volume")/.test(sql);
}

/** Models read in the order of a page, which stops when the page is full. */
function endsEarly(sql: string, step: string): boolean {
  const page = / order by (?:"models"\.)?"(\w+)".* limit (?:\?|\d+)/s.exec(sql);
  const column = page?.[1] ?? / order by (?:"models"\.)?"(name)" collate nocase/.exec(sql)?.[1];
  if (column === 'seq') return step === 'SCAN models';
  return column !== undefined && step === `SCAN models USING INDEX idx_models_${column}`;
}
