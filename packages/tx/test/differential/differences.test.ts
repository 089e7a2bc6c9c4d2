// docs/differences.md: each difference it lists is there, on every target it names, and the page says what the list says.
import { spawnSync } from 'node:child_process';
import { describeWithSqld } from '@cc/testkit/targets';
import { afterAll, describe, expect, it } from 'vitest';
import { temporaryFolder } from '../target.js';
import { type Difference, differences, notUtf8, page, type TargetName } from './differences.js';
import { Judge } from './judge.js';
import { inMemory, type OpenSides, onFiles, pairOfServers } from './sides.js';

const all = differences.flatMap(([, rows]) => rows);
const on = (...targets: readonly TargetName[]): readonly (readonly [TargetName, Difference])[] =>
  targets.flatMap((target) =>
    all.filter((each) => each.targets.includes(target)).map((each) => [target, each] as const),
  );

it('docs/differences.md is written by this suite', async () => {
  await expect(page()).toMatchFileSnapshot('../../../../docs/differences.md');
});

it('a text that is not UTF-8 ends a process that reads it, whatever client it has', async () => {
  const read = (sql: string) =>
    spawnSync(process.execPath, ['-e', `new (require('libsql'))(':memory:').prepare(${JSON.stringify(sql)}).all()`], {
      cwd: import.meta.dirname,
    });
  expect(read(`select cast(x'41' as text)`)).toMatchObject({ status: 0, signal: null });
  const ended = read(notUtf8);
  expect(ended.status === 0 && ended.signal === null).toBe(false);
  expect(String(ended.stderr)).not.toContain('SqliteError');
});

describe('each listed difference shows', () => {
  it.each(on('file', ':memory:').map((row) => [`${row[1].id} on ${row[0]}`, ...row] as const))(
    '%s',
    async (_title, target, difference) => {
      await provoke(target, difference, target === 'file' ? onFiles : inMemory);
    },
  );
});

describeWithSqld('each listed difference shows against servers', () => {
  const pair = pairOfServers();
  afterAll(() => pair.close());

  it.each(on('http', 'ws', 'replica').map((row) => [`${row[1].id} on ${row[0]}`, ...row] as const))(
    '%s',
    async (_title, target, difference) => {
      if (target === 'file' || target === ':memory:') throw new Error('not on a server');
      await provoke(target, difference, pair.open(target));
    },
  );
});

async function provoke(target: TargetName, difference: Difference, open: OpenSides): Promise<void> {
  const sides = await open(await temporaryFolder(), 0);
  try {
    for (const call of difference.provoke) {
      const seen = new Map<string, number>();
      expect((await new Judge(sides, target, seen).step(call, false))?.complaint ?? null).toBeNull();
      expect([...seen.keys()]).toEqual([difference.id]);
    }
  } finally {
    await sides.close();
  }
}
