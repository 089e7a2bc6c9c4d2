// A process that is killed in the middle of what it writes, and the next one: nothing older than the row is answered.
import { existsSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';
import { startProgram } from '@cc/testkit/program';
import { expect, test } from 'vitest';
import { kept, open, truth } from '../disk-library.js';

/** How many processes are killed; `CC_KILLS` of the torture runs. */
const rounds = Number(process.env.CC_KILLS ?? 12);

test(`after ${rounds} SIGKILLs nothing older than the row comes from disk`, async () => {
  const path = await kept();
  const program = new URL('./restart-victim.mjs', import.meta.url);
  let fromDisk = 0;
  for (let round = 0; round < rounds; round += 1) {
    // Some die at once, some in the middle of a flush, some at rest.
    const rests = round % 3 === 2;
    const child = startProgram(program, [pathToFileURL(path).href, rests ? 'rests' : 'works']);
    await child.line();
    await sleep(rests ? 900 : (round % 7) * 30);
    await child.kill();
    await using opened = await open(path);
    const answer = await opened.read();
    expect(answer.value).toEqual({ v: truth(path) });
    if (answer.from === 'tier') fromDisk += 1;
  }
  expect(existsSync(`${path}.cache`)).toBe(true);
  process.stdout.write(`${fromDisk} of ${rounds} answers from disk after SIGKILL\n`);
});
