import { targets } from '@cc/testkit/targets';
import { afterEach, describe, expect, test } from 'vitest';
import type { MigrationProgress, MigrationStepProgress } from '../src/index.js';
import { runProgram } from '../src/program.js';
import { library, makeScratch, type Scratch } from './scratch.js';

let scratch: Scratch;
afterEach(() => scratch[Symbol.asyncDispose]());

const shown = ({ direction, version, step, steps, statement, statements }: MigrationStepProgress): string =>
  `${direction} ${version} ${step}/${steps} ${statement}/${statements}`;

describe.each(targets)('on %s', (target) => {
  test('progress goes from none to all statements of every migration, up and down', async () => {
    scratch = await makeScratch(target);
    await scratch.write(library);
    const { migrations } = await scratch.open();
    const heard: MigrationStepProgress[] = [];
    const onProgress = (progress: MigrationProgress): void => {
      if (!progress.waiting) heard.push(progress);
    };
    await migrations.applyMigrations({ onProgress });
    await migrations.rollbackMigration({ steps: 1, onProgress });
    const lines = heard.map(shown);
    for (const [version, step, statements] of [
      ['0000_tables', 1, 3],
      ['0001_search', 2, 4],
      ['0002_weight', 3, 1],
    ] as const) {
      const mine = lines.filter((line) => line.startsWith(`up ${version}`));
      expect([mine[0], mine.at(-1)]).toEqual(
        [0, statements].map((done) => `up ${version} ${step}/3 ${done}/${statements}`),
      );
    }
    const counts = heard.filter(({ version }) => version === '0001_search').map(({ statement }) => statement);
    expect(counts).toEqual(counts.toSorted((a, b) => a - b));
    // A server may answer for several at once.
    if (target === 'file') expect(counts).toEqual([0, 1, 2, 3, 4]);
    expect(lines.at(-1)).toBe('down 0002_weight 1/1 1/1');
  });
});

test('a listener that throws breaks nothing, and a dry run tells nothing', async () => {
  scratch = await makeScratch();
  await scratch.write(library);
  const { migrations } = await scratch.open();
  let calls = 0;
  const onProgress = (): void => {
    calls += 1;
    throw new Error('broken listener');
  };
  await migrations.applyMigrations({ dryRun: true, onProgress });
  expect(calls).toBe(0);
  expect((await migrations.applyMigrations({ onProgress })).current).toBe('0002_weight');
  expect(calls).toBeGreaterThan(3);
});

describe('the command line', () => {
  async function up(progress: ((text: string) => void) | null, ...more: string[]): Promise<string> {
    scratch = await makeScratch();
    await scratch.write(library);
    const out: string[] = [];
    await runProgram(['up', ...more, '--folder', scratch.folder, '--url', scratch.url], {
      version: '0',
      env: {},
      print: (text) => out.push(text),
      warn: (text) => out.push(text),
      ask: null,
      progress,
    });
    return out.join('\n');
  }

  test('shows it on a terminal and takes it away at the end', async () => {
    const lines: string[] = [];
    await up((text) => lines.push(text));
    expect(lines).toContain('up 0001_search (2 of 3): statement 4 of 4');
    expect(lines.at(-1)).toBe('');
  });

  test('shows none with --json or without a terminal', async () => {
    const lines: string[] = [];
    expect(JSON.parse(await up((text) => lines.push(text), '--json'))).toMatchObject({ current: '0002_weight' });
    expect(lines).toEqual([]);
    expect(await up(null)).toMatch(/^Applied 0000_tables/);
  });
});
