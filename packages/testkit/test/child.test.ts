// Programs as real processes: what they print is heard whole, however they end.
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { expect, test } from 'vitest';
import { type Child, type ChildOptions } from '../src/child.js';
import { startProgram } from '../src/program.js';
import { temporaryFolder } from '../src/temporary-folder.js';

async function starting(code: string, args: readonly string[] = [], options: ChildOptions = {}): Promise<Child> {
  const file = join(await temporaryFolder(), 'program.mjs');
  await writeFile(file, code);
  return startProgram(pathToFileURL(file), args, options);
}

test('lines come one by one, and all of them stay', async () => {
  const child = await starting(`for (const word of process.argv.slice(2)) console.log(word);`, ['one', 'two', 'three']);
  expect(await Promise.all([child.line(), child.line()])).toEqual(['one', 'two']);
  expect(await child.line()).toBe('three');
  expect(await child.ended()).toEqual({ code: 0, signal: null, errors: '' });
  expect(child.lines).toEqual(['one', 'two', 'three']);
});

test('a program answers what is sent to it', async () => {
  const child = await starting(`process.stdin.on('data', (said) => process.stdout.write('heard ' + said));`);
  child.send('go');
  await child.until((lines) => lines.includes('heard go'));
});

test('waiting for more than a program says fails with its name and its errors', async () => {
  const child = await starting(`console.log('last word'); console.error('no more'); process.exitCode = 3;`, [
    'an argument',
  ]);
  await expect(child.until(({ length }) => length > 1)).rejects.toThrow(
    /program\.mjs an argument ended by itself: last word no more/,
  );
  expect(await child.line()).toBe('last word');
  await expect(child.line()).rejects.toThrow('ended by itself');
  expect(await child.ended()).toEqual({ code: 3, signal: null, errors: 'no more\n' });
});

test('what was written before a kill is heard', async () => {
  const child = await starting(
    `import { writeSync } from 'node:fs'; for (let n = 1; n <= 500; n += 1) writeSync(1, n + '\\n'); setInterval(() => {}, 1e6);`,
  );
  await child.until((lines) => lines.includes('500'));
  await child.kill();
  expect(await child.ended()).toMatchObject({ code: null, signal: 'SIGKILL' });
  expect(child.lines).toHaveLength(500);
  // It is gone, and nothing is thrown for it.
  child.send('anybody?');
});

test.skipIf(process.platform === 'win32')('a program may be given few descriptors', async () => {
  const child = await starting(
    `import { execFileSync } from 'node:child_process'; console.log(String(execFileSync('sh', ['-c', 'ulimit -n'])).trim());`,
    [],
    { maxOpenFiles: 64 },
  );
  expect(await child.line()).toBe('64');
});
