#!/usr/bin/env node
// The bin `cc-migrate`: gives the process's arguments, streams and environment to program.ts.
import { readFileSync } from 'node:fs';
import { createInterface } from 'node:readline/promises';
import type { Surroundings } from './command-line/commands.js';
import { runProgram } from './program.js';

const { stdin, stdout, stderr } = process;

const surroundings: Surroundings = {
  version: readVersion(),
  env: process.env,
  print: (text) => void stdout.write(`${text}\n`),
  warn: (text) => void stderr.write(`${text}\n`),
  progress: stderr.isTTY ? showProgress : null,
  ask: stdin.isTTY && stderr.isTTY ? ask : null,
  choose: stdin.isTTY && stderr.isTTY ? choose : null,
};

process.exitCode = await runProgram(process.argv.slice(2), surroundings);

/** One line that is written over by the next. */
function showProgress(text: string): void {
  stderr.write(`\r\u001B[K${text.slice(0, (stderr.columns ?? 80) - 1)}`);
}

async function ask(question: string): Promise<boolean> {
  const lines = createInterface({ input: stdin, output: stderr });
  try {
    return /^y(es)?$/i.test((await lines.question(`${question} [y/N] `)).trim());
  } finally {
    lines.close();
  }
}

async function choose(question: string, options: readonly string[]): Promise<string> {
  const lines = createInterface({ input: stdin, output: stderr });
  try {
    stderr.write(`${question}\n${options.map((option, index) => `  ${index + 1}  ${option}\n`).join('')}`);
    for (;;) {
      const chosen = options[Number(await lines.question('Number: ')) - 1];
      if (chosen !== undefined) return chosen;
    }
  } finally {
    lines.close();
  }
}

function readVersion(): string {
  const manifest: unknown = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8'));
  return typeof manifest === 'object' && manifest !== null && 'version' in manifest ? String(manifest.version) : '';
}
