// Several processes that write one file at the same time: nothing is lost, nobody starves, no event loop stands still.
// CC_INCREMENTS sets how many increments each process makes.
import type { Child } from '@cc/testkit/child';
import { startProgram } from '@cc/testkit/program';
import { expect, it } from 'vitest';
import { databaseWith } from './database.js';

const increments = Number(process.env.CC_INCREMENTS ?? 200);

interface Report {
  readonly longestGapMs: number;
  readonly p99GapMs: number;
  readonly longGaps: number;
  readonly longestWaitMs: number;
  /** The values of the counter that the process wrote. */
  readonly values: readonly number[];
}

it(`three processes × ${increments} increments of one counter lose none, and none starves`, {
  timeout: 600_000 + increments * 60,
}, async ({ annotate }) => {
  const { url, all } = await databaseWith('create table counter (n integer); insert into counter values (0)');
  const incrementers = [1, 2, 3].map(() =>
    startProgram(new URL('incrementer.mjs', import.meta.url), [url, String(increments)]),
  );
  // The same event loop without a database, on the same cores at the same time: what the machine itself costs.
  const control = startProgram(new URL('incrementer.mjs', import.meta.url), [url, '0', 'control']);
  for (const program of [...incrementers, control]) expect(await program.line()).toBe('ready');
  for (const program of [...incrementers, control]) program.send('go');
  const reports = await Promise.all(incrementers.map(report));
  control.send('stop');
  const noise = await report(control);
  await annotate(figures(reports, noise));

  const values = reports.flatMap((each) => each.values).sort((a, b) => a - b);
  expect(values).toEqual(Array.from({ length: 3 * increments }, (_, i) => i + 1));
  expect(all('select n from counter')).toEqual([3 * increments]);
  // One that starves fails at its acquireTimeoutMs, and with it the test: a whole run is far shorter. How long the gaps were is
  // annotated: beside others it says more of the machine than of the program; the last test has the lock held until it turns.
});

it('a process that writes one transaction after the other, and waits inside SQLite, keeps nobody from writing', async () => {
  const { url, all } = await databaseWith('create table counter (n integer); insert into counter values (0)');
  const greedy = startProgram(new URL('incrementer.mjs', import.meta.url), [url, '1000000000', 'blocking']);
  expect(await greedy.line()).toBe('ready');
  greedy.send('go');
  const patient = startProgram(new URL('incrementer.mjs', import.meta.url), [url, '25']);
  expect(await patient.line()).toBe('ready');
  patient.send('go');
  const { values } = await report(patient);
  await greedy.kill();
  // Each read what was there, and nobody came between: what the greedy one has written in between counts on.
  expect(new Set(values).size).toBe(25);
  expect([...values].sort((a, b) => a - b)).toEqual(values);
  expect(Number(all('select n from counter')[0])).toBeGreaterThanOrEqual(values.at(-1) ?? Number.NaN);
});

it('the event loop goes on turning while another process holds the lock', async () => {
  const { path, url, all } = await databaseWith('create table counter (n integer); insert into counter values (0)');
  const holder = startProgram(new URL('lock-holder.mjs', import.meta.url), [path]);
  expect(await holder.line()).toBe('held');
  const waiter = startProgram(new URL('waiter.mjs', import.meta.url), [url]);
  // Only now is the lock given back: the write is still waiting, and its process has turned a hundred times.
  expect(await waiter.line()).toBe('turning');
  expect(all('select n from counter')).toEqual([0]);
  holder.send('release');
  expect(await waiter.line()).toBe('written after at least 100 turns');
  expect(all('select n from counter')).toEqual([1]);
});

async function report(program: Child): Promise<Report> {
  return JSON.parse(await program.line()) as Report;
}

function figures(reports: readonly Report[], noise: Report): string {
  const gaps = (each: Report): string =>
    `longest gap ${each.longestGapMs.toFixed(1)} ms, p99 ${each.p99GapMs.toFixed(1)} ms, ${each.longGaps} of 20 ms or more`;
  const lines = reports.map((each) => `${gaps(each)}; longest wait for the lock ${each.longestWaitMs.toFixed(0)} ms`);
  return [...lines, `without a database: ${gaps(noise)}`].join('\n');
}
