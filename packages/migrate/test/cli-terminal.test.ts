// The program on a terminal of its own: what `init` asks is what it writes. util-linux's `script` makes the terminal.
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createClient } from '@libsql/client';
import { expect, test } from 'vitest';

const program = join(import.meta.dirname, '..', 'dist', 'cli.js');
const hasTerminal = spawnSync('script', ['--version'], { encoding: 'utf8' }).stdout?.includes('util-linux') ?? false;

test.runIf(hasTerminal)('init asks for schema, folder and database, and writes what was typed', async () => {
  const cwd = await mkdtemp(join(tmpdir(), 'cc-terminal-'));
  try {
    const terminal = spawn('script', ['-qec', `${process.execPath} ${program} init`, '/dev/null'], { cwd });
    const answers = [
      ['Schema code [./src/schema.ts]: ', './code/tables.ts'],
      ['Folder of the migrations [./drizzle]: ', ''],
      ['Database [file:./app.db]: ', 'file:./mine.db'],
    ] as const;
    let shown = '';
    let next = 0;
    terminal.stdout.setEncoding('utf8').on('data', (text: string) => {
      shown += text;
      const [question, answer] = answers[next] ?? [];
      if (question === undefined || !shown.includes(question)) return;
      next += 1;
      terminal.stdin.write(`${answer ?? ''}\n`);
    });
    const [code] = await once(terminal, 'close');
    expect({ code, next }).toEqual({ code: 0, next: 3 });
    expect(shown).toContain('Wrote:');
    const config = await readFile(join(cwd, 'drizzle.config.ts'), 'utf8');
    expect(config).toContain(`schema: './code/tables.ts'`);
    expect(config).toContain(`out: './drizzle'`);
    expect(config).toContain('file:./mine.db');
    expect(await readFile(join(cwd, 'code', 'tables.ts'), 'utf8')).toContain('sqliteTable');
  } finally {
    await rm(cwd, { recursive: true, force: true });
  }
});

test.runIf(hasTerminal)('a name in a database does not steer the terminal, and goes into a file as it is', async () => {
  const cwd = await mkdtemp(join(tmpdir(), 'cc-terminal-'));
  try {
    const name = 'x\u001b]52;c;eA==\u0007\u001b[2J\u009b31m\u202egnp';
    const database = createClient({ url: `file:${join(cwd, 'app.db')}` });
    await database.execute(`create table "${name}" (a)`);
    database.close();
    await mkdir(join(cwd, 'drizzle', 'meta'), { recursive: true });
    await writeFile(
      join(cwd, 'drizzle', 'meta', '_journal.json'),
      JSON.stringify({ version: '7', dialect: 'sqlite', entries: [] }),
    );
    const command = [program, 'diff', '--url', 'file:app.db'];
    const { stdout: shown } = spawnSync('script', ['-qec', `${process.execPath} ${command.join(' ')}`, '/dev/null'], {
      cwd,
      encoding: 'utf8',
    });
    expect(shown).toContain('x\\u001b]52;c;eA==\\u0007\\u001b[2J\\u009b31m\\u202egnp');
    // A terminal ends its lines with both.
    expect(shown.replaceAll('\r\n', '\n')).not.toMatch(/[^\n\P{Cc}]|\u202e/u);
    expect(spawnSync(process.execPath, command, { cwd, encoding: 'utf8' }).stdout).toContain(name);
    const { stderr } = spawnSync(process.execPath, [program, 'diff', '--url', `file:${name}`], {
      cwd,
      encoding: 'utf8',
    });
    expect(stderr).toContain('x\\u001b]52');
    expect(stderr).not.toMatch(/[^\n\P{Cc}]|\u202e/u);
  } finally {
    await rm(cwd, { recursive: true, force: true });
  }
});
