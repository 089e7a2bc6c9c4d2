// The history under SIGKILL and on a full disk, and the monitor in a process that has nothing else to do.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { startProgram } from '@cc/testkit/program';
import { temporaryFolder } from '@cc/testkit/temporary-folder';
import { openTransactionManager } from '@cc/tx';
import { expect, test } from 'vitest';

test('a history that is killed while it is written is sound, and the next run goes on with it', async () => {
  const folder = await temporaryFolder();
  const [url, path] = [pathToFileURL(join(folder, 'app.db')).href, join(folder, 'history.db')];
  let readings = 0;
  for (let round = 1; round <= 10; round += 1) {
    const program = startProgram(new URL('watched.mjs', import.meta.url), [url, path]);
    await program.until((lines) => lines.length >= 3 * round);
    await program.kill();
    await using reader = await openTransactionManager({ url: pathToFileURL(path).href });
    expect(await reader.db.all('pragma integrity_check')).toEqual([{ integrity_check: 'ok' }]);
    const whole = 'select count(*) as n from (select at from samples group by at)';
    const orphans = 'select count(*) as n from samples where series not in (select id from series)';
    const [counted] = await reader.db.all<{ n: number }>(whole);
    expect(counted?.n).toBeGreaterThan(readings);
    readings = counted?.n ?? 0;
    expect(await reader.db.all(orphans)).toEqual([{ n: 0 }]);
  }
});

test.skipIf(process.platform === 'win32')(
  'a disk that is full for the history changes nothing for the application',
  async () => {
    const folder = await temporaryFolder();
    const program = fileURLToPath(new URL('watched.mjs', import.meta.url));
    // The limit is that of a file; the database in memory has none.
    const command = 'trap "" XFSZ; ulimit -f 400; exec "$@"';
    const args = ['-c', command, 'sh', process.execPath, program, ':memory:', join(folder, 'history.db')];
    const child = spawn('sh', args, { stdio: ['ignore', 'pipe', 'inherit'] });
    let output = '';
    child.stdout.on('data', (piece) => {
      output += String(piece);
    });
    const [code] = (await once(child, 'close')) as [number];
    expect(code).toBe(0);
    const lines = output
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as { written: number; rows: number; reasons: string[] });
    expect(lines).toHaveLength(200);
    expect(lines.every(({ written, rows }) => written === rows)).toBe(true);
    expect(lines.at(-1)?.reasons).toEqual([expect.stringMatching(/^The history of health is not written: /)]);
  },
);

test('a monitor keeps no process alive', async () => {
  const program = startProgram(new URL('alone.mjs', import.meta.url), [':memory:']);
  expect(await program.line()).toBe('watching');
  expect((await program.ended()).code).toBe(0);
});

test('a process whose listener never answers goes on behind the end of its monitor', async () => {
  const program = startProgram(new URL('last-word.mjs', import.meta.url), [':memory:']);
  expect((await program.ended()).code).toBe(0);
  expect(program.lines).toEqual(['stopped']);
});
