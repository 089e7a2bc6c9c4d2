// What init writes as the url of the database: nothing that every command behind it would refuse.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { ccMigrateHere, type EndedHere } from '../cc-migrate-here.js';
import { makeScratch, type Scratch } from '../scratch.js';

let scratch: Scratch;

beforeEach(async () => {
  scratch = await makeScratch();
});
afterEach(() => scratch[Symbol.asyncDispose]());

function init(...args: string[]): Promise<EndedHere> {
  return ccMigrateHere(['init', '--yes', ...args], scratch.path);
}

test.each(['file:my db #1.db', 'file:app.db?mode=ro', 'my#1.db'])(
  'init refuses %s, which no command opens, and writes nothing',
  async (url) => {
    expect(await init('--url', url)).toMatchObject({ status: 1, stderr: expect.stringContaining('%23') });
    expect(readdirSync(scratch.path)).toEqual([]);
  },
);

test.each(['postgres://db/app', 'sqlite:app.db', 'mysql://db'])(
  'init refuses the scheme of %s and names those there are',
  async (url) => {
    const refused = { status: 1, stderr: expect.stringMatching(/scheme '\w+:'.*--url file:/) };
    expect(await init('--url', url)).toMatchObject(refused);
    expect(await ccMigrateHere(['init', '--yes'], scratch.path, url)).toMatchObject(refused);
    expect(readdirSync(scratch.path)).toEqual([]);
  },
);

test.each(['app.db', './a b%23.db', 'file:app.db', 'libsql://host', 'HTTP://host:8080'])(
  'init takes %s',
  async (url) => {
    expect(await init('--url', url)).toMatchObject({ status: 0 });
    expect(readFileSync(join(scratch.path, 'drizzle.config.ts'), 'utf8')).toContain(`url: '${url}'`);
  },
);
