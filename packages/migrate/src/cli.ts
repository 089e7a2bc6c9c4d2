#!/usr/bin/env node
// The bin `cc-migrate`: gives the process's arguments, streams and environment to program.ts.
import { readFileSync } from 'node:fs';
import { constants } from 'node:os';
import { createInterface } from 'node:readline/promises';
import type { Surroundings } from './command-line/commands.js';
import { harmless } from './command-line/harmless.js';
import { runProgram } from './program.js';

const { stdin, stdout, stderr } = process;
const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

const surroundings: Surroundings = {
  version: readVersion(),
  env: process.env,
  // Into a file or another program SQL goes as it is: a terminal is what could be steered.
  print: (text) => void stdout.write(`${stdout.isTTY ? harmless(text) : text}\n`),
  warn: (text) => void stderr.write(`${harmless(text)}\n`),
  progress: stderr.isTTY ? showProgress : null,
  ask: stdin.isTTY && stderr.isTTY ? ask : null,
  input: stdin.isTTY && stderr.isTTY ? input : null,
  choose: stdin.isTTY && stderr.isTTY ? choose : null,
  keepTemporaryFiles: (folder) => void (process.env['SQLITE_TMPDIR'] ??= folder),
  endAtOnce: () => {
    for (const signal of signals) process.off(signal, end);
  },
};

// Whoever reads the output may have read enough: no reason to end in the middle of a migration.
let unwritten: Error | undefined;
stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') unwritten ??= error;
});
stderr.on('error', () => {});

// What a configuration has loaded may end the process later, and a command that did nothing must not look as if it had.
let isOver = false;
process.once('exit', (code) => {
  if (isOver) return;
  process.exitCode = code === 0 ? 1 : code;
  surroundings.warn(
    'cc-migrate: something that the configuration loads has ended the process before the command was done',
  );
});

// A process that is told to end leaves no copies of databases behind: they are removed at its exit.
const end = (signal: (typeof signals)[number]): void => {
  isOver = true;
  process.exit(128 + constants.signals[signal]);
};
for (const signal of signals) process.once(signal, end);

process.exitCode = await runProgram(process.argv.slice(2), surroundings);
isOver = true;
// Or it keeps the process from ending, as an open client of a database does.
const flush = async (): Promise<void> => {
  for (const stream of [stdout, stderr]) await new Promise((written) => stream.write('', written));
};
await flush();
if (unwritten !== undefined) {
  surroundings.warn(`cc-migrate: the answer cannot be written: ${unwritten.message}`);
  process.exitCode ||= 1;
  await flush();
}
process.exit();

/** One line that is written over by the next. */
function showProgress(text: string): void {
  // A terminal that does not tell its width says 0.
  stderr.write(`\r\u001B[K${harmless(text).slice(0, (stderr.columns || 80) - 1)}`);
}

async function ask(question: string): Promise<boolean> {
  return /^y(es)?$/i.test((await answerTo(`${question} [y/N] `)).trim());
}

async function input(question: string, otherwise: string): Promise<string> {
  return (await answerTo(`${question} [${otherwise}]: `)).trim() || otherwise;
}

async function choose(question: string, options: readonly string[]): Promise<string> {
  stderr.write(harmless(`${question}\n${options.map((option, index) => `  ${index + 1}  ${option}\n`).join('')}`));
  for (;;) {
    const chosen = options[Number(await answerTo('Number: ')) - 1];
    if (chosen !== undefined) return chosen;
  }
}

/** One line from the terminal. @throws Error when it is closed instead (Ctrl-D) */
async function answerTo(question: string): Promise<string> {
  const lines = createInterface({ input: stdin, output: stderr });
  const closed = new Promise<never>((_, fail) => {
    lines.once('close', () => fail(new Error('Nobody answered')));
  });
  try {
    return await Promise.race([lines.question(harmless(question)), closed]);
  } finally {
    closed.catch(() => undefined);
    lines.close();
  }
}

function readVersion(): string {
  const manifest: unknown = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8'));
  return typeof manifest === 'object' && manifest !== null && 'version' in manifest ? String(manifest.version) : '';
}
