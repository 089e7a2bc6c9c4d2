// What init writes as the url of the database: nothing that every command behind it would refuse.
import { readdirSync, readFileSync } from 'node:fs';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { runProgram } from '../../src/program.js';
import { makeScratch, type Scratch } from '../scratch.js';

const here = process.cwd();
let scratch: Scratch;
let said = '';

beforeEach(async () => {
  scratch = await makeScratch();
  process.chdir(scratch.path);
});
afterEach(async () => {
  process.chdir(here);
  await scratch[Symbol.asyncDispose]();
});

async function init(url: string, env: Record<string, string> = {}): Promise<number> {
  said = '';
  const print = (text: string): void => void (said += `${text}\n`);
  const args = ['init', '--yes', ...(url === '' ? [] : ['--url', url])];
  return await runProgram(args, { version: '1', env, print, warn: print, ask: null });
}

test.each(['file:my db #1.db', 'file:app.db?mode=ro', 'my#1.db'])(
  'init refuses %s, which no command opens, and writes nothing',
  async (url) => {
    expect({ code: await init(url), said }).toEqual({ code: 1, said: expect.stringContaining('%23') });
    expect(readdirSync('.')).toEqual([]);
  },
);

test.each(['postgres://db/app', 'sqlite:app.db', 'mysql://db'])(
  'init refuses the scheme of %s and names those there are',
  async (url) => {
    expect({ code: await init(url), said }).toEqual({
      code: 1,
      said: expect.stringMatching(/scheme '\w+:'.*--url file:/),
    });
    expect(await init('', { CC_DATABASE_URL: url })).toBe(1);
    expect(readdirSync('.')).toEqual([]);
  },
);

test.each(['app.db', './a b%23.db', 'file:app.db', 'libsql://host', 'HTTP://host:8080'])(
  'init takes %s',
  async (url) => {
    expect({ code: await init(url), said }).toMatchObject({ code: 0 });
    expect(readFileSync('drizzle.config.ts', 'utf8')).toContain(`url: '${url}'`);
  },
);
