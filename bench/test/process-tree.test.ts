// What a command costs counts the processes that it starts.
import { expect, it } from 'vitest';
import { costOf, cpuOf } from '../harness/process-tree.js';

it('reads the times of the shells that there are', () => {
  expect(cpuOf('0m0.000000s 0m0.000000s\n0m1.250000s 0m0.500000s\n')).toBe(1_750);
  expect(cpuOf('0m0,001s 0m0,000s\n1m2,345s 0m0,655s\n')).toBe(63_000);
  expect(() => cpuOf('unknown')).toThrow('not understood');
});

it('counts what the processes of a process compute', async () => {
  const work = 'const until = process.cpuUsage().user + 300_000; while (process.cpuUsage().user < until);';
  const around = `require('node:child_process').spawnSync(process.execPath, ['-e', ${JSON.stringify(work)}])`;
  const { cpuMs, stdout } = await costOf(['-e', `${around}; console.log('done')`]);
  expect(stdout).toBe('done\n');
  expect(cpuMs).toBeGreaterThanOrEqual(300);
});

it('tells of a command that fails', async () => {
  await expect(costOf(['-e', 'console.error("no"); process.exit(3)'])).rejects.toThrow(/ended with 3\nno/);
});
