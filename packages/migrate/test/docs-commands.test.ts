// Every command line of ours that a page names: the command is there, and so is each flag.
import { existsSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { runProgram } from '../src/program.js';

const root = join(import.meta.dirname, '..', '..', '..');
const coming = await readFile(join(root, 'docs', 'coming-from.md'), 'utf8');

async function help(...args: string[]): Promise<{ readonly code: number; readonly text: string }> {
  let text = '';
  const print = (more: string): void => void (text += more);
  const code = await runProgram([...args, '--help'], { version: '1', env: {}, print, warn: print, ask: null });
  return { code, text };
}

const { text: all } = await help();
const commands = new Set(
  [...all.matchAll(/^ {2}([a-z]+)(?:\|([a-z]+))? /gm)].flatMap(([, name, alias]) => [name, alias]),
);

/** The command lines in `text`, without what stands behind a pipe or a comment. */
function linesIn(text: string): readonly string[] {
  return [...text.matchAll(/(?:^|`)(?:npx )?cc-migrate ([a-z]+[^`\n#;|&)]*)/gm)].map(([, line = '']) =>
    line.replace(/\s{2,}[a-z].*$/, '').trim(),
  );
}

async function faultOf(line: string): Promise<string | null> {
  const [command = '', ...rest] = line.split(/\s+/);
  if (!commands.has(command)) return `there is no command ${command}`;
  const { text } = await help(command);
  const known = new Set(text.match(/--[a-z-]+/g) ?? []);
  const flag = rest.flatMap((word) => /^\[?(--[a-z-]+)/.exec(word)?.[1] ?? []).find((each) => !known.has(each));
  return flag === undefined ? null : `${command} has no ${flag}`;
}

test('each of ours in the table for newcomers is there', async () => {
  const rows = coming.split('\n').filter((line) => line.startsWith('| ') && !line.startsWith('| step'));
  const ours = rows.flatMap((row) =>
    [...(row.split('|').at(-2) ?? '').matchAll(/`([^`]+)`/g)].map(([, line = '']) => line),
  );
  expect(ours.length).toBeGreaterThan(15);
  for (const line of ours) expect({ line, fault: await faultOf(line) }).toEqual({ line, fault: null });
});

const pages = [
  'README.md',
  'CONTRIBUTING.md',
  ...(await readdir(join(root, 'docs'), { recursive: true })).map((name) => join('docs', name)),
  ...(await readdir(join(root, 'packages'))).map((name) => join('packages', name, 'README.md')),
].filter((name) => name.endsWith('.md') && existsSync(join(root, name)));

test.each(pages)('%s names commands and flags that are there', async (file) => {
  const text = await readFile(join(root, file), 'utf8');
  if (file === join('docs', 'migrations.md')) expect(linesIn(text).length).toBeGreaterThan(40);
  for (const line of linesIn(text)) expect({ line, fault: await faultOf(line) }).toEqual({ line, fault: null });
});
