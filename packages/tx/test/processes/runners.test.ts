// Tests that roll back under the real runners: vitest and node:test as child processes, with tests that fail, take too
// long and leave work behind. The judge of what stays is the stock client.
import { spawn } from 'node:child_process';
import { readFile, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { createClient } from '@libsql/client';
import { expect, it, onTestFinished } from 'vitest';
import { temporaryFolder } from '../target.js';

const folder = fileURLToPath(new URL('runners/', import.meta.url));
const vitest = join(dirname(createRequire(import.meta.url).resolve('vitest/package.json')), 'vitest.mjs');

const ofHooks = {
  'sees its fixture and its own rows': 'passed',
  'sees no rows of the test before': 'red on purpose',
  'sees no rows of the failed test': 'passed',
  'leaves work behind': 'The transaction ended before the work that was started in it',
  'sees no rows of the work that was left behind': 'passed',
  'takes too long': 'failed',
  'is refused, because the one before may still run': 'A test before this one was given up',
};
const ofBodies = {
  'sees no rows of the test before': 'red on purpose',
  'takes too long': 'failed',
  'goes on after it, and refuses its late work': 'passed',
};

it('hooks of node:test roll back every test, and none goes on beside one that was given up', async () => {
  await expectRun(runNode, 'hooks.node.mjs', ofHooks);
});

it('hooks of vitest roll back every test, and none goes on beside one that was given up', async () => {
  await expectRun(runVitest, 'hooks.vitest.mjs', ofHooks);
});

it('bodies under node:test are rolled back, and the next test goes on beside one that was given up', async () => {
  await expectRun(runNode, 'bodies.node.mjs', { 'sees its own rows': 'passed', ...ofBodies });
});

it('aroundEach of vitest takes fixtures along, and the next test goes on beside one that was given up', async () => {
  await expectRun(runVitest, 'around.vitest.mjs', { 'sees its fixture and its own rows': 'passed', ...ofBodies });
});

it('of two tests at once on one manager the second is refused', async () => {
  await expectRun(runVitest, 'concurrent.vitest.mjs', {
    'the first': 'passed',
    'the second': 'A test that rolls back cannot begin here',
  });
});

type Outcomes = Readonly<Record<string, string>>;

/** Runs `file` and compares what became of its tests, and the rows before and after. */
async function expectRun(
  run: (file: string, library: string) => Promise<Outcomes>,
  file: string,
  expected: Outcomes,
): Promise<void> {
  const library = pathToFileURL(join(await temporaryFolder(), 'library.db')).href;
  const stock = createClient({ url: library });
  onTestFinished(() => stock.close());
  await stock.batch([
    'create table items (id integer primary key, name text not null unique)',
    `insert into items (name) values ('kept')`,
  ]);
  const dump = async (): Promise<unknown> =>
    Promise.all(
      ['select * from items', 'select name from sqlite_schema'].map(async (q) => (await stock.execute(q)).rows),
    );
  const before = await dump();
  const outcomes = await run(file, library);
  expect(Object.keys(outcomes)).toEqual(Object.keys(expected));
  for (const [name, outcome] of Object.entries(expected))
    expect({ name, outcome: outcomes[name] }).toEqual({ name, outcome: expect.stringContaining(outcome) });
  expect(await dump()).toEqual(before);
}

async function runNode(file: string, library: string): Promise<Outcomes> {
  const output = await child(['--test-reporter=tap', file], library);
  const results = output.matchAll(/^(?<not>not )?ok \d+ - (?<name>.*)$(?<more>[^]*?)(?=^(?:not )?ok |^1\.\.)/gm);
  return Object.fromEntries(
    [...results].map(({ groups = {} }) => [groups['name'], groups['not'] ? `failed: ${groups['more']}` : 'passed']),
  );
}

async function runVitest(file: string, library: string): Promise<Outcomes> {
  const aside = await temporaryFolder();
  const report = join(aside, 'report.json');
  const config = join(aside, 'vitest.config.mjs');
  const test = { include: ['*.vitest.mjs'], testTimeout: 600_000, hookTimeout: 600_000 };
  await writeFile(config, `export default ${JSON.stringify({ test })};`);
  const options = ['--config', config, '--root', folder, '--reporter=json', '--outputFile', report];
  await child([vitest, 'run', ...options, file], library);
  const { testResults } = JSON.parse(await readFile(report, 'utf8')) as {
    testResults: { assertionResults: { title: string; status: string; failureMessages: string[] }[] }[];
  };
  return Object.fromEntries(
    testResults.flatMap(({ assertionResults }) =>
      assertionResults.map(({ title, status, failureMessages }) => [title, [status, ...failureMessages].join('\n')]),
    ),
  );
}

/** What a runner prints. Its own exit code says no more than the tests that fail on purpose. */
function child(args: readonly string[], library: string): Promise<string> {
  // The variables of the runner around this test would make another of the one inside.
  const own = Object.entries(process.env).filter(([name]) => !/^(VITEST|NODE_TEST|TEST$|NODE_ENV)/.test(name));
  const running = spawn(process.execPath, args, {
    cwd: folder,
    env: { ...Object.fromEntries(own), LIBRARY: library },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  onTestFinished(() => void running.kill('SIGKILL'));
  let output = '';
  running.stdout.on('data', (chunk) => (output += String(chunk)));
  running.stderr.on('data', (chunk) => (output += String(chunk)));
  return new Promise((resolve) => running.once('close', () => resolve(output)));
}
