// What was closed is given back: under `ulimit -n 256` nothing runs out, and neither files nor memory grow.
// CC_HANDLES sets how often each thing is done; `npm run torture` does it 10,000 times.
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { startProgram } from '@cc/testkit/program';
import { refusingPort } from '@cc/testkit/sqld';
import { temporaryFolder } from '@cc/testkit/temporary-folder';
import { expect, it } from 'vitest';
import { databaseWith } from './database.js';

const many = process.env.CC_HANDLES === undefined ? undefined : Number(process.env.CC_HANDLES);

interface Part {
  readonly openFiles: number | null;
  readonly rssBytes: number;
}

it.each([
  ['opens', 300],
  ['aged', 300],
  ['explains', 600],
  ['replaced', 600],
  ['offloads', 300],
  // Each is a process of its own.
  ['backups', 20],
])('%s leave no file open', { timeout: 600_000 + 500 * (many ?? 0) }, async (what, few) => {
  const { url } = await databaseWith('create table t (n integer); insert into t values (0)');
  const program = startProgram(new URL('handles.mjs', import.meta.url), [url, what, String(many ?? few)], {
    maxOpenFiles: 256,
  });
  const [early, late] = JSON.parse(await program.line()) as Part[];
  if (!early || !late) throw new Error('the program measured nothing');
  expect((await program.ended()).code).toBe(0);
  if (late.openFiles !== null) expect(late.openFiles).toBeLessThan(200);
  if (many !== undefined) expect(late.rssBytes - early.rssBytes).toBeLessThan(64 * 2 ** 20);
});

it.skipIf(process.platform === 'win32')('when no more files can be opened the error says so', async () => {
  const { url } = await databaseWith('create table t (n integer)');
  const said = JSON.parse(
    await startProgram(new URL('no-more-files.mjs', import.meta.url), [url], { maxOpenFiles: 256 }).line(),
  ) as { hint: string };
  expect(said).toMatchObject({ type: 'overload', code: 'EMFILE', recoverable: true });
  expect(said.hint).toContain('ulimit -n');
});

it.skipIf(process.platform === 'win32')(
  'when the process of a replica cannot start for want of files, too',
  async () => {
    const url = pathToFileURL(join(await temporaryFolder(), 'replica.db')).href;
    const program = startProgram(
      new URL('no-more-files-replica.mjs', import.meta.url),
      [url, `http://127.0.0.1:${refusingPort}`],
      { maxOpenFiles: 256 },
    );
    expect(JSON.parse(await program.line())).toMatchObject({ type: 'overload', code: 'EMFILE', recoverable: true });
  },
);
